package shift

import (
	"errors"
	"time"
)

// State is what the counsellor is doing. The strings travel in the web API.
type State string

// The states.
const (
	// Ready for a call, or in one.
	Ready State = "ready"
	// AfterCall: at work on the call that has ended.
	AfterCall State = "after-call"
	// Rest until Status.Until.
	Rest State = "rest"
	// Away from the desk.
	Away State = "away"
)

// States lists every state.
func States() []State { return []State{Ready, AfterCall, Rest, Away} }

// Known reports whether s is one of them.
func (s State) Known() bool {
	switch s {
	case Ready, AfterCall, Rest, Away:
		return true
	}
	return false
}

// Hook says what has become of telling the supervisor's server about Help.
type Hook string

// What may have become of it.
const (
	HookNone    Hook = ""        // nothing was to be told, or no server is set
	HookSending Hook = "sending" // it is being tried
	HookTold    Hook = "told"    // the server has taken it
	HookFailed  Hook = "failed"  // all tries have failed: nobody knows by this way
)

// Status is all that can be known at one moment. Two are equal under == when
// nothing has changed between them.
type Status struct {
	State State
	// Since is when the state began; Until when a rest ends, zero otherwise.
	Since, Until time.Time
	// Then is where a rest leads, empty otherwise.
	Then State

	// Help: the counsellor asks for help, since HelpSince, in the call
	// HelpCall (its number in this phone), 0 for none.
	Help      bool
	HelpCall  int
	HelpSince time.Time
	// Seen: a supervisor has said that the request was seen.
	Seen bool
	// Hook is about the last change of Help.
	Hook Hook

	// RecordFailed: the last lawful ending could not be noted.
	RecordFailed bool

	// Revision is the phone's (call.Snapshot) that was known at the last
	// change: whoever follows both can keep them in order.
	Revision uint64
}

// MaxRest bounds a rest.
const MaxRest = 2 * time.Hour

// Errors of commands, for errors.Is.
var (
	// ErrStopped: Run has ended.
	ErrStopped = errors.New("shift: it has ended")
	// ErrState: no such state.
	ErrState = errors.New("shift: no such state")
	// ErrNoRest: the organisation has set no rest, and none was named.
	ErrNoRest = errors.New("shift: no rest is set")
)

// Rules are the settings, asked for at every step so that a change counts at
// once.
type Rules struct {
	// AfterCall: the state after-call begins by itself.
	AfterCall bool
	// Rest is how long a rest is, 0 for none by itself.
	Rest time.Duration
	// HelpURL is the supervisor's server, "" for none. See CheckURL.
	HelpURL string
	// HelpNumber: the number called goes to it. Only a policy may say so.
	HelpNumber bool
	// Extension is the phone's own.
	Extension string
	// Digits of a number that the record may show, at its end; at most 4 are
	// ever shown.
	Digits int
}
