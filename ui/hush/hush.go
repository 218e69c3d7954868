// Package hush keeps the standard logger quiet while packages are initialised.
// The window toolkit complains there about every locale that is no language
// ("C", "POSIX"), three lines on standard error of every command, before main
// can do anything about it.
//
// Packages are initialised in the order of their import paths as soon as their
// imports are ready (Go specification, "Package initialization"). This one
// needs log alone; the toolkit's needs text/template, whose path sorts after
// ours. A test in package ui starts a program under the locale C and expects
// silence, so a change of that order is noticed.
package hush

import (
	"io"
	"log"
)

// before is where the logger wrote when the program was loaded.
var before = log.Writer()

func init() { log.SetOutput(io.Discard) }

// End gives the logger back. Package ui calls it when it is initialised, which
// is after the toolkit.
func End() { log.SetOutput(before) }
