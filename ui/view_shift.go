package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// shiftView is the quiet line about the counsellor's own state: what it is and
// for how long, one or two buttons, and the one for help. A sentence stands
// under it only where there is something to say.
type shiftView struct {
	root          *fyne.Container
	emblem        *look.Emblem
	title         *look.Line
	sub           *look.Sentence
	first, second *look.Button
	ask           *look.Button
	buttons       *fyne.Container
	// The second row: the state itself, where the first is about help.
	ownRow              *fyne.Container
	own                 *look.Line
	ownFirst, ownSecond *look.Button
	last                present.Shift
	do                  func(present.ShiftDo)
	now                 func() time.Time
	// meant is when the buttons got their present meaning: a double click on
	// "Ready" must not press what comes into its place.
	meant time.Time
}

func newShiftView(d *desk) *shiftView {
	v := &shiftView{
		emblem: look.NewEmblem(26),
		title:  look.NewLine(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true),
		sub:    look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		do:     d.shiftDo, now: d.clock,
	}
	v.first = look.NewButton(look.Quiet, func() { v.press(v.last.First) }).PassKeys(d.keys)
	v.second = look.NewButton(look.Quiet, func() { v.press(v.last.Second) }).PassKeys(d.keys)
	v.ask = look.NewButton(look.Bare, func() { v.press(v.last.Ask) }).PassKeys(d.keys)
	v.buttons = container.NewHBox(v.second, v.first, v.ask)
	row := container.NewBorder(nil, nil, container.NewCenter(v.emblem), v.buttons,
		container.New(look.Inset{X: 5}, container.New(look.Middle{}, v.title)))
	v.own = look.NewLine(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true)
	v.ownFirst = look.NewButton(look.Quiet, func() { v.press(v.last.Own.First) }).PassKeys(d.keys)
	v.ownSecond = look.NewButton(look.Quiet, func() { v.press(v.last.Own.Second) }).PassKeys(d.keys)
	v.ownRow = container.NewBorder(nil, nil, nil, container.NewHBox(v.ownSecond, v.ownFirst),
		container.New(look.Inset{X: 2}, container.New(look.Middle{}, v.own)))
	v.root = container.New(look.Column{Gap: 2, Stretch: -1}, row, container.New(look.Inset{X: 2}, v.sub), v.ownRow)
	v.ownRow.Hidden = true
	v.sub.Hidden = true
	return v
}

func (v *shiftView) press(b present.ShiftButton) {
	if b.Do != present.ShiftNothing && v.now().Sub(v.meant) >= look.SettleTime {
		v.do(b.Do)
	}
}

func (v *shiftView) set(s present.Shift) {
	if s == v.last {
		return
	}
	before := v.last
	v.last = s
	if !s.Show {
		return
	}
	ink := look.RoleColor(s.Role, look.Ink)
	v.emblem.Set(s.Icon, look.RoleColor(s.Role, look.Soft), ink)
	v.title.SetText(s.Title)
	color := look.Muted
	if s.Role == present.Warn {
		color = ink
	}
	v.sub.Set(s.Sub, color)
	v.own.SetText(s.Own.Title)
	s.Own.Title, before.Own.Title = "", "" // a time that counts moves nothing
	if s.Own == before.Own && (v.last.Own.Title == "") == v.ownRow.Hidden && s.First == before.First && s.Second == before.Second && s.Ask == before.Ask && (s.Sub == "") == v.sub.Hidden && before.Show {
		return
	}
	v.meant = v.now()
	face := func(b *look.Button, s present.ShiftButton, icon string) {
		b.Hidden = s.Do == present.ShiftNothing
		if !b.Hidden {
			b.Set(look.Face{Label: s.Label, Icon: icon, Role: shiftRole(s.Do)})
		}
	}
	face(v.first, s.First, "")
	face(v.second, s.Second, "")
	face(v.ask, s.Ask, "help")
	face(v.ownFirst, s.Own.First, "")
	face(v.ownSecond, s.Own.Second, "")
	v.sub.Hidden, v.ownRow.Hidden = s.Sub == "", v.last.Own.Title == ""
	v.root.Refresh()
}

func shiftRole(do present.ShiftDo) present.Role {
	switch do {
	case present.ShiftReady:
		return present.Good
	case present.ShiftAskHelp:
		return present.Accent
	}
	return present.Neutral
}
