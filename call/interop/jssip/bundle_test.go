package jssip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// modules writes a node_modules folder.
func modules(t *testing.T, files map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "node_modules")
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestBundle(t *testing.T) {
	root := modules(t, map[string]string{
		"a/package.json":  `{"main":"lib/index","version":"1"}`,
		"a/lib/index.js":  `exports.b = require("b"); exports.v = require('../package.json').version; require('./part'); // require(x)`,
		"a/lib/part.js":   `require('./index')`,
		"b/package.json":  `{"main":"node.js","browser":"page.js"}`,
		"b/page.js":       `module.exports = "page"`,
		"b/node.js":       `require("fs")`,
		"broken/index.js": `require('./missing')`,
	})
	got, err := bundle(root, "a", "A")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"window.A = ", `module.exports = "page"`, `module.exports = {"main"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(string(got), `"fs"`) {
		t.Error("the file for Node was taken")
	}
	for _, name := range []string{"broken", "nowhere"} {
		if _, err := bundle(root, name, "A"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
