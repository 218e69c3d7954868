package ui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// settingsPage edits the settings. What can be wrong is checked as it is
// typed; keyring, disk and devices are asked off the UI goroutine.
type settingsPage struct {
	d    *desk
	root fyne.CanvasObject

	realm, dn, url, ca, user, password *field
	microphone, speaker                *choice
	lang, brightness                   *choice
	web                                *webSection // nil without a web API
	forget                             *look.Button
	trouble                            *look.Sentence
	save                               *look.Button
	scroll                             *container.Scroll

	caFault  string // key of a text, empty when nothing is wrong
	caAsked  int    // counts the checks of the CA file; only the newest counts
	forgets  bool   // the kept password is to be forgotten
	hasLine  bool
	inFlight bool // a save is under way

	locked    fyne.CanvasObject // says why the line's fields are disabled
	noKeyring bool              // there is no place for a password
}

func newSettingsPage(d *desk) *settingsPage {
	p := &settingsPage{d: d, hasLine: d.opts.Demo == nil}
	t, v := d.texts, d.values
	body := container.New(look.Column{Gap: 14, Stretch: -1})
	if p.hasLine {
		p.buildLine(v)
		body.Add(p.section("settings.section.line", p.lineFields()...))
	}
	p.microphone = newChoice(t.Text("settings.microphone"), d.close)
	p.speaker = newChoice(t.Text("settings.speaker"), d.close)
	p.setDevices(p.microphone, nil, v.Microphone)
	p.setDevices(p.speaker, nil, v.Speaker)
	applies := caption(t.Text("settings.device.applies"))
	body.Add(p.section("settings.section.sound", p.microphone.root, p.speaker.root, applies))

	if d.opts.Web != nil {
		p.web = newWebSection(p, v)
		body.Add(p.web.root)
	}

	p.lang = newChoice(t.Text("settings.lang"), d.close)
	p.lang.set([]option{
		{"", t.Text("settings.lang.system")}, {"ko", t.Text("settings.lang.ko")}, {"en", t.Text("settings.lang.en")},
	}, string(v.Lang))
	p.brightness = newChoice(t.Text("settings.theme"), d.close)
	p.brightness.set([]option{
		{"", t.Text("settings.theme.system")}, {string(look.Light), t.Text("settings.theme.light")},
		{string(look.Dark), t.Text("settings.theme.dark")},
	}, string(v.Theme))
	body.Add(p.section("settings.section.look", p.lang.root, p.brightness.root))
	if d.opts.Version != "" {
		body.Add(caption(t.Text("settings.version", "version", d.opts.Version)))
	}

	p.trouble = look.NewSentence(theme.ColorNameError, theme.SizeNameText, fyne.TextAlignLeading, false)
	p.trouble.Hide()
	p.save = look.NewButton(look.Primary, p.saveAsked).PassKeys(d.keys)
	foot := container.New(look.Column{Gap: 4, Stretch: -1}, p.trouble, p.save)
	p.scroll = container.NewVScroll(container.New(look.Margin{Right: 10}, body))
	p.root = container.NewBorder(pageHead(d, t.Text("settings.title")), foot, nil, nil, container.New(look.Inset{Y: 8}, p.scroll))
	p.check()
	p.ask()
	return p
}

func (p *settingsPage) buildLine(v Values) {
	t := p.d.texts
	text := func(key, value string) *field {
		f := newField(t.Text("settings."+key), t.Text("settings."+key+".hint"), value, false, p.d.close)
		f.entry.OnChanged = func(string) { p.check() }
		return f
	}
	p.realm = text("realm", v.Realm)
	p.dn = text("dn", v.DN)
	p.url = text("url", v.URL)
	p.user = text("user", v.User)
	p.ca = text("ca", v.CAFile)
	p.ca.entry.OnChanged = func(string) { p.checkCA() }
	p.ca.button("folder", t.Text("settings.ca.choose"), func() { chooseFile(p.d, p.ca.entry.SetText) })
	p.password = newField(t.Text("settings.password"), t.Text("settings.password.hint"), "", true, p.d.close)
	p.password.entry.OnChanged = func(string) { p.forgets = false }
	p.forget = look.NewButton(look.Quiet, p.forgetAsked).PassKeys(p.d.keys)
	p.forget.Set(look.Face{Label: t.Text("settings.password.forget"), Icon: "close", Role: present.Neutral})
	p.forget.Hide()
	p.checkCA()
}

