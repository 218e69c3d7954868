package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// form edits settings in rows: each is one key with its name, where its value
// comes from, a way to change it, and below either a hint, what is wrong, or who
// has fixed it.
type form struct {
	d      *desk
	draft  *draft
	escape func()                  // Escape in a row
	onEdit func()                  // something was edited, or a check has an answer
	reveal func(fyne.CanvasObject) // scrolls to a row that got the focus
	later  func(work func(context.Context) func())

	// The rows on the screen, by key.
	fields  map[string]*field
	choices map[string]*choice
	toggles map[string]*look.Toggle
	tags    map[string]*look.Tag

	building   bool              // widgets are being made; what they report is no edit
	fileFaults map[string]string // keys of texts, by the key of a file's setting
	filesAsked map[string]int    // counts the checks; only the newest counts
	mics       []Device
	speakers   []Device
	listed     bool           // the devices are known
	noDevices  *look.Sentence // says that there are none, or nil
}

func newForm(d *desk) *form {
	f := &form{d: d, draft: newDraft(d.values), fileFaults: map[string]string{}, filesAsked: map[string]int{}}
	f.clearRows()
	return f
}

// clearRows forgets the rows, which are about to be made anew.
func (p *form) clearRows() {
	p.fields, p.choices = map[string]*field{}, map[string]*choice{}
	p.toggles, p.tags = map[string]*look.Toggle{}, map[string]*look.Tag{}
}

// tag says where a key's value comes from. What is edited comes from nowhere
// yet.
func (p *form) tag(key string) (words, icon string) {
	s := p.draft.values.Setting(key)
	switch {
	case s.Locked:
		return s.Source(p.d.texts), "lock"
	case p.draft.changed(key):
		return p.d.texts.Text("settings.from.edited"), ""
	case s.Text == "" && s.From == present.FromDefault:
		return "", "" // nothing comes from nowhere
	}
	return s.Source(p.d.texts), ""
}

// newTag is the tag of a key, which is told anew with every edit.
func (p *form) newTag(key string) *look.Tag {
	g := look.NewTag(p.tag(key))
	p.tags[key] = g
	return g
}

// name is what a person calls a key; a key that only an administrator knows
// goes by its own.
func (p *form) name(key string) string { return settingName(p.d.texts, key) }

func settingName(t present.Texts, key string) string {
	if name := t.Text("settings." + key); name != "settings."+key {
		return name
	}
	return key
}

// hint is the text below a key, empty where none is needed.
func (p *form) hint(key string) string {
	if h := p.d.texts.Text("settings." + key + ".hint"); h != "settings."+key+".hint" {
		return h
	}
	return ""
}

// edited is called when a row has another value.
func (p *form) edited(key, value string) {
	if p.building {
		return
	}
	p.draft.set(key, value)
	if g := p.tags[key]; g != nil {
		g.Set(p.tag(key))
	}
	f := p.fields[key]
	if f == nil {
		p.onEdit()
		return
	}
	before := f.below.Text()
	p.checkRow(key)
	if f.below.Text() != before && p.reveal != nil {
		p.d.stage.root.Refresh() // words about a fault may be longer than the hint
		p.reveal(f.root)
	}
	p.onEdit()
}

// entryRow is a key that is typed.
func (p *form) entryRow(key string, secret bool) *field {
	s := p.draft.values.Setting(key)
	f := newField(p.name(key), p.newTag(key), p.hint(key), p.draft.text(key), secret, p.escape)
	f.entry.OnChanged = func(string) { p.edited(key, f.entry.Text) }
	f.entry.focus = func() { p.reveal(f.root) }
	if s.Locked {
		f.hint(s.Lock(p.d.texts))
		f.entry.Disable()
	}
	p.fields[key] = f
	return f
}

// choiceRow is a key that takes one of a few values.
func (p *form) choiceRow(key string, options []option) *choice {
	s := p.draft.values.Setting(key)
	c := newChoice(p.name(key), p.newTag(key), p.escape)
	c.hint(p.hint(key))
	c.set(options, p.draft.text(key))
	c.sel.OnChanged = func(string) { p.edited(key, c.value()) }
	c.sel.focus = func() { p.reveal(c.root) }
	if s.Locked {
		c.hint(s.Lock(p.d.texts))
		c.sel.Disable()
	}
	p.choices[key] = c
	return c
}

