package ui

import (
	"encoding/json"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// keyDials is the key that the editor edits.
const keyDials = "speed-dials"

// maxDials is how many speed dials the settings take.
const maxDials = 24

// dialsEditor edits the speed dials: a name and a number each.
type dialsEditor struct {
	p     *settingsPage
	root  *fyne.Container
	list  *fyne.Container
	rows  []*dialRow
	add   *look.Button
	below *look.Sentence
}

type dialRow struct {
	root      fyne.CanvasObject
	name, tel *entry
	remove    *look.Button
}

func newDialsEditor(p *settingsPage) *dialsEditor {
	t := p.d.texts
	e := &dialsEditor{
		p: p, list: container.New(look.Column{Gap: 8, Stretch: -1}),
		below: look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
	}
	e.add = look.NewButton(look.Quiet, func() {
		e.insert(present.SpeedDial{})
		p.d.win.Canvas().Focus(e.rows[len(e.rows)-1].name)
		p.d.stage.root.Refresh()
	}).PassKeys(p.d.keys)
	e.add.Set(look.Face{Label: t.Text("settings.speed-dials.add"), Role: present.Accent})
	e.add.OnFocus = func() { p.reveal(e.add) }
	e.root = container.New(look.Column{Gap: 8, Stretch: -1}, rowHead(p.name(keyDials), p.newTag(keyDials)), e.list, e.below, leading(e.add))
	var dials []present.SpeedDial
	_ = json.Unmarshal([]byte(p.draft.text(keyDials)), &dials) // a store holds nothing else
	for _, d := range dials {
		e.insert(d)
	}
	s := p.draft.values.Setting(keyDials)
	e.below.SetText(p.hint(keyDials))
	if s.Locked {
		e.below.SetText(s.Lock(t))
		e.add.Hide()
	}
	return e
}

func (e *dialsEditor) insert(d present.SpeedDial) {
	p, t := e.p, e.p.d.texts
	r := &dialRow{
		name: newEntry(t.Text("settings.speed-dials.name"), false, p.back),
		tel:  newEntry(t.Text("settings.speed-dials.tel"), false, p.back),
	}
	r.name.SetPlaceHolder(r.name.name)
	r.tel.SetPlaceHolder(r.tel.name)
	r.name.SetText(d.Name)
	r.tel.SetText(present.Telephone(d.Tel))
	r.remove = look.NewButton(look.Bare, func() { e.delete(r) }).PassKeys(p.d.keys)
	r.remove.Set(look.Face{Label: t.Text("settings.speed-dials.remove"), Icon: "close", Role: present.Neutral})
	r.root = container.NewBorder(nil, nil, nil, r.remove,
		container.New(look.Middle{}, container.NewGridWithColumns(2, r.name, r.tel)))
	for _, w := range []*entry{r.name, r.tel} {
		w.OnChanged = func(string) { e.changed() }
		w.focus = func() { p.reveal(r.root) }
	}
	r.remove.OnFocus = r.name.focus
	if p.draft.values.Setting(keyDials).Locked {
		r.name.Disable()
		r.tel.Disable()
		r.remove.Hide()
	}
	e.rows = append(e.rows, r)
	e.list.Add(r.root)
	e.add.Hidden = len(e.rows) >= maxDials
}

func (e *dialsEditor) delete(r *dialRow) {
	for i, other := range e.rows {
		if other == r {
			e.rows = append(e.rows[:i], e.rows[i+1:]...)
			e.list.Remove(r.root)
			break
		}
	}
	e.add.Hidden = false
	e.changed()
	e.p.d.stage.root.Refresh()
}

// changed takes over what the rows say. A row with nothing in it is none.
func (e *dialsEditor) changed() {
	if e.p.building {
		return
	}
	dials := []present.SpeedDial{}
	for _, r := range e.rows {
		d := present.SpeedDial{Name: strings.TrimSpace(r.name.Text), Tel: strings.TrimSpace(r.tel.Text)}
		if n, err := present.Normalise(d.Tel); err == nil {
			d.Tel = n
		}
		if d != (present.SpeedDial{}) {
			dials = append(dials, d)
		}
	}
	e.p.edited(keyDials, asJSON(dials))
	words := e.p.rowFault(keyDials)
	if words == "" {
		e.below.Set(e.p.hint(keyDials), look.Muted)
	} else {
		e.below.Set(words, theme.ColorNameError)
	}
	e.root.Refresh()
}
