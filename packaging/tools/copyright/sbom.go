package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"debug/pe"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go" // the format's own library, Apache-2.0
)

// writeCycloneDX writes the bill of materials of a binary, CycloneDX 1.6 in JSON:
// the modules that Go says are in it, the parts of the table [foreign], the
// script for web pages, and the C libraries that it is linked to or opens by name
// at run time. It is a function of the binary, the commit's time and the packages
// of this machine that it was linked to.
func writeCycloneDX(w io.Writer, binary, version string, made time.Time, all []component) error {
	data, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	packages, err := list(info.Path)
	if err != nil {
		return err
	}
	parts, err := partVersions(packages)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(c component) bool { return leftOut(c.name, packages) })
	b := &bill{info: info, arch: setting(info, "GOARCH"), all: all, versions: parts}
	b.modules()
	b.bundled()
	if err := errors.Join(b.script(), b.libraries(binary, data)); err != nil {
		return err
	}
	return b.write(w, data, version, made)
}

// bill is one on its way.
type bill struct {
	info       *buildinfo.BuildInfo
	arch       string
	all        []component
	versions   map[string]string // of bundled parts
	components []cdx.Component
}

func setting(info *buildinfo.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// modules are the ones that are linked, and Go itself.
func (b *bill) modules() {
	goVersion := strings.TrimPrefix(b.info.GoVersion, "go")
	b.add(cdx.Component{Type: cdx.ComponentTypeLibrary, Name: "std", Version: goVersion, PackageURL: "pkg:golang/std@" + goVersion,
		Description: "The runtime and the standard library of Go."}, b.of("go"))
	for _, d := range b.info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		b.add(moduleComponent(d), b.of(d.Path))
	}
}

func moduleComponent(d *debug.Module) cdx.Component {
	c := cdx.Component{Type: cdx.ComponentTypeLibrary, Name: d.Path, Version: d.Version, PackageURL: "pkg:golang/" + purlPath(d.Path) + "@" + url.QueryEscape(d.Version)}
	if d.Sum != "" {
		c.Properties = &[]cdx.Property{{Name: "nxphone:go.sum", Value: d.Sum}}
	}
	return c
}

// purlPath escapes each part of a name (package-url specification).
func purlPath(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(strings.ToLower(p))
	}
	return strings.Join(parts, "/")
}

// of are the listed components of a module, whichever of its directories they
// are in; foreign parts apart.
func (b *bill) of(module string) []component {
	var out []component
	for _, c := range b.all {
		if c.name == module || strings.HasPrefix(c.name, module+"/") {
			out = append(out, c)
		}
	}
	return out
}

// bundled are the works inside modules that are no modules, and what was linked
// statically.
func (b *bill) bundled() {
	modules := map[string]bool{"nxphone": true, "go": true}
	for _, d := range b.info.Deps {
		modules[d.Path] = true
	}
	for _, c := range b.all {
		known := false
		for m := range modules {
			known = known || c.name == m || strings.HasPrefix(c.name, m+"/")
		}
		if known {
			continue
		}
		v := b.versions[c.name]
		if v == "" && c.static {
			v = c.version
		}
		one := cdx.Component{Type: cdx.ComponentTypeLibrary, Name: c.name, Version: v, Description: c.comment,
			Properties: &[]cdx.Property{{Name: "nxphone:files", Value: c.files}}}
		if v != "" {
			one.PackageURL = "pkg:generic/" + purlPath(c.name) + "@" + url.QueryEscape(v)
		}
		if strings.Contains(strings.ToLower(c.comment), "font") {
			one.Type = cdx.ComponentTypeData
		}
		b.add(one, []component{c})
	}
}

// script is what the phone serves to web pages.
func (b *bill) script() error {
	const file = "assets/nxWebApi.js"
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b.add(cdx.Component{Type: cdx.ComponentTypeFile, Name: filepath.Base(file), Hashes: hashes(data),
		Description: "The script for web pages, served by the program."}, b.of("nxphone"))
	return nil
}

var opened = regexp.MustCompile(`lib[A-Za-z0-9_+-]+\.so(\.[0-9]+)+`)

