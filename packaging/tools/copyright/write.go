package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// writeDebian writes the machine-readable debian/copyright,
// https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/.
func writeDebian(w io.Writer, all []component) error {
	texts := distinct(all)
	var b bytes.Buffer
	b.WriteString("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n")
	b.WriteString("Upstream-Name: nxphone\n")
	field(&b, "Comment", "nxphone is one program that holds all of the works below. The paths are Go's\n"+
		"import paths. Libraries of the system (Opus, OpenGL, X11, ALSA, PulseAudio)\nare packages of their own, which this one depends on or recommends.")
	for _, c := range all {
		fmt.Fprintf(&b, "\nFiles: %s\n", c.files)
		field(&b, "Copyright", strings.Join(c.holders, "\n"))
		fmt.Fprintf(&b, "License: %s\n", c.licence)
		if note := strings.TrimSpace(c.note()); note != "" {
			field(&b, "Comment", note)
		}
	}
	for _, t := range texts {
		text := t.text
		if t.name == "Apache-2.0" {
			text = "On Debian systems the full text of the Apache License 2.0 is in\n/usr/share/common-licenses/Apache-2.0."
		}
		fmt.Fprintf(&b, "\nLicense: %s\n", t.name)
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString(folded(line))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// note is what a component has to say beside its licence.
func (c component) note() string {
	var lines []string
	if c.name != "nxphone" && c.version != "" {
		lines = append(lines, c.name+" "+c.version)
	}
	if c.comment != "" {
		lines = append(lines, c.comment)
	}
	return strings.Join(lines, "\n")
}

// field writes a field whose value may have several lines.
func field(b *bytes.Buffer, name, value string) {
	first, rest, more := strings.Cut(value, "\n")
	fmt.Fprintf(b, "%s: %s\n", name, first)
	if !more {
		return
	}
	for line := range strings.SplitSeq(rest, "\n") {
		b.WriteString(folded(strings.TrimSpace(line)))
	}
}

// folded is a line as a continuation, an empty one as a dot.
func folded(line string) string {
	if strings.TrimSpace(line) == "" {
		return " .\n"
	}
	return " " + line + "\n"
}

// writeText writes everything for a person, with every text in full.
func writeText(w io.Writer, all []component) error {
	texts := distinct(all)
	var b bytes.Buffer
	b.WriteString("nxphone is one program that holds the works below.\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\n%s %s\n  %s\n", c.name, c.version, c.files)
		for _, h := range c.holders {
			fmt.Fprintf(&b, "  Copyright %s\n", h)
		}
		fmt.Fprintf(&b, "  Licence: %s\n", c.licence)
		if c.comment != "" {
			fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(c.comment, "\n", "\n  "))
		}
	}
	for _, t := range texts {
		fmt.Fprintf(&b, "\n\n==== %s\n\n%s\n", t.name, t.text)
	}
	_, err := w.Write(b.Bytes())
	return err
}