// toggleRow is a key that is on or off.
func (p *form) toggleRow(key string) fyne.CanvasObject {
	s := p.draft.values.Setting(key)
	t := look.NewToggle(p.name(key), func(on bool) { p.edited(key, map[bool]string{true: "true", false: "false"}[on]) }).PassKeys(p.d.keys)
	t.Set(p.draft.on(key), s.Locked)
	p.toggles[key] = t
	below := look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	below.SetText(p.hint(key))
	if s.Locked {
		below.SetText(s.Lock(p.d.texts))
	}
	root := container.New(look.Column{Gap: 2, Stretch: -1}, t, below, p.newTag(key))
	t.OnFocus = func() { p.reveal(root) }
	return root
}

// actionRow is a button in words with an explanation.
func (p *form) actionRow(icon, key string, tap func()) (*look.Button, fyne.CanvasObject) {
	b := look.NewButton(look.Quiet, tap).PassKeys(p.d.keys)
	b.Set(look.Face{Label: p.d.texts.Text(key), Icon: icon, Role: present.Accent})
	root := container.New(look.Column{Gap: 0, Stretch: -1}, leading(b))
	if h := p.d.texts.Text(key + ".hint"); h != key+".hint" {
		root.Add(caption(h))
	}
	b.OnFocus = func() { p.reveal(root) }
	return b, root
}

// leading sets a button at the left, as wide as it needs to be.
func leading(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewHBox(o)
}

// rowFault is what is wrong with a key's value, in words; empty for nothing.
func (p *form) rowFault(key string) string {
	t, value := p.d.texts, p.draft.text(key)
	if p.draft.values.Setting(key).Locked {
		return "" // it is not the user's to correct
	}
	switch key {
	case "realm", "dn", "url", "user":
		code, words := lineFault(key, value)
		switch {
		case code != "":
			title, help := t.Code(code)
			return title + ". " + help
		case words != "":
			return t.Text(words)
		}
	case "ca", "notice-file":
		if f := p.fileFaults[key]; f != "" {
			return t.Text(f)
		}
	}
	if p.draft.changed(key) && !p.d.opts.Settings.Check(key, value) {
		if words := t.Text("settings." + key + ".wrong"); words != "settings."+key+".wrong" {
			return words
		}
		return t.Text("settings.wrong")
	}
	return ""
}

// checkRow marks what is wrong with a key where its row is on the screen.
func (p *form) checkRow(key string) {
	if f := p.fields[key]; f != nil && !p.draft.values.Setting(key).Locked {
		f.fault(p.rowFault(key))
	}
}

// listDevices asks for the devices and offers them in the rows that choose one.
// none is called when there is not a single one.
func (p *form) listDevices(none func()) {
	list := p.d.opts.Devices
	if list == nil {
		return
	}
	p.later(func(ctx context.Context) func() {
		mics, speakers, err := list(ctx)
		return func() {
			p.mics, p.speakers, p.listed = mics, speakers, true
			p.setDevices()
			if err != nil || len(mics)+len(speakers) == 0 {
				none()
			}
		}
	})
}

// noDevice is a device's setting that opens none.
const noDevice = "null"

// noDeviceRow says that there is no sound device, where that is known and one is
// wanted: silence by choice is no fault.
func (p *form) noDeviceRow() []fyne.CanvasObject {
	silent := p.draft.text("microphone") == noDevice && p.draft.text("speaker") == noDevice
	if !p.listed || len(p.mics)+len(p.speakers) > 0 || silent {
		return nil
	}
	p.noDevices = look.NewSentence(theme.ColorNameError, theme.SizeNameText, fyne.TextAlignLeading, false)
	p.noDevices.SetText(p.d.texts.Text("error.devices"))
	return []fyne.CanvasObject{p.noDevices}
}

// setDevices offers the devices that are known; one that is chosen but not
// there stays chosen.
func (p *form) setDevices() {
	p.building = true
	defer func() { p.building = false }()
	for key, devices := range map[string][]Device{"microphone": p.mics, "speaker": p.speakers, "ringer": p.speakers} {
		if c := p.choices[key]; c != nil {
			chosen := p.draft.text(key)
			if chosen == "default" {
				chosen = ""
			}
			c.set(deviceOptions(p.d, key, devices, p.listed, chosen), chosen)
		}
	}
}

// checkFile looks at the file of a setting in the background: its disk may be
// slow.
func (p *form) checkFile(key string) {
	p.filesAsked[key]++
	asked, path := p.filesAsked[key], p.draft.text(key)
	check := checkCAFile
	if key == "notice-file" {
		check = checkNotice
	}
	p.later(func(context.Context) func() {
		fault := check(path)
		return func() {
			if asked != p.filesAsked[key] {
				return
			}
			p.fileFaults[key] = fault
			p.checkRow(key)
			p.onEdit()
		}
	})
}
