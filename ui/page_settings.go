package ui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// settingsPage edits the settings: a list of sections, and each section on a
// page of its own. What is edited stays edited over all of them until it is
// saved or the page is closed. What can be wrong is checked as it is typed;
// keyring, disk and devices are asked off the UI goroutine.
type settingsPage struct {
	*form
	root fyne.CanvasObject
	at   string // the section that is open, empty for the list

	password *field          // nil where the section is another
	forget   *look.Button    // beside it
	locked   *look.Sentence  // says why the line's fields are disabled
	dials    *dialsEditor    // nil where the section is another
	headsets *headsetsEditor // nil where the section is another
	index    []*look.Button  // of the list
	web      *webSection     // nil without a web API
	headset  *look.Sentence  // says what is plugged in; nil where the section is another
	scroll   *container.Scroll
	enrol    *look.Button // sends a code of the organisation's; nil where the page is another
	code     *field       // what it sends
	trouble  *look.Sentence
	save     *look.Button

	secret    string // the password as typed
	forgets   bool   // the kept password is to be forgotten
	kept      bool   // a password is kept
	noKeyring bool   // there is no place for one
	hasLine   bool
	inCall    bool
	inFlight  bool // a save is under way
	again     bool // all is saved, but to be put in force by saving once more
}

// section is a group of settings that a person looks for together.
type section struct {
	id, icon string
	keys     []string // that are edited there
	build    func() []fyne.CanvasObject
}

// sections lists those that this phone has.
func (p *settingsPage) sections() []section {
	var all []section
	if p.hasLine {
		all = append(all, section{"line", "phone", []string{"realm", "dn", "url", "user", "ca", "echo-number"}, p.lineRows})
	}
	all = append(all,
		section{"sound", "speaker", []string{"microphone", "speaker", "ringer", "headset-profiles", "echo-cancellation", "noise-suppression", "automatic-gain", "limiter-ceiling", "mute-sound", "headset"}, p.soundRows},
		section{"window", "window", []string{"lang", "theme", "text-size", "window-size", "on-top", "meters", "notifications", "tray", "close-to-tray", "start-with-session"}, p.windowRows},
		section{"calls", "list", []string{"mask-numbers", "presented-number", "recent-calls", "speed-dials", "hotkeys", "hotkey-mute", "hotkey-hangup"}, p.callRows},
		section{"breaks", "cup", []string{"after-call", "rest-minutes", "notice-file", "help-url"}, p.breakRows},
	)
	if p.d.opts.Web != nil {
		all = append(all, section{"web", "globe", []string{"web-api", "web-api-ask", "web-api-code"}, p.webRows})
	}
	return append(all, section{"about", "info", nil, p.aboutRows})
}

func newSettingsPage(d *desk) *settingsPage {
	p := &settingsPage{form: newForm(d), hasLine: d.opts.Demo == nil, inCall: d.view.Screen != present.Dial}
	p.escape, p.onEdit = d.escape, p.checkSave
	p.reveal = func(o fyne.CanvasObject) { look.Reveal(p.scroll, o) }
	p.later = d.laterIf(func() bool { return d.settings == p })
	p.trouble = look.NewSentence(theme.ColorNameError, theme.SizeNameText, fyne.TextAlignLeading, false)
	p.trouble.Hide()
	p.save = look.NewButton(look.Primary, p.saveAsked).PassKeys(d.keys)
	if d.opts.Web != nil {
		p.web = newWebSection(p, d.values)
	}
	p.root = container.NewStack()
	p.turn("")
	for _, key := range []string{"ca", "notice-file"} {
		p.checkFile(key)
	}
	p.ask()
	return p
}

// turn shows a section, or the list of them for an empty name.
func (p *settingsPage) turn(id string) {
	p.at = id
	p.clearRows()
	p.password, p.forget, p.locked, p.dials, p.headsets, p.headset, p.index = nil, nil, nil, nil, nil, nil, nil
	p.enrol, p.code = nil, nil
	p.building = true
	title, rows := p.d.texts.Text("settings.title"), p.listRows
	switch id {
	case "all":
		title, rows = p.d.texts.Text("settings.all"), p.allRows
	case "enrol":
		title, rows = p.d.texts.Text("settings.enrol"), p.enrolRows
	}
	for _, s := range p.sections() {
		if s.id == id {
			title, rows = p.d.texts.Text("settings.section."+id), s.build
		}
	}
	body := container.New(look.Column{Gap: 16, Stretch: -1}, rows()...)
	p.building = false
	p.show(title, body)
	for key := range p.fields {
		p.checkRow(key)
	}
	p.lock(p.inCall)
	p.checkSave()
}

