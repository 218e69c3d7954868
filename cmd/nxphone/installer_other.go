//go:build !windows

package main

import "errors"

// startInstaller: on this system the computer's own updates install.
func startInstaller(string) error { return errors.ErrUnsupported }
