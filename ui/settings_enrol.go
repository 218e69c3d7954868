package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// enrolRows take a one-time code of the organisation's.
func (p *settingsPage) enrolRows() []fyne.CanvasObject {
	t := p.d.texts
	f := newField(t.Text("settings.enrol.code"), nil, t.Text("settings.enrol.code.hint"), "", false, p.escape)
	var asked func()
	send := look.NewButton(look.Primary, func() { asked() }).PassKeys(p.d.keys)
	show := func(busy bool) {
		label := t.Text("settings.enrol.send")
		if busy {
			label = t.Text("settings.enrol.sending")
		}
		send.Set(look.Face{Label: label, Icon: "check", Role: present.Accent, Disabled: busy || f.text() == ""})
	}
	f.entry.OnChanged = func(string) { show(false) }
	asked = func() {
		if f.text() == "" {
			return
		}
		code := f.text()
		show(true)
		p.trouble.SetText("")
		p.later(func(ctx context.Context) func() {
			fault := p.d.opts.Enrol(ctx, code)
			return func() { p.enrolled(fault, func() { show(false) }) }
		})
	}
	f.entry.OnSubmitted = func(string) { asked() }
	p.enrol, p.code = send, f
	show(false)
	return []fyne.CanvasObject{panel(sentence(t.Text("settings.enrol.intro"), theme.ColorNameForeground), f.root), send}
}

// enrolled tells what came of a code. A page that has been left is left alone.
func (p *settingsPage) enrolled(fault string, again func()) {
	switch {
	case p.at != "enrol":
		return
	case fault != "":
		again()
		p.trouble.Set(fault, theme.ColorNameError)
	default:
		p.enter("about")
		p.tell("settings.enrol.done", look.RoleColor(present.Good, look.Ink))
	}
}
