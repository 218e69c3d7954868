package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// kioskStage holds the widgets of a booth's screen and lays them out. It is the
// layout of its own container: what is shown decides where things stand.
type kioskStage struct {
	root              *fyne.Container
	ground            *kioskGlass // under everything: touches beside the buttons
	sign              *kioskSign
	title, help, note *look.Poster
	main, apart, pair *kioskButton
	service           [3]*kioskButton
	pad               *kioskPad
	dim               *kioskGlass // over everything while nobody is there
	view              present.KioskView
	size              fyne.Size
	plan              kioskPlan
}

func newKioskStage(hands kioskHands, act func(present.KioskDo), pad func(rune), ground, dim kioskTouch) *kioskStage {
	s := &kioskStage{
		ground: newKioskGlass(hands, ground, color.Transparent),
		sign:   newKioskSign(),
		title:  look.NewPoster(theme.ColorNameForeground, fyne.TextAlignCenter, look.AtBottom, true),
		help:   look.NewPoster(look.Muted, fyne.TextAlignCenter, look.AtTop, false),
		note:   look.NewPoster(look.Muted, fyne.TextAlignCenter, look.AtMiddle, false),
		main:   newKioskButton(hands, act), apart: newKioskButton(hands, act), pair: newKioskButton(hands, act),
		pad: newKioskPad(hands, pad),
		dim: newKioskGlass(hands, dim, color.NRGBA{A: 0xcc}),
	}
	for i := range s.service {
		s.service[i] = newKioskButton(hands, act)
		s.service[i].small = true
	}
	s.dim.Hide()
	s.root = &fyne.Container{Layout: s, Objects: []fyne.CanvasObject{
		s.ground, s.sign, s.title, s.help, s.note, s.main, s.apart, s.pair,
		s.service[0], s.service[1], s.service[2], s.pad.root, s.dim,
	}}
	return s
}

// set shows a view.
func (s *kioskStage) set(v present.KioskView) {
	s.view = v
	s.arrange()
}

// MinSize lets the screen be of any size: a window is never larger than it.
func (s *kioskStage) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, 1) }

// Layout is called by the toolkit.
func (s *kioskStage) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s.size = size
	s.arrange()
}

// arrange copies the view into the widgets and puts them in their places.
func (s *kioskStage) arrange() {
	if s.size.Width <= 1 || s.size.Height <= 1 {
		return
	}
	v := s.view
	small := []present.KioskButton{v.Contrast, v.Language}
	if v.Low.Do != present.KioskNothing {
		small = []present.KioskButton{v.Low, v.Contrast, v.Language}
	}
	s.plan = planKiosk(s.size, kioskShape{
		low: v.LowLayout, bare: v.Main.Do == present.KioskNothing, noted: v.Note != "", small: len(small),
	})
	p, u := s.plan, s.plan.unit
	all := room{0, 0, s.size.Width, s.size.Height}
	all.place(s.ground)
	all.place(s.pad.root)
	all.place(s.dim)
	s.dim.Hidden = !v.Dim
	s.words(v)
	open := v.PIN.Open
	s.main.set(unless(open, v.Main), 13*u)
	s.apart.set(unless(open, v.Apart), 8*u)
	s.pair.set(unless(open, v.Pair), 8*u)
	main, apart := p.main, p.apart
	if v.Apart.Do == present.KioskNothing {
		main = p.whole
	}
	if v.Pair.Do != present.KioskNothing {
		apart = p.pair[0]
		p.pair[1].place(s.pair)
	}
	main.place(s.main)
	apart.place(s.apart)
	for i, b := range s.service {
		f := present.KioskButton{}
		if i < len(small) {
			f = small[i]
		}
		b.set(unless(open, f), 4.2*u)
		p.service[i].place(b)
	}
	s.pad.set(v.PIN, p)
	s.root.Objects[len(s.root.Objects)-1].Refresh()
}

