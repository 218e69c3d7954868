package look

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets"
	"nxphone/ui/present"
)

func roles() []present.Role {
	return []present.Role{present.Neutral, present.Accent, present.Good, present.Warn, present.Bad}
}

// TestContrast holds every text to 4.5:1 on every ground that it stands on
// (WCAG 2.2, 1.4.3), to 7:1 in high contrast (1.4.6), and the outline of inputs
// to 3:1 (1.4.11). Text that is switched off is held to 3:1 in high contrast,
// where the guidelines ask for nothing.
func TestContrast(t *testing.T) {
	type pair struct {
		text, ground fyne.ThemeColorName
		least        float64
	}
	pairs := []pair{
		{theme.ColorNameForeground, theme.ColorNameBackground, 4.5},
		{theme.ColorNameForeground, Surface, 4.5},
		{theme.ColorNameForeground, KeyHover, 4.5},
		{theme.ColorNameForeground, KeyDown, 4.5},
		{theme.ColorNameForeground, theme.ColorNameInputBackground, 4.5},
		{theme.ColorNameForeground, theme.ColorNameMenuBackground, 4.5},
		{Muted, theme.ColorNameBackground, 4.5},
		{Muted, Surface, 4.5},
		{Muted, KeyHover, 4.5},
		{Muted, KeyDown, 4.5},
		{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground, 4.5},
		{theme.ColorNameError, Surface, 4.5},
		{theme.ColorNameError, theme.ColorNameBackground, 4.5},
		{theme.ColorNameInputBorder, theme.ColorNameInputBackground, 3},
		{theme.ColorNameInputBorder, Surface, 3},
		{FocusLine, theme.ColorNameBackground, 3},
		{FocusLine, Surface, 3},
		{Outline, Surface, 1.2},
	}
	for _, r := range roles() {
		pairs = append(pairs,
			pair{RoleColor(r, On), RoleColor(r, Solid), 4.5}, pair{RoleColor(r, On), RoleColor(r, Down), 4.5},
			pair{theme.ColorNameForeground, RoleColor(r, Soft), 4.5},
			pair{RoleColor(r, Ink), RoleColor(r, Soft), 4.5}, pair{RoleColor(r, Ink), Surface, 4.5},
			pair{RoleColor(r, Ink), theme.ColorNameBackground, 4.5}, pair{RoleColor(r, Ink), KeyHover, 4.5},
			pair{RoleColor(r, Solid), theme.ColorNameBackground, 3})
	}
	for _, b := range []Brightness{Light, Dark, Contrast} {
		th := NewTheme(b)
		for _, p := range pairs {
			if b == Contrast && p.least == 4.5 {
				p.least = 7 // 1.4.6
			}
			// The neutral solid is never the only sign of a button.
			if b == Dark && p.text == RoleColor(present.Neutral, Solid) {
				continue
			}
			if got := contrast(th.Color(p.text, 0), th.Color(p.ground, 0)); got < p.least {
				t.Errorf("%s: %s on %s has %.2f:1, needs %.1f:1", b, p.text, p.ground, got, p.least)
			}
		}
	}
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestThemeVariants(t *testing.T) {
	follows := NewTheme(System)
	if follows.Color(Surface, theme.VariantLight) == follows.Color(Surface, theme.VariantDark) {
		t.Error("the system's choice makes no difference")
	}
	for _, b := range []Brightness{Light, Dark, Contrast} {
		th := NewTheme(b)
		if th.Color(Surface, theme.VariantLight) != th.Color(Surface, theme.VariantDark) {
			t.Errorf("%s follows the system", b)
		}
	}
}

// TestRareSyllables draws syllables that small Korean faces leave out, jamo,
// and decomposed text, and checks that each has a shape of its own and none is
// the sign for a missing one. It also holds the toolkit's text shaping: a
// version of it once drew every Hangul syllable as that sign.
func TestRareSyllables(t *testing.T) {
	test.NewTempApp(t)
	th := NewTheme(Light)
	missing := glyph(t, th, "\U000e0080", false) // no face has it
	seen := map[string]string{}
	for _, bold := range []bool{false, true} {
		for _, s := range []string{
			"뷁", "쀍", "힣", "똠", "찦", "펲", "쑛", "뢔", "챫", "휒", "갂", "홯", "ㄱ", "ㅎ", "ㅿ", "가", "각", "010", "→", "·", "…", "₩",
		} {
			pic := glyph(t, th, s, bold)
			if blank(pic) {
				t.Errorf("%q is drawn as nothing", s)
			}
			if pic == missing {
				t.Errorf("%q is drawn as a missing character", s)
			}
			if other, ok := seen[pic]; ok {
				t.Errorf("%q and %q look the same", s, other)
			}
			seen[pic] = s
		}
	}
	if composed, parts := glyph(t, th, "각", false), glyph(t, th, "\u1100\u1161\u11a8", false); composed != parts {
		t.Error("a syllable in its parts (NFD) is not drawn as one")
	}
}

// glyph draws text and gives its pixels as a string.
func glyph(t *testing.T, th fyne.Theme, s string, bold bool) string {
	t.Helper()
	text := canvas.NewText(s, color.Black)
	text.TextSize, text.TextStyle = 40, fyne.TextStyle{Bold: bold}
	img := software.Render(text, th)
	b := img.Bounds()
	var out strings.Builder
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.WriteByte(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func blank(pic string) bool {
	pixels := strings.ReplaceAll(pic, "\n", "")
	return strings.Count(pixels, pixels[:1]) == len(pixels)
}

func TestDigitsHaveOneWidth(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	one := fyne.MeasureText("1", 20, fyne.TextStyle{}).Width
	for _, d := range "023456789" {
		if w := fyne.MeasureText(string(d), 20, fyne.TextStyle{}).Width; w != one {
			t.Errorf("%c is %v wide, 1 is %v: a timer would tremble", d, w, one)
		}
	}
}

func TestIconsTakeTheColour(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	for _, name := range assets.Icons() {
		img := picture()
		img.Resize(fyne.NewSize(48, 48))
		setPicture(img, name, RoleColor(present.Bad, Ink))
		if !hasColour(software.Render(sized(img), NewTheme(Light)), NewTheme(Light).Color(RoleColor(present.Bad, Ink), 0)) &&
			name != "app" {
			t.Errorf("%s is not drawn in the colour asked for", name)
		}
	}
	if got := string(Icon("no-such-icon", Muted).Content()); !strings.HasPrefix(got, "<svg") {
		t.Errorf("an icon that does not exist is %q", got)
	}
}

func sized(img *canvas.Image) fyne.CanvasObject {
	img.SetMinSize(fyne.NewSize(48, 48))
	return img
}

func hasColour(img image.Image, want color.Color) bool {
	b := img.Bounds()
	wr, wg, wb, _ := want.RGBA()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, g, bl, _ := img.At(x, y).RGBA(); r>>8 == wr>>8 && g>>8 == wg>>8 && bl>>8 == wb>>8 {
				return true
			}
		}
	}
	return false
}

func TestBigButtonSettles(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	taps := 0
	b := NewButton(Primary, func() { taps++ })
	b.SetClock(func() time.Time { return now })
	b.Set(Face{Label: "Call", Role: present.Good})
	test.Tap(b)
	if taps != 1 {
		t.Fatal("the first tap was lost")
	}
	b.Set(Face{Label: "Cancel", Role: present.Bad})
	test.Tap(b) // the second half of a double click
	if taps != 1 {
		t.Error("a double click on call cancels the call")
	}
	now = now.Add(SettleTime)
	test.Tap(b)
	if taps != 2 {
		t.Error("the button stays dead")
	}
	b.Set(Face{Label: "Hang up", Role: present.Bad}) // the same meaning in another word
	test.Tap(b)
	if taps != 3 {
		t.Error("a tap was lost although the meaning stayed")
	}
}

func TestButtonKeys(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	taps := 0
	var runes []rune
	var keys []fyne.KeyName
	k := &Keys{Rune: func(r rune) { runes = append(runes, r) }, Key: func(e *fyne.KeyEvent) { keys = append(keys, e.Name) }}
	b := NewButton(Bare, func() { taps++ }).PassKeys(k)
	pad := NewButton(Key, func() { taps++ }).PassKeys(k)
	for _, w := range []*Button{b, pad} {
		w.Set(Face{Label: "x", Role: present.Neutral})
		w.TypedRune('7')
		w.TypedRune(' ')
		w.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		w.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		w.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	}
	// Space presses both; Enter presses the button but goes past the pad's key.
	if taps != 3 || string(runes) != "77" || len(keys) != 3 || keys[1] != fyne.KeyReturn {
		t.Errorf("taps %d, runes %q, keys %q", taps, string(runes), keys)
	}
	b.Set(Face{Label: "x", Role: present.Neutral, Disabled: true})
	test.Tap(b)
	if taps != 3 {
		t.Error("a switched-off button was pressed")
	}
}

func TestLongPress(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	taps, holds := 0, 0
	b := NewButton(Key, func() { taps++ })
	b.SetClock(func() time.Time { return now })
	b.OnHold = func() { holds++ }
	b.MouseDown(nil)
	now = now.Add(longPress)
	b.MouseUp(nil)
	test.Tap(b)
	if taps != 0 || holds != 1 {
		t.Errorf("long press: taps %d, holds %d", taps, holds)
	}
	b.MouseDown(nil)
	b.MouseUp(nil)
	test.Tap(b)
	test.TapSecondary(b)
	if taps != 1 || holds != 2 {
		t.Errorf("short press and second button: taps %d, holds %d", taps, holds)
	}
}

// TestTextGrows: at every size each kind of button is as large as its words
// need, and the words are as large as they were asked to be.
func TestTextGrows(t *testing.T) {
	for _, percent := range []int{0, 100, 150, 200, 300} {
		th := NewTheme(Light).Text(percent)
		test.NewTempApp(t).Settings().SetTheme(th)
		want := float32(min(max(percent, 100), 200)) / 100
		for _, name := range []fyne.ThemeSizeName{
			SizeDigits, SizeKey, SizeTitle, SizeCode, SizeBig, theme.SizeNameText, theme.SizeNameCaptionText,
		} {
			if got := th.Size(name) / NewTheme(Light).Size(name); got != want {
				t.Errorf("%d %%: %s is %v times as large", percent, name, got)
			}
		}
		for kind := Primary; kind <= Strip; kind++ {
			b := NewButton(kind, nil)
			b.Set(Face{Label: "5", Sub: "5", Role: present.Neutral})
			b.Resize(b.MinSize())
			r := test.WidgetRenderer(b).(*buttonRenderer)
			for _, text := range []*canvas.Text{r.label, r.sub} {
				if text.Hidden {
					continue
				}
				size := text.MinSize()
				at := text.Position()
				if at.Y < 0 || at.Y+size.Height > b.Size().Height || at.X < 0 || at.X+size.Width > b.Size().Width {
					t.Errorf("%d %%: kind %d: %v at %v leaves %v", percent, kind, size, at, b.Size())
				}
			}
		}
	}
}

func TestHitAreas(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	for kind := Primary; kind <= Strip; kind++ {
		b := NewButton(kind, nil)
		b.Set(Face{Label: "1", Role: present.Neutral})
		if m := b.MinSize(); m.Width < 44 || m.Height < 44 {
			t.Errorf("kind %d can be %v small", kind, m)
		}
	}
}

func TestWrap(t *testing.T) {
	measure := func(s string) float32 { return float32(len([]rune(s))) }
	for _, tt := range []struct {
		in    string
		width float32
		want  string
	}{
		{"", 5, ""},
		{"one two three", 7, "one two|three"},
		{"one  two", 3, "one|two"},
		{"abcdefghij", 4, "abcd|efgh|ij"},
		{"ab abcdefgh cd", 5, "ab|abcde|fgh|cd"},
		{"가나다 라마바 사", 5, "가나다|라마바 사"},
		{"x", 0.5, "x"},
		{"help.example.net", 6, "help|.examp|le.net"},
		{"a.bcdefgh", 6, "a.bcde|fgh"}, // the dot is too far off
	} {
		if got := strings.Join(wrap(tt.in, tt.width, measure), "|"); got != tt.want {
			t.Errorf("wrap(%q, %v) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestBalance(t *testing.T) {
	measure := func(s string) float32 { return float32(len([]rune(s))) }
	for _, tt := range []struct {
		in    string
		width float32
		want  string
	}{
		{"may this page call with this phone", 30, "may this page call|with this phone"},
		{"a bb ccc dddd eeeee", 40, "a bb ccc dddd eeeee"},
		{"It is up now. If you hear nothing call again.", 31, "It is up now.|If you hear nothing call again."},
		{"One. If you hear nothing, call again in a while.", 42, "One. If you hear nothing,|call again in a while."}, // "One." alone looks forgotten
		{"one https://aaaaaaaaaaaaaaaaaaaaaa two", 30, "one|https://aaaaaaaaaaaaaaaaaaaaaa|two"},
	} {
		lines := wrap(tt.in, tt.width, measure)
		got := balance(lines, tt.width, measure)
		if strings.Join(got, "|") != tt.want || len(got) != len(lines) {
			t.Errorf("%q at %v: %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestLineShrinksThenCuts(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	l := NewLine(theme.ColorNameForeground, SizeDigits, fyne.TextAlignCenter, false)
	drawn := func(s string) *canvas.Text {
		l.SetText(s)
		l.Resize(fyne.NewSize(260, 40))
		return test.WidgetRenderer(l).Objects()[0].(*canvas.Text)
	}
	if txt := drawn("010-1234-5678"); txt.TextSize != NewTheme(Light).Size(SizeDigits) {
		t.Errorf("a usual number is shrunk to %v", txt.TextSize)
	}
	if txt := drawn("+82-2-1234-5678-1234"); txt.TextSize >= 32 || txt.Text != l.Text() {
		t.Errorf("a long number is %q at %v", txt.Text, txt.TextSize)
	}
	if txt := drawn(strings.Repeat("1234567890", 12)); txt.TextSize != smallest() || !strings.HasSuffix(txt.Text, "…") || txt.MinSize().Width > 260 {
		t.Errorf("an endless number is %q at %v", txt.Text, txt.TextSize)
	}
	if txt := drawn("600"); txt.TextSize != 32 {
		t.Errorf("a short number after a long one stays at %v", txt.TextSize)
	}
}

func TestEqualFaceDrawsNothing(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	b := NewButton(Key, nil)
	f := Face{Label: "1", Role: present.Neutral}
	b.Set(f)
	if n := testing.AllocsPerRun(100, func() { b.Set(f) }); n != 0 {
		t.Errorf("setting the same face allocates %v times", n)
	}
}

// TestStripKeepsTheEndOfAHost: whoever cannot see all of a host must see whose
// it is.
func TestStripKeepsTheEndOfAHost(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	b := NewButton(Strip, nil)
	b.Resize(fyne.NewSize(200, 44))
	b.Set(Face{Label: "bank.example." + strings.Repeat("a", 60) + ".helpline.example", Sub: "can use this phone", Icon: "globe", Role: present.Accent})
	r := test.WidgetRenderer(b).(*buttonRenderer)
	if got := r.label.Text; !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, ".helpline.example") {
		t.Errorf("shown as %q", got)
	}
	if r.label.MinSize().Width > 200 {
		t.Errorf("%v wide", r.label.MinSize().Width)
	}
}

func TestToggle(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	var got []bool
	var keys []fyne.KeyName
	g := NewToggle("Web pages may place calls with this phone", func(on bool) { got = append(got, on) }).
		PassKeys(&Keys{Key: func(e *fyne.KeyEvent) { keys = append(keys, e.Name) }})
	g.Resize(fyne.NewSize(220, 60))
	g.Set(true, false) // tells nobody
	test.Tap(g)
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if len(got) != 2 || got[0] || !got[1] || !g.On() {
		t.Errorf("changed to %v, on %v", got, g.On())
	}
	if len(keys) != 1 || keys[0] != fyne.KeyEscape {
		t.Errorf("handed on %v", keys)
	}
	knob := func() float32 { return test.WidgetRenderer(g).(*toggleRenderer).knob.Position().X }
	on := knob()
	g.Set(false, true)
	if knob() >= on {
		t.Error("on and off differ by colour alone")
	}
	test.Tap(g)
	if g.On() || len(got) != 2 {
		t.Error("a locked switch was switched")
	}
}

// TestFocusIsSeen: every kind of button looks different with the focus, in both
// palettes.
func TestFocusIsSeen(t *testing.T) {
	for _, b := range []Brightness{Light, Dark, Contrast} {
		test.NewTempApp(t).Settings().SetTheme(NewTheme(b))
		for kind := Primary; kind <= Strip; kind++ {
			btn := NewButton(kind, nil)
			btn.Set(Face{Label: "1", Role: present.Accent})
			btn.Resize(fyne.NewSize(120, 58))
			r := test.WidgetRenderer(btn).(*buttonRenderer)
			width := func() float32 {
				if !r.ring.Hidden {
					return r.ring.StrokeWidth
				}
				return r.ground.StrokeWidth
			}
			before := width()
			btn.FocusGained()
			if width() < 2 || before >= 2 {
				t.Errorf("%s: kind %d: outline %v before, %v with the focus", b, kind, before, width())
			}
		}
	}
}
