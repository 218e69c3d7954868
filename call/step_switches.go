package call

import "time"

// This file is the half of step about what the user switches: microphone, ear,
// hold, and the lawful ending. Each is a read-back: what is shown is what those
// who act on it (the capture path, the playout, the far end) have confirmed.

// leakFloor is the level in dBFS above which sound behind a shut mute gate is a
// leak. A shut gate hands over zeros, which measure as -127.
const leakFloor = -120

var (
	errEnding = &Error{Code: CodeEnding}
	errOnHold = &Error{Code: CodeOnHold}
)

// lawful is the reason of a call that was ended with a notice.
func lawful() Reason { return Reason{Code: CodeFarewell, Local: true} }

// wish is what was last asked of a switch, and the commands that wait for its
// confirmation: all of them want the same, since a contrary one overtakes.
type wish struct {
	asked   bool
	waiters []token
}

// ask notes a command. It reports whether there is something to do; where the
// switch stands as asked already, the command is answered.
func (w *wish) ask(s *stepper, sw *Switch, t token, on bool) bool {
	if !sw.Pending && sw.On == on {
		s.answer(t, nil)
		return false
	}
	if w.asked != on {
		w.fail(s, &Error{Code: CodeSuperseded})
	}
	w.asked, sw.Pending = on, true
	w.waiters = append(w.waiters, t)
	return true
}

// confirm believes a report, and reports whether it changes anything. The
// commands that it completes are answered by settle, after it has been told.
func (w *wish) confirm(sw *Switch, on bool) (changed bool) {
	changed = sw.On != on
	*sw = Switch{On: on, Pending: sw.Pending && on != w.asked}
	return changed
}

func (w *wish) settle(s *stepper, sw *Switch) {
	if !sw.Pending {
		w.fail(s, nil)
	}
}

// fail answers all commands that wait.
func (w *wish) fail(s *stepper, err error) {
	for _, t := range w.waiters {
		s.answer(t, err)
	}
	w.waiters = nil
}

// update publishes a snapshot of which no cause tells.
func (s *stepper) update() {
	s.snap.Revision++
	s.do(publish{snap: s.snap})
}

func (s *stepper) setMute(in mute) {
	// Said again before it is confirmed, a mute waits with the first one: a
	// second order to the session means that the gate leaks (see measured).
	again := s.snap.Call.Mute.Pending && s.mute.asked == in.on
	switch {
	case s.snap.State == Idle || s.snap.State == Clearing:
		s.answer(in.token, ErrNoCall)
	case s.leaving != staying && !in.on:
		s.answer(in.token, errEnding) // shut for good
	case s.mute.ask(s, &s.snap.Call.Mute, in.token, in.on) && !again:
		s.mutedAt = time.Time{}
		s.do(setMute{on: in.on})
		s.update()
	}
}

func (s *stepper) setDeaf(in deafen) {
	switch {
	case s.snap.State == Idle || s.snap.State == Clearing:
		s.answer(in.token, ErrNoCall)
	case s.deaf.ask(s, &s.snap.Call.Deaf, in.token, in.on):
		s.do(setDeaf{on: in.on})
		s.update()
	}
}

// setHold needs an answered call: before that there is no description that
// another could replace (RFC 6337 section 3.4), and nobody to hold.
func (s *stepper) setHold(in hold) {
	switch {
	case s.snap.State == Idle || s.snap.State == Clearing:
		s.answer(in.token, ErrNoCall)
	case s.snap.State != InCall:
		s.answer(in.token, ErrNotInCall)
	case s.leaving != staying:
		s.answer(in.token, errEnding)
	case s.hold.ask(s, &s.snap.Call.Hold, in.token, in.on):
		s.do(setHold{on: in.on})
		s.update()
	}
}

func (s *stepper) muteConfirmed(on bool) {
	c := &s.snap.Call
	if !on {
		s.mutedAt = time.Time{}
	} else if s.mutedAt.IsZero() {
		s.mutedAt = s.now
	}
	if s.mute.confirm(&c.Mute, on) {
		s.tell(MuteChanged{ID: c.ID, On: on})
	} else {
		s.update()
	}
	s.mute.settle(s, &c.Mute)
}