// show puts a page's body between its head and the button that saves.
func (p *settingsPage) show(title string, body fyne.CanvasObject) {
	p.scroll = container.NewVScroll(container.New(look.Bar{}, body))
	foot := container.New(look.Column{Gap: 4, Stretch: -1}, p.trouble, p.save)
	stack := p.root.(*fyne.Container)
	stack.Objects = []fyne.CanvasObject{sheet(p.pageHead(title), p.scroll, foot)}
	stack.Refresh()
}

// sheet puts a page's head above its body and its foot below, nil for none. The
// focus goes through them in this order, unlike in the toolkit's own border.
func sheet(head, body, foot fyne.CanvasObject) fyne.CanvasObject {
	all := []fyne.CanvasObject{head, container.New(look.Beyond{Y: 8}, body)}
	if foot != nil {
		all = append(all, foot)
	}
	return container.New(look.Column{Stretch: 1}, all...)
}

// pageHead is the title, with a way back to the list and one out.
func (p *settingsPage) pageHead(title string) fyne.CanvasObject {
	head := pageHead(p.d, title)
	if p.at == "" {
		return head
	}
	back := look.NewButton(look.Bare, p.back).PassKeys(p.d.keys)
	back.Set(look.Face{Label: p.d.texts.Text("button.back"), Icon: "back", Role: present.Neutral})
	return container.NewBorder(nil, nil, back, nil, head)
}

// listRows is the list of sections.
func (p *settingsPage) listRows() []fyne.CanvasObject {
	t := p.d.texts
	list := container.New(look.Column{Gap: 8, Stretch: -1})
	for _, s := range p.sections() {
		b := look.NewButton(look.Switch, func() { p.enter(s.id) }).PassKeys(p.d.keys)
		b.Set(look.Face{
			Label: t.Text("settings.section." + s.id), Sub: t.Text("settings.section." + s.id + ".sub"),
			Icon: s.icon, Role: present.Accent,
		})
		b.OnFocus = func() { p.reveal(b) }
		p.index = append(p.index, b)
		list.Add(b)
	}
	var above []fyne.CanvasObject
	if p.d.waiting {
		above = append(above, caption(t.Text("settings.waiting")))
	}
	if len(p.d.opts.Faults) == 0 {
		return append(above, list)
	}
	b := look.NewButton(look.Switch, func() { p.enter("all") }).PassKeys(p.d.keys)
	b.Set(look.Face{Label: t.Text("settings.faults"), Sub: t.Text("settings.faults.sub"), Icon: "alert", Role: present.Warn})
	b.OnFocus = func() { p.reveal(b) }
	p.index = append(p.index, b)
	return append(above, b, list)
}

// enter is turn by the user: what was told before is read by now.
func (p *settingsPage) enter(id string) {
	p.d.win.Canvas().Unfocus()
	p.trouble.SetText("")
	p.turn(id)
	p.d.stage.root.Refresh()
}

// back leaves a section for the list, and the list for the phone.
func (p *settingsPage) back() {
	switch p.at {
	case "":
		p.d.close()
	case "import", "all", "check", "enrol":
		p.enter("about")
	default:
		p.enter("")
	}
}

// stays reports whether Escape leads from a section to the list. In a call one
// press closes the page, so that the call's own buttons are never further away
// than that; what is edited and not saved is not lost by it.
func (p *settingsPage) stays() bool {
	return p.at != "" && (p.d.view.Screen == present.Dial || p.unsaved())
}

// panel is a group of rows on a surface of its own.
func panel(rows ...fyne.CanvasObject) fyne.CanvasObject {
	return look.NewPanel(look.Surface, look.Outline, 14, container.New(look.Column{Gap: 16, Stretch: -1}, rows...))
}

// checkSave shows the button that saves where there is something to be saved,
// and puts away words about faults that are corrected.
func (p *settingsPage) checkSave() {
	t := p.d.texts
	label := t.Text("settings.save")
	if p.inFlight {
		label = t.Text("settings.saving")
	}
	p.save.Set(look.Face{Label: label, Icon: "check", Role: present.Accent, Disabled: p.inFlight || !p.unsaved()})
	hidden := (p.at == "" || p.at == "about") && !p.unsaved() || p.at == "import" || p.at == "all" || p.at == "enrol"
	if p.save.Hidden != hidden {
		p.save.Hidden = hidden
		p.root.Refresh()
	}
	if fix := t.Text("error.fix"); p.trouble.Text() == fix && p.wrong() == "" {
		p.trouble.SetText("") // other trouble is none of the fields'
	}
}

