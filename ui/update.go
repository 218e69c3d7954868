package ui

import (
	"context"

	"nxphone/call"
	"nxphone/ui/present"
)

// updateChanged takes what is known of a newer version.
func (d *desk) updateChanged(u present.Update) { d.facts.Update = u }

// tellsUpdate: what the banner tells is a newer version, and no call is up.
func (d *desk) tellsUpdate() bool {
	b := d.view.Banner
	return d.opts.Updates != nil && d.facts.Update.Version != "" && d.facts.Snapshot.State == call.Idle &&
		b.Show && b == d.facts.Update.Banner(d.texts)
}

// goOnUpdate is the banner's button.
func (d *desk) goOnUpdate() {
	if d.tellsUpdate() && !d.calming() && !d.asking() && !d.facts.Leaving {
		d.opts.Updates.Go()
	}
}

// dismissUpdate puts a newer version away, where that is what the banner tells.
func (d *desk) dismissUpdate() bool {
	if !d.tellsUpdate() {
		return false
	}
	d.cmds.run(func(context.Context) error { d.opts.Updates.PutAway(); return nil })
	return true
}
