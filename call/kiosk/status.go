package kiosk

import (
	"time"

	"nxphone/call"
)

// Status is all that a booth's screen shows, at one moment. It is a value and
// never holds a number: what is not in it cannot be shown, spoken or logged.
type Status struct {
	// Revision grows with every change.
	Revision uint64
	// Screen is what the visitor sees, Since when that began.
	Screen Screen
	Since  time.Time
	// Button is the one whose call the screen is about (Calling to Over).
	Button Button
	// Emergency: there is a second button.
	Emergency bool

	// Ringing: the far end is being alerted. It holds on the screen Calling.
	Ringing bool
	// Answered is when the call was answered, zero before.
	Answered time.Time
	// Held: the counsellor has put the visitor on hold.
	Held bool
	// Hears: the far end's sound arrives (before: the visitor hears nothing).
	Hears bool
	// SilenceEnds is when the call ends because nobody speaks. It is zero but
	// in the seconds of the warning before; speech or a touch takes it back.
	SilenceEnds time.Time

	// End is why the last call ended; it holds on the screen Over. Its code is
	// CodeSilence where nobody spoke.
	End call.Reason

	// Network is whether a call would reach the server now.
	Network Network
	// Fault says why nobody can be called from here, FaultNone mostly. It is
	// the administrator's to mend, and told on the screen.
	Fault Fault
	// Missing are the settings that the fault is about.
	Missing []string

	// Bright: the screen is to be on in full; else dimmed. It is bright while
	// there is a call and while somebody is there.
	Bright bool
	// Resets grows when the visitor has gone: the screen goes back to its
	// start (language, layout, an open PIN pad). It never grows in a call.
	Resets uint64

	// Prompt is what is to be spoken, once for each value of PromptID; the
	// window calls [Booth.Spoken] with it when it has been. A newer prompt, or
	// PromptNone with a newer ID, cuts an older one short.
	Prompt   Prompt
	PromptID uint64

	// PIN: there is a way out by the administrator's PIN. PINAgain is before
	// when the next one is refused unseen; zero: it may be entered now.
	PIN      bool
	PINAgain time.Time

	// Testing: the nightly self-test is under way. The buttons work all the
	// same and end it.
	Testing bool
	// Test is what the last self-test found; Test.At is zero where none was.
	Test Report
}

// Screen is one of the few pictures of a booth.
type Screen int

// The numbers are written out because the health report shows them by name
// only, but tests and golden files list them in this order.
const (
	// Ready: the buttons, and how the network is.
	Ready Screen = 0
	// Calling: a call is on its way; nobody has answered.
	Calling Screen = 1
	// Talking: the call has been answered.
	Talking Screen = 2
	// Ending: the call is being taken down.
	Ending Screen = 3
	// Over: the call is over, and the screen says why. The buttons work.
	Over Screen = 4
	// Closed: nobody can be called from here; see Status.Fault.
	Closed Screen = 5
)

func (s Screen) String() string {
	switch s {
	case Ready:
		return "ready"
	case Calling:
		return "calling"
	case Talking:
		return "talking"
	case Ending:
		return "ending"
	case Over:
		return "over"
	case Closed:
		return "closed"
	}
	return "screen(?)"
}

// InCall reports whether there is a call of the visitor, in whatever state.
func (s Screen) InCall() bool { return s == Calling || s == Talking || s == Ending }

// Button is one of the booth's.
type Button int

const (
	// NoButton: none has been pressed.
	NoButton Button = 0
	// Counsellor calls kiosk-number.
	Counsellor Button = 1
	// Emergency calls kiosk-emergency.
	Emergency Button = 2
)

// Network is the state of the way to the server.
type Network struct {
	State NetState
	Since time.Time
	// Code says what is wrong while State is NetDown: call.CodeUnreachable,
	// CodeCertificate, CodeHandshake, CodeTimeout or CodeFlowLost.
	Code call.Code
}

// NetState is a word for the network.
type NetState int

const (
	// NetConnecting: not known yet, or just lost and being looked for.
	NetConnecting NetState = 0
	// NetReady: the server has answered lately.
	NetReady NetState = 1
	// NetDown: the server cannot be reached. It is tried again for ever.
	NetDown NetState = 2
)

