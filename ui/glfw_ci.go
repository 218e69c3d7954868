//go:build ci

package ui

import "image"

// With the tag "ci" the toolkit has no window system at all.

func tryDisplay() error { return nil }

func preferEGL() bool { return false }

func monitors() []image.Point { return nil }
