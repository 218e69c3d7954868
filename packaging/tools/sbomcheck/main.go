// Command sbomcheck looks whether a bill of materials (CycloneDX 1.6, JSON) is
// one, and is that of a binary.
//
//	sbomcheck BOM BINARY
//
// It holds the bill against the schema that CycloneDX publishes, which lies in
// the module of its Go library, and against "go version -m BINARY": every module
// with its version, and no other; the hash of the binary; what must be there
// beside Go's modules. It is written apart from what makes the bill
// (packaging/tools/copyright), and reads the JSON by itself.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6" // validates JSON Schema draft 7 and later, Apache-2.0
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbomcheck BOM BINARY")
		os.Exit(2)
	}
	said, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "sbomcheck:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func check(bomFile, binary string) (string, error) {
	data, err := os.ReadFile(bomFile)
	if err != nil {
		return "", err
	}
	if err := validate(data); err != nil {
		return "", err
	}
	b, err := parse(data)
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "version", "-m", binary).Output()
	if err != nil {
		return "", fmt.Errorf("go version -m: %w", err)
	}
	sum := sha256.Sum256(program)
	if err := errors.Join(b.binary(hex.EncodeToString(sum[:])), b.modules(string(out)), b.beside(), b.refs()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: CycloneDX 1.6 by its schema, %d components: Go %s and the %d modules of \"go version -m\", and %d works beside them",
		filepath.Base(bomFile), len(b.Components), b.goVersion(), b.count(), len(b.Components)-b.count()-1), nil
}

// bill is what is looked at of one.
type bill struct {
	SpecVersion, SerialNumber string
	Metadata                  struct{ Component component }
	Components                []component
	Dependencies              []struct {
		Ref       string
		DependsOn []string
	}
}

type component struct {
	Ref, Type, Name, Version, Purl string
	Hashes                         []struct{ Alg, Content string }
	Licenses                       []json.RawMessage
}

func (c *component) UnmarshalJSON(data []byte) error {
	type plain component
	ref := struct {
		Ref string `json:"bom-ref"`
	}{}
	if err := json.Unmarshal(data, (*plain)(c)); err != nil {
		return err
	}
	err := json.Unmarshal(data, &ref)
	c.Ref = ref.Ref
	return err
}

func parse(data []byte) (bill, error) {
	var b bill
	err := json.Unmarshal(data, &b)
	return b, err
}

// validate holds a bill against the published schema.
func validate(data []byte) error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		return fmt.Errorf("where the schema lies (sbomcheck runs in packaging/tools): %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(files(filepath.Join(strings.TrimSpace(string(out)), "schema")))
	compiler.AssertFormat()
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// files loads the schemas that refer to one another from a folder, and nothing
// from a network.
type files string

func (f files) Load(address string) (any, error) {
	name := path.Base(address)
	if name == "jsf-0.82.schema.json" {
		name = "jsf-0.82.schemax.json" // as the module has it
	}
	r, err := os.Open(filepath.Join(string(f), name))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return jsonschema.UnmarshalJSON(r)
}

func (b bill) binary(sum string) error {
	for _, h := range b.Metadata.Component.Hashes {
		if h.Alg == "SHA-256" && h.Content == sum {
			return nil
		}
	}
	return errors.New("it is of another binary: the hash differs")
}

func (b bill) goVersion() string {
	for _, c := range b.Components {
		if strings.HasPrefix(c.Purl, "pkg:golang/std@") {
			return c.Version
		}
	}
	return ""
}

// count is how many modules there are.
func (b bill) count() int {
	n := 0
	for _, c := range b.Components {
		if strings.HasPrefix(c.Purl, "pkg:golang/") && c.Name != "std" {
			n++
		}
	}
	return n
}

// modules compares with what the go command says.
func (b bill) modules(said string) error {
	want := map[string]string{}
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "dep" {
			continue
		}
		if next := strings.Fields(lines[min(i+1, len(lines)-1)]); len(next) > 2 && next[0] == "=>" {
			words = next
		}
		want[words[1]] = words[2]
	}
	if len(want) == 0 {
		return errors.New("go version -m names no module")
	}
	first, _, _ := strings.Cut(said, "\n")
	if i := strings.LastIndex(first, "go"); i < 0 || strings.Fields(first[i+2:])[0] != b.goVersion() {
		return fmt.Errorf("go is %q here, and %q was said", b.goVersion(), first)
	}
	var faults []error
	for _, c := range b.Components {
		if !strings.HasPrefix(c.Purl, "pkg:golang/") || c.Name == "std" {
			continue
		}
		if v, ok := want[c.Name]; !ok || v != c.Version {
			faults = append(faults, fmt.Errorf("%s %s is not in the binary", c.Name, c.Version))
		}
		if len(c.Licenses) == 0 {
			faults = append(faults, fmt.Errorf("%s has no licence", c.Name))
		}
		delete(want, c.Name)
	}
	for name, v := range want {
		faults = append(faults, fmt.Errorf("%s %s is in the binary and not in the bill", name, v))
	}
	return errors.Join(faults...)
}

// beside are the works that Go's modules do not show.
func (b bill) beside() error {
	var faults []error
	for _, name := range []string{"miniaudio", "GLFW", "Phone Sans KR", "Noto Sans", "nxWebApi.js"} {
		i := slices.IndexFunc(b.Components, func(c component) bool { return c.Name == name })
		switch {
		case i < 0:
			faults = append(faults, fmt.Errorf("%s is missing", name))
		case len(b.Components[i].Licenses) == 0:
			faults = append(faults, fmt.Errorf("%s has no licence", name))
		case (name == "miniaudio" || name == "GLFW") && b.Components[i].Version == "":
			faults = append(faults, fmt.Errorf("%s has no version", name))
		}
	}
	if !slices.ContainsFunc(b.Components, func(c component) bool {
		return (c.Name == "libopus.so.0" || c.Name == "opus") && c.Version != ""
	}) {
		faults = append(faults, errors.New("opus is missing, or has no version"))
	}
	return errors.Join(faults...)
}

// refs must be unique and known (the schema cannot say so).
func (b bill) refs() error {
	seen := map[string]bool{b.Metadata.Component.Ref: true}
	for _, c := range b.Components {
		if seen[c.Ref] || c.Ref == "" {
			return fmt.Errorf("the reference %q is there twice", c.Ref)
		}
		seen[c.Ref] = true
	}
	reached := 0
	for _, d := range b.Dependencies {
		for _, ref := range append(d.DependsOn, d.Ref) {
			if !seen[ref] {
				return fmt.Errorf("nothing has the reference %q", ref)
			}
		}
		reached += len(d.DependsOn)
	}
	if reached != len(b.Components) {
		return fmt.Errorf("%d of %d components belong to something", reached, len(b.Components))
	}
	return nil
}
