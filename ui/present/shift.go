package present

import (
	"slices"
	"time"

	"nxphone/call"
	"nxphone/call/shift"
)

// ShiftFacts are what the window knows of what the counsellor is doing.
type ShiftFacts struct {
	// Known: there is a shift to be shown.
	Known  bool
	Status shift.Status
	// Rest is how long a rest is by the settings, 0 for none.
	Rest time.Duration
	// Refused is the key of a sentence about a press that came to nothing; empty
	// for none.
	Refused string
}

// Shift is the quiet line about the counsellor's own state, and about the
// request for help. Nobody but the person at the desk is meant to notice it: it
// makes no sound, and no colour of it is loud.
type Shift struct {
	Show bool
	Icon string
	Role Role
	// Title says the state and for how long; Sub explains it or says what to
	// do, and may be empty.
	Title, Sub string
	// First and Second are what can be done about it.
	First, Second ShiftButton
	// Own is what the line is about as a rule, while it is about help and no call is
	// up: a rest must not wait until somebody has seen the request.
	Own ShiftOwn
	// Ask is the button for help where the line itself is about something else,
	// or where there is no room for a line: then it stands in the header.
	Ask ShiftButton
}

// ShiftOwn is the counsellor's own state in a line of its own, "" where there is
// none, and what can be done about it.
type ShiftOwn struct {
	Title         string
	First, Second ShiftButton
}

// ShiftDo is what a button of the line does.
type ShiftDo int

// What they do.
const (
	ShiftNothing  ShiftDo = 0 // there is no such button
	ShiftReady    ShiftDo = 1
	ShiftRest     ShiftDo = 2
	ShiftAway     ShiftDo = 3
	ShiftEndRest  ShiftDo = 4 // back to what comes after it
	ShiftAskHelp  ShiftDo = 5
	ShiftTakeBack ShiftDo = 6 // the request for help
)

// ShiftButton is one button of the line.
type ShiftButton struct {
	Do    ShiftDo
	Label string
}

// afterSeconds is how long after-call is shown to the second. Longer work is
// nobody's race: minutes are enough, and cost the processor less.
const afterSeconds = 10 * time.Minute

// shiftLine says what the line shows, and when that changes by itself.
func shiftLine(f Facts, t Texts) (s Shift, next time.Time) {
	st := f.Shift.Status
	if !f.Shift.Known || f.Size == Compact {
		return Shift{}, time.Time{}
	}
	s.Show = true
	inCall := f.Snapshot.State != call.Idle
	switch {
	case st.Help:
		s.help(f, t)
		if !inCall {
			var own Shift
			next = own.state(f, t)
			s.Own = ShiftOwn{own.Title, own.First, own.Second}
			if own.Sub != "" {
				s.Sub += " " + own.Sub
			}
		}
	case inCall && f.Size == Phone:
		// The call needs the room.
		return Shift{Ask: ShiftButton{ShiftAskHelp, t.Text("shift.help.ask")}}, time.Time{}
	case inCall:
		s.Icon, s.Role, s.Title = "help", Neutral, t.Text("shift.help.offer")
		s.First = ShiftButton{ShiftAskHelp, t.Text("shift.help.ask")}
	default:
		next = s.state(f, t)
		s.Ask = ShiftButton{ShiftAskHelp, t.Text("shift.help.ask")}
	}
	if f.Shift.Refused != "" {
		s.Role, s.Sub = Warn, t.Text(f.Shift.Refused)
	}
	return s, next
}

// state is the line without a call and without a request for help.
func (s *Shift) state(f Facts, t Texts) (next time.Time) {
	st := f.Shift.Status
	rest := ShiftButton{}
	if f.Shift.Rest > 0 {
		rest = ShiftButton{ShiftRest, t.Text("shift.rest")}
	}
	away := ShiftButton{ShiftAway, t.Text("shift.away")}
	ready := ShiftButton{ShiftReady, t.Text("shift.ready")}
	s.Role = Neutral
	long := f.Now.Sub(st.Since)
	switch st.State {
	case shift.AfterCall:
		s.Icon, s.Role = "clock", Accent
		s.First, s.Second = ready, rest
		if long < afterSeconds {
			s.Title = t.Text("shift.is.after", "time", minuteClock(long))
			next = nextSecond(f.Now, st.Since)
		} else {
			s.Title = t.Text("shift.is.after", "time", Length(t, long.Truncate(time.Minute)))
			next = st.Since.Add(long.Truncate(time.Minute) + time.Minute)
		}
	case shift.Rest:
		s.Icon, s.Role = "cup", Good
		left := st.Until.Sub(f.Now)
		// Counted down as it is counted up: what is shown is still to come.
		s.Title = t.Text("shift.is.rest", "time", minuteClock(left+time.Second-time.Nanosecond))
		if left > 0 {
			next = f.Now.Add(left - (left - time.Nanosecond).Truncate(time.Second))
		}
		s.First = ShiftButton{ShiftEndRest, t.Text("shift.rest.end")}
		if st.Then == shift.AfterCall {
			s.Sub = t.Text("shift.rest.then")
		}
	case shift.Away:
		s.Icon, s.Title = "hold", t.Text("shift.is.away")
		s.First = ready
	default:
		s.Icon, s.Role, s.Title = "check", Good, t.Text("shift.is.ready")
		s.First, s.Second = away, rest
	}
	if st.RecordFailed {
		s.Role, s.Sub = Warn, t.Text("shift.record.failed")
	}
	return next
}

// help is the line while help is asked for: whether anybody knows is the one
// thing that counts.
func (s *Shift) help(f Facts, t Texts) {
	st := f.Shift.Status
	// A program on this computer may be anything; a page is somebody's.
	pages := slices.ContainsFunc(f.Web.Connected, func(who string) bool { return !Local(who) })
	s.Icon, s.Role, s.Title = "help", Accent, t.Text("shift.help.on")
	s.First = ShiftButton{ShiftTakeBack, t.Text("shift.help.off")}
	switch {
	case st.Seen:
		s.Role, s.Sub = Good, t.Text("shift.help.seen")
	case st.Hook == shift.HookTold:
		s.Sub = t.Text("shift.help.told")
	case st.Hook == shift.HookSending:
		s.Sub = t.Text("shift.help.sending")
	case st.Hook == shift.HookFailed && pages:
		s.Role, s.Sub = Warn, t.Text("shift.help.half")
	case st.Hook == shift.HookFailed:
		s.Role, s.Sub = Warn, t.Text("shift.help.failed")
	case pages:
		s.Sub = t.Text("shift.help.page")
	default:
		s.Role, s.Sub = Warn, t.Text("shift.help.nobody")
	}
	if st.Hook == shift.HookFailed && !st.Seen {
		s.Second = ShiftButton{ShiftAskHelp, t.Text("shift.help.again")}
	}
}

// minuteClock writes a short time as 2:10, from an hour on as 1:02:10.
func minuteClock(d time.Duration) string {
	if d < 10*time.Minute {
		return Clock(d)[1:]
	}
	return Clock(d)
}
