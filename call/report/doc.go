// Package report bundles what whoever helps needs to see of a phone into one ZIP
// file: versions, settings with their sources, the doctor's findings, devices, the
// last messages and the SIP exchange of the examination, without numbers and
// secrets.
//
// # Usage
//
//	list := []report.Entry{{Name: "version.txt", Title: "...", Read: version}, ...}
//	err := report.Write(ctx, "report.zip", list, scrub.New(known))
//
// # What it promises
//
// Every byte of every entry goes through package scrub before it is written,
// whatever its source promises. The file belongs to the user alone (0600) and is
// whole or not there. Nothing is sent anywhere: the user hands it over.
//
// # Testing
//
// A test plants numbers, secrets and keys in every form into every entry, and looks
// for them in the unpacked file.
//
// # Models
//
// tailscale bugreport and Firefox' about:support (one file, made by one click);
// sosreport with its cleaner (scrubbing on the way in). Better here: what is inside
// is listed before the file is handed over, in the user's language, and scrubbing
// knows how numbers are written.
package report