func (n NetState) String() string {
	switch n {
	case NetReady:
		return "ready"
	case NetDown:
		return "no network"
	}
	return "connecting"
}

// Fault is why a booth is closed.
type Fault string

// The words are stable: the health report shows them, and the catalogue has
// sentences for them.
const (
	FaultNone Fault = ""
	// FaultPolicy: the organisation's policy is missing, or settings in it are
	// (Status.Missing).
	FaultPolicy Fault = "no-policy"
	// FaultBadPolicy: a policy file cannot be read, or a value in it is wrong.
	FaultBadPolicy Fault = "bad-policy"
	// FaultPhone: the phone could not be opened (no sound system, no demo).
	FaultPhone Fault = "no-phone"
)

// CodeSilence is the code of a call that ended because nobody spoke.
const CodeSilence call.Code = "silence"

// Prompt is a sentence to be spoken. The strings name recordings and texts.
type Prompt string

// Every prompt there is; see [Prompts].
const (
	PromptNone Prompt = ""
	// PromptWelcome: somebody has touched the screen: what this is, and to
	// press the button.
	PromptWelcome Prompt = "welcome"
	// PromptCalling and PromptCallingEmergency: a button has been pressed.
	PromptCalling          Prompt = "calling"
	PromptCallingEmergency Prompt = "calling-emergency"
	// PromptWait: it has been ringing for a while; please wait.
	PromptWait Prompt = "wait"
	// PromptHeld: the counsellor has asked the visitor to wait.
	PromptHeld Prompt = "held"
	// PromptSilence: nobody is heard; the call will end; speak or touch.
	PromptSilence Prompt = "silence"
	// PromptEnded: the call is over in the ordinary way.
	PromptEnded Prompt = "ended"
	// PromptEndedSilence: it ended because nobody spoke; press again any time.
	PromptEndedSilence Prompt = "ended-silence"
	// PromptBusy, PromptNoAnswer: please try again in a little while.
	PromptBusy     Prompt = "busy"
	PromptNoAnswer Prompt = "no-answer"
	// PromptNoNetwork: this phone cannot reach anybody now; what else to do.
	PromptNoNetwork Prompt = "no-network"
	// PromptFailed: the call did not come about for another reason.
	PromptFailed Prompt = "failed"
	// PromptClosed: this phone cannot be used (Screen Closed); what else to do.
	PromptClosed Prompt = "closed"
)

// Prompts lists all that can be spoken.
func Prompts() []Prompt {
	return []Prompt{PromptWelcome, PromptCalling, PromptCallingEmergency, PromptWait, PromptHeld, PromptSilence,
		PromptEnded, PromptEndedSilence, PromptBusy, PromptNoAnswer, PromptNoNetwork, PromptFailed, PromptClosed}
}

// Report is what a self-test found. It holds no number.
type Report struct {
	// At is when it ended.
	At time.Time
	// OK: speaker, microphone and line are all well.
	OK bool
	// Sound is the acoustic loop: a tone out of the speaker, heard by the
	// microphone. Line is the call to the echo number.
	Sound, Line Finding
	// Level is the tone's in the microphone (dBFS), Delay the time from the
	// speaker's queue to the microphone, Echo the time there and back over the
	// line; zero where not measured.
	Level float64
	Delay time.Duration
	Echo  time.Duration
	// DeadNights counts the nights in a row on which Sound was not FindingOK.
	DeadNights int
}

// Finding is one result of a self-test. The strings are stable.
type Finding string

const (
	// FindingNone: not tested (no number for it, or broken off).
	FindingNone Finding = ""
	FindingOK   Finding = "ok"
	// FindingDevice: no speaker or microphone could be opened.
	FindingDevice Finding = "no-device"
	// FindingSilent: the microphone gave digital silence, not even noise.
	FindingSilent Finding = "microphone-silent"
	// FindingUnheard: the microphone works, but the tone was not in it: a
	// muted or broken speaker, or a microphone that is covered.
	FindingUnheard Finding = "tone-not-heard"
	// FindingFaint: the tone was heard, but too faintly to talk by.
	FindingFaint Finding = "tone-faint"
	// FindingNoCall: the echo number did not answer.
	FindingNoCall Finding = "no-answer"
	// FindingNoEcho: it answered, but what we sent did not come back.
	FindingNoEcho Finding = "no-echo"
)
