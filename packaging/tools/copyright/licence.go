package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// component is one piece of somebody's work, with its licence.
type component struct {
	name    string
	files   string // where it lies, as DEP-5 has it: "PATH/*"
	version string
	holders []string // copyright lines without the word
	licence string   // SPDX's name
	text    string   // the licence without title and copyright lines
	comment string
	static  bool // named by -also
}

// read makes a component of a licence file.
func read(name, files, file string) (component, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return component{}, err
	}
	c, err := understand(name, files, string(raw))
	if err != nil {
		return c, fmt.Errorf("%s: %s: %w", name, file, err)
	}
	return c, nil
}

// known tells licences by words that only they have; the first that fits
// counts.
var known = []struct {
	name string
	with []string
}{
	{"MIT and Apache-2.0", []string{"covered by two different licenses: mit and apache"}},
	{"Unlicense or BSD-3-Clause", []string{"unlicense or bsd-3-clause"}},
	{"Apache-2.0", []string{"apache license", "version 2.0, january 2004"}},
	{"OFL-1.1", []string{"sil open font license", "version 1.1"}},
	{"Bitstream-Vera", []string{"bitstream vera", "permission is hereby granted, free of charge"}},
	{"MIT-0", []string{"mit no attribution", "permission is hereby granted, free of charge"}},
	{"Unlicense", []string{"free and unencumbered software released into the public domain"}},
	{"MIT-Khronos", []string{"permission is hereby granted, free of charge", `"materials"`}},
	{"MIT", []string{"permission is hereby granted, free of charge", "the software is provided"}},
	{"ISC", []string{"permission to use, copy, modify, and", "distribute this software", "the author disclaims all warranties"}},
	{"Zlib", []string{"altered source versions must be plainly marked"}},
	{"BSD-3-Clause-patents", []string{"redistribution and use in source and binary forms", "neither the name", "patent license"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "the names of its contributors"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
}

var (
	title    = regexp.MustCompile(`^\W*((The )?(MIT|BSD [23]-Clause)( License| "[^"]*" License)?( \((MIT|Expat)\))?|ALTERNATIVE 2 - MIT No Attribution)\W*$`)
	claim    = regexp.MustCompile(`^\W*Copyright\s*(\([cC]\)|©|:)?\s*(.+)$`)
	notClaim = regexp.MustCompile(`(?i)^\W*copyright (holder|notice|owner|statement|law)|\[yyyy\]|<year>`)
	reserved = regexp.MustCompile(`(?i)^\W*all rights reserved\W*$`)
)

// understand takes a licence text apart.
func understand(name, files, text string) (component, error) {
	c := component{name: name, files: files}
	lower := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, k := range known {
		if !slices.ContainsFunc(k.with, func(w string) bool { return !strings.Contains(lower, w) }) {
			c.licence = k.name
			break
		}
	}
	if c.licence == "" {
		return c, fmt.Errorf("a licence that is not known: look at it, and add it to packaging/tools/copyright/licence.go")
	}
	var body []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		line = strings.TrimRight(strings.TrimPrefix(line, "// "), " \t")
		if line == "//" {
			line = ""
		}
		switch m := claim.FindStringSubmatch(line); {
		case title.MatchString(line) || reserved.MatchString(line):
		case m != nil && !notClaim.MatchString(line):
			c.holders = append(c.holders, strings.TrimSpace(m[2]))
		case strings.Contains(line, "Copyright (c) <year>"):
		default:
			body = append(body, line)
		}
	}
	if len(c.holders) == 0 {
		c.holders = []string{"the authors of " + name}
	}
	if c.licence == "Apache-2.0" {
		// Behind the terms stands how to apply them.
		for i, line := range body {
			if strings.Contains(line, "END OF TERMS AND CONDITIONS") {
				body = body[:i+1]
				break
			}
		}
	}
	c.text = strings.Trim(twoBlanks.ReplaceAllString(strings.Join(body, "\n"), "\n\n"), "\n")
	return c, nil
}

var twoBlanks = regexp.MustCompile(`\n{3,}`)

// essence is a licence text without its layout, to see which are the same.
func essence(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, listMarks.ReplaceAllString(text, ""))
}

var listMarks = regexp.MustCompile(`(?m)^\s*([*-]|\(?[0-9a-z]\)|[0-9]\.)\s+`)

// terms is one licence text and the name by which components refer to it.
type terms struct{ name, text string }

// distinct gives every component the name of its text, a number behind it where
// several texts go by the same one, and lists the texts in order of their names.
func distinct(all []component) []terms {
	names := map[string]string{} // by essence
	count := map[string]int{}
	var texts []terms
	for i := range all {
		c := &all[i]
		key := c.licence + "\n" + essence(c.text)
		if _, ok := names[key]; !ok {
			count[c.licence]++
			names[key] = c.licence
			if n := count[c.licence]; n > 1 {
				names[key] = fmt.Sprintf("%s~%d", c.licence, n)
			}
			texts = append(texts, terms{names[key], c.text})
		}
		c.licence = names[key]
	}
	slices.SortFunc(texts, func(a, b terms) int { return strings.Compare(a.name, b.name) })
	return texts
}
