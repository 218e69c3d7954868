package look

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/present"
)

// Kind is the build of a button.
type Kind int

// The kinds.
const (
	Primary Kind = 0 // the one big button of the screen
	Key     Kind = 1 // a key of the dial pad
	Switch  Kind = 2 // icon, word and explanation, for a state to be switched
	Quiet   Kind = 3 // a small button in words
	Bare    Kind = 4 // an icon alone; its label is for those who cannot see it
	Row     Kind = 5 // one line of a list: a word, and what it means
	Strip   Kind = 6 // a quiet line: an icon, who, and what they do
	Tile    Kind = 7 // an icon above a word, for one of several actions
)

// SettleTime is how long a big button that has changed its role ignores taps.
// Whoever double-clicks "call" must not cancel the call, and whoever presses
// "hang up" in the moment the far end does must not call again.
const SettleTime = 600 * time.Millisecond

// longPress is when a press becomes a long one.
const longPress = 500 * time.Millisecond

// Face is what a button shows. Faces are comparable.
type Face struct {
	Label, Sub string
	Icon       string // of package assets; empty for none
	Role       present.Role
	// Loud fills the button with its role's solid colour. A Primary is but where it
	// is Calm: the other answer beside the one big button, as large and not as loud.
	Loud, Calm bool
	Disabled   bool
	// Round makes a Tile one with round ends.
	Round bool
}

// Button is every button of the window.
type Button struct {
	press
	kind Kind
	face Face
	// OnHold is called instead of the tap after a long press or a press with
	// the second mouse button; nil leaves both without meaning.
	OnHold func()
}

// NewButton makes a button; tap runs on the UI goroutine.
func NewButton(kind Kind, tap func()) *Button {
	b := &Button{kind: kind}
	b.press = press{now: time.Now, enterPresses: kind != Key}
	if kind == Primary {
		b.settle = SettleTime
	}
	b.onTap = func() {
		switch {
		case b.OnHold != nil && b.held() >= longPress:
			b.OnHold()
		case tap != nil:
			tap()
		}
		b.down = time.Time{}
	}
	b.ExtendBaseWidget(b)
	return b
}

// PassKeys makes the button hand on the keys that it has no use for.
func (b *Button) PassKeys(k *Keys) *Button {
	b.keys = k
	return b
}

// Settle makes the button ignore taps for a while after it has changed its
// role, as the big one does.
func (b *Button) Settle() *Button {
	b.settle = SettleTime
	return b
}

// SetClock replaces the clock that taps are judged by, for tests.
func (b *Button) SetClock(now func() time.Time) { b.now = now }

// TappedSecondary is the press with the second mouse button.
func (b *Button) TappedSecondary(*fyne.PointEvent) {
	if b.OnHold != nil && !b.disabled {
		b.OnHold()
	}
}

// Set shows another face; an equal one changes nothing.
func (b *Button) Set(f Face) {
	if f == b.face {
		return
	}
	if f.Role != b.face.Role && b.face.Role != "" {
		b.since = b.now()
	}
	b.face, b.disabled = f, f.Disabled
	b.Refresh()
}

// Face is what the button shows now.
func (b *Button) Face() Face { return b.face }

// Loud reports whether the button is filled with a solid colour. A screen that asks
// for one thing has one.
func (b *Button) Loud() bool { return b.kind == Primary && !b.face.Calm || b.face.Loud }

// CreateRenderer is called by the toolkit.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{
		b: b, ground: &canvas.Rectangle{}, ring: &canvas.Rectangle{}, icon: picture(), disc: &canvas.Circle{},
		label: newText(), sub: newText(),
	}
	r.Refresh()
	return r
}

type buttonRenderer struct {
	b          *Button
	ground     *canvas.Rectangle
	ring       *canvas.Rectangle // the focus on a solid ground
	disc       *canvas.Circle    // behind a Switch's icon
	icon       *canvas.Image
	label, sub *canvas.Text
}

func (r *buttonRenderer) Destroy() {}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.ring, r.disc, r.icon, r.label, r.sub}
}