// libraries are the shared ones. Those that are linked have the version of the
// package that they were linked to; those that are opened by name at run time are
// optional, and whatever version the user's system has.
func (b *bill) libraries(binary string, data []byte) error {
	if f, err := elf.NewFile(bytes.NewReader(data)); err == nil {
		linked, err := f.ImportedLibraries()
		if err != nil {
			return err
		}
		for _, name := range linked {
			c, err := b.packaged(name)
			if err != nil {
				return err
			}
			b.add(c, nil)
		}
		slices.Sort(linked)
		var names []string
		for _, m := range opened.FindAll(data, -1) {
			names = append(names, string(m))
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if _, found := slices.BinarySearch(linked, name); !found {
				b.add(cdx.Component{Type: cdx.ComponentTypeLibrary, Name: name, Scope: cdx.ScopeOptional,
					Description: "Opened by name at run time, where it is there."}, nil)
			}
		}
		return nil
	}
	f, err := pe.NewFile(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s is neither ELF nor PE", binary)
	}
	linked, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	if len(linked) == 0 { // debug/pe reads what is imported from the symbols' table of names
		symbols, err := f.ImportedSymbols()
		if err != nil {
			return err
		}
		for _, s := range symbols {
			if _, dll, ok := strings.Cut(s, ":"); ok {
				linked = append(linked, strings.ToLower(dll))
			}
		}
	}
	slices.Sort(linked)
	for _, name := range slices.Compact(linked) {
		b.add(cdx.Component{Type: cdx.ComponentTypeLibrary, Name: name, Scope: cdx.ScopeExcluded, Description: "A part of Windows."}, nil)
	}
	for _, p := range []string{"mingw-w64-x86-64-dev", "gcc-mingw-w64-x86-64-win32-runtime"} {
		c, err := debianComponent(p, p)
		if err != nil {
			return err
		}
		c.Description = "Linked statically: the C runtime's start and helpers."
		b.add(c, nil)
	}
	return nil
}

// packaged is a linked library with the package of this machine that has it.
func (b *bill) packaged(soname string) (cdx.Component, error) {
	out, err := exec.Command("dpkg-query", "-S", "*/"+soname).Output()
	if err != nil {
		return cdx.Component{}, fmt.Errorf("no package of this machine has %s: %w", soname, err)
	}
	for line := range strings.Lines(string(out)) {
		name, _, _ := strings.Cut(line, ": ")
		for one := range strings.SplitSeq(name, ", ") {
			if base, arch, ok := strings.Cut(one, ":"); ok && arch == b.arch && !strings.HasSuffix(base, "-cross") {
				return debianComponent(soname, one)
			}
		}
	}
	return cdx.Component{}, fmt.Errorf("no package of %s has %s", b.arch, soname)
}

func debianComponent(name, pkg string) (cdx.Component, error) {
	out, err := exec.Command("dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}", pkg).Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) != 3 {
		return cdx.Component{}, fmt.Errorf("dpkg-query %s: %q, %w", pkg, out, err)
	}
	return cdx.Component{Type: cdx.ComponentTypeLibrary, Name: name, Version: words[1],
		PackageURL:  fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s", url.PathEscape(words[0]), url.QueryEscape(words[1]), words[2]),
		Description: "A library of the system, with the version that the program was linked to."}, nil
}

// add puts a component into the bill, under the licences of some works.
func (b *bill) add(c cdx.Component, works []component) {
	c.BOMRef = c.PackageURL
	if c.BOMRef == "" {
		c.BOMRef = "nxphone:" + purlPath(c.Name)
	}
	if strings.HasPrefix(c.PackageURL, "pkg:deb/") {
		c.BOMRef += "#" + c.Name // a package has several libraries
	}
	var names, holders []string
	for _, w := range works {
		names = append(names, w.licence)
		holders = append(holders, w.holders...)
	}
	slices.Sort(names)
	var licences cdx.Licenses
	for _, name := range slices.Compact(names) {
		for _, one := range licenceChoices(name) {
			licences = append(licences, one)
		}
	}
	if len(licences) > 0 {
		c.Licenses = &licences
	}
	slices.Sort(holders)
	c.Copyright = strings.Join(slices.Compact(holders), "; ")
	b.components = append(b.components, c)
}

// licenceChoices are a licence as SPDX names it, or as we do where it has no
// name there.
func licenceChoices(name string) []cdx.LicenseChoice {
	switch name {
	case "MIT and Apache-2.0": // parts are under the one, parts under the other
		return []cdx.LicenseChoice{{License: &cdx.License{ID: "Apache-2.0"}}, {License: &cdx.License{ID: "MIT"}}}
	case "Unlicense or BSD-3-Clause":
		return []cdx.LicenseChoice{{License: &cdx.License{Name: name}}}
	case "MIT-Khronos": // SPDX's name for it is younger than the format's list
		return []cdx.LicenseChoice{{License: &cdx.License{Name: "MIT-Khronos-old"}}}
	case "BSD-3-Clause-patents":
		return []cdx.LicenseChoice{{License: &cdx.License{Name: "BSD-3-Clause with a grant of patents"}}}
	}
	return []cdx.LicenseChoice{{License: &cdx.License{ID: name}}}
}

