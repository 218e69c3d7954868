package ui

import (
	"encoding/json"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// keyHeadsets is the key that the editor edits.
const keyHeadsets = "headset-profiles"

// headsetsEditor keeps sets of devices under a name: those that are chosen
// above it now. Whichever is plugged in is used, the first of the list before
// the others.
type headsetsEditor struct {
	p     *settingsPage
	root  *fyne.Container
	list  *fyne.Container
	name  *entry
	add   *look.Button
	below *look.Sentence
	all   []present.HeadsetProfile
}

func newHeadsetsEditor(p *settingsPage) *headsetsEditor {
	t := p.d.texts
	e := &headsetsEditor{
		p: p, list: container.New(look.Column{Gap: 8, Stretch: -1}), name: newEntry(t.Text("settings.headset-profiles.name"), false, p.back),
		below: look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
	}
	e.name.SetPlaceHolder(e.name.name)
	e.name.OnChanged = func(string) { e.checkName() }
	e.name.focus = func() { p.reveal(e.name) }
	e.add = look.NewButton(look.Quiet, e.keep).PassKeys(p.d.keys)
	e.add.OnFocus = func() { p.reveal(e.add) }
	e.below.SetText(p.hint(keyHeadsets))
	e.root = container.New(look.Column{Gap: 8, Stretch: -1},
		rowHead(p.name(keyHeadsets), p.newTag(keyHeadsets)), e.list, e.below, e.name, leading(e.add))
	_ = json.Unmarshal([]byte(p.draft.text(keyHeadsets)), &e.all) // a store holds nothing else
	if s := p.draft.values.Setting(keyHeadsets); s.Locked {
		e.below.SetText(s.Lock(t))
		e.name.Hide()
		e.add.Hide()
	}
	e.show()
	return e
}

// show lists the sets with what is in each.
func (e *headsetsEditor) show() {
	t := e.p.d.texts
	e.list.Objects = nil
	for i, h := range e.all {
		words := container.New(look.Column{Gap: 1, Stretch: -1},
			sentence(h.Name, theme.ColorNameForeground),
			caption(t.Text("settings.headset-profiles.devices", "microphone", e.deviceName("microphone", h.Microphone),
				"speaker", e.deviceName("speaker", h.Speaker))))
		row := container.New(look.Middle{}, words)
		if !e.p.draft.values.Setting(keyHeadsets).Locked {
			x := look.NewButton(look.Bare, func() { e.remove(i) }).PassKeys(e.p.d.keys)
			x.Set(look.Face{Label: t.Text("settings.headset-profiles.remove"), Icon: "close", Role: present.Neutral})
			x.OnFocus = func() { e.p.reveal(x) }
			row = container.NewBorder(nil, nil, nil, container.NewCenter(x), row)
		}
		e.list.Add(row)
	}
	e.list.Refresh()
	e.checkName()
}

// deviceName is what people know a device by.
func (e *headsetsEditor) deviceName(key, id string) string {
	devices := e.p.speakers
	if key == "microphone" {
		devices = e.p.mics
	}
	for _, o := range deviceOptions(e.p.d, key, devices, e.p.listed, id) {
		if o.value == id {
			return o.label
		}
	}
	return id
}

// checkName lets a set be kept when it has a name.
func (e *headsetsEditor) checkName() {
	e.add.Set(look.Face{
		Label: e.p.d.texts.Text("settings.headset-profiles.add"), Role: present.Accent,
		Disabled: strings.TrimSpace(e.name.Text) == "",
	})
}

// keep puts the devices that are chosen under the name; a set of that name is
// replaced.
func (e *headsetsEditor) keep() {
	d := e.p.draft
	h := present.HeadsetProfile{
		Name: strings.TrimSpace(e.name.Text), Microphone: d.text("microphone"), Speaker: d.text("speaker"), Ringer: d.text("ringer"),
	}
	at := slices.IndexFunc(e.all, func(x present.HeadsetProfile) bool { return x.Name == h.Name })
	if at < 0 {
		at, e.all = len(e.all), append(slices.Clone(e.all), h)
	}
	e.all[at] = h
	e.name.SetText("")
	e.changed()
}

func (e *headsetsEditor) remove(i int) {
	e.all = slices.Delete(slices.Clone(e.all), i, i+1)
	e.changed()
}

func (e *headsetsEditor) changed() {
	e.p.edited(keyHeadsets, asJSON(e.all))
	words, color := e.p.rowFault(keyHeadsets), theme.ColorNameError
	if words == "" {
		words, color = e.p.hint(keyHeadsets), look.Muted
	}
	e.below.Set(words, color)
	e.show()
	e.p.d.stage.root.Refresh()
}