// unsaved reports whether anything is to be saved.
func (p *settingsPage) unsaved() bool {
	return p.again || len(p.draft.edited) > 0 || p.secret != "" || p.forgets || p.web != nil && len(p.web.removals()) > 0
}

// laterIf gives a way to run work off the UI goroutine, and on it what the work
// returns, unless alive says that whoever asked is gone.
func (d *desk) laterIf(alive func() bool) func(work func(context.Context) func()) {
	return func(work func(context.Context) func()) {
		d.cmds.run(func(ctx context.Context) error {
			then := work(ctx)
			d.pump.run(func() {
				// While a page is being built it is not the desk's yet; the
				// pump runs this after that.
				if alive() {
					then()
					d.stage.root.Refresh()
				}
			})
			return nil
		})
	}
}

// wrong is the first edited key that is wrong, empty for none. Keys that are
// not edited are in force already, or were told when the phone started.
func (p *settingsPage) wrong() string {
	for _, s := range p.sections() {
		for _, key := range s.keys {
			if p.rowFault(key) != "" {
				return key
			}
		}
	}
	return ""
}

// ask finds out what takes time: the devices, and whether a password is kept.
func (p *settingsPage) ask() {
	d := p.d
	p.listDevices(func() {
		if p.at == "sound" {
			p.turn(p.at)
		}
	})
	if p.web != nil {
		p.web.ask()
	}
	if !p.hasLine {
		return
	}
	v := d.values
	p.later(func(ctx context.Context) func() {
		kept, err := d.opts.Settings.HasPassword(ctx, v)
		return func() {
			p.kept, p.noKeyring = kept, errors.Is(err, ErrNoKeyring)
			p.showPassword()
		}
	})
}

func (p *settingsPage) saveAsked() {
	if key := p.wrong(); key != "" {
		p.gotoKey(key)
		p.trouble.SetText(p.d.texts.Text("error.fix"))
		p.d.stage.root.Refresh()
		return
	}
	if !p.unsaved() {
		p.d.close()
		return
	}
	p.commit(p.draft.changes())
}

// gotoKey opens the section of a key where another one is open.
func (p *settingsPage) gotoKey(key string) {
	if p.fields[key] == nil && p.choices[key] == nil && p.toggles[key] == nil {
		for _, s := range p.sections() {
			for _, k := range s.keys {
				if k == key && s.id != p.at {
					p.turn(s.id)
				}
			}
		}
	}
	if f := p.fields[key]; f != nil {
		p.reveal(f.root)
	}
}

// commit saves changes, the password and what is removed.
func (p *settingsPage) commit(changes map[string]string) {
	password, setPassword := p.secret, p.secret != "" || p.forgets
	var removals []string
	if p.web != nil {
		removals = p.web.removals()
	}
	again := p.again
	p.inFlight, p.again = true, false
	p.checkSave()
	keep := p.d.opts.Settings
	p.later(func(ctx context.Context) func() {
		fault := ""
		err := error(nil)
		if len(changes) > 0 || again {
			err = keep.Save(ctx, changes)
		}
		switch { // of errors joined, the more exact one counts
		case errors.Is(err, ErrWebAPIKey):
			fault, err = "error.webapi.key", nil
		case errors.Is(err, ErrWebAPI):
			fault, err = "error.webapi.port", nil
		}
		if err != nil {
			p.d.log.Warn("settings not saved", "err", err)
			return func() { p.saved(Values{}, "error.save") }
		}
		if f := p.d.remove(ctx, removals); f != "" {
			fault = f
		}
		v := keep.Values()
		if setPassword {
			if f := keepPassword(ctx, p.d, v, password); f != "" {
				fault = f
			}
		}
		return func() { p.saved(v, fault) }
	})
}

// saved closes the page, or tells what went wrong and keeps what was typed.
func (p *settingsPage) saved(v Values, fault string) {
	p.inFlight = false
	p.checkSave()
	d := p.d
	if fault != "error.save" {
		d.adopt(v)
	}
	if fault == "" {
		d.close()
		return
	}
	if d.settings != p { // a new language has made a new page
		d.settings.turn(p.at)
		d.settings.secret, d.settings.forgets = p.secret, p.forgets
		p = d.settings
	}
	if fault != "error.save" {
		p.draft = newDraft(v)
		// The words ask to save again once the ports or the key are free.
		p.again = fault == "error.webapi.port" || fault == "error.webapi.key"
		p.turn(p.at)
	}
	p.trouble.SetText(d.texts.Text(fault))
}
