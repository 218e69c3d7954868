package shift

import (
	"time"

	"nxphone/call"
)

// machine is everything that step knows. Run's goroutine owns it.
type machine struct {
	status Status
	// up is the call that is up, its number and extension; zero for none.
	up current
	// asker is the extension from which help was asked: the same stands in the
	// note that it is over, also when the call has gone.
	asker string
	// askedIn is the Call-ID of the call for which help was asked.
	askedIn string
	// revision is the phone's at its last word.
	revision uint64
	// told counts what was given to the hook: answers to older ones are stale.
	told int
}

type current struct {
	id      int
	tel, dn string
	sip     string // its Call-ID
}

// input is one thing that happens.
type input interface{ input() }

type (
	// began: a call is up.
	began struct {
		call     current
		revision uint64
	}
	// ended: the call that was up is over.
	ended struct {
		call     int
		answered bool
		ending   *Ending // of a lawful ending, nil of any other
		revision uint64
	}
	// set and the three below are commands.
	set struct{ to State }
	// rest wants a rest of this length.
	rest struct{ d time.Duration }
	help struct{ on bool }
	seen struct{}
	// tick: time has passed.
	tick struct{}
	// hooked is the outcome of telling the supervisor's server.
	hooked struct {
		told int
		ok   bool
	}
	// recorded is the outcome of writing the record.
	recorded struct{ ok bool }
)

func (began) input()    {}
func (ended) input()    {}
func (set) input()      {}
func (rest) input()     {}
func (help) input()     {}
func (seen) input()     {}
func (tick) input()     {}
func (hooked) input()   {}
func (recorded) input() {}

// effect is one thing to be done after a step.
type effect interface{ effect() }

type (
	tell struct {
		told int
		note note
		url  string
	}
	write struct{ ending Ending }
)

func (tell) effect()  {}
func (write) effect() {}

// step is the whole behaviour: a pure function of what is known, what has
// happened, the settings and the time. err is the outcome of a command.
func step(m machine, in input, r Rules, now time.Time) (machine, []effect, error) {
	s := &stepper{machine: m, rules: r, now: now}
	var err error
	switch in := in.(type) {
	case began:
		s.up, s.revision = in.call, in.revision
		if s.status.State == AfterCall {
			s.enter(Ready) // whoever calls again has done the work
		}
	case ended:
		s.revision = in.revision
		s.ended(in)
	case set:
		err = s.set(in.to)
	case rest:
		err = s.rest(in.d)
	case help:
		s.help(in.on)
	case seen:
		s.seen()
	case tick:
		if s.status.State == Rest && !now.Before(s.status.Until) {
			s.enter(s.status.Then)
		}
	case hooked:
		if in.told == s.told {
			s.status.Hook = HookFailed
			if in.ok {
				s.status.Hook = HookTold
			}
		}
	case recorded:
		s.status.RecordFailed = !in.ok
	}
	if s.status != m.status {
		s.status.Revision = s.revision
	}
	return s.machine, s.out, err
}

type stepper struct {
	machine
	rules Rules
	now   time.Time
	out   []effect
}

// enter begins a state that has no end of its own.
func (s *stepper) enter(to State) {
	s.status.State, s.status.Since, s.status.Until, s.status.Then = to, s.now, time.Time{}, ""
}

// begin begins a rest of this length, which leads back where it came from.
func (s *stepper) begin(d time.Duration, back State) {
	s.enter(Rest)
	s.status.Until, s.status.Then = s.now.Add(d), back
}

