package ui

import (
	"fyne.io/fyne/v2"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// stage arranges the window: one column, of which each screen shows a part.
// Dial pad and big button stand at the bottom on every screen, so that they
// are found without looking.
type stage struct {
	d     *desk
	root  *fyne.Container
	parts []fyne.CanvasObject
	page  *fyne.Container // holds an open page
	now   arrangement
}

// arrangement is what decides the layout; an equal one changes nothing.
type arrangement struct {
	screen       present.Screen
	page         page
	sheet        fyne.CanvasObject
	banner, sent bool
	strip        bool
	ask          present.AskKey
	words        string // whose length decides heights
}

// column is look.Column with a stretch that the stage moves.
type column struct{ look.Column }

func (c *column) MinSize(o []fyne.CanvasObject) fyne.Size { return c.Column.MinSize(o) }
func (c *column) Layout(o []fyne.CanvasObject, s fyne.Size) {
	c.Column.Layout(o, s)
}

func newStage(d *desk) *stage {
	s := &stage{d: d, page: container0()}
	s.parts = []fyne.CanvasObject{
		d.header.root, d.strip.root, d.ask.panel, d.banner.panel, d.card.panel, s.page, d.number.root, d.mute, d.sent, d.pad.root, d.primary,
	}
	s.root = &fyne.Container{Layout: &column{look.Column{Gap: 10, Stretch: -1}}, Objects: s.parts}
	s.now.screen = -1
	return s
}

func container0() *fyne.Container { return &fyne.Container{Layout: look.Inset{}} }

// arrange shows what belongs to the screen and gives the spare room to its
// main part.
func (s *stage) arrange(v present.View, p page) {
	d := s.d
	next := arrangement{
		screen: v.Screen, page: p, sheet: d.sheet, banner: v.Banner.Show, sent: v.Pad.Sent != "",
		strip: v.Strip.Room, ask: v.Ask.Key,
		words: v.Banner.Title + v.Banner.Help + v.Banner.Details + v.Card.Sub + v.Card.Details + v.Ask.Help,
	}
	if next == s.now {
		return
	}
	s.now = next
	asking := v.Ask.Key.Kind != present.AskNothing
	open := p != pageNone || asking
	dial, talk := v.Screen == present.Dial, v.Screen == present.Talk
	s.page.Objects = nil
	if d.sheet != nil {
		s.page.Objects = []fyne.CanvasObject{d.sheet}
	}
	show := func(o fyne.CanvasObject, on bool) {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	show(d.header.root, !(open && dial))
	show(d.strip.root, v.Strip.Room && !open)
	show(d.ask.panel, asking)
	show(d.banner.panel, v.Banner.Show && !open)
	show(d.card.panel, v.Card.Show && !open)
	show(s.page, open && !asking)
	show(d.number.root, dial && !open)
	show(d.mute, !dial)
	show(d.sent, talk && v.Pad.Sent != "" && !open)
	show(d.pad.root, (dial || talk) && !open)
	show(d.primary, !dial || !open)

	stretch := fyne.CanvasObject(d.number.root)
	switch {
	case asking:
		stretch = d.ask.panel
	case open:
		stretch = s.page
	case !dial:
		stretch = d.card.panel
	}
	col := s.root.Layout.(*column)
	for i, o := range s.parts {
		if o == stretch {
			col.Stretch = i
		}
	}
	s.root.Refresh()
}
