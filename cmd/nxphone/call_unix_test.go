//go:build unix

package main

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestPipeAsCAFile: a path that can be opened and never ends must not hang.
func TestPipeAsCAFile(t *testing.T) {
	s := newShell(t)
	pipe := filepath.Join(t.TempDir(), "ca.pem")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if status := s.run(t.Context(), "call", "--demo", "--audio", "null", "--ca", pipe, "600"); status != exitUsage {
		t.Errorf("status %d\n%s", status, s.stderr.String())
	}
}