func (s *stepper) ended(in ended) {
	if in.call == s.up.id {
		s.up = current{}
	}
	if s.status.Help && s.status.Seen && s.status.HelpCall == in.call {
		s.endHelp()
	}
	if in.ending != nil {
		s.out = append(s.out, write{*in.ending})
	}
	if !in.answered {
		return
	}
	// after is where this call leads if nothing else is to be done.
	after := s.status.State
	if after == Rest {
		after = s.status.Then
	}
	if after != Away && s.rules.AfterCall {
		after = AfterCall
	}
	switch {
	case in.ending != nil && s.rules.Rest > 0:
		left := s.status.Until.Sub(s.now) // of a rest that goes on
		s.begin(max(s.rules.Rest, left), after)
	case s.status.State == Rest:
		s.status.Then = after
	case after != s.status.State || after == AfterCall:
		s.enter(after)
	}
}

func (s *stepper) set(to State) error {
	switch {
	case !to.Known():
		return ErrState
	case to == Rest:
		if s.status.State == Rest {
			return nil
		}
		return s.rest(s.rules.Rest)
	case to != s.status.State:
		s.enter(to)
	}
	return nil
}

func (s *stepper) rest(d time.Duration) error {
	if d <= 0 {
		return ErrNoRest
	}
	back := s.status.State
	switch back {
	case Rest:
		back = s.status.Then
	case Away:
		back = Ready // whoever rests is at the desk again
	}
	s.begin(min(d, MaxRest), back)
	return nil
}

func (s *stepper) help(on bool) {
	st := &s.status
	switch {
	case !on && !st.Help:
	case !on:
		s.endHelp()
	case !st.Help || s.up.id != 0 && st.HelpCall != s.up.id:
		// The first time, or in another call than before.
		st.Help, st.HelpCall, st.HelpSince, st.Seen = true, s.up.id, s.now, false
		if s.asker = s.up.dn; s.asker == "" {
			s.asker = s.rules.Extension
		}
		s.askedIn = s.up.sip
		s.tell()
	case st.Hook == HookFailed:
		s.tell() // pressed again: try again
	}
}

// seen is the supervisor's word. Where the call is over it is also the end of
// the request; in the call the counsellor sees that somebody knows.
func (s *stepper) seen() {
	if !s.status.Help {
		return
	}
	s.status.Seen = true
	if s.up.id == 0 || s.up.id != s.status.HelpCall {
		s.endHelp()
	}
}

func (s *stepper) endHelp() {
	st := &s.status
	st.Help, st.Seen = false, false
	s.tell()
	st.HelpCall, st.HelpSince = 0, time.Time{}
}

// tell gives the present request to the hook.
func (s *stepper) tell() {
	s.told++
	s.status.Hook = HookNone
	if s.rules.HelpURL == "" {
		return
	}
	s.status.Hook = HookSending
	n := note{Event: "help", On: s.status.Help, Call: s.status.HelpCall, SIPCall: s.askedIn, Extension: s.asker, At: stamp(s.now)}
	if n.On && s.rules.HelpNumber && s.up.id == n.Call {
		n.Number = s.up.tel
	}
	s.out = append(s.out, tell{told: s.told, note: n, url: s.rules.HelpURL})
}

// stamp is a time as it is written for others.
func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// follow turns what the phone tells into an input, nil for what is no business
// of the shift. first is the snapshot with which the phone was found.
func follow(snap call.Snapshot, cause call.Cause, first bool, digits int) input {
	c := snap.Call
	if c.Test {
		return nil // of the line: nobody was talked to
	}
	switch cause := cause.(type) {
	case nil:
		if first && snap.State != call.Idle {
			return began{current{c.ID, c.Tel, c.DN, c.CallID}, snap.Revision}
		}
	case call.Began:
		return began{current{cause.ID, c.Tel, c.DN, c.CallID}, snap.Revision}
	case call.Ended:
		in := ended{call: cause.ID, answered: !c.Answered.IsZero(), revision: snap.Revision}
		if lawful(c) {
			in.ending = newEnding(c, digits)
		}
		return in
	}
	return nil
}

// lawful reports whether a notice was played to the far end, even where that
// hung up before it was over.
func lawful(c call.Call) bool {
	return !c.Answered.IsZero() && (!c.Farewell.IsZero() || c.Reason.Code == call.CodeFarewell)
}
