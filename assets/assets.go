// Package assets is the data that travels inside the binary: icons, fonts and
// the script for web pages here, what a person reads in package text below. It
// embeds files (the fonts packed) and does nothing else, so that any layer may import it.
//
// The icons are drawn by packaging/icons/make, on a grid of 24 units with a pen
// of 2, as filled outlines in the colour "currentColor", which the window
// replaces by a colour of its theme. The two faces are subsets made by packaging/fonts/make; their licence lies beside
// them and belongs into every package of the program.
//
// # Models
//
// Lucide and Material Symbols for what an icon set has to keep constant (grid,
// stroke, optical weight). Every path here is our own drawing. The models of the
// script stand at its head; its lint, types and tests are in the folder nxwebapi
// beside it ("npm ci" once, then "npm test").
package assets

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"io"
	"io/fs"
	"sync"
)

//go:embed icons/*.svg icons/*.png
var icons embed.FS

//go:embed fonts/PhoneSansKR-Regular.ttf.gz
var packedRegular []byte

//go:embed fonts/PhoneSansKR-Bold.ttf.gz
var packedBold []byte

// Packed, the faces are a third: two megabytes of the program on the disk. Each
// is unpacked once, in some ten milliseconds.
var (
	fontRegular = sync.OnceValue(func() []byte { return unpack(packedRegular) })
	fontBold    = sync.OnceValue(func() []byte { return unpack(packedBold) })
)

// unpack gives nil for what is no gzip file, which a file of this package cannot
// be in a program whose tests have passed.
func unpack(packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	// RFC 1952 section 2.3.1: the last four bytes are the size, of what is below
	// 4 GB.
	data := make([]byte, binary.LittleEndian.Uint32(packed[len(packed)-4:]))
	if _, err := io.ReadFull(r, data); err != nil {
		return nil
	}
	return data
}

//go:embed fonts/OFL.txt
var fontLicence string

//go:embed nxWebApi.js
var webAPI []byte

// Icon gives the SVG of an icon by its name without the ending; nil when there
// is none of that name.
func Icon(name string) []byte {
	data, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return data
}

// Icons lists the names that Icon knows.
func Icons() []string {
	paths, err := fs.Glob(icons, "icons/*.svg")
	if err != nil {
		return nil // the pattern is constant and well formed
	}
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = p[len("icons/") : len(p)-len(".svg")]
	}
	return names
}

// AppIcon is the program's icon as a PNG of 256 by 256 pixels.
func AppIcon() []byte {
	data, err := icons.ReadFile("icons/app.png")
	if err != nil {
		return nil // embedded by name above
	}
	return data
}

// TrayIcons is the icon of the tray for a state, as PNGs from small to large; nil
// when there is none of that name.
func TrayIcons(state string) [][]byte {
	var list [][]byte
	for _, side := range []string{"24", "48"} {
		data, err := icons.ReadFile("icons/tray-" + state + "-" + side + ".png")
		if err != nil {
			return nil
		}
		list = append(list, data)
	}
	return list
}

// FontRegular is the bundled Korean face; the bytes must not be changed.
func FontRegular() []byte { return fontRegular() }

// FontBold is its bold weight; the bytes must not be changed.
func FontBold() []byte { return fontBold() }

// FontLicence is the text that must go wherever the faces go.
func FontLicence() string { return fontLicence }

// WebAPI is nxWebApi.js, by which web pages use the phone, as it is served to
// them; the bytes must not be changed.
func WebAPI() []byte { return webAPI }
