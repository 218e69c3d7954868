package ui

import (
	"context"
	"errors"
	"time"

	"nxphone/call"
	"nxphone/ui/present"
)

// What can be done in a call besides muting and hanging up. A press asks; the
// button changes by what is confirmed.

func (d *desk) toggleDeaf() {
	if a := d.view.Actions.Deaf; a.Show && a.Enabled {
		d.cmds.switched(a.Ask, d.opts.Phone.Deafen)
	}
}

func (d *desk) toggleHold() {
	if a := d.view.Actions.Hold; a.Show && a.Enabled {
		d.cmds.switched(a.Ask, d.opts.Phone.Hold)
	}
}

func (d *desk) toggleKeypad() {
	if !d.view.Actions.Keypad.Show {
		return
	}
	d.facts.Keypad = !d.facts.Keypad
	d.facts.Details = false // there is room for one of them
	d.again()
}

// toggleHelp asks a supervisor for help without a sound, or takes that back.
func (d *desk) toggleHelp() {
	switch a := d.view.Actions.Help; {
	case !a.Show || !a.Enabled:
	case a.Ask:
		d.shiftDo(present.ShiftAskHelp)
	default:
		d.shiftDo(present.ShiftTakeBack)
	}
}

// farewellAsked begins a lawful ending, which waits for a moment in which a
// second touch takes it back: the button stands between others, and what it
// does cannot be undone.
func (d *desk) farewellAsked() {
	a := d.view.Actions.Farewell
	if !d.facts.CanFarewell && d.facts.Snapshot.Call.Farewell.IsZero() {
		d.noFarewell()
		return
	}
	if !a.Show || !a.Enabled {
		return
	}
	if a.Ask {
		d.facts.FarewellAt = d.now().Add(present.FarewellTime)
		d.facts.Notice = present.Notice{}
	} else {
		d.facts.FarewellAt = time.Time{}
	}
	d.again()
}

// noFarewell says what a lawful ending needs: its key is there without its
// button, and in need nobody must wonder why nothing happens.
func (d *desk) noFarewell() {
	n := present.Notice{Key: "farewell.none", Settings: true}
	if d.values.Setting("notice-file").Locked {
		n = present.Notice{Key: "farewell.none.organisation"}
	}
	if d.asking() || d.page != pageNone {
		return // it would be told where nobody sees it
	}
	d.notice(n)
}

// farewellDue sends the command when its moment has come; it is called before
// every picture.
func (d *desk) farewellDue(s call.Snapshot) {
	at := d.facts.FarewellAt
	switch {
	case at.IsZero():
	case s.State != call.InCall || !s.Call.Farewell.IsZero():
		d.facts.FarewellAt = time.Time{}
	case !d.facts.Now.Before(at):
		d.facts.FarewellAt = time.Time{}
		d.cmds.run(func(ctx context.Context) error {
			err := d.opts.Phone.Farewell(ctx)
			if errors.Is(err, call.ErrNoCall) {
				return nil // it is over already
			}
			return err
		})
	}
}

// detailsAsked is the key for the small print of a call.
func (d *desk) detailsAsked() {
	if d.view.Card.CanDetail {
		d.toggleDetails()
	}
}

// revealTime is the longest that a number is shown whole at once. The end of a
// press may go elsewhere: a key comes up in whatever has the focus by then.
const revealTime = 20 * time.Second

// reveal shows the whole number while it is held.
func (d *desk) reveal(on bool) {
	if d.facts.Reveal != on {
		d.facts.Reveal, d.revealed = on, d.now()
		d.again()
	}
}

// revealDue hides a number that has been shown long enough, and says when that
// will be; it is called before every picture.
func (d *desk) revealDue() time.Time {
	if !d.facts.Reveal {
		return time.Time{}
	}
	end := d.revealed.Add(revealTime)
	if d.facts.Now.Before(end) {
		return end
	}
	d.facts.Reveal = false
	return time.Time{}
}

// switched asks for a state that is read back.
func (c *commands) switched(on bool, ask func(context.Context, bool) error) {
	c.run(func(ctx context.Context) error {
		err := ask(ctx, on)
		if errors.Is(err, call.ErrNoCall) || call.CodeOf(err) == call.CodeSuperseded {
			return nil // the screen shows what is; there is nothing to add
		}
		return err
	})
}
