package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const mit = `The MIT License (MIT)

Copyright (c) 2013 Jane Roe
Copyright © 2014 the others

Permission is hereby granted, free of charge, to any person.
The above copyright notice shall be included.

THE SOFTWARE IS PROVIDED "AS IS".
`

func TestUnderstand(t *testing.T) {
	for _, tc := range []struct {
		text, licence string
		holders       []string
	}{
		{mit, "MIT", []string{"2013 Jane Roe", "2014 the others"}},
		{"// Copyright (c) 2009 The XGB Authors. All rights reserved.\n//\n// Redistribution and use in source and binary forms\n// Neither the name of\n// patent license\n",
			"BSD-3-Clause-patents", []string{"2009 The XGB Authors. All rights reserved."}},
		{"Redistribution and use in source and binary forms, with or without\nCOPYRIGHT OWNER OR CONTRIBUTORS\n", "BSD-2-Clause", []string{"the authors of x"}},
		{"Copyright (c) <year> <copyright holders>\nPermission is hereby granted, free of charge.\nThe software is provided", "MIT", []string{"the authors of x"}},
		{"Apache License\nVersion 2.0, January 2004\nEND OF TERMS AND CONDITIONS\nCopyright [yyyy] [name of copyright owner]\n", "Apache-2.0", []string{"the authors of x"}},
		{"SIL OPEN FONT LICENSE Version 1.1\n\"Copyright Holder\" is\nCopyright Holder too", "OFL-1.1", []string{"the authors of x"}},
	} {
		c, err := understand("x", "x/*", tc.text)
		if err != nil || c.licence != tc.licence || !slices.Equal(c.holders, tc.holders) {
			t.Errorf("%.40q is %q of %q (%v), not %q of %q", tc.text, c.licence, c.holders, err, tc.licence, tc.holders)
		}
	}
	if _, err := understand("x", "x/*", "All your sources are mine."); err == nil {
		t.Error("a licence that nobody knows was taken")
	}
}

// TestDistinct: one text has one name, however it is broken into lines; two texts
// of a name have two.
func TestDistinct(t *testing.T) {
	all := []component{
		{name: "a", licence: "MIT", text: "Do as you\nlike."},
		{name: "b", licence: "MIT", text: "Do as  you like."},
		{name: "c", licence: "MIT", text: "Do as they like."},
		{name: "d", licence: "ISC", text: "* Do as you like."},
	}
	texts := distinct(all)
	var names []string
	for _, c := range all {
		names = append(names, c.licence)
	}
	if !slices.Equal(names, []string{"MIT", "MIT", "MIT~2", "ISC"}) || len(texts) != 3 {
		t.Errorf("the components are under %q, of %d texts", names, len(texts))
	}
}

func TestUnknownParts(t *testing.T) {
	for _, tc := range []struct {
		name  string
		p     goPackage
		fault bool
	}{
		{"pure Go", goPackage{ImportPath: "example.org/a", Module: &goModule{Path: "example.org/a"}}, false},
		{"C code that nobody looked at", goPackage{ImportPath: "example.org/a", CgoFiles: []string{"a.go"}, Module: &goModule{Path: "example.org/a"}}, true},
		{"a font that nobody looked at", goPackage{ImportPath: "example.org/a", EmbedFiles: []string{"a.ttf"}, Module: &goModule{Path: "example.org/a"}}, true},
		{"our own", goPackage{ImportPath: "nxphone/ui", CgoFiles: []string{"a.go"}, Module: &goModule{Path: "nxphone", Main: true}}, false},
		{"of the table", goPackage{ImportPath: "github.com/gen2brain/malgo", CgoFiles: []string{"a.go"}, Module: &goModule{Path: "github.com/gen2brain/malgo"}}, false},
	} {
		if err := unknownParts(tc.p); (err != nil) != tc.fault {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestNestedLicences: code that a module took over, with a licence of its own, is
// listed beside the module.
func TestNestedLicences(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "internal", "taken")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	p := goPackage{ImportPath: "example.org/m/internal/taken", Dir: inner, Module: &goModule{Path: "example.org/m", Version: "v1.0.0", Dir: dir}}
	if _, err := licences(p); err == nil {
		t.Error("a module without a licence was taken")
	}
	for _, d := range []string{dir, inner} {
		if err := os.WriteFile(filepath.Join(d, "LICENSE"), []byte(mit), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := licences(p)
	if err != nil || len(got) != 2 || got[0].files != "example.org/m/internal/taken/*" || got[1].files != "example.org/m/*" {
		t.Errorf("listed: %+v, %v", got, err)
	}
}

// TestEvidence: an entry whose licence is no longer where it was is an error.
func TestEvidence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.h")
	if err := os.WriteFile(file, []byte("int x;\n/*\n** Copyright 2008 K\n** Terms.\n*/\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := excerpt(file, "Copyright", `^\*/`)
	if err != nil || got != "Copyright 2008 K\nTerms." {
		t.Errorf("read %q, %v", got, err)
	}
	for _, marks := range [][2]string{{"Copyleft", `^\*/`}, {"Copyright", "^END"}} {
		if got, err := excerpt(file, marks[0], marks[1]); err == nil {
			t.Errorf("between %q stands %q", marks, got)
		}
	}
}

// TestDebian: the form that Debian's tools read.
func TestDebian(t *testing.T) {
	c, err := understand("x", "example.org/x/*", mit)
	if err != nil {
		t.Fatal(err)
	}
	c.version = "v1.0.0"
	var b strings.Builder
	if err := writeDebian(&b, []component{c}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n",
		"\nFiles: example.org/x/*\nCopyright: 2013 Jane Roe\n 2014 the others\nLicense: MIT\nComment: x v1.0.0\n",
		"\nLicense: MIT\n Permission is hereby granted, free of charge, to any person.\n",
		" included.\n .\n THE",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in:\n%s", want, b.String())
		}
	}
}
