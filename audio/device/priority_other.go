//go:build !linux

package device

// prefer is not needed: Windows and macOS run the threads of sound devices with
// priority by themselves.
func prefer(int) error { return nil }
