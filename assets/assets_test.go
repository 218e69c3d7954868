package assets_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"nxphone/assets"
)

func TestIconsAreDrawings(t *testing.T) {
	names := assets.Icons()
	if len(names) < 20 {
		t.Fatalf("only %d icons", len(names))
	}
	for _, name := range names {
		svg := assets.Icon(name)
		for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if name != "app" && !bytes.Contains(svg, []byte("currentColor")) {
			t.Errorf("%s cannot take the theme's colour", name)
		}
		if bytes.Contains(svg, []byte("stroke")) {
			t.Errorf("%s has strokes, which grow thin on dense screens; see packaging/icons/make", name)
		}
	}
	if assets.Icon("no-such-icon") != nil {
		t.Error("an icon that does not exist has a drawing")
	}
}

func TestAppIcon(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(assets.AppIcon()))
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != 256 || s.Y != 256 {
		t.Errorf("size %v", s)
	}
	if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
		t.Error("the corner is not transparent")
	}
}

func BenchmarkUnpack(b *testing.B) {
	for b.Loop() {
		if assets.Unpack(assets.PackedRegular()) == nil {
			b.Fatal("the font cannot be unpacked")
		}
	}
}

// TestFontsAreRenamed: the original's name is reserved under its licence, and
// the licence must travel along.
func TestFontsAreRenamed(t *testing.T) {
	for name, face := range map[string][]byte{"regular": assets.FontRegular(), "bold": assets.FontBold()} {
		if len(face) < 1_000_000 {
			t.Errorf("%s: %d bytes cannot hold all syllables", name, len(face))
		}
		for _, reserved := range []string{"NanumGothic", "Nanum"} {
			if bytes.Contains(face, utf16(reserved)) {
				t.Errorf("%s still carries the name %s", name, reserved)
			}
		}
		if !bytes.Contains(face, utf16("Phone Sans KR")) {
			t.Errorf("%s does not carry its own name", name)
		}
	}
	for _, words := range []string{"SIL OPEN FONT LICENSE", "Reserved Font Name", "Phone Sans KR"} {
		if !strings.Contains(assets.FontLicence(), words) {
			t.Errorf("the licence lacks %q", words)
		}
	}
}

// TestWebAPI: pages in EUC-KR include the script too, and take its bytes for
// their own charset when the server does not name one: only ASCII is safe.
func TestWebAPI(t *testing.T) {
	script := assets.WebAPI()
	if !bytes.Contains(script, []byte("page.nxWebApi = ")) {
		t.Error("the script does not make nxWebApi")
	}
	if !utf8.Valid(script) || bytes.HasPrefix(script, []byte("\xef\xbb\xbf")) {
		t.Error("not UTF-8, or with a byte order mark")
	}
	for i, c := range script {
		if c >= utf8.RuneSelf || c < ' ' && c != '\n' {
			t.Fatalf("the byte %#x at %d is not plain ASCII", c, i)
		}
	}
}

// utf16 is how name tables spell text.
func utf16(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r>>8), byte(r))
	}
	return b
}