func hashes(data []byte) *[]cdx.Hash {
	sum := sha256.Sum256(data)
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}}
}

func (b *bill) write(w io.Writer, data []byte, version string, made time.Time) error {
	slices.SortFunc(b.components, func(x, y cdx.Component) int { return strings.Compare(x.BOMRef, y.BOMRef) })
	sum := sha256.Sum256(data)
	root := cdx.Component{Type: cdx.ComponentTypeApplication, BOMRef: "nxphone", Name: "nxphone", Version: version, Hashes: hashes(data),
		Description: "The softphone, as the one program file of its packages."}
	own := b.of("nxphone")
	if len(own) > 0 {
		l := cdx.Licenses(licenceChoices(own[0].licence))
		root.Licenses = &l
	}
	properties := []cdx.Property{{Name: "nxphone:go", Value: b.info.GoVersion}}
	for _, s := range b.info.Settings {
		if s.Key != "-ldflags" { // it names places of the machine that built
			properties = append(properties, cdx.Property{Name: "nxphone:build:" + s.Key, Value: s.Value})
		}
	}
	root.Properties = &properties
	bom := cdx.NewBOM()
	bom.SpecVersion = cdx.SpecVersion1_6
	bom.JSONSchema = "http://cyclonedx.org/schema/bom-1.6.schema.json"
	// A number that says which binary this is of (RFC 9562 section 5.8).
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	bom.Metadata = &cdx.Metadata{Timestamp: made.UTC().Format(time.RFC3339), Component: &root,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "packaging/tools/copyright", Version: version}}}}
	bom.Components = &b.components
	var refs []string
	for _, c := range b.components {
		refs = append(refs, c.BOMRef)
	}
	if twice := len(refs) - len(slices.Compact(slices.Clone(refs))); twice != 0 {
		return fmt.Errorf("%d components have the reference of another", twice)
	}
	bom.Dependencies = &[]cdx.Dependency{{Ref: "nxphone", Dependencies: &refs}}
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
}

// leftOut: a font of the table is not embedded in this build (-tags=no_emoji).
func leftOut(name string, packages []goPackage) bool {
	i := slices.IndexFunc(foreign(), func(f part) bool { return f.name == name && strings.Contains(f.files, "/font/") })
	if i < 0 {
		return false
	}
	f := foreign()[i]
	j := slices.IndexFunc(packages, func(p goPackage) bool { return p.ImportPath == f.inPackage })
	return j >= 0 && !slices.ContainsFunc(packages[j].EmbedFiles, func(file string) bool {
		ok, err := path.Match(path.Base(f.files), path.Base(file))
		return ok && err == nil
	})
}

// versioned are the parts of [foreign] whose version stands in a header file of
// their module, as three numbers.
func versioned() map[string]struct{ inPackage, file, prefix string } {
	return map[string]struct{ inPackage, file, prefix string }{
		"miniaudio": {"github.com/gen2brain/malgo", "miniaudio.h", "MA_VERSION_"},
		"GLFW":      {"github.com/go-gl/glfw/v3.3/glfw", "glfw/include/GLFW/glfw3.h", "GLFW_VERSION_"},
	}
}

// partVersions reads them.
func partVersions(packages []goPackage) (map[string]string, error) {
	out := map[string]string{}
	for name, v := range versioned() {
		i := slices.IndexFunc(packages, func(p goPackage) bool { return p.ImportPath == v.inPackage })
		if i < 0 {
			continue
		}
		data, err := os.ReadFile(path.Join(packages[i].Module.Dir, v.file))
		if err != nil {
			return nil, err
		}
		if out[name], err = headerVersion(string(data), v.prefix); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

func headerVersion(text, prefix string) (string, error) {
	var numbers []string
	for _, part := range []string{"MAJOR", "MINOR", "REVISION"} {
		m := regexp.MustCompile(`(?m)^\s*#define\s+` + prefix + part + `\s+(\d+)\s*$`).FindStringSubmatch(text)
		if m == nil {
			return "", fmt.Errorf("the header has no %s%s", prefix, part)
		}
		numbers = append(numbers, m[1])
	}
	return strings.Join(numbers, "."), nil
}
