//go:build ci

package ui

// With the tag "ci" the toolkit has no window system at all.

func tryDisplay() error { return nil }

func preferEGL() bool { return false }
