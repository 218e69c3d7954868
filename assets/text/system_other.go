//go:build !windows

package text

// preferred has nothing to add to the environment.
func preferred() []string { return nil }
