package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTypesOnOtherSystems type-checks the whole program for the systems that
// this machine has no C compiler for: a function that only Linux has, or a file
// whose build line forgets a system, is found here and not on a Mac. What C
// itself declares is taken on trust (go/types, FakeImportC); everything else is
// checked as the compiler would.
func TestTypesOnOtherSystems(t *testing.T) {
	for _, system := range []struct{ os, arch string }{{"darwin", "arm64"}, {"darwin", "amd64"}, {"windows", "amd64"}} {
		t.Run(system.os+"/"+system.arch, func(t *testing.T) {
			t.Parallel()
			c := typeCheck{t: t, fset: token.NewFileSet(), done: map[string]*types.Package{"unsafe": types.Unsafe}}
			c.sizes = types.SizesFor("gc", system.arch)
			own := 0
			for _, p := range listFor(t, system.os, system.arch) {
				c.check(p)
				if p.own() {
					own++
				}
			}
			if own < 30 {
				t.Errorf("only %d packages of the program were looked at", own)
			}
		})
	}
}

// TestTypeCheckSees proves that the check finds what it is there for.
func TestTypeCheckSees(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name, src string
		wrong     bool
	}{
		{"right", "package x\nimport \"C\"\nfunc f() int { C.anything(); return 1 }", false},
		{"wrong", "package x\nimport \"C\"\nfunc f() int { C.anything(); return onlyOnLinux() }", true},
	} {
		file := filepath.Join(dir, tt.name+".go")
		if err := os.WriteFile(file, []byte(tt.src), 0o600); err != nil {
			t.Fatal(err)
		}
		c := typeCheck{fset: token.NewFileSet(), done: map[string]*types.Package{"unsafe": types.Unsafe}, sizes: types.SizesFor("gc", "arm64")}
		errs := c.errors(source{ImportPath: "x", Dir: dir, CgoFiles: []string{tt.name + ".go"}, Module: &struct{ Main bool }{true}})
		if (len(errs) > 0) != tt.wrong {
			t.Errorf("%s: %v", tt.name, errs)
		}
	}
}

// source is what of "go list -json" the check needs.
type source struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
	ImportMap         map[string]string
	Standard          bool
	Module            *struct{ Main bool }
	Error             *struct{ Err string }
	DepOnly           bool
}

func (p source) own() bool { return p.Module != nil && p.Module.Main }

// listFor gives the program's packages for a system, each after those it imports.
func listFor(t *testing.T, system, arch string) []source {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags=migrated_fynedo,no_animations",
		"-json=ImportPath,Dir,GoFiles,CgoFiles,ImportMap,Standard,Module,Error,DepOnly", "nxphone/cmd/nxphone")
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=1", "GOFLAGS=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []source
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p source
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// typeCheck type-checks packages one after the other.
type typeCheck struct {
	t     *testing.T
	fset  *token.FileSet
	sizes types.Sizes
	done  map[string]*types.Package
}

func (c *typeCheck) check(p source) {
	c.t.Helper()
	if p.ImportPath == "unsafe" || p.ImportPath == "C" {
		return
	}
	if p.Error != nil {
		c.t.Errorf("%s: %s", p.ImportPath, p.Error.Err)
	}
	errs := c.errors(p)
	if !p.own() {
		return // what a library gets wrong with its C part left out is no finding
	}
	for _, err := range errs {
		c.t.Error(err)
	}
}

// errors checks one package and keeps its types for those that import it.
func (c *typeCheck) errors(p source) []error {
	var errs []error
	var files []*ast.File
	for _, name := range append(p.GoFiles, p.CgoFiles...) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		f, err := parser.ParseFile(c.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files = append(files, f)
	}
	conf := types.Config{
		FakeImportC:      true,
		IgnoreFuncBodies: !p.own(),
		Sizes:            c.sizes,
		Importer: importer(func(path string) (*types.Package, error) {
			if to, ok := p.ImportMap[path]; ok {
				path = to
			}
			if pkg, ok := c.done[path]; ok {
				return pkg, nil
			}
			return nil, fmt.Errorf("no package %s", path)
		}),
		Error: func(err error) {
			if strings.Contains(err.Error(), "invalid type") {
				return // what follows from a type that only C declares
			}
			errs = append(errs, err)
		},
	}
	pkg, _ := conf.Check(p.ImportPath, c.fset, files, nil)
	c.done[p.ImportPath] = pkg
	return errs
}

type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }
