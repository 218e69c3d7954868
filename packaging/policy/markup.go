package policy

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// node is an element of an XML file. Its attributes are name, value, name,
// value; of text and children it has one or neither.
type node struct {
	name     string
	attrs    []string
	text     string
	children []node
}

func el(name string, attrs ...string) node { return node{name: name, attrs: attrs} }

func (n node) with(children ...node) node {
	n.children = append(n.children, children...)
	return n
}

func (n node) say(text string) node {
	n.text = text
	return n
}

// document is the file with n as its root; head stands above it.
func (n node) document(head string) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + head)
	n.write(&b, 0)
	return b.Bytes()
}

func (n node) write(b *bytes.Buffer, depth int) {
	b.WriteString(strings.Repeat("  ", depth) + "<" + n.name)
	for i := 0; i+1 < len(n.attrs); i += 2 {
		b.WriteString(" " + n.attrs[i] + `="`)
		_ = xml.EscapeText(b, []byte(n.attrs[i+1])) // a buffer takes everything
		b.WriteString(`"`)
	}
	switch {
	case n.children != nil:
		b.WriteString(">\n")
		for _, c := range n.children {
			c.write(b, depth+1)
		}
		b.WriteString(strings.Repeat("  ", depth))
	case n.text != "":
		b.WriteString(">")
		// Line breaks are for people; EscapeText would write them as numbers.
		for i, line := range strings.Split(n.text, "\n") {
			if i > 0 {
				b.WriteString("\n")
			}
			_ = xml.EscapeText(b, []byte(line))
		}
	default:
		b.WriteString("/>\n")
		return
	}
	b.WriteString("</" + n.name + ">\n")
}
