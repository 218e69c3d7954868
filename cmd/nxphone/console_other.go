//go:build !windows

package main

// joinConsole has nothing to do where every program has the streams of the shell
// that it was started by.
func joinConsole([]string, func()) {}

// showAlone has nothing to add to standard error.
func showAlone(string) {}
