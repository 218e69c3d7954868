package kiosk

import (
	"errors"
	"time"

	"nxphone/call"
)

// Limits of a booth that no policy changes.
const (
	// idleDefault is Options.Idle where it is 0.
	idleDefault = time.Minute
	// waitEvery is how often somebody for whom it rings is asked to wait.
	waitEvery = 20 * time.Second
	// promptTime is when a prompt is over that nobody has said to be, and
	// promptTail how long after its end its sound is still in what the
	// microphone measured (the figures are those of the last second).
	promptTime = 20 * time.Second
	promptTail = 1500 * time.Millisecond
)

// Errors of a booth's buttons, beside those of package call.
var (
	// ErrClosed: the booth calls nobody; see Status.Fault.
	ErrClosed error = &call.Error{Code: "booth-closed"}
	// ErrNoButton: the booth has no such button.
	ErrNoButton error = &call.Error{Code: "no-such-button"}
)

// rules are the options that decide.
type rules struct {
	silence, idle time.Duration
	emergency     bool
	voice         bool
}

// effect is what Run does after a step of the machine.
type effect int

const (
	dialCounsellor effect = 1
	dialEmergency  effect = 2
	hangUp         effect = 3
	stopTest       effect = 4 // break off the self-test; testEnded follows
	probe          effect = 5 // ask at once how the network is
)

// machine decides everything that a booth does. It is a plain value without
// goroutines and reads no clock: each method is one thing that happens, at
// now, and gathers effects in out.
type machine struct {
	rules  rules
	status Status
	out    []effect

	state call.State    // the engine's, of whichever call
	last  call.Snapshot // the newest, of whichever call
	// The visitor's call. dialling: its Dial has not come back. id: it has.
	dialling bool
	id       int
	hanging  bool      // hang up as soon as the Dial has come back
	code     call.Code // why the booth ended the call, where not by the button
	// ask is the button whose number is dialled when the engine is free.
	ask Button

	ear       ear
	deafUntil time.Time // the microphone hears our own prompt until then
	waitAt    time.Time // when to ask for patience again; zero: never
	touched   time.Time // the last sign of somebody; zero: nobody is there
	outcome   Outcome   // what was asked for by Finish or the PIN
	finish    bool
}

func newMachine(r rules, now time.Time) *machine {
	if r.idle <= 0 {
		r.idle = idleDefault
	}
	m := &machine{rules: r}
	m.status.Since, m.status.Network.Since = now, now
	m.status.Emergency = r.emergency
	return m
}

func (m *machine) do(e effect) { m.out = append(m.out, e) }

// take gives the effects of what has happened.
func (m *machine) take() []effect {
	out := m.out
	m.out = nil
	return out
}

func (m *machine) show(s Screen, now time.Time) {
	if m.status.Screen != s {
		m.status.Screen, m.status.Since = s, now
	}
}

// start is the screen of a booth that nobody uses.
func (m *machine) start() Screen {
	if m.status.Fault != FaultNone {
		return Closed
	}
	return Ready
}

func (m *machine) prompt(p Prompt, now time.Time) {
	if !m.rules.voice || p == PromptNone && m.status.Prompt == PromptNone {
		return
	}
	m.status.Prompt = p
	m.status.PromptID++
	m.deafUntil = now
	if p != PromptNone {
		m.deafUntil = now.Add(promptTime)
	}
}

// spoken: the prompt has been played.
func (m *machine) spoken(id uint64, now time.Time) {
	if id == m.status.PromptID {
		m.deafUntil = now.Add(promptTail)
	}
}

// press is a button. Pressing again what is already being done is no error and
// does nothing.
func (m *machine) press(b Button, now time.Time) error {
	s := &m.status
	switch {
	case s.Fault != FaultNone:
		m.touched = now
		m.prompt(PromptClosed, now)
		return ErrClosed
	case b != Counsellor && (b != Emergency || !m.rules.emergency):
		return ErrNoButton
	case s.Screen == Calling && s.Button == b, s.Screen == Talking && s.Button == b:
		return nil
	case s.Screen == Calling && b == Emergency:
		m.takeDown() // a call that nobody has answered is in nobody's way
	case s.Screen == Calling || s.Screen == Talking:
		return call.ErrBusy
	}
	m.touched = now
	s.Button, s.End = b, call.Reason{}
	s.Ringing, s.Held, s.Hears, s.Answered, s.SilenceEnds = false, false, false, time.Time{}, time.Time{}
	m.code, m.waitAt = "", time.Time{}
	m.show(Calling, now)
	m.prompt(map[Button]Prompt{Counsellor: PromptCalling, Emergency: PromptCallingEmergency}[b], now)
	m.ask = b
	if s.Testing {
		m.do(stopTest)
	}
	m.dialAsked()
	return nil
}

// dialAsked dials what was asked for, if the engine is free.
func (m *machine) dialAsked() {
	if m.ask == NoButton || m.dialling || m.id != 0 || m.status.Testing || m.state != call.Idle {
		return
	}
	e := dialCounsellor
	if m.ask == Emergency {
		e = dialEmergency
	}
	m.ask, m.dialling, m.hanging = NoButton, true, false
	m.do(e)
}

