package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// stripHeight is less than its buttons can be hit in: those reach into the gaps
// above and below. It grows with the text, whose two lines stand in it.
const stripHeight = 36

// stripView says who else uses the phone. Its place stays when it is empty: no
// page that comes or goes may move a button under the pointer.
type stripView struct {
	root   *fyne.Container
	who    *look.Button
	revoke *look.Button
	last   present.Strip
	texts  *text.Catalogue
}

func newStripView(list, revoke func(), keys *look.Keys, texts *text.Catalogue) *stripView {
	v := &stripView{
		who:    look.NewButton(look.Strip, list).PassKeys(keys),
		revoke: look.NewButton(look.Quiet, revoke).PassKeys(keys),
		texts:  texts,
	}
	v.revoke.Set(look.Face{Label: texts.Text("web.revoke.yes"), Role: present.Neutral})
	v.root = container.New(stripLayout{}, v.who, v.revoke)
	v.who.Hidden, v.revoke.Hidden = true, true
	return v
}

func (v *stripView) set(s present.Strip) {
	if s == v.last {
		return
	}
	v.last = s
	if s.Show {
		role := present.Neutral
		if s.Control {
			role = present.Accent
		}
		v.who.Set(look.Face{Label: s.Name, Sub: s.Sub, Icon: s.Icon, Role: role})
	}
	if v.who.Hidden == s.Show {
		v.who.Hidden, v.revoke.Hidden = !s.Show, !s.Show
		v.root.Refresh()
	}
}

// stripLayout gives the second button what it needs, and the first the rest.
type stripLayout struct{}

func (stripLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[0].MinSize().Width+o[1].MinSize().Width, stripHeight)
}

func (stripLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	button := o[1].MinSize()
	y := (size.Height - button.Height) / 2
	o[0].Move(fyne.NewPos(-6, y))
	o[0].Resize(fyne.NewSize(size.Width-button.Width, button.Height))
	o[1].Move(fyne.NewPos(size.Width-button.Width, y))
	o[1].Resize(button)
}
