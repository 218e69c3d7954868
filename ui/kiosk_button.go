package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// kioskSettle is how long a button that has got another meaning ignores
// presses: whoever presses again and again must not hang up what the first
// press has begun.
const kioskSettle = time.Second

// kioskHands is what the widgets of a booth need of the desk.
type kioskHands interface {
	// touched takes note of a touch before anything else happens; it reports
	// false for one that only woke the screen.
	touched() bool
	// keyed takes a key that was pressed while a button had the focus.
	keyed(e *fyne.KeyEvent, focused func())
	clock() time.Time
	// pointer is how the mouse looks over the booth.
	pointer() desktop.Cursor
}

// kioskButton is a button of a booth, of any size. It acts when it is let go,
// so that a finger can slide off it again, and on a key when that goes down,
// because a key that is held repeats.
type kioskButton struct {
	widget.BaseWidget
	hands kioskHands
	act   func(present.KioskDo)
	face  present.KioskButton
	// small draws it as one of the quiet buttons at the bottom.
	small bool
	// most is the largest its label gets.
	most             float32
	since            time.Time // of its present meaning
	pressed, focused bool
	ignore           bool // this press has only woken the screen
}

func newKioskButton(hands kioskHands, act func(present.KioskDo)) *kioskButton {
	b := &kioskButton{hands: hands, act: act, most: 40}
	b.Hidden = true
	b.ExtendBaseWidget(b)
	return b
}

// set shows another face. A button without an action is hidden.
func (b *kioskButton) set(f present.KioskButton, most float32) {
	if f == b.face && most == b.most {
		return
	}
	if f.Do != b.face.Do && b.face.Do != present.KioskNothing {
		b.since = b.hands.clock()
	}
	b.face, b.most = f, most
	b.Hidden = f.Do == present.KioskNothing
	b.Refresh()
}

// press is a press, by whatever means.
func (b *kioskButton) press() {
	if b.Hidden || b.face.Unavailable || b.hands.clock().Sub(b.since) < kioskSettle && !b.since.IsZero() {
		return
	}
	b.act(b.face.Do)
}

// AccessibilityLabel is the label and what is written under it, or what the icon
// means.
func (b *kioskButton) AccessibilityLabel() string {
	return look.Words(b.face.Name, b.face.Label, b.face.Sub)
}

func (b *kioskButton) Tapped(*fyne.PointEvent) {
	if !b.ignore {
		b.press()
	}
}

func (b *kioskButton) MouseDown(*desktop.MouseEvent) {
	b.ignore = !b.hands.touched()
	b.mark(&b.pressed, !b.ignore)
}

func (b *kioskButton) MouseUp(*desktop.MouseEvent)    { b.mark(&b.pressed, false) }
func (b *kioskButton) MouseIn(*desktop.MouseEvent)    {}
func (b *kioskButton) MouseMoved(*desktop.MouseEvent) {}
func (b *kioskButton) MouseOut()                      { b.mark(&b.pressed, false) }
func (b *kioskButton) FocusGained()                   { b.mark(&b.focused, true) }
func (b *kioskButton) FocusLost()                     { b.mark(&b.focused, false) }
func (b *kioskButton) TypedRune(rune)                 {}
func (b *kioskButton) TypedKey(*fyne.KeyEvent)        {}
func (b *kioskButton) KeyDown(e *fyne.KeyEvent)       { b.hands.keyed(e, b.press) }
func (b *kioskButton) KeyUp(*fyne.KeyEvent)           {}
func (b *kioskButton) Cursor() desktop.Cursor         { return b.hands.pointer() }

func (b *kioskButton) mark(flag *bool, on bool) {
	if *flag != on {
		*flag = on
		b.Refresh()
	}
}

var (
	_ fyne.Tappable     = (*kioskButton)(nil)
	_ fyne.Focusable    = (*kioskButton)(nil)
	_ desktop.Mouseable = (*kioskButton)(nil)
	_ desktop.Hoverable = (*kioskButton)(nil)
	_ desktop.Keyable   = (*kioskButton)(nil)
)

// CreateRenderer is called by the toolkit.
func (b *kioskButton) CreateRenderer() fyne.WidgetRenderer {
	r := &kioskButtonRenderer{
		b: b, ground: &canvas.Rectangle{}, ring: &canvas.Rectangle{FillColor: color.Transparent},
		icon:  &canvas.Image{FillMode: canvas.ImageFillContain},
		label: look.NewPoster(theme.ColorNameForeground, fyne.TextAlignCenter, look.AtMiddle, true),
		sub:   look.NewPoster(theme.ColorNameForeground, fyne.TextAlignCenter, look.AtTop, false),
	}
	r.Refresh()
	return r
}

type kioskButtonRenderer struct {
	b            *kioskButton
	ground, ring *canvas.Rectangle // ring is the keyboard's focus
	icon         *canvas.Image
	label, sub   *look.Poster
}

