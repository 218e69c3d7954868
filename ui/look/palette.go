package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/present"
)

// ground is what both palettes are built from.
type ground struct {
	background, surface, outline, hover, down color.Color
	text, muted, faint                        color.Color
	input, border, overlay, shadow            color.Color
	roles                                     map[present.Role]tint
}

// tint is a role's colour in its five parts.
type tint struct{ solid, down, on, soft, ink color.Color }

func rgb(hex uint32) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func alpha(hex uint32, a uint8) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: a}
}

// through is a colour that lets others through.
func through(c color.Color, a uint8) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = a
	return n
}

func lightPalette() map[fyne.ThemeColorName]color.Color {
	white := rgb(0xffffff)
	return palette(ground{
		background: rgb(0xf2f5fa), surface: white, outline: rgb(0xdfe5ef), hover: rgb(0xedf2fb), down: rgb(0xdce6f8),
		text: rgb(0x111927), muted: rgb(0x55617a), faint: rgb(0x9aa5b8),
		input: white, border: rgb(0x8592a8), overlay: white, shadow: alpha(0x0b1a38, 0x40),
		roles: map[present.Role]tint{
			present.Neutral: {solid: rgb(0x475569), down: rgb(0x3a4658), on: white, soft: rgb(0xe8edf5), ink: rgb(0x3f4b60)},
			present.Accent:  {solid: rgb(0x1f55d8), down: rgb(0x1a48b8), on: white, soft: rgb(0xe4ecff), ink: rgb(0x1c4bc0)},
			present.Good:    {solid: rgb(0x12813f), down: rgb(0x0e6b34), on: white, soft: rgb(0xdff5e7), ink: rgb(0x0d6b33)},
			present.Warn:    {solid: rgb(0xad5404), down: rgb(0x914603), on: white, soft: rgb(0xfff0d9), ink: rgb(0x874103)},
			present.Bad:     {solid: rgb(0xcb2a20), down: rgb(0xaa2119), on: white, soft: rgb(0xfde7e5), ink: rgb(0xaa2119)},
		},
	})
}

func darkPalette() map[fyne.ThemeColorName]color.Color {
	white := rgb(0xffffff)
	return palette(ground{
		background: rgb(0x0e131b), surface: rgb(0x19212d), outline: rgb(0x2a3546), hover: rgb(0x222d3c), down: rgb(0x2c394c),
		text: rgb(0xeef2f9), muted: rgb(0xa2afc3), faint: rgb(0x637085),
		input: rgb(0x131a24), border: rgb(0x66748a), overlay: rgb(0x161d28), shadow: alpha(0x000000, 0x90),
		roles: map[present.Role]tint{
			present.Neutral: {solid: rgb(0x4b5a72), down: rgb(0x3f4c61), on: white, soft: rgb(0x232d3c), ink: rgb(0xb9c5d8)},
			present.Accent:  {solid: rgb(0x2f62e0), down: rgb(0x2854c2), on: white, soft: rgb(0x18274a), ink: rgb(0x94b4ff)},
			present.Good:    {solid: rgb(0x15803f), down: rgb(0x116b35), on: white, soft: rgb(0x10301f), ink: rgb(0x63d68f)},
			present.Warn:    {solid: rgb(0xad5404), down: rgb(0x914603), on: white, soft: rgb(0x38270f), ink: rgb(0xf5b95f)},
			present.Bad:     {solid: rgb(0xcb2a20), down: rgb(0xaa2119), on: white, soft: rgb(0x3c1917), ink: rgb(0xff9a92)},
		},
	})
}

// contrastPalette is for eyes that need it: black, white, and few bright
// colours. On black every one of them is far above 7 to 1; the text on a
// bright ground is black. Outlines are as bright as text, so that a key is seen
// as one.
func contrastPalette() map[fyne.ThemeColorName]color.Color {
	black, white := rgb(0x000000), rgb(0xffffff)
	p := palette(ground{
		background: black, surface: black, outline: rgb(0xc8c8c8), hover: rgb(0x262626), down: rgb(0x3a3a3a),
		text: white, muted: rgb(0xe4e4e4), faint: rgb(0xa6a6a6),
		input: black, border: white, overlay: black, shadow: alpha(0xffffff, 0x30),
		roles: map[present.Role]tint{
			present.Neutral: {solid: rgb(0xe4e4e4), down: rgb(0xffffff), on: black, soft: rgb(0x262626), ink: white},
			present.Accent:  {solid: rgb(0x7cd4ff), down: rgb(0xb4e6ff), on: black, soft: rgb(0x06283a), ink: rgb(0x9ce0ff)},
			present.Good:    {solid: rgb(0x4df08a), down: rgb(0x9af8bd), on: black, soft: rgb(0x042c14), ink: rgb(0x6cf5a0)},
			present.Warn:    {solid: rgb(0xffcf33), down: rgb(0xffe38a), on: black, soft: rgb(0x332600), ink: rgb(0xffd95c)},
			present.Bad:     {solid: rgb(0xff9a90), down: rgb(0xffc4be), on: black, soft: rgb(0x3a0c08), ink: rgb(0xffaea6)},
		},
	})
	p[FocusLine] = rgb(0xffff00)
	p[theme.ColorNameFocus] = alpha(0xffff00, 0x60)
	p[theme.ColorNameScrollBar] = white
	return p
}

// palette spreads a ground over the names that we and the toolkit look up.
func palette(g ground) map[fyne.ThemeColorName]color.Color {
	accent := g.roles[present.Accent]
	p := map[fyne.ThemeColorName]color.Color{
		Surface: g.surface, Outline: g.outline, Muted: g.muted, KeyHover: g.hover, KeyDown: g.down, Faint: g.faint,

		theme.ColorNameBackground:          g.background,
		theme.ColorNameForeground:          g.text,
		theme.ColorNameForegroundOnPrimary: accent.on,
		theme.ColorNamePrimary:             accent.solid,
		theme.ColorNameHyperlink:           accent.ink,
		FocusLine:                          accent.ink,
		theme.ColorNameFocus:               through(accent.ink, 0x50),
		theme.ColorNameSelection:           accent.soft,
		theme.ColorNameButton:              g.hover,
		theme.ColorNameDisabledButton:      g.hover,
		theme.ColorNameDisabled:            g.faint,
		theme.ColorNamePlaceHolder:         g.muted,
		theme.ColorNameHover:               g.hover,
		theme.ColorNamePressed:             g.down,
		theme.ColorNameInputBackground:     g.input,
		theme.ColorNameInputBorder:         g.border,
		theme.ColorNameMenuBackground:      g.overlay,
		theme.ColorNameOverlayBackground:   g.overlay,
		theme.ColorNameHeaderBackground:    g.surface,
		theme.ColorNameSeparator:           g.outline,
		theme.ColorNameScrollBar:           g.faint,
		theme.ColorNameShadow:              g.shadow,
		theme.ColorNameError:               g.roles[present.Bad].ink,
		theme.ColorNameWarning:             g.roles[present.Warn].ink,
		theme.ColorNameSuccess:             g.roles[present.Good].ink,
	}
	for role, t := range g.roles {
		p[RoleColor(role, Solid)] = t.solid
		p[RoleColor(role, Down)] = t.down
		p[RoleColor(role, On)] = t.on
		p[RoleColor(role, Soft)] = t.soft
		p[RoleColor(role, Ink)] = t.ink
	}
	return p
}
