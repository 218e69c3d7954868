//go:build !unix

package profile

import (
	"os"
	"testing"
)

// notPlain makes something that is no plain file.
func notPlain(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}
