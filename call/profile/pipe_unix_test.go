//go:build unix

package profile

import (
	"syscall"
	"testing"
)

// notPlain makes something that is no plain file and keeps whoever reads it
// waiting.
func notPlain(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}