// takeDown hangs up the visitor's call, if there is one.
func (m *machine) takeDown() {
	switch {
	case m.dialling:
		m.hanging = true
	case m.id != 0:
		m.do(hangUp)
	}
}

// hang is the visitor's hanging up.
func (m *machine) hang(now time.Time) error {
	switch m.status.Screen {
	case Calling, Talking:
	case Ending:
		return nil
	default:
		return call.ErrNoCall
	}
	m.ask, m.touched = NoButton, now
	m.prompt(PromptNone, now)
	if !m.dialling && m.id == 0 { // it waited for a test or an older call
		m.over(call.Reason{Code: call.CodeCancelled, Local: true}, now)
		return nil
	}
	m.show(Ending, now)
	m.takeDown()
	return nil
}

// dialed is the outcome of a Dial. What the engine has told of the call before
// that counts now.
func (m *machine) dialed(id int, err error, now time.Time) {
	m.dialling = false
	switch {
	case errors.Is(err, call.ErrBusy) && !m.hanging && m.ask == NoButton:
		// The self-test's call, or the last one, is not quite gone: its end
		// is on its way here.
		m.ask, m.state = m.status.Button, call.Clearing
	case err != nil:
		code := call.CodeOf(err)
		if code == "" {
			code = call.CodeServerError
		}
		m.over(call.Reason{Code: code, Local: true}, now)
	default:
		m.id = id
		if m.last.Call.ID == id {
			m.follow(m.last, now)
		}
		if m.hanging && m.id != 0 {
			m.do(hangUp)
		}
	}
	m.hanging = false
	m.dialAsked()
}

// update is the engine's news. Calls of the self-test pass by.
func (m *machine) update(snap call.Snapshot, now time.Time) {
	m.state, m.last = snap.State, snap
	if m.id != 0 && snap.Call.ID == m.id {
		m.follow(snap, now)
	}
	m.dialAsked()
}

// follow brings the screen up to the state of the visitor's call.
func (m *machine) follow(snap call.Snapshot, now time.Time) {
	s, c := &m.status, &snap.Call
	if snap.State == call.Idle {
		m.id = 0
		m.over(c.Reason, now)
		return
	}
	if m.ask != NoButton || s.Screen == Ending {
		return // it is on its way out, and the screen is about something else
	}
	switch snap.State {
	case call.Clearing:
		m.show(Ending, now)
		return
	case call.InCall:
		if s.Screen != Talking {
			m.show(Talking, now)
			m.prompt(PromptNone, now)
			m.ear = newEar(now)
		}
		s.Answered, s.Ringing, m.waitAt = c.Answered, false, time.Time{}
	default:
		s.Ringing = snap.State == call.Ringing
		switch {
		case !s.Ringing || c.EarlyMedia:
			m.waitAt = time.Time{} // the network speaks for itself
		case m.waitAt.IsZero():
			m.waitAt = now.Add(waitEvery)
		}
	}
	s.Hears = c.MediaUp || c.EarlyMedia
	if held := snap.State == call.InCall && (c.RemoteHold || c.Hold.On); held != s.Held {
		s.Held = held
		m.ear.alive(now)
		if held {
			s.SilenceEnds = time.Time{} // its warning gives way to the new prompt
			m.prompt(PromptHeld, now)
		}
	}
	if s.Screen == Talking {
		m.ear.hear(c.Stats, now.After(m.deafUntil), s.Held, now)
		m.listen(now)
	}
}

// over is the end of the visitor's call.
func (m *machine) over(r call.Reason, now time.Time) {
	s := &m.status
	s.Ringing, s.Held, s.Hears, s.SilenceEnds = false, false, false, time.Time{}
	m.waitAt = time.Time{}
	if m.ask != NoButton {
		return // the next one begins at once
	}
	if m.code != "" && r.Local {
		r = call.Reason{Code: m.code, Local: true}
	}
	answered := !s.Answered.IsZero()
	s.End, s.Answered, m.code = r, time.Time{}, ""
	m.touched = now
	m.show(Over, now)
	m.prompt(promptFor(r, answered), now)
	if unreachable(r.Code) {
		m.do(probe)
	}
}

// unreachable reports whether a call ended because of the network.
func unreachable(c call.Code) bool {
	switch c {
	case call.CodeUnreachable, call.CodeCertificate, call.CodeHandshake, call.CodeTimeout, call.CodeFlowLost:
		return true
	}
	return false
}

// promptFor is what is said after a call.
func promptFor(r call.Reason, answered bool) Prompt {
	switch {
	case r.Code == CodeSilence:
		return PromptEndedSilence
	case unreachable(r.Code):
		return PromptNoNetwork
	case r.OK() || r.Code == call.CodeCancelled:
		return PromptEnded
	case r.Code == call.CodeLineBusy:
		return PromptBusy
	case r.Code == call.CodeNoAnswer, r.Code == call.CodeUnavailable, r.Code == call.CodeDeclined:
		return PromptNoAnswer
	case answered:
		return PromptEnded
	}
	return PromptFailed
}

