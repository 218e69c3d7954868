package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestForeignScripts: each is there, and a package counts only in its version.
func TestForeignScripts(t *testing.T) {
	for _, name := range []string{"aec3.mjs", "rnnoise.mjs"} {
		if _, err := foreignScripts.ReadFile("foreign/" + name); err != nil {
			t.Error(err)
		}
	}
	f := &foreign{dir: t.TempDir()}
	folder := filepath.Join(f.dir, "node_modules", "@some", "thing")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"name": "@some/thing", "version": "1.2.3"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if !f.has("@some/thing@1.2.3") || f.has("@some/thing@1.2.4") || f.has("@other/thing@1.2.3") {
		t.Error("a package is taken for another")
	}
}
