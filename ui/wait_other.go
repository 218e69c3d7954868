//go:build !linux || !cgo || wayland || ci

package ui

// Elsewhere the toolkit's loop keeps its own pace.
func newEventWait() eventWait { return nil }
