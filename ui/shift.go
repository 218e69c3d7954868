package ui

import (
	"context"
	"errors"

	"nxphone/call/recent"
	"nxphone/call/shift"
	"nxphone/ui/present"
)

// followDesk follows the shift and the recent calls; see Run.
func (d *desk) followDesk() {
	if s := d.opts.Shift; s != nil {
		follow(d.pump, s.Watch(d.pump.ctx), d.shiftChanged)
	}
	if r := d.opts.Recent; r != nil {
		follow(d.pump, r.Watch(d.pump.ctx), d.recentChanged)
	}
}

// shiftFacts are what is known of the shift before it has told anything.
func (d *desk) shiftFacts() present.ShiftFacts {
	f := d.facts.Shift
	f.Known = d.opts.Shift != nil && f.Status.State != ""
	f.Rest = d.values.RestTime()
	return f
}

func (d *desk) shiftChanged(st shift.Status) {
	d.facts.Shift.Status = st
	d.facts.Shift.Refused = ""
	d.facts.Shift = d.shiftFacts()
	d.again()
}

// shiftDo is a button of the line about the shift.
func (d *desk) shiftDo(do present.ShiftDo) {
	s, then := d.opts.Shift, d.facts.Shift.Status.Then
	if s == nil {
		return
	}
	act := map[present.ShiftDo]func(ctx context.Context) error{
		present.ShiftReady:    func(ctx context.Context) error { return s.Set(ctx, shift.Ready) },
		present.ShiftRest:     func(ctx context.Context) error { return s.Rest(ctx, 0) },
		present.ShiftAway:     func(ctx context.Context) error { return s.Set(ctx, shift.Away) },
		present.ShiftEndRest:  func(ctx context.Context) error { return s.Set(ctx, then) },
		present.ShiftAskHelp:  func(ctx context.Context) error { return s.Help(ctx, true) },
		present.ShiftTakeBack: func(ctx context.Context) error { return s.Help(ctx, false) },
	}[do]
	d.cmds.run(func(ctx context.Context) error {
		err := act(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("the shift was not changed", "error", err)
			d.pump.run(func() {
				d.facts.Shift.Refused = "shift.refused"
				d.again()
			})
		}
		return nil
	})
}

// askHelp is the one key: it asks, and asks again where nobody could be told.
// It takes nothing back, so that pressing it twice in need does no harm.
func (d *desk) askHelp() {
	if d.opts.Shift != nil {
		d.shiftDo(present.ShiftAskHelp)
	}
}

func (d *desk) recentChanged(st recent.State) {
	d.kept = st
	d.recent.refresh()
}

// callAgain fills a number of the list in. It dials nothing: Enter does.
func (d *desk) callAgain(tel string) {
	if d.view.Screen != present.Dial {
		return
	}
	d.close()
	d.win.Canvas().Unfocus()
	d.fetch(tel)
}

// forgetCall deletes a call at once, from the disk too, and offers to take that
// back for a while: a question before each would be in the way of whoever
// deletes one after the other.
func (d *desk) forgetCall(id int) {
	for _, e := range d.kept.Entries {
		if e.ID == id {
			d.recent.deleted(e)
		}
	}
	d.forget(func(r Recent) error { return r.Delete(id) })
}

// rememberCalls takes back what was deleted last.
func (d *desk) rememberCalls() {
	gone := d.recent.takeBack()
	if len(gone) == 0 {
		return
	}
	d.forget(func(r Recent) (err error) {
		for _, e := range gone {
			err = errors.Join(err, r.Restore(e))
		}
		return err
	})
}

func (d *desk) forgetCalls() { d.forget(Recent.Clear) }

// forget changes the list. That the disk did not follow is told by its State.
func (d *desk) forget(act func(Recent) error) {
	r := d.opts.Recent
	d.cmds.run(func(context.Context) error {
		if err := act(r); err != nil {
			d.log.Warn("the recent calls were not changed", "error", err)
		}
		return nil
	})
}