func (r *kioskButtonRenderer) Destroy() {}
func (r *kioskButtonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.ring, r.icon, r.label, r.sub}
}
func (r *kioskButtonRenderer) MinSize() fyne.Size { return fyne.NewSize(1, 1) }

// colors picks the ground and the words on it.
func (r *kioskButtonRenderer) colors() (ground, ink fyne.ThemeColorName) {
	role := r.b.face.Role
	switch {
	case r.b.face.Unavailable:
		return look.Surface, look.Faint
	case r.b.small && !r.b.pressed:
		return look.Surface, theme.ColorNameForeground
	case r.b.pressed:
		return look.RoleColor(role, look.Down), look.RoleColor(role, look.On)
	}
	return look.RoleColor(role, look.Solid), look.RoleColor(role, look.On)
}

func (r *kioskButtonRenderer) Refresh() {
	b := r.b
	ground, ink := r.colors()
	r.ground.FillColor = theme.Color(ground)
	r.ground.StrokeColor, r.ground.StrokeWidth = nil, 0
	if b.small || b.face.Unavailable {
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(look.Outline), 2
	}
	r.ring.Hidden = !b.focused
	r.ring.StrokeColor = theme.Color(theme.ColorNameFocus)
	r.icon.Hidden = b.face.Icon == ""
	if !r.icon.Hidden {
		r.icon.Resource = look.Icon(b.face.Icon, ink)
		r.icon.Refresh()
	}
	r.label.Set(b.face.Label, ink, b.most)
	r.sub.Set(b.face.Sub, ink, b.most*0.5)
	r.sub.Hidden = b.face.Sub == ""
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *kioskButtonRenderer) Layout(size fyne.Size) {
	if size.Width <= 1 {
		return
	}
	short := min(size.Width, size.Height)
	r.ground.Resize(size)
	r.ground.CornerRadius = short * 0.16
	// The focus stands outside of the button, where no colour of it can hide it.
	out := max(short*0.035, 4)
	r.ring.StrokeWidth = out
	r.ring.Move(fyne.NewPos(-1.5*out, -1.5*out))
	r.ring.Resize(fyne.NewSize(size.Width+3*out, size.Height+3*out))
	r.ring.CornerRadius = short*0.16 + 1.5*out
	pad := short * 0.1
	in := room{pad, pad, size.Width - 2*pad, size.Height - 2*pad}
	if size.Height > size.Width*0.62 && !r.b.small {
		r.stacked(in)
	} else {
		r.beside(in)
	}
}

// stacked puts the icon above the words.
func (r *kioskButtonRenderer) stacked(in room) {
	icon := float32(0)
	if !r.icon.Hidden {
		icon = min(in.h*0.3, in.w*0.5)
		if !r.sub.Hidden {
			icon *= 0.8
		}
	}
	gap := icon * 0.18
	text := r.words(fyne.NewSize(in.w, in.h-icon-gap))
	y := in.y + (in.h-icon-gap-text.h)/2
	room{in.x + (in.w-icon)/2, y, icon, icon}.place(r.icon)
	r.set(text, in.x, y+icon+gap, in.w, fyne.TextAlignCenter)
}

// kioskWords are how much room the words of a button really take.
type kioskWords struct{ w, h, label float32 }

// words measures label and second line in a room.
func (r *kioskButtonRenderer) words(in fyne.Size) kioskWords {
	share := float32(1)
	if !r.sub.Hidden {
		share = 0.52
	}
	label := fyne.NewSize(in.Width, in.Height*share)
	w := kioskWords{w: r.label.Width(label), label: r.label.Height(label)}
	w.h = w.label
	if !r.sub.Hidden {
		sub := fyne.NewSize(in.Width, in.Height*(1-share))
		w.w = max(w.w, r.sub.Width(sub))
		w.h += r.sub.Height(sub)
	}
	return w
}

// set puts the words at a place. A little slack keeps the size that was measured.
func (r *kioskButtonRenderer) set(t kioskWords, x, y, w float32, align fyne.TextAlign) {
	r.label.SetAlign(align, look.AtTop)
	r.sub.SetAlign(align, look.AtTop)
	room{x, y, w, t.label + 0.5}.place(r.label)
	room{x, y + t.label, w, t.h - t.label + 0.5}.place(r.sub)
}

// beside puts the icon left of the words, and both together into the middle.
func (r *kioskButtonRenderer) beside(in room) {
	icon, gap := float32(0), float32(0)
	if !r.icon.Hidden {
		icon = min(in.h*0.62, in.w*0.28)
		gap = icon * 0.32
	}
	text := r.words(fyne.NewSize(in.w-icon-gap, in.h))
	wide := min(text.w+2, in.w-icon-gap)
	x := in.x + (in.w-icon-gap-wide)/2
	room{x, in.y + (in.h-icon)/2, icon, icon}.place(r.icon)
	align := fyne.TextAlignLeading
	if r.icon.Hidden {
		align = fyne.TextAlignCenter
	}
	r.set(text, x+icon+gap, in.y+(in.h-text.h)/2, wide, align)
}
