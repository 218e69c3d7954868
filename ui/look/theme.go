package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets"
	"nxphone/ui/present"
)

// Brightness chooses between the palettes.
type Brightness string

// The values, as they stand in the settings; empty follows the desktop.
const (
	System Brightness = ""
	Light  Brightness = "light"
	Dark   Brightness = "dark"
	// Contrast is a dark ground on which every text has at least 7 to 1
	// (WCAG 2.2, success criterion 1.4.6), with strong outlines.
	Contrast Brightness = "contrast"
)

// Names of colours of our own, beside the toolkit's.
const (
	Surface  fyne.ThemeColorName = "nxphone.surface"  // cards and keys
	Outline  fyne.ThemeColorName = "nxphone.outline"  // hair lines around surfaces
	Muted    fyne.ThemeColorName = "nxphone.muted"    // secondary text
	KeyHover fyne.ThemeColorName = "nxphone.keyhover" // a surface under the pointer
	KeyDown  fyne.ThemeColorName = "nxphone.keydown"  // a surface being pressed
	Faint    fyne.ThemeColorName = "nxphone.faint"    // text of what is switched off
	// FocusLine is the outline of what has the keyboard. The toolkit's own
	// colour of that name is a ground under words and lets them through.
	FocusLine fyne.ThemeColorName = "nxphone.focus"
)

// Parts of a role's colour: Solid is a ground that calls for attention, On the
// text upon it, Soft a quiet ground, Ink text in the role's colour.
const (
	Solid = "solid"
	On    = "on"
	Soft  = "soft"
	Ink   = "ink"
	Down  = "down" // Solid while pressed or under the pointer
)

// RoleColor names a part of a role's colour for theme lookups.
func RoleColor(r present.Role, part string) fyne.ThemeColorName {
	return fyne.ThemeColorName("nxphone." + string(r) + "." + part)
}

// Sizes of text of our own.
const (
	SizeDigits fyne.ThemeSizeName = "nxphone.digits" // the number being typed
	SizeKey    fyne.ThemeSizeName = "nxphone.key"    // digits on keys
	SizeTitle  fyne.ThemeSizeName = "nxphone.title"
	SizeCode   fyne.ThemeSizeName = "nxphone.code" // a code to be copied by hand
	SizeBig    fyne.ThemeSizeName = "nxphone.big"  // label of the big button

	// sizeUnit is how large text is, as a multiple of its usual size. Widgets
	// whose size follows their text ask for it; see [Scaled].
	sizeUnit fyne.ThemeSizeName = "nxphone.unit"
)

// Scaled is a length that grows with the text: rooms for words, icons that
// stand beside them.
func Scaled(n float32) float32 { return n * max(theme.Size(sizeUnit), 1) }

// Theme is the program's theme.
type Theme struct {
	brightness    Brightness
	unit          float32 // 1 to 2
	light, dark   map[fyne.ThemeColorName]color.Color
	contrast      map[fyne.ThemeColorName]color.Color
	regular, bold fyne.Resource
}

// NewTheme makes a theme; with System it follows the desktop.
func NewTheme(b Brightness) *Theme {
	return &Theme{
		brightness: b,
		unit:       1,
		light:      lightPalette(),
		dark:       darkPalette(),
		contrast:   contrastPalette(),
		regular:    fyne.NewStaticResource("PhoneSansKR-Regular.ttf", assets.FontRegular()),
		bold:       fyne.NewStaticResource("PhoneSansKR-Bold.ttf", assets.FontBold()),
	}
}

// Text makes all text of the theme as large as per cent say, from 100 to 200;
// 0 counts as 100. It returns the theme.
func (t *Theme) Text(percent int) *Theme {
	t.unit = min(max(float32(percent)/100, 1), 2)
	return t
}

// Color looks up a colour. Names that neither we nor the toolkit know give the
// toolkit's default.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch t.brightness {
	case Light:
		v = theme.VariantLight
	case Dark, Contrast:
		v = theme.VariantDark
	}
	palette := t.light
	switch {
	case t.brightness == Contrast:
		palette = t.contrast
	case v == theme.VariantDark:
		palette = t.dark
	}
	if c, ok := palette[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, v)
}

// Font gives the bundled face, so that Hangul is right on a machine without
// any Korean font. Italic and monospace have no face of their own: each one
// costs a parse of 1.3 MB, and the digits are all of one width anyway.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource {
	switch {
	case s.Symbol:
		return theme.DefaultTheme().Font(s)
	case s.Bold:
		return t.bold
	}
	return t.regular
}

// Icon gives the toolkit's icons; ours come from [Icon].
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

// Size looks up a size in device-independent pixels. What holds text grows with
// it; gaps and radii do not, so that large text costs no more room than it
// needs.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case sizeUnit:
		return t.unit
	case SizeDigits:
		return 32 * t.unit
	case SizeKey:
		return 25 * t.unit
	case SizeCode:
		return 40 * t.unit
	case SizeTitle:
		return 19 * t.unit
	case SizeBig:
		return 17 * t.unit
	case theme.SizeNameText:
		return 14 * t.unit
	case theme.SizeNameCaptionText:
		return 12 * t.unit
	case theme.SizeNameInlineIcon:
		return 18 * t.unit
	case theme.SizeNameHeadingText, theme.SizeNameSubHeadingText:
		return theme.DefaultTheme().Size(name) * t.unit
	case theme.SizeNamePadding:
		return 5
	case theme.SizeNameInnerPadding:
		return 9
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 10
	case theme.SizeNameScrollBar:
		return 8
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameInputBorder:
		if t.brightness == Contrast {
			return 2
		}
	}
	return theme.DefaultTheme().Size(name)
}
