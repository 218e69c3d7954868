package main

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "copyright:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("copyright", flag.ContinueOnError)
	binary := fs.String("binary", "dist/nxphone", "the built program")
	format := fs.String("format", "debian", "debian, text or cyclonedx")
	own := fs.String("license", "LICENSE", "licence of the product itself")
	var also []component
	release := fs.String("version", "", "version of the product, for cyclonedx")
	made := fs.Int64("time", 0, "seconds since 1970, for cyclonedx: the commit's")
	fs.Func("also", "`NAME[@VERSION]=FILE` of a library that is linked statically", func(s string) error {
		name, file, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("want NAME=FILE")
		}
		name, v, _ := strings.Cut(name, "@")
		c, err := read(name, name+"/*", file)
		c.version, c.static, c.comment = v, true, "Linked statically."
		also = append(also, c)
		return err
	})
	if err := fs.Parse(args); err != nil {
		return err
	}
	write, ok := map[string]func(io.Writer, []component) error{"debian": writeDebian, "text": writeText}[*format]
	if !ok && *format != "cyclonedx" {
		return fmt.Errorf("unknown format %q", *format)
	}
	product, err := read("nxphone", "*", *own)
	if err != nil {
		return err
	}
	all, err := collect(*binary)
	if err != nil {
		return err
	}
	all = append([]component{product}, append(all, also...)...)
	if !ok {
		return writeCycloneDX(out, *binary, *release, time.Unix(*made, 0), all)
	}
	return write(out, all)
}

// goPackage is what "go list -json" tells of a package.
type goPackage struct {
	ImportPath, Dir string
	Standard        bool
	CgoFiles        []string
	CFiles, SFiles  []string
	EmbedFiles      []string
	Module          *goModule
}

type goModule struct {
	Path, Version, Dir string
	Main               bool
}

// collect lists the components of a binary, sorted by name.
func collect(binary string) ([]component, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	shipped := map[string]bool{}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		shipped[d.Path+"@"+d.Version] = true
	}
	packages, err := list(info.Path)
	if err != nil {
		return nil, err
	}
	all, err := ofGo()
	if err != nil {
		return nil, err
	}
	var faults []error
	listed := map[string]bool{}
	for _, p := range packages {
		if p.Standard {
			continue
		}
		faults = append(faults, unknownParts(p))
		if p.Module.Main {
			continue
		}
		listed[p.Module.Path+"@"+p.Module.Version] = true
		found, err := licences(p)
		all, faults = append(all, found...), append(faults, err)
	}
	for m := range shipped {
		if !listed[m] {
			faults = append(faults, fmt.Errorf("%s is in %s and not in the tree: build it anew", m, binary))
		}
	}
	extra, err := foreignParts(packages)
	all, faults = append(all, extra...), append(faults, err)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	// By all that tells two of them apart: the order must not depend on chance.
	order := func(a, b component) int {
		return cmp.Or(strings.Compare(a.files, b.files), strings.Compare(a.name, b.name), strings.Compare(a.text, b.text))
	}
	slices.SortFunc(all, order)
	return slices.CompactFunc(all, func(a, b component) bool { return order(a, b) == 0 }), nil
}

// list asks the go command for everything that a main package links.
func list(main string) ([]goPackage, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,CgoFiles,CFiles,SFiles,EmbedFiles,Module", main)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
}

// licences are the licence files from a package's directory up to the root of
// its module, which must have one.
func licences(p goPackage) ([]component, error) {
	var all []component
	for dir := p.Dir; ; dir = filepath.Dir(dir) {
		files, err := licenceFiles(dir)
		if err != nil {
			return nil, err
		}
		under, _ := filepath.Rel(p.Module.Dir, dir)
		name := path.Join(p.Module.Path, filepath.ToSlash(under))
		for _, f := range files {
			c, err := read(name, name+"/*", filepath.Join(dir, f))
			if err != nil {
				return nil, err
			}
			c.version = p.Module.Version
			if notice, err := os.ReadFile(filepath.Join(dir, "NOTICE")); err == nil {
				c.comment = strings.TrimSpace(string(notice))
			}
			all = append(all, c)
		}
		if dir == p.Module.Dir {
			if len(files) == 0 {
				return nil, fmt.Errorf("%s has no licence file", p.Module.Path)
			}
			return all, nil
		}
	}
}

// licenceFiles are the names of a directory's licence files. The fonts' are told
// in the table of foreign parts, which says which is whose.
func licenceFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		stem, _, _ := strings.Cut(strings.ToUpper(e.Name()), ".")
		if !e.IsDir() && slices.Contains([]string{"LICENSE", "LICENCE", "COPYING", "UNLICENSE"}, stem) && !strings.HasSuffix(e.Name(), ".go") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// ofGo is the runtime and the standard library, which no module names.
func ofGo() ([]component, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	c, err := read("go", "go/*", filepath.Join(strings.TrimSpace(string(out)), "LICENSE"))
	c.comment = "The runtime and the standard library of Go."
	c.version = runtime.Version()
	return []component{c}, err
}
