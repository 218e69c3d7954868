package assets_test

import (
	"testing"

	"golang.org/x/image/font/sfnt" // the toolkit brings the module; a reader of font files of our own would be another thing to test

	"nxphone/assets"
	"nxphone/assets/text"
)

// TestNoBoxes: every character of both catalogues, of the toolkit's own words
// and of what a phone shows besides has a shape in both weights of the bundled
// face, so that none is drawn as a box, whatever fonts a machine has. Package
// look draws some of them to prove that the toolkit uses the face.
func TestNoBoxes(t *testing.T) {
	all := map[rune]bool{}
	add := func(s string) {
		for _, r := range s {
			if r > ' ' {
				all[r] = true
			}
		}
	}
	for _, l := range text.Langs() {
		c := text.For(l)
		for _, k := range c.Keys() {
			add(c.Text(k))
		}
		add(string(text.Toolkit(l)))
	}
	if len(all) < 400 {
		t.Fatalf("only %d characters", len(all))
	}
	add("0123456789*#+•…→·₩")
	for r := '가'; r <= '힣'; r++ { // names can hold any of them, 뷁쀍힣 too
		all[r] = true
	}
	for name, data := range map[string][]byte{"regular": assets.FontRegular(), "bold": assets.FontBold()} {
		font, err := sfnt.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var buf sfnt.Buffer
		for r := range all {
			i, err := font.GlyphIndex(&buf, r)
			if err != nil || i == 0 {
				t.Errorf("%s: %q (%U) is not in the face", name, r, r)
				continue
			}
			// A face may claim a character and have nothing to draw for it.
			if shape, err := font.LoadGlyph(&buf, i, 40<<6, nil); err != nil || len(shape) == 0 {
				t.Errorf("%s: %q (%U) is blank", name, r, r)
			}
		}
	}
}
