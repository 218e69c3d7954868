//go:build windows || darwin

package profile

// reachable: the keyring is part of the system.
func reachable() error { return nil }