func (s *stepper) deafConfirmed(on bool) {
	c := &s.snap.Call
	if s.deaf.confirm(&c.Deaf, on) {
		s.tell(DeafChanged{ID: c.ID, On: on})
	} else {
		s.update()
	}
	s.deaf.settle(s, &c.Deaf)
}

// holdConfirmed and holdRefused count in an answered call only, as held does.
func (s *stepper) holdConfirmed(on bool) {
	c := &s.snap.Call
	if s.snap.State != InCall {
		return
	}
	if s.hold.confirm(&c.Hold, on) {
		s.tell(HoldChanged{ID: c.ID, On: on})
	} else {
		s.update()
	}
	s.hold.settle(s, &c.Hold)
}

// holdRefused: the call goes on as it was, held or not.
func (s *stepper) holdRefused() {
	c := &s.snap.Call
	if s.snap.State != InCall {
		return
	}
	s.hold.asked, c.Hold.Pending = c.Hold.On, false
	s.update()
	s.hold.fail(s, &Error{Code: CodeHoldRefused})
}

// measured takes the figures of the last interval. Sound behind the gate in an
// interval through which the mute was confirmed is a fault of this program: it
// is shown for the rest of the call, and the gate is asked to shut again. The
// notice of a lawful ending is no leak.
func (s *stepper) measured(ev StatsMeasured) {
	c := &s.snap.Call
	c.Stats = ev.Stats
	whole := !s.mutedAt.IsZero() && s.mutedAt.Before(ev.Since)
	leak := whole && s.leaving == staying && ev.Stats.LevelIn > leakFloor
	if leak {
		s.do(setMute{on: true})
	}
	if leak && !c.MuteLeak {
		c.MuteLeak = true
		s.tell(MuteLeaked{ID: c.ID})
		return
	}
	s.update()
}

// farewell ends an answered call with the notice of the organisation. Before
// the answer there is nobody who could hear it: that is what Hangup is for.
func (s *stepper) farewell(in farewell) {
	switch {
	case s.snap.State == Idle || s.snap.State == Clearing:
		s.answer(in.token, ErrNoCall)
	case s.snap.State != InCall:
		s.answer(in.token, ErrNotInCall)
	case s.leaving != staying:
		s.end(lawful(), ToneNone)
		s.answer(in.token, nil)
	default:
		s.leaving = asked
		s.leavers = append(s.leavers, in.token)
		s.do(playNotice{})
		s.do(startNotice{call: s.snap.Call.ID, d: s.cfg.notice})
	}
}

// noticeBegan: the microphone is shut from here on, whoever still waits for it
// to open.
func (s *stepper) noticeBegan() {
	if s.leaving != asked {
		return
	}
	c := &s.snap.Call
	s.leaving, c.Farewell = playing, s.now
	s.mute.drop(s, &c.Mute)
	s.hold.drop(s, &c.Hold)
	s.tell(FarewellBegan{ID: c.ID})
	s.left(nil)
}

// drop gives up what is still asked for: a lawful ending has overtaken it.
func (w *wish) drop(s *stepper, sw *Switch) {
	if sw.Pending {
		w.fail(s, errEnding)
	}
	w.asked, sw.Pending = sw.On, false
}

// noticeFailed: without a notice the call goes on; without anybody to hear it
// there is nothing to wait for.
func (s *stepper) noticeFailed(code Code) {
	switch {
	case s.leaving != asked:
	case code == CodeNoNotice || code == CodeBadNotice:
		s.leaving = staying
		s.do(stopTimers{})
		s.left(&Error{Code: code})
	default:
		s.end(lawful(), ToneNone)
	}
}

// left answers those who asked for a lawful ending.
func (s *stepper) left(err error) {
	for _, t := range s.leavers {
		s.answer(t, err)
	}
	s.leavers = nil
}
