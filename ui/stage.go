package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// stage arranges the window. The phone is one column, of which each screen
// shows a part; dial pad and big button stand at the bottom on every screen, so
// that they are found without looking. In the full window the same column
// stands left, at the same place, and the shift and the recent calls beside it.
// The compact window is a strip, under which comes what must not be missed.
type stage struct {
	d       *desk
	root    *fyne.Container
	main    *fyne.Container // the phone
	upper   *fyne.Container // what of it is scrolled in windows that are too low
	foot    *fyne.Container // the big button under it, always in sight
	side    *fyne.Container // beside it in the full window
	split   *split
	columns *fyne.Container   // main and side
	reach   *container.Scroll // around upper
	both    *fyne.Container
	mini    *fyne.Container // the strip, and what comes under it
	page    *fyne.Container // holds an open page
	now     arrangement
}

// arrangement is what decides the layout; an equal one changes nothing.
type arrangement struct {
	size         present.Size
	screen       present.Screen
	page         page
	sheet        fyne.CanvasObject
	banner, sent bool
	strip, shift bool
	alarm, pad   bool
	beyond, own  bool
	ask          present.AskKey
	words        string // whose length decides heights
}

func newStage(d *desk) *stage {
	s := &stage{d: d, page: &fyne.Container{Layout: look.Inset{}}, split: &split{wider: widening(d.values.TextSize)}}
	s.upper = &fyne.Container{Layout: &column{look.Column{Gap: gap, Stretch: -1}}}
	s.foot = &fyne.Container{Layout: &column{look.Column{Gap: gap, Stretch: -1}}}
	s.side = &fyne.Container{Layout: &column{look.Column{Gap: gap, Stretch: -1}}}
	// A scroll cuts off at its edge: outlines need some of the margin inside.
	inner := &fyne.Container{Layout: look.Inset{X: edge, Y: edge}, Objects: []fyne.CanvasObject{s.upper}}
	s.reach = look.NewReach(inner, leastHeight-120)
	outer := &fyne.Container{Layout: look.Inset{X: -edge, Y: -edge}, Objects: []fyne.CanvasObject{s.reach}}
	s.main = &fyne.Container{Layout: look.Column{Gap: gap, Stretch: 0}, Objects: []fyne.CanvasObject{outer, s.foot}}
	s.columns = &fyne.Container{Layout: s.split, Objects: []fyne.CanvasObject{s.main, s.side}}
	s.both = &fyne.Container{Layout: look.Inset{X: 18, Y: 16}, Objects: []fyne.CanvasObject{s.columns}}
	s.mini = &fyne.Container{Layout: look.Inset{X: 6, Y: 6}, Objects: []fyne.CanvasObject{
		&fyne.Container{Layout: &column{look.Column{Gap: gap, Stretch: -1}}},
	}}
	s.root = &fyne.Container{Layout: look.Inset{}, Objects: []fyne.CanvasObject{s.both, s.mini}}
	s.now.screen = -1
	return s
}

// arrange shows what belongs to size and screen, and gives the spare room to
// its main part.
func (s *stage) arrange(v present.View, p page) {
	d := s.d
	next := arrangement{
		size: v.Size, screen: v.Screen, page: p, sheet: d.sheet, banner: v.Banner.Show, sent: v.Pad.Sent != "",
		strip: v.Strip.Room, ask: v.Ask.Key, alarm: v.Alarm.Show, pad: v.Pad.Open,
		shift:  s.shift(v),
		own:    v.Shift.Own.Title != "",
		beyond: v.Actions.Help.Show || v.Actions.Farewell.Show,
		words:  v.Banner.Title + v.Banner.Help + v.Banner.Details + v.Card.Sub + v.Ask.Help + v.Alarm.Title + v.Alarm.Help + v.Shift.Sub,
	}
	if next == s.now {
		return
	}
	s.now = next
	s.page.Objects = nil
	if d.sheet != nil {
		s.page.Objects = []fyne.CanvasObject{d.sheet}
	}
	compact := v.Size == present.Compact
	s.both.Hidden, s.mini.Hidden = compact, !compact
	if compact {
		s.strip(v, p)
	} else {
		s.phone(v, p)
		s.beside(v)
	}
	s.split.two = v.Size == present.Full
	s.root.Refresh()
	d.fitWindow()
}

