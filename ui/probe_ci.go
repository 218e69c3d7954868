//go:build ci

package ui

// ProbeDisplay finds nothing: with the tag "ci" there is no window system.
func ProbeDisplay() (renderer string, err error) { return "", ErrNoDisplay }
