package ui

import (
	"context"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// webChanged takes what the web API asks for and tells.
func (d *desk) webChanged(w present.Web) {
	old := d.facts.Web.Question
	d.facts.Web = w
	if len(present.Users(w)) > 0 {
		// From now on the line keeps its place: what has come once comes again.
		d.webSeen = true
		d.facts.WebRoom = true
	}
	if q := w.Question; q != nil && (old == nil || old.ID != q.ID) {
		d.toFront()
	}
	d.again()
}

// toFront brings the window before the others, or where the desktop does not
// allow that, has it ask for attention.
func (d *desk) toFront() {
	d.unhide()
	d.win.RequestFocus()
	if s := d.opts.Session; s != nil {
		d.cmds.run(func(context.Context) error {
			s.Raise()
			return nil
		})
	}
}

// asking reports whether a question stands in front of everything.
func (d *desk) asking() bool { return d.view.Ask.Key.Kind != present.AskNothing }

// asked is called when another question has come to the screen, or the last one
// has gone.
func (d *desk) asked(before present.AskKey) {
	d.facts.Asked, d.facts.AskedAt = d.view.Ask.Key, d.now()
	c := d.win.Canvas()
	if d.asking() {
		if before.Kind == present.AskNothing {
			// An open menu belongs to what is covered now.
			for o := c.Overlays().Top(); o != nil; o = c.Overlays().Top() {
				c.Overlays().Remove(o)
			}
		}
		c.Focus(d.ask.no)
		return
	}
	// Whoever answers in the moment in which a question goes away must not
	// press what comes to light under it.
	d.calm = d.now().Add(look.SettleTime)
	c.Unfocus()
}

// calming reports whether taps and Enter may still have been meant for a
// question that is gone.
func (d *desk) calming() bool { return d.now().Before(d.calm) }

// refuse is the answer no, and closes what is no question.
func (d *desk) refuse() {
	switch a := d.view.Ask.Key; a.Kind {
	case present.AskAllow:
		d.answer(a.ID, false)
	case present.AskCall:
		d.facts.Handed = ""
	case present.AskRevoke:
		d.facts.Revoking = ""
	case present.AskCode:
		d.facts.CodeAway = a.About
	}
	d.again()
}

// consent is the answer yes.
func (d *desk) consent() {
	a := d.view.Ask
	if !a.Armed || a.Yes == "" {
		return
	}
	switch a.Key.Kind {
	case present.AskAllow:
		d.answer(a.Key.ID, true)
	case present.AskCall:
		d.facts.Handed = ""
		d.facts.Number = a.Key.About
		d.place()
	case present.AskRevoke:
		d.facts.Revoking = ""
		d.revoke(a.Key.About)
	}
	d.again()
}

func (d *desk) answer(id int, yes bool) {
	d.facts.Answered = id
	web := d.opts.Web
	d.cmds.run(func(context.Context) error {
		web.Answer(id, yes)
		return nil
	})
}

// askRevoke asks before who is revoked; a call would lose its page.
func (d *desk) askRevoke(who string) {
	if d.asking() || d.opts.Web == nil {
		return
	}
	d.facts.Revoking = who
	d.again()
}

func (d *desk) revoke(who string) {
	web := d.opts.Web
	d.cmds.run(func(ctx context.Context) error {
		err := web.Revoke(ctx, who)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("not revoked", "err", err)
			d.pump.run(func() { d.notice(present.Notice{Key: "error.revoke"}) })
		}
		return nil
	})
}

// handed takes a number that a link or another program has handed over. It is
// filled in, and called when the user says so: a link that somebody sent must
// not place a call.
func (d *desk) handed(number string) {
	d.toFront()
	if number == "" {
		return
	}
	if d.view.Screen != present.Dial || d.facts.Leaving {
		d.notice(present.Notice{Key: "handed.busy"})
		return
	}
	if d.page == pageNumbers || d.page == pageUsers { // settings may hold what is not saved yet
		d.close()
	}
	n, err := present.Normalise(number)
	if err != nil {
		d.facts.Handed = ""
		d.edit(d.facts.Number, err)
		return
	}
	d.facts.Handed = n
	if n == d.facts.Asked.About {
		d.facts.AskedAt = d.now() // the same number again: it is read anew
	}
	d.edit(n, nil)
}