// phone fills the one column, or the left one.
func (s *stage) phone(v present.View, p page) {
	d := s.d
	asking := v.Ask.Key.Kind != present.AskNothing
	open := p != pageNone || asking
	dial, talk := v.Screen == present.Dial, v.Screen == present.Talk
	stretch := fyne.CanvasObject(d.number.root)
	switch {
	case asking:
		stretch = d.ask.panel
	case open:
		stretch = s.page
	case !dial:
		stretch = d.card.panel
	}
	// An alarm over the open keypad needs the room of what can wait.
	pad := talk && v.Pad.Open && !open
	crowded := pad && v.Alarm.Show
	parts := []part{{d.header.root, !(open && dial) && !crowded}}
	if v.Size == present.Phone { // in the full window it stands beside
		parts = append(parts, part{d.shift.root, s.shift(v) && !open && !crowded})
	}
	// In a call there is room for one line only: a request for help comes first,
	// and the open keypad takes it.
	room := v.Strip.Room && !(s.shift(v) && !dial && v.Size == present.Phone) && !pad
	fill(s.upper, stretch, append(parts, []part{
		{d.strip.root, room && !open},
		{d.ask.panel, asking},
		{d.banner.panel, v.Banner.Show && !open},
		{d.card.panel, v.Card.Show && !open},
		{s.page, open && !asking},
		{d.number.root, dial && !open},
		{d.dials.root, dial && !open && len(d.dials.buttons) > 0 && !(v.Banner.Show && v.Strip.Room && !v.Banner.Numbers)},
		{d.alarm.panel, v.Alarm.Show && !asking},
		{d.mute, !dial},
		{d.actions.own, talk && !open},
		{d.actions.beyond, talk && !open && !pad && (v.Actions.Help.Show || v.Actions.Farewell.Show)},
		{d.sent, talk && v.Pad.Sent != "" && !open},
		{d.pad.root, dial && !open || pad},
	}...))
	fill(s.foot, nil, []part{{d.primary, !dial || !open}})
	s.foot.Hidden = d.primary.Hidden
}

// shift reports whether the line about the shift has something to tell: in a
// call its button for help is one of the call's own.
func (s *stage) shift(v present.View) bool {
	return v.Shift.Show && (v.Screen == present.Dial || v.Actions.Help.On || v.Shift.Sub != "")
}

// beside fills the right column of the full window.
func (s *stage) beside(v present.View) {
	d := s.d
	full := v.Size == present.Full
	var parts []part
	if full { // else they stand elsewhere
		parts = []part{{d.shift.root, s.shift(v)}, {d.recent.root, d.opts.hasRecent()}}
	}
	fill(s.side, d.recent.root, parts)
	s.side.Hidden = !full
}

// strip fills the compact window. Questions, errors and a page come under it.
func (s *stage) strip(v present.View, p page) {
	d := s.d
	asking := v.Ask.Key.Kind != present.AskNothing
	fill(s.mini.Objects[0].(*fyne.Container), nil, []part{
		{d.compact.panel, true},
		{d.ask.panel, asking},
		{d.alarm.panel, v.Alarm.Show && !asking},
		{d.compact.below, v.Compact.Words != "" && !asking},
		{s.page, p != pageNone && !asking},
		// What may be tried is no news for a strip.
		{d.banner.panel, v.Banner.Show && !v.Banner.Numbers && p == pageNone && !asking},
	})
}

// part is something that can stand in a column.
type part struct {
	o    fyne.CanvasObject
	show bool
}

// fill puts parts into a column, from top to bottom. Those that are not shown
// stay in it, so that they know their width when their time comes.
func fill(c *fyne.Container, stretch fyne.CanvasObject, parts []part) {
	col := c.Layout.(*column)
	col.Stretch = -1
	c.Objects = c.Objects[:0]
	for _, p := range parts {
		if p.show {
			p.o.Show()
		} else {
			p.o.Hide()
		}
		if p.o == stretch && p.show {
			col.Stretch = len(c.Objects)
		}
		c.Objects = append(c.Objects, p.o)
	}
}