// MinSize keeps hit areas at 44 and more, and grows with the text.
func (r *buttonRenderer) MinSize() fyne.Size {
	big, small := lineHeight(SizeBig), lineHeight(theme.SizeNameCaptionText)
	switch r.b.kind {
	case Primary:
		return fyne.NewSize(Scaled(120), max(58, big+34))
	case Key:
		return fyne.NewSize(Scaled(64), max(44, lineHeight(SizeKey)+8))
	case Switch:
		return fyne.NewSize(Scaled(200), max(68, big+small+20))
	case Bare:
		return fyne.NewSquareSize(max(44, Scaled(22)+14))
	case Row:
		return fyne.NewSize(Scaled(200), max(50, big+18))
	case Strip:
		return fyne.NewSize(100, max(44, lineHeight(theme.SizeNameText)+small+6))
	case Tile:
		w := Scaled(72)
		if r.b.face.Round {
			w += 16 // the ends are no room for words
		}
		return fyne.NewSize(w, max(60, Scaled(22)+lineHeight(theme.SizeNameText)+22))
	}
	w := measure(r.b.face.Label, theme.Size(r.labelSize()), r.label.TextStyle).Width + 30
	if r.b.face.Icon != "" {
		w += Scaled(16) + 8
	}
	return fyne.NewSize(max(w, 44), max(44, lineHeight(theme.SizeNameText)+18))
}

// lineHeight is the height of one line of bold text.
func lineHeight(size fyne.ThemeSizeName) float32 {
	return measure("가", theme.Size(size), fyne.TextStyle{Bold: true}).Height
}

func (r *buttonRenderer) Refresh() {
	b, f := r.b, r.b.face
	ground, ink, line := r.colors()
	r.ground.FillColor = color.Transparent
	if ground != "" {
		r.ground.FillColor = theme.Color(ground)
	}
	r.ground.StrokeColor, r.ground.StrokeWidth = nil, 0
	if line != "" {
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(line), 1
	}
	r.ring.Hidden = true
	if b.focused { // also where a press does nothing now: the keyboard is somewhere
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(FocusLine), 2
		if !b.disabled && b.Loud() {
			// An outline would drown beside the solid colour.
			r.ring.Hidden = false
			r.ring.FillColor = color.Transparent
			r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(RoleColor(f.Role, On)), 2
		}
	}

	r.label.Text, r.label.Color = f.Label, theme.Color(ink)
	restyle(r.label, fyne.TextStyle{Bold: b.kind != Key})
	r.label.TextSize = theme.Size(r.labelSize())
	r.sub.Text, r.sub.TextSize = f.Sub, theme.Size(theme.SizeNameCaptionText)
	r.sub.Color = theme.Color(r.subColor(ink))
	r.label.Hidden = b.kind == Bare || b.kind == Key && f.Icon != ""
	r.sub.Hidden = f.Sub == "" || b.kind == Bare || b.kind == Tile

	r.disc.Hidden = b.kind != Switch
	iconColor := ink
	if b.kind == Switch {
		disc := RoleColor(f.Role, Soft)
		iconColor = RoleColor(f.Role, Ink)
		if f.Loud {
			disc, iconColor = RoleColor(f.Role, Down), RoleColor(f.Role, On)
			if ground == disc { // under the pointer the two change places
				disc = RoleColor(f.Role, Solid)
			}
		}
		r.disc.FillColor = theme.Color(disc)
	}
	if b.kind == Strip {
		iconColor = RoleColor(f.Role, Ink)
	}
	setPicture(r.icon, f.Icon, iconColor)
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *buttonRenderer) labelSize() fyne.ThemeSizeName {
	switch r.b.kind {
	case Primary, Switch, Row:
		return SizeBig
	case Key:
		return SizeKey
	}
	return theme.SizeNameText
}

