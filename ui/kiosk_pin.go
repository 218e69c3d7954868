package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// The pad's keys beside the digits, as act is told of them.
const (
	padErase = 'e'
	padEnter = '\r'
	padClose = 'x'
)

// padOrder is the pad, row by row; a blank is a place without a key. Enter takes
// two places.
var padOrder = [4][4]rune{
	{'1', '2', '3', padErase},
	{'4', '5', '6', padEnter},
	{'7', '8', '9', 0},
	{0, '0', 0, padClose},
}

// kioskPad is the administrator's pad.
type kioskPad struct {
	root  *fyne.Container
	keys  map[rune]*kioskButton
	title *look.Poster
	help  *look.Poster
	dots  *look.Poster
	plan  kioskPlan
}

func newKioskPad(hands kioskHands, act func(rune)) *kioskPad {
	p := &kioskPad{
		keys:  map[rune]*kioskButton{},
		title: look.NewPoster(theme.ColorNameForeground, fyne.TextAlignCenter, look.AtBottom, true),
		help:  look.NewPoster(look.Muted, fyne.TextAlignCenter, look.AtTop, false),
		dots:  look.NewPoster(theme.ColorNameForeground, fyne.TextAlignCenter, look.AtMiddle, true),
	}
	p.root = &fyne.Container{Layout: p, Objects: []fyne.CanvasObject{p.title, p.help, p.dots}}
	for _, row := range padOrder {
		for _, r := range row {
			if r == 0 {
				continue
			}
			b := newKioskButton(hands, func(present.KioskDo) { act(r) })
			b.small = r != padEnter
			p.keys[r] = b
			p.root.Objects = append(p.root.Objects, b)
		}
	}
	p.root.Hide()
	return p
}

// set shows the pad as it is, laid out by plan.
func (p *kioskPad) set(v present.KioskPINView, plan kioskPlan) {
	if p.root.Hidden = !v.Open; p.root.Hidden {
		return
	}
	p.plan = plan
	u := plan.unit
	p.title.Set(v.Title, theme.ColorNameForeground, 7*u)
	ink := look.Muted
	if v.Role != present.Neutral {
		ink = look.RoleColor(v.Role, look.Ink)
	}
	p.help.Set(v.Help, ink, 5*u)
	p.dots.Set(v.Dots, theme.ColorNameForeground, 7*u)
	for r, b := range p.keys {
		// Every key does something of its own: the pad tells them apart by
		// their rune, the face only has to have an action.
		f := present.KioskButton{Do: present.KioskBack, Role: present.Neutral, Label: string(r), Unavailable: !v.Enabled}
		switch r {
		case padErase:
			f.Label, f.Name, f.Icon = "", v.Erase, "backspace"
		case padEnter:
			f.Label, f.Role, f.Unavailable = v.Enter, present.Accent, !v.CanEnter
		case padClose:
			f.Label, f.Unavailable = v.Close, false
		}
		b.set(f, 8*u)
	}
	p.root.Refresh()
}

// MinSize lets the pad be of any size.
func (p *kioskPad) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, 1) }

// Layout puts the keys into the touchable part of the screen and the words
// above them.
func (p *kioskPad) Layout(_ []fyne.CanvasObject, _ fyne.Size) {
	if p.plan.unit == 0 {
		return
	}
	in, u, t := p.plan.pad, p.plan.unit, p.plan.padText
	room{t.x, t.y, t.w, t.h * 0.34}.place(p.title)
	room{t.x, t.y + t.h*0.38, t.w, t.h * 0.34}.place(p.help)
	room{t.x, t.y + t.h*0.74, t.w, t.h * 0.26}.place(p.dots)
	gap := 1.6 * u
	w := min((in.w-3*gap)/4, 26*u)
	h := min((in.h-3*gap)/4, w)
	left := in.x + (in.w-4*w-3*gap)/2
	top := in.bottom() - 4*h - 3*gap
	for i, row := range padOrder {
		for j, r := range row {
			if r == 0 {
				continue
			}
			at := room{left + float32(j)*(w+gap), top + float32(i)*(h+gap), w, h}
			if r == padEnter {
				at.h = 2*h + gap
			}
			at.place(p.keys[r])
		}
	}
}
