package ui

import (
	"nxphone/ui/present"
)

// Orders tells the window what has become of the organisation's settings while
// it is open.
type Orders struct {
	// Faults are what is wrong with all settings now, in sentences.
	Faults []string
	// Faulty: among them are new ones.
	Faulty bool
	// Code: the organisation's server wants a one-time code.
	Code bool
	// Changed: settings are in force that were not before.
	Changed bool
	// Waiting: others will be when the call is over.
	Waiting bool
}

// ordered takes what the organisation's settings have become.
func (d *desk) ordered(o Orders) {
	d.opts.Faults, d.waiting = o.Faults, o.Waiting
	v, open := d.values, d.settings
	if o.Changed {
		v = d.opts.Settings.Values()
		d.adopt(v)
	}
	if d.settings != nil && d.settings != open && open != nil { // in another language
		d.settings.draft, d.settings.at = open.draft, open.at
		d.settings.secret, d.settings.forgets = open.secret, open.forgets
	}
	if d.settings != nil {
		d.settings.rebase(v)
	}
	if d.first != nil && o.Changed {
		d.first.rebase(v)
	}
	switch {
	case o.Code:
		d.notice(present.Notice{Key: "orders.code", Help: "orders.code.help", Settings: true})
	case o.Faulty:
		d.notice(present.Notice{Key: "orders.faulty", Help: "orders.faulty.help", Settings: true})
	case o.Changed:
		d.notice(present.Notice{Key: "orders.changed", Until: d.now().Add(noticeTime)})
	}
}

// rebase puts other values in force under what is being edited. An edit of what
// is locked now is dropped.
func (p *form) rebase(v Values) {
	old := p.draft
	p.draft = newDraft(v)
	for key, text := range old.edited {
		if !v.Setting(key).Locked {
			p.draft.set(key, text)
		}
	}
}

// rebase shows other values in force.
func (p *settingsPage) rebase(v Values) {
	if p.inFlight {
		return // what is saved brings the values in force along
	}
	p.form.rebase(v)
	at := p.at
	if at == "import" { // what it would change may be something else now
		at = "about"
	}
	p.d.win.Canvas().Unfocus()
	p.turn(at)
	p.d.stage.root.Refresh()
}

// rebase shows other values in force.
func (p *firstPage) rebase(v Values) {
	if p.inFlight {
		return // as above
	}
	p.form.rebase(v)
	p.turn(p.step)
	p.focus()
	p.d.stage.root.Refresh()
}
