//go:build ci || (!windows && (!linux || !cgo || wayland))

package ui

// Elsewhere the toolkit's loop keeps its own pace.
func newEventWait() eventWait { return nil }