func (p *settingsPage) lineFields() []fyne.CanvasObject {
	p.locked = caption(p.d.texts.Text("settings.locked.call"))
	p.lock(p.d.view.Screen != present.Dial)
	return []fyne.CanvasObject{
		p.locked, p.realm.root, p.dn.root, p.url.root, p.ca.root, p.user.root, p.password.root, p.forget,
	}
}

// lock disables the line's fields while a call uses the line.
func (p *settingsPage) lock(on bool) {
	if !p.hasLine {
		return
	}
	for _, f := range []*field{p.realm, p.dn, p.url, p.ca, p.user, p.password} {
		if on || f == p.password && p.noKeyring {
			f.entry.Disable()
		} else {
			f.entry.Enable()
		}
	}
	if on {
		p.locked.Show()
	} else {
		p.locked.Hide()
	}
}

// section is a titled group on a surface of its own.
func (p *settingsPage) section(key string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	title := look.NewLine(look.RoleColor(present.Accent, look.Ink), theme.SizeNameText, fyne.TextAlignLeading, true)
	title.SetText(p.d.texts.Text(key))
	all := append([]fyne.CanvasObject{title}, rows...)
	return look.NewPanel(look.Surface, look.Outline, 14, container.New(look.Column{Gap: 10, Stretch: -1}, all...))
}

// check marks what is wrong with the fields as typed.
func (p *settingsPage) check() bool {
	t := p.d.texts
	ok := true
	if p.hasLine {
		form := present.Form{
			Realm: p.realm.text(), DN: p.dn.text(), URL: p.url.text(), User: p.user.text(),
		}
		faults := form.Check()
		code := func(f *field, c call.Code) {
			if c == "" {
				f.fault("")
				return
			}
			title, help := t.Code(string(c))
			f.fault(title + ". " + help)
		}
		code(p.realm, faults.Realm)
		code(p.dn, faults.DN)
		code(p.url, faults.URL)
		p.user.fault("")
		if faults.User != "" {
			p.user.fault(t.Text(faults.User))
		}
		ok = faults.None() && p.caFault == ""
	}
	label := t.Text("settings.save")
	if p.inFlight {
		label = t.Text("settings.saving")
	}
	p.save.Set(look.Face{Label: label, Icon: "check", Role: present.Accent, Disabled: p.inFlight})
	if fix := t.Text("error.fix"); ok && p.trouble.Text() == fix {
		p.trouble.SetText("") // other trouble is none of the fields'
	}
	return ok
}

// checkCA looks at the CA file in the background: its disk may be slow.
func (p *settingsPage) checkCA() {
	p.caAsked++
	asked, path := p.caAsked, p.ca.text()
	p.later(func(context.Context) func() {
		fault := checkCAFile(path)
		return func() {
			if asked != p.caAsked {
				return
			}
			p.caFault = fault
			words := ""
			if fault != "" {
				words = p.d.texts.Text(fault)
			}
			p.ca.fault(words)
			p.check()
		}
	})
}

// later runs work off the UI goroutine and what it returns on it, unless the
// page has been closed meanwhile.
func (p *settingsPage) later(work func(context.Context) func()) {
	d := p.d
	d.cmds.run(func(ctx context.Context) error {
		then := work(ctx)
		d.pump.run(func() {
			// While the page is being built it is not the desk's yet; the
			// pump runs this after that.
			if d.settings == p {
				then()
				d.stage.root.Refresh()
			}
		})
		return nil
	})
}

// ask finds out what takes time: the devices, and whether a password is kept.
func (p *settingsPage) ask() {
	d := p.d
	if list := d.opts.Devices; list != nil {
		p.later(func(ctx context.Context) func() {
			mics, speakers, err := list(ctx)
			return func() {
				p.setDevices(p.microphone, mics, p.microphone.value())
				p.setDevices(p.speaker, speakers, p.speaker.value())
				if err != nil || len(mics)+len(speakers) == 0 {
					p.trouble.SetText(d.texts.Text("error.devices"))
				}
			}
		})
	}
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
			if kept {
				p.password.entry.SetPlaceHolder(d.texts.Text("settings.password.kept"))
				p.password.hint(d.texts.Text("settings.password.keyring"))
				p.forget.Show()
			}
			if errors.Is(err, ErrNoKeyring) {
				p.noKeyring = true
				p.password.entry.Disable()
				p.password.hint(d.texts.Text("error.keyring.none"))
			}
		}
	})
}