// colors picks ground, text and outline for the state; "" is none.
func (r *buttonRenderer) colors() (ground, ink, line fyne.ThemeColorName) {
	b, f := r.b, r.b.face
	live := (b.hovered || b.pressed) && !b.disabled
	switch {
	case b.kind == Primary && b.disabled:
		return KeyHover, Faint, Outline
	case b.kind == Primary && f.Calm:
		ground, ink, line = RoleColor(f.Role, Soft), RoleColor(f.Role, Ink), Outline
		if live {
			line = ink
		}
		return ground, ink, line
	case b.kind == Primary, f.Loud && !b.disabled:
		if live {
			return RoleColor(f.Role, Down), RoleColor(f.Role, On), ""
		}
		return RoleColor(f.Role, Solid), RoleColor(f.Role, On), ""
	case f.Loud: // switched off, but its state must stay as clear
		return RoleColor(f.Role, Solid), RoleColor(f.Role, On), ""
	}
	ink = theme.ColorNameForeground
	switch b.kind {
	case Quiet:
		ground, ink = RoleColor(f.Role, Soft), RoleColor(f.Role, Ink)
		line = ground
		if live {
			line = ink
		}
	case Tile:
		ground, line = Surface, Outline
		if f.Role != present.Neutral && f.Role != "" && !b.disabled { // on, without shouting
			ground, ink, line = RoleColor(f.Role, Soft), RoleColor(f.Role, Ink), RoleColor(f.Role, Ink)
		}
		if live {
			ground = KeyHover
		}
	case Bare:
		ground, ink = "", Muted
		if live {
			ground, ink = KeyHover, theme.ColorNameForeground
		}
	case Strip:
		ground = ""
		if live {
			ground = KeyHover
		}
	default:
		ground, line = Surface, Outline
		switch {
		case b.pressed && !b.disabled:
			ground = KeyDown
		case b.hovered && !b.disabled:
			ground = KeyHover
		}
	}
	if b.kind == Row {
		ink = RoleColor(f.Role, Ink)
	}
	if b.disabled && b.kind != Switch {
		ink = Faint
	}
	return ground, ink, line
}

func (r *buttonRenderer) subColor(ink fyne.ThemeColorName) fyne.ThemeColorName {
	if r.b.face.Loud || r.b.disabled && r.b.kind == Key {
		return ink
	}
	return Muted
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	if size.Width == 0 {
		return
	}
	r.ground.Resize(size)
	r.ring.Move(fyne.NewPos(4, 4))
	r.ring.Resize(fyne.NewSize(size.Width-8, size.Height-8))
	r.ring.CornerRadius = 14
	switch r.b.kind {
	case Primary:
		r.ground.CornerRadius = min(18, size.Height/2)
		r.row(size, Scaled(24), 10)
	case Key:
		r.ground.CornerRadius = min(16, size.Height/2)
		r.key(size)
	case Switch:
		r.ground.CornerRadius = 16
		r.switchRow(size)
	case Row:
		r.ground.CornerRadius = 14
		r.list(size)
	case Strip:
		r.ground.CornerRadius = 12
		r.strip(size)
	case Quiet:
		// Drawn smaller than it can be hit.
		r.ground.Resize(fyne.NewSize(size.Width, size.Height-8))
		r.ground.Move(fyne.NewPos(0, 4))
		r.ground.CornerRadius = 12
		r.row(size, Scaled(16), 6)
	case Tile:
		r.ground.CornerRadius = min(16, size.Height/2)
		if f := r.b.face; f.Round {
			r.ground.CornerRadius = size.Height / 2
		}
		r.tile(size)
	case Bare:
		r.ground.CornerRadius = 12
		r.middle(size, Scaled(22))
	}
}

// row centres icon and label beside each other.
func (r *buttonRenderer) row(size fyne.Size, icon, gap float32) {
	if r.b.face.Icon == "" {
		icon, gap = 0, 0
	}
	r.label.Text = r.b.face.Label
	fit(r.label, size.Width-28-icon-gap, theme.Size(r.labelSize()))
	text := textSize(r.label)
	w := text.Width + icon + gap
	x := (size.Width - w) / 2
	if r.b.face.Icon != "" {
		r.place(r.icon, x, (size.Height-icon)/2, icon)
		x += icon + gap
	}
	r.label.Resize(text)
	r.label.Move(fyne.NewPos(x, (size.Height-text.Height)/2))
}

// key centres the digit; a sub-label stands to the right of it, low.
func (r *buttonRenderer) key(size fyne.Size) {
	if r.b.face.Icon != "" {
		r.middle(size, Scaled(24))
		return
	}
	text := textSize(r.label)
	r.label.Resize(text)
	r.label.Move(fyne.NewPos((size.Width-text.Width)/2, (size.Height-text.Height)/2))
	sub := textSize(r.sub)
	r.sub.Resize(sub)
	r.sub.Move(fyne.NewPos((size.Width+text.Width)/2+7, (size.Height-sub.Height)/2+3))
}

