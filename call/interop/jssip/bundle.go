package jssip

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Version is the one that the figures of the README are for.
const Version = "3.13.8"

// script is JsSIP for a page, as the global variable JsSIP.
func script(ctx context.Context) ([]byte, error) {
	modules, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	return bundle(modules, "jssip", "JsSIP")
}

// fetch installs the package with the user's own npm into the user's
// cache, once. None of it becomes part of this repository.
func fetch(ctx context.Context) (nodeModules string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "nxphone-bench", "jssip-"+Version)
	nodeModules = filepath.Join(dir, "node_modules")
	if _, err := os.Stat(filepath.Join(nodeModules, "jssip", "package.json")); err == nil {
		return nodeModules, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "jssip@"+Version)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install jssip: %w\n%s", err, out)
	}
	return nodeModules, nil
}

// requireCall finds what a CommonJS module asks for. Names that are computed
// cannot be found; JsSIP and what it needs have none.
var requireCall = regexp.MustCompile(`\brequire\(\s*['"]([^'"]+)['"]\s*\)`)

// bundle puts a package and all that it requires into one script for a page,
// as the global variable that name says. The package has no such file of its
// own, and a bundler would be a hundred packages more.
func bundle(nodeModules, pkg, name string) ([]byte, error) {
	entry, err := resolve(nodeModules, nodeModules, pkg)
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	wants := map[string]map[string]string{}
	for todo := []string{entry}; len(todo) > 0; todo = todo[1:] {
		file := todo[0]
		if _, done := texts[file]; done {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts[file], wants[file] = text, map[string]string{}
		if filepath.Ext(file) == ".json" {
			texts[file] = append([]byte("module.exports = "), text...)
			continue
		}
		for _, m := range requireCall.FindAllSubmatch(text, -1) {
			to, err := resolve(nodeModules, filepath.Dir(file), string(m[1]))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			wants[file][string(m[1])] = to
			todo = append(todo, to)
		}
	}
	return wrap(name, entry, texts, wants)
}

// wrap makes the script: every module a function, called when first required.
func wrap(name, entry string, texts map[string][]byte, wants map[string]map[string]string) ([]byte, error) {
	var b bytes.Buffer
	quoted := func(s string) string { q, _ := json.Marshal(s); return string(q) } // a string always encodes
	b.WriteString("window." + name + " = (() => {\nconst modules = {\n")
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(&b, "%s: function (module, exports, require) {\n%s\n},\n", quoted(file), texts[file])
	}
	table, err := json.Marshal(wants)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "};\nconst wants = %s;\nconst done = {};\n", table)
	b.WriteString(`function load(file) {
  if (!done[file]) {
    done[file] = { exports: {} };
    modules[file].call(done[file].exports, done[file], done[file].exports, (name) => load(wants[file][name]));
  }
  return done[file].exports;
}
`)
	fmt.Fprintf(&b, "return load(%s);\n})();\n", quoted(entry))
	return b.Bytes(), nil
}

// resolve finds the file that require(name) in the folder dir means, by the
// part of Node's rules that is needed, with a package's "browser" file before
// its "main".
func resolve(nodeModules, dir, name string) (string, error) {
	base := filepath.Join(nodeModules, name)
	if strings.HasPrefix(name, ".") {
		base = filepath.Join(dir, name)
	}
	for _, candidate := range []string{base, base + ".js", base + ".json", filepath.Join(base, packageMain(base)),
		filepath.Join(base, packageMain(base)) + ".js", filepath.Join(base, packageMain(base), "index.js"), filepath.Join(base, "index.js")} {
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("no module %q", name)
}

// packageMain is the entry that a package's description names, "" for none.
func packageMain(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return ""
	}
	var p struct {
		Main    string
		Browser json.RawMessage // a file, or a table that is not needed here
	}
	if json.Unmarshal(text, &p) != nil {
		return ""
	}
	var browser string
	if json.Unmarshal(p.Browser, &browser) == nil && browser != "" {
		return browser
	}
	return p.Main
}