func (p *settingsPage) forgetAsked() {
	p.password.entry.SetText("")
	p.forgets = true
	p.forget.Hide()
	p.password.entry.SetPlaceHolder("")
	p.password.hint(p.d.texts.Text("settings.password.hint"))
	p.d.stage.root.Refresh()
}

// setDevices offers devices; one that is chosen but not there stays chosen.
func (p *settingsPage) setDevices(c *choice, devices []Device, chosen string) {
	t := p.d.texts
	first := option{"", t.Text("settings.device.default")}
	var rest []option
	found := chosen == ""
	for _, dev := range devices {
		if dev.Default {
			first.label = t.Text("settings.device.default.named", "name", dev.Name)
		}
		rest = append(rest, option{dev.ID, dev.Name})
		found = found || dev.ID == chosen
	}
	if !found {
		label := chosen
		if devices != nil {
			label = t.Text("settings.device.gone", "name", chosen)
		}
		rest = append(rest, option{chosen, label})
	}
	c.set(append([]option{first}, rest...), chosen)
}

// changes are what was edited, by key.
func (p *settingsPage) changes() map[string]string {
	before, after := p.d.values.settings(), p.values().settings()
	out := map[string]string{}
	for k, s := range after {
		if s.Text != before[k].Text {
			out[k] = s.Text
		}
	}
	return out
}

// values are the settings as edited.
func (p *settingsPage) values() Values {
	v := p.d.values
	if p.hasLine {
		v.Realm, v.DN, v.URL = p.realm.text(), p.dn.text(), p.url.text()
		v.CAFile, v.User = p.ca.text(), p.user.text()
	}
	v.Microphone, v.Speaker = p.microphone.value(), p.speaker.value()
	if p.web != nil {
		v.WebAPI = p.web.toggle.On()
	}
	v.Lang, v.Theme = text.Lang(p.lang.value()), look.Brightness(p.brightness.value())
	return v
}

func (p *settingsPage) saveAsked() {
	if !p.check() {
		p.trouble.SetText(p.d.texts.Text("error.fix"))
		p.d.stage.root.Refresh()
		return
	}
	changes := p.changes()
	v := p.d.values.With(changes)
	password, setPassword := "", false
	if p.hasLine {
		password = p.password.entry.Text
		setPassword = password != "" || p.forgets
	}
	var removals []string
	if p.web != nil {
		removals = p.web.removals()
	}
	p.inFlight = true
	p.check()
	keep := p.d.opts.Settings
	p.later(func(ctx context.Context) func() {
		fault := ""
		err := keep.Save(ctx, changes)
		switch { // of errors joined, the more exact one counts
		case errors.Is(err, ErrWebAPIKey):
			fault, err = "error.webapi.key", nil
		case errors.Is(err, ErrWebAPI):
			fault, err = "error.webapi.port", nil
		}
		if err != nil {
			p.d.log.Warn("settings not saved", "err", err)
			return func() { p.saved(v, "error.save") }
		}
		v := keep.Values()
		if f := p.d.remove(ctx, removals); f != "" {
			fault = f
		}
		if setPassword {
			if f := p.keepPassword(ctx, v, password); f != "" {
				fault = f
			}
		}
		return func() { p.saved(v, fault) }
	})
}

// keepPassword gives the key of what went wrong, empty for nothing.
func (p *settingsPage) keepPassword(ctx context.Context, v Values, password string) string {
	err := p.d.opts.Settings.SetPassword(ctx, v, password)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrNoKeyring):
		return "error.keyring.none"
	}
	p.d.log.Warn("password not kept", "err", err)
	return "error.keyring.failed"
}

func (p *settingsPage) saved(v Values, fault string) {
	p.inFlight = false
	p.check()
	if fault != "error.save" {
		p.d.adopt(v)
	}
	if fault == "" {
		p.d.close()
		return
	}
	if p.d.settings != p { // a new language has made a new page
		p = p.d.settings
	}
	p.trouble.SetText(p.d.texts.Text(fault))
}
