package web

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// script is nxWebApi.js as it lies in the repository.
func script() ([]byte, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "assets", "nxWebApi.js"))
}
