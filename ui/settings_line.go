package ui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// lineRows is who the phone is and where it calls.
func (p *settingsPage) lineRows() []fyne.CanvasObject {
	t := p.d.texts
	p.locked = look.NewSentence(look.RoleColor(present.Warn, look.Ink), theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	rows := []fyne.CanvasObject{p.locked}
	for _, key := range []string{"realm", "dn", "url"} {
		rows = append(rows, p.entryRow(key, false).root)
	}
	ca := p.entryRow("ca", false)
	ca.entry.OnChanged = func(string) {
		p.edited("ca", ca.entry.Text)
		p.checkFile("ca")
	}
	p.fileButton(ca, "settings.ca.choose", []string{".pem", ".crt", ".cer", ".ca"})
	rows = append(rows, ca.root, p.entryRow("user", false).root)

	p.password = newField(t.Text("settings.password"), nil, t.Text("settings.password.hint"), p.secret, true, p.back)
	p.password.entry.OnChanged = func(s string) {
		p.secret, p.forgets = s, false
		p.checkSave()
	}
	p.password.entry.focus = func() { p.reveal(p.password.root) }
	p.forget = look.NewButton(look.Quiet, p.forgetAsked).PassKeys(p.d.keys)
	p.forget.Set(look.Face{Label: t.Text("settings.password.forget"), Icon: "close", Role: present.Neutral})
	p.forget.Hide()
	p.showPassword()
	rows = append(rows, p.password.root, p.forget)
	return []fyne.CanvasObject{panel(rows...), panel(p.entryRow("echo-number", false).root)}
}

// fileButton lets a field's path be chosen; where it is fixed there is nothing
// to choose.
func (p *form) fileButton(f *field, title string, endings []string) {
	words := p.d.texts.Text(title)
	b := f.button("folder", words, func() {
		if !f.entry.Disabled() {
			chooseFile(p.d, words, endings, f.entry.SetText)
		}
	})
	b.PassKeys(p.d.keys)
	b.OnFocus = func() { p.reveal(f.root) }
}

// showPassword says what is known of a kept password.
func (p *settingsPage) showPassword() {
	if p.password == nil {
		return
	}
	t := p.d.texts
	switch {
	case p.noKeyring:
		p.password.hint(t.Text("error.keyring.none"))
	case p.kept && !p.forgets:
		p.password.entry.SetPlaceHolder(t.Text("settings.password.kept"))
		p.password.hint(t.Text("settings.password.keyring"))
		p.forget.Show()
	default:
		p.password.entry.SetPlaceHolder("")
		p.password.hint(t.Text("settings.password.hint"))
		p.forget.Hide()
	}
	p.lock(p.inCall)
}

// lock disables the line's fields while a call uses the line.
func (p *settingsPage) lock(inCall bool) {
	p.inCall = inCall
	if p.at != "line" || p.locked == nil {
		return
	}
	off := func(f *field, off bool) {
		if off {
			f.entry.Disable()
		} else {
			f.entry.Enable()
		}
	}
	for key, f := range p.fields {
		off(f, inCall || p.draft.values.Setting(key).Locked)
	}
	if p.password != nil {
		off(p.password, inCall || p.noKeyring)
	}
	words := ""
	if inCall {
		words = p.d.texts.Text("settings.locked.call")
	}
	p.locked.SetText(words)
}

func (p *settingsPage) forgetAsked() {
	p.password.entry.SetText("")
	p.forgets = true
	p.showPassword()
	p.checkSave()
	p.d.stage.root.Refresh()
}

// keepPassword gives the key of what went wrong, empty for nothing. It runs off
// the UI goroutine.
func keepPassword(ctx context.Context, d *desk, v Values, password string) string {
	err := d.opts.Settings.SetPassword(ctx, v, password)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrNoKeyring):
		return "error.keyring.none"
	}
	d.log.Warn("password not kept", "err", err)
	return "error.keyring.failed"
}
