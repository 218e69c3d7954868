//go:build !windows

package doctor

// SystemBrowsers are the browsers of this computer, with what their policies
// say. root is "/" outside tests.
func SystemBrowsers(root string) []Browser { return readBrowsers(root) }
