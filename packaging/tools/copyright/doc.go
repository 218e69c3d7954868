// Command copyright writes down whose work is in a built nxphone, and under
// which licences.
//
//	copyright -binary dist/nxphone -format debian|text|cyclonedx [-also NAME=FILE]...
//
// It runs in the product's module, with the build's GOFLAGS and environment.
// -format debian is the machine-readable debian/copyright (DEP-5, "Format 1.0"),
// which points to /usr/share/common-licenses where Debian has a text; -format
// text has every text in full, for packages of other systems; -format cyclonedx is
// the bill of materials (CycloneDX 1.6), with the C libraries of the system too.
// -also names what a
// build links statically and Linux does not (Opus on Windows), with the file of
// its licence.
//
// # What is listed
//
//   - every module in the binary's own build information, and not what go.mod
//     would allow: that is what is shipped;
//   - the licence files of all directories between a package that is linked and
//     the root of its module, so that code that was taken over from elsewhere
//     shows;
//   - what no licence file of a module tells (C code that cgo compiles, fonts that
//     are embedded): the table of [foreign], whose every entry is held against
//     the file that it was read from;
//   - Go's runtime and standard library.
//
// A licence that is not known, a package with C code or embedded files that
// [foreign] or [harmless] does not know, an entry whose evidence is gone: each is
// an error, and no file is written.
//
// # What was looked at
//
// google/go-licenses, which guesses by likeness and knows no C code and no
// fonts; Debian's own dh-make-golang, whose debian/copyright is written once and
// goes stale; cargo-about, whose idea it is that a table of clarifications is
// checked against the files. Better here: cgo and embedded files cannot be
// forgotten.
package main
