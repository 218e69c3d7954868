package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSecretIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nxphone", "web-api.key")
	// Several phones of one user start at once: all must have the same.
	got := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			secret, err := loadSecret(path)
			if err != nil {
				t.Error(err)
			}
			got[i] = secret
		})
	}
	wg.Wait()
	for _, s := range got {
		if len(s) != secretLen || !bytes.Equal(s, got[0]) {
			t.Errorf("%d bytes, the same as the first: %v", len(s), bytes.Equal(s, got[0]))
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	other, err := loadSecret(filepath.Join(t.TempDir(), "web-api.key"))
	if err != nil || bytes.Equal(other, got[0]) {
		t.Errorf("another user has the same secret, %v", err)
	}
}

// A file that is there and not right is told and left alone.
func TestSecretFaults(t *testing.T) {
	good := strings.Repeat("0123456789abcdef", 4)
	for _, tc := range []struct {
		name, text string
		mode       os.FileMode
		ok         bool
	}{
		{"right", good + "\n", 0o600, true},
		{"without its line end", good, 0o400, true},
		{"empty", "", 0o600, false},
		{"cut short", good[:63], 0o600, false},
		{"too long", good + "00", 0o600, false},
		{"much too long", strings.Repeat(good, 1000), 0o600, false},
		{"not hexadecimal", strings.Repeat("x", 64), 0o600, false},
		{"others may read", good, 0o644, false},
	} {
		path := filepath.Join(t.TempDir(), "web-api.key")
		if err := os.WriteFile(path, []byte(tc.text), tc.mode); err != nil {
			t.Fatal(err)
		}
		secret, err := loadSecret(path)
		if (err == nil) != tc.ok || (len(secret) == secretLen) != tc.ok || err != nil && !errors.Is(err, errSecret) {
			t.Errorf("%s: %d bytes, %v", tc.name, len(secret), err)
		}
		if err != nil && strings.Contains(err.Error(), good[:16]) {
			t.Errorf("%s: the error shows the secret: %v", tc.name, err)
		}
		after, err := os.ReadFile(path)
		if err != nil || string(after) != tc.text {
			t.Errorf("%s: the file was changed", tc.name)
		}
	}
	if _, err := loadSecret(filepath.Join(t.TempDir(), "file", "\x00")); !errors.Is(err, errSecret) {
		t.Errorf("a path that cannot be: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadSecret(filepath.Join(dir, "file", "web-api.key")); !errors.Is(err, errSecret) {
		t.Errorf("a folder that cannot be made: %v", err)
	}
	if _, err := loadSecret(dir); !errors.Is(err, errSecret) {
		t.Errorf("a folder in its place: %v", err)
	}
}
