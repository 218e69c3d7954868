// Package jssip makes one script for pages of JsSIP, the SIP library that
// browsers' softphones use and that the benches compare the phone with. It is
// test code: the user's npm fetches the package, and none of it becomes part of
// this repository.
//
//	script, err := jssip.Script(ctx) // some 600 kB; the first time over the network
//
// It keeps no state and may be used from any goroutine. The bundler is tested on
// packages made by its test.
package jssip