// tile centres the icon above the word.
func (r *buttonRenderer) tile(size fyne.Size) {
	const gap, margin = 3, 6
	icon := Scaled(22)
	r.label.Text = r.b.face.Label
	fit(r.label, size.Width-2*margin, theme.Size(r.labelSize()))
	text := textSize(r.label)
	y := (size.Height - icon - gap - text.Height) / 2
	r.place(r.icon, (size.Width-icon)/2, y, icon)
	r.label.Resize(text)
	r.label.Move(fyne.NewPos((size.Width-text.Width)/2, y+icon+gap))
}

func (r *buttonRenderer) switchRow(size fyne.Size) {
	const left = 14
	disc, icon := min(Scaled(44), 60), min(Scaled(24), 34)
	r.disc.Resize(fyne.NewSquareSize(disc))
	r.disc.Move(fyne.NewPos(left, (size.Height-disc)/2))
	r.place(r.icon, left+(disc-icon)/2, (size.Height-icon)/2, icon)
	x := left + disc + 14
	room := size.Width - x - 14
	r.label.Text, r.sub.Text = r.b.face.Label, r.b.face.Sub
	fit(r.label, room, theme.Size(r.labelSize()))
	fit(r.sub, room, theme.Size(theme.SizeNameCaptionText))
	title, sub := textSize(r.label), textSize(r.sub)
	y := (size.Height - title.Height - sub.Height) / 2
	r.label.Resize(title)
	r.label.Move(fyne.NewPos(x, y))
	r.sub.Resize(sub)
	r.sub.Move(fyne.NewPos(x, y+title.Height))
}

// list sets the word left, and what it means behind it.
func (r *buttonRenderer) list(size fyne.Size) {
	const left = 16
	word := Scaled(52)
	r.label.Text, r.sub.Text = r.b.face.Label, r.b.face.Sub
	fit(r.label, word, theme.Size(r.labelSize()))
	text := textSize(r.label)
	r.label.Resize(text)
	r.label.Move(fyne.NewPos(left, (size.Height-text.Height)/2))
	fit(r.sub, size.Width-left-word-left, theme.Size(theme.SizeNameText))
	sub := textSize(r.sub)
	r.sub.Resize(sub)
	r.sub.Move(fyne.NewPos(left+word, (size.Height-sub.Height)/2))
}

// strip sets the icon left, and two lines beside it.
func (r *buttonRenderer) strip(size fyne.Size) {
	const left, gap = 6, 9
	icon := Scaled(18)
	r.place(r.icon, left, (size.Height-icon)/2, icon)
	x := left + icon + gap
	r.label.Text, r.sub.Text = r.b.face.Label, r.b.face.Sub
	fitHost(r.label, size.Width-x-left, theme.Size(theme.SizeNameText))
	fit(r.sub, size.Width-x-left, theme.Size(theme.SizeNameCaptionText))
	name, sub := textSize(r.label), textSize(r.sub)
	y := (size.Height - name.Height - sub.Height) / 2
	r.label.Resize(name)
	r.label.Move(fyne.NewPos(x, y))
	r.sub.Resize(sub)
	r.sub.Move(fyne.NewPos(x, y+name.Height))
}

// middle puts the icon, side long, into the middle.
func (r *buttonRenderer) middle(size fyne.Size, side float32) {
	r.place(r.icon, (size.Width-side)/2, (size.Height-side)/2, side)
}

func (r *buttonRenderer) place(o fyne.CanvasObject, x, y, side float32) {
	o.Resize(fyne.NewSize(side, side))
	o.Move(fyne.NewPos(x, y))
}

var _ fyne.Widget = (*Button)(nil)
var _ fyne.Focusable = (*Button)(nil)
var _ fyne.SecondaryTappable = (*Button)(nil)
var _ fyne.WidgetRenderer = (*buttonRenderer)(nil)
var _ fyne.Tappable = (*Button)(nil)
