package main

import (
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// startInstaller starts Windows' own installer on a verified MSI, which asks the
// user by itself.
func startInstaller(path string) error {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return err
	}
	return exec.Command(filepath.Join(system, "msiexec.exe"), "/i", path).Start()
}
