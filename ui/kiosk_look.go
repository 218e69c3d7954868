package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// kioskTheme has the colours of a booth: warm paper and deep, quiet colours
// with at least 7 to 1 between words and what they stand on (WCAG 2.2, 1.4.6),
// because a booth is read in the sun, at night and by anybody. Red is for the
// emergency number alone. Faces and sizes are the window's.
type kioskTheme struct {
	fyne.Theme
	colors map[fyne.ThemeColorName]color.Color
}

// Color looks up a colour of the booth, else one of the window.
func (t kioskTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if c, ok := t.colors[name]; ok {
		return c
	}
	return t.Theme.Color(name, v)
}

// newKioskTheme makes a booth's theme on the window's, whose faces are parsed
// once: contrast is black, white and yellow.
func newKioskTheme(base fyne.Theme, b look.Brightness, contrast bool) kioskTheme {
	g := kioskDay()
	switch {
	case contrast:
		g = kioskContrast()
	case b == look.Dark:
		g = kioskNight()
	}
	colors := map[fyne.ThemeColorName]color.Color{
		theme.ColorNameBackground: g.paper,
		theme.ColorNameForeground: g.words,
		theme.ColorNameFocus:      g.focus,
		look.Muted:                g.quiet,
		look.Outline:              g.line,
		look.Surface:              g.surface,
		look.Faint:                g.faint,
	}
	for role, c := range g.roles {
		colors[look.RoleColor(role, look.Solid)] = c.solid
		colors[look.RoleColor(role, look.Down)] = c.down
		colors[look.RoleColor(role, look.On)] = c.on
		colors[look.RoleColor(role, look.Ink)] = c.ink
	}
	return kioskTheme{Theme: base, colors: colors}
}

// kioskGround is what a booth's palette is made of. quiet is for the second
// sentence, surface and line for the small buttons, faint for words on a button
// that does nothing now.
type kioskGround struct {
	paper, surface, line, words, quiet, faint, focus color.Color
	roles                                            map[present.Role]kioskInk
}

// kioskInk is a role: solid is a button or a sign, down the same while it is
// pressed, on the words upon both, ink the role's colour on paper.
type kioskInk struct{ solid, down, on, ink color.Color }

func hex(v uint32) color.Color {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

func kioskDay() kioskGround {
	white := hex(0xffffff)
	return kioskGround{
		paper: hex(0xfaf4e9), surface: hex(0xfffdf8), line: hex(0xcdbfa6),
		words: hex(0x241d14), quiet: hex(0x4a4032), faint: hex(0x4f4638), focus: hex(0x123f86),
		roles: map[present.Role]kioskInk{
			present.Neutral: {solid: hex(0x45403a), down: hex(0x2f2b26), on: white, ink: hex(0x45403a)},
			present.Accent:  {solid: hex(0x1a4c86), down: hex(0x12386a), on: white, ink: hex(0x1a4c86)},
			present.Good:    {solid: hex(0x0d5a38), down: hex(0x084429), on: white, ink: hex(0x0d5a38)},
			present.Warn:    {solid: hex(0x74420a), down: hex(0x5b3306), on: white, ink: hex(0x74420a)},
			present.Bad:     {solid: hex(0x9c1710), down: hex(0x7b100b), on: white, ink: hex(0x9c1710)},
		},
	}
}

func kioskNight() kioskGround {
	white := hex(0xffffff)
	return kioskGround{
		paper: hex(0x15130f), surface: hex(0x211e18), line: hex(0x4b4436),
		words: hex(0xf7f1e4), quiet: hex(0xd3c9b5), faint: hex(0xc3b9a6), focus: hex(0xa9cbff),
		roles: map[present.Role]kioskInk{
			present.Neutral: {solid: hex(0x4a453d), down: hex(0x36322c), on: white, ink: hex(0xd3c9b5)},
			present.Accent:  {solid: hex(0x1d4f8c), down: hex(0x153d70), on: white, ink: hex(0xa9cbff)},
			present.Good:    {solid: hex(0x0f5e3b), down: hex(0x0a482c), on: white, ink: hex(0x84dcae)},
			present.Warn:    {solid: hex(0x77450c), down: hex(0x5f3608), on: white, ink: hex(0xf3c377)},
			present.Bad:     {solid: hex(0x9e1a13), down: hex(0x7e120d), on: white, ink: hex(0xffb3ab)},
		},
	}
}

func kioskContrast() kioskGround {
	black, white, yellow := hex(0x000000), hex(0xffffff), hex(0xffe500)
	loud := kioskInk{solid: yellow, down: hex(0xd9c200), on: black, ink: yellow}
	plain := kioskInk{solid: white, down: hex(0xc9c9c9), on: black, ink: white}
	return kioskGround{
		paper: black, surface: black, line: white, words: white, quiet: white, faint: hex(0xb8b8b8), focus: hex(0x7fd4ff),
		roles: map[present.Role]kioskInk{
			present.Neutral: plain, present.Accent: loud, present.Good: loud, present.Warn: loud,
			present.Bad: {solid: hex(0xff9d94), down: hex(0xe0837a), on: black, ink: hex(0xff9d94)},
		},
	}
}
