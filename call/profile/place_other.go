//go:build !windows && !darwin

package profile

// systemPlace is where policies lie on this system.
func systemPlace() place { return folderPlace(PolicyDir) }