// touch is any sign of somebody at the screen.
func (m *machine) touch(now time.Time) {
	if m.status.Screen == Talking {
		m.ear.alive(now)
		m.listen(now)
		return
	}
	if m.status.Screen.InCall() {
		return
	}
	if m.touched.IsZero() {
		switch m.status.Screen {
		case Ready:
			m.prompt(PromptWelcome, now)
		case Closed:
			m.prompt(PromptClosed, now)
		}
	}
	m.touched = now
}

// home leaves the screen Over.
func (m *machine) home(now time.Time) {
	if m.status.Screen == Over {
		m.show(m.start(), now)
		m.status.Button, m.status.End = NoButton, call.Reason{}
		m.prompt(PromptNone, now)
		m.touched = now
	}
}

func (m *machine) network(n Network) { m.status.Network = n }

// mayTest reports whether the self-test can begin, and takes note that it
// does.
func (m *machine) mayTest() bool {
	free := !m.status.Screen.InCall() && m.status.Screen != Closed && m.touched.IsZero() && m.state == call.Idle && !m.finish
	m.status.Testing = m.status.Testing || free
	return free
}

// testEnded: the self-test has let go of phone and devices.
func (m *machine) testEnded(now time.Time) {
	m.status.Testing = false
	m.dialAsked()
}

// ends asks for the end of the program, when nobody is using the booth.
func (m *machine) ends(o Outcome) {
	m.finish, m.outcome = true, o
}

// left is the administrator's PIN. It counts for nothing in a call: whoever
// wants out hangs up first.
func (m *machine) left() bool {
	if m.status.Screen.InCall() {
		return false
	}
	m.ends(Left)
	return true
}

// ended reports whether the booth may go, and how. Only the PIN does not wait
// until the visitor has gone.
func (m *machine) ended() (Outcome, bool) {
	quiet := !m.status.Screen.InCall() && !m.status.Testing && (m.touched.IsZero() || m.outcome == Left)
	return m.outcome, m.finish && quiet
}

// tick is the passing of time, up to now.
func (m *machine) tick(now time.Time) {
	if m.status.Screen == Talking {
		m.listen(now)
	}
	if m.status.Screen == Calling && !m.waitAt.IsZero() && !now.Before(m.waitAt) {
		m.waitAt = now.Add(waitEvery)
		m.prompt(PromptWait, now)
	}
	if m.status.Screen.InCall() || m.touched.IsZero() || now.Before(m.touched.Add(m.rules.idle)) {
		return
	}
	m.touched = time.Time{}
	m.status.Resets++
	m.status.Button, m.status.End = NoButton, call.Reason{}
	m.show(m.start(), now)
	m.prompt(PromptNone, now)
}

// listen ends a call in which nobody speaks. A held call has the same bound,
// from the beginning of the hold or the visitor's last sign: who has put it on
// hold may have forgotten it, and the booth must become free. Without a bound
// (silence 0) the organisation leaves the end of every call to people, and the
// hold's too; a far end that is gone is noticed by the session timer.
func (m *machine) listen(now time.Time) {
	s := &m.status
	if m.rules.silence <= 0 {
		return
	}
	end, warn := m.silence()
	switch {
	case !now.Before(end):
		m.code = CodeSilence
		s.SilenceEnds = time.Time{}
		m.show(Ending, now)
		m.takeDown()
	case !now.Before(warn):
		if s.SilenceEnds.IsZero() {
			m.prompt(PromptSilence, now)
		}
		s.SilenceEnds = end
	case !s.SilenceEnds.IsZero():
		s.SilenceEnds = time.Time{}
		m.prompt(PromptNone, now)
	}
}

// silence is when a call ends in which nobody speaks any more, and when that is
// announced.
func (m *machine) silence() (end, warn time.Time) {
	end = m.ear.last.Add(m.rules.silence)
	return end, end.Add(-min(warnTime, m.rules.silence/3))
}

// next is when tick has something to do, zero for never.
func (m *machine) next() time.Time {
	var at time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	s := &m.status
	switch {
	case s.Screen == Calling:
		sooner(m.waitAt)
	case s.Screen == Talking && m.rules.silence > 0:
		end, warn := m.silence()
		if s.SilenceEnds.IsZero() {
			sooner(warn)
		}
		sooner(end)
	case !s.Screen.InCall() && !m.touched.IsZero():
		sooner(m.touched.Add(m.rules.idle))
	}
	return at
}

// view is the status as it is shown.
func (m *machine) view() Status {
	s := m.status
	s.Bright = s.Screen.InCall() || !m.touched.IsZero()
	return s
}

// codeOf gives a network fault its code.
func codeOf(err error) call.Code {
	if c := call.CodeOf(err); c != "" {
		return c
	}
	if errors.Is(err, errSlow) {
		return call.CodeTimeout
	}
	return call.CodeUnreachable
}
