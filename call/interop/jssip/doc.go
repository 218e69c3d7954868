// Package jssip serves pages with JsSIP, the SIP library that browsers' softphones
// use and that the benches compare the phone with, as one script. It is test
// code: the user's npm fetches the package, and none of it becomes part of this
// repository.
//
//	site, err := jssip.NewSite(ctx, page) // the first time over the network
//	defer site.Close()
//	browse(site.URL)
//
// Sites may be used from any goroutine; each owns those of its server until Close.
// The bundler is tested on packages made by its test.
package jssip