// words sets the sign and the sentences beside or under it.
func (s *kioskStage) words(v present.KioskView) {
	p, u := s.plan, s.plan.unit
	open := v.PIN.Open
	for _, o := range []fyne.CanvasObject{s.sign, s.title, s.help, s.note} {
		if open {
			o.Hide()
		} else {
			o.Show()
		}
	}
	s.sign.set(v.Sign)
	align := fyne.TextAlignLeading
	if p.portrait {
		align = fyne.TextAlignCenter
	}
	s.title.SetAlign(align, look.AtTop)
	s.help.SetAlign(align, look.AtTop)
	s.note.SetAlign(align, look.AtMiddle)
	s.title.Set(v.Title, theme.ColorNameForeground, 11*u)
	s.help.Set(v.Help, look.Muted, 6*u)
	s.note.Set(v.Note, look.Muted, 4*u)
	p.note.place(s.note)
	s.gather()
}

// gather moves sign, title and sentence together into the middle of their part:
// in portrait all three under each other, else the words beside the sign.
func (s *kioskStage) gather() {
	p, u := s.plan, s.plan.unit
	title, help, sign := p.title, p.help, p.sign
	if s.help.Text() == "" {
		title.h, help.h = help.bottom()-title.y, 0
	}
	th := s.title.Height(fyne.NewSize(title.w, title.h))
	hh, gap := float32(0), float32(0)
	if help.h > 0 {
		hh, gap = s.help.Height(fyne.NewSize(help.w, help.h)), 1.2*u
	}
	top, high := title.y, max(help.bottom(), title.bottom())-title.y
	if p.portrait {
		high += top - sign.y
		top = sign.y
		sign.y = top + (high-sign.h-4*u-th-gap-hh)/2
		title.y = sign.bottom() + 4*u
	} else {
		title.y = top + (high-th-gap-hh)/2
	}
	title.h = th + 0.5
	help.y = title.bottom() + gap
	help.h = hh + 0.5
	sign.place(s.sign)
	title.place(s.title)
	help.place(s.help)
}

// unless is no button where hidden is true.
func unless(hidden bool, b present.KioskButton) present.KioskButton {
	if hidden {
		return present.KioskButton{}
	}
	return b
}

// kioskTouch is told where the screen was touched and that it was let go.
type kioskTouch struct {
	down func(fyne.Position)
	up   func()
}

// kioskGlass takes every touch on its part of the screen, so that nothing lies
// under a finger that is not meant to be there.
type kioskGlass struct {
	widget.BaseWidget
	hands kioskHands
	touch kioskTouch
	color color.Color
}

func newKioskGlass(hands kioskHands, touch kioskTouch, c color.Color) *kioskGlass {
	g := &kioskGlass{hands: hands, touch: touch, color: c}
	g.ExtendBaseWidget(g)
	return g
}

func (g *kioskGlass) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&canvas.Rectangle{FillColor: g.color})
}

func (g *kioskGlass) MinSize() fyne.Size               { return fyne.NewSize(1, 1) }
func (g *kioskGlass) Tapped(*fyne.PointEvent)          {}
func (g *kioskGlass) TappedSecondary(*fyne.PointEvent) {}
func (g *kioskGlass) MouseDown(e *desktop.MouseEvent)  { g.touch.down(e.Position) }
func (g *kioskGlass) MouseUp(*desktop.MouseEvent)      { g.touch.up() }
func (g *kioskGlass) MouseIn(*desktop.MouseEvent)      {}
func (g *kioskGlass) MouseMoved(e *desktop.MouseEvent) {}
func (g *kioskGlass) MouseOut()                        { g.touch.up() }
func (g *kioskGlass) Cursor() desktop.Cursor           { return g.hands.pointer() }

var (
	_ fyne.Tappable      = (*kioskGlass)(nil)
	_ desktop.Mouseable  = (*kioskGlass)(nil)
	_ desktop.Cursorable = (*kioskGlass)(nil)
)
