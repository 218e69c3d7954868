//go:build !windows

package main

import "os"

// screenName names the screen that this program shows its window on.
func screenName() string { return os.Getenv("DISPLAY") }
