package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const said = `nxphone: go1.26.8
	path	nxphone/cmd/nxphone
	mod	nxphone	(devel)	
	dep	example.org/a	v1.0.0	h1:x=
	dep	example.org/b	v1.2.0
	=>	example.org/c	v1.3.0	h1:y=
	build	-trimpath=true
`

func good() bill {
	c := func(name, version, purl string) component {
		return component{Ref: name, Name: name, Version: version, Purl: purl, Licenses: []json.RawMessage{json.RawMessage("{}")}}
	}
	return bill{Components: []component{
		c("std", "1.26.8", "pkg:golang/std@1.26.8"), c("example.org/a", "v1.0.0", "pkg:golang/example.org/a@v1.0.0"),
		c("example.org/c", "v1.3.0", "pkg:golang/example.org/c@v1.3.0"),
	}}
}

// TestModules: each way in which a bill can be another binary's is told.
func TestModules(t *testing.T) {
	if err := good().modules(said); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for want, change := range map[string]func(b *bill){
		"not in the binary": func(b *bill) { b.Components[1].Version = "v1.0.1" },
		"not in the bill":   func(b *bill) { b.Components = b.Components[:2] },
		"no licence":        func(b *bill) { b.Components[2].Licenses = nil },
		"go is":             func(b *bill) { b.Components[0].Version = "1.26.7" },
	} {
		b := good()
		change(&b)
		if err := b.modules(said); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	b := good()
	if err := b.modules("nxphone: go1.26.8\n"); err == nil {
		t.Error("no module was enough")
	}
	if err := b.binary("00"); err == nil {
		t.Error("another binary was enough")
	}
	if err := b.beside(); err == nil || !strings.Contains(err.Error(), "opus is missing") {
		t.Errorf("%v", err)
	}
	b.Components[2].Ref = b.Components[1].Ref
	if err := b.refs(); err == nil {
		t.Error("one reference twice was enough")
	}
}

// TestValidate: the published schema is found, and refuses.
func TestValidate(t *testing.T) {
	if err := validate([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.6","version":1}`)); err != nil {
		t.Errorf("the least one: %v", err)
	}
	for _, text := range []string{`{}`, `{"bomFormat":"CycloneDX","specVersion":"1.6","version":0}`,
		`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"x","name":"y"}]}`,
		`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"y","licenses":[{"license":{"id":"Mine-1.0"}}]}]}`} {
		if validate([]byte(text)) == nil {
			t.Errorf("%s was taken", text)
		}
	}
	if _, err := check("main.go", os.Args[0]); err == nil {
		t.Error("a file of Go was taken for a bill")
	}
}
