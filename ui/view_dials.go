package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// dialsInRow is how many speed dials have their place over the pad. Where there
// are more, the last place opens the list.
const dialsInRow = 3

// dialsView is one row of numbers that one touch calls.
type dialsView struct {
	root    *fyne.Container
	buttons []*look.Button
	call    func(tel string)
	more    func()
	keys    *look.Keys
	texts   *text.Catalogue
}

func newDialsView(call func(tel string), more func(), keys *look.Keys, texts *text.Catalogue) *dialsView {
	return &dialsView{root: container.New(look.Thirds{Gap: 8}), call: call, more: more, keys: keys, texts: texts}
}

// set shows other speed dials; it is called when the settings change.
func (v *dialsView) set(dials []present.SpeedDial) {
	v.buttons, v.root.Objects = nil, nil
	for i, s := range dials {
		if i == dialsInRow-1 && len(dials) > dialsInRow {
			v.add(v.texts.Text("dials.more"), "list", v.more)
			break
		}
		v.add(s.Name, "", func() { v.call(s.Tel) })
	}
	v.root.Refresh()
}

func (v *dialsView) add(label, icon string, tap func()) {
	b := look.NewButton(look.Quiet, tap).PassKeys(v.keys)
	b.Set(look.Face{Label: label, Icon: icon, Role: present.Neutral})
	v.buttons = append(v.buttons, b)
	v.root.Add(b)
}

// newDialsPage lists all speed dials; a touch calls.
func newDialsPage(d *desk) fyne.CanvasObject {
	rows := container.New(look.Column{Gap: 8, Stretch: -1})
	for _, s := range d.values.SpeedDials {
		b := look.NewButton(look.Row, func() { d.speedDial(s.Tel) }).PassKeys(d.keys)
		b.Set(look.Face{Label: s.Name, Sub: d.facts.Mask.Hide(s.Tel), Role: present.Accent})
		rows.Add(b)
	}
	return container.NewBorder(pageHead(d, d.texts.Text("dials.title")), nil, nil, nil,
		container.New(look.Beyond{Y: 8}, container.NewVScroll(container.New(look.Bar{}, rows))))
}
