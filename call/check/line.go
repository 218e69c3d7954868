package check

import (
	"time"

	"nxphone/call"
)

// The limits of a good line; notes of the field agree on them to within a
// factor of two (twilio-voice.js' warnings, ITU-T G.114 for the delay).
const (
	lossAbove   = 0.01                   // of the packets
	slowAbove   = 400 * time.Millisecond // there and back
	unevenAbove = 30 * time.Millisecond  // jitter
)

// JudgeLine says what is most wrong with a line that was answered.
func JudgeLine(c call.Call) Code {
	s := c.Stats
	switch all := s.PacketsReceived + s.PacketsLost; {
	case !c.MediaUp || all == 0:
		return LineNoSound
	case float64(s.PacketsLost) > lossAbove*float64(all):
		return LineLoss
	case s.RTT > slowAbove:
		return LineSlow
	case s.Jitter > unevenAbove:
		return LineUneven
	}
	return LineOK
}

// Grade is the verdict as a whole.
type Grade int

// The grades.
const (
	Unknown Grade = 0 // nothing was looked at
	Good    Grade = 1
	Usable  Grade = 2 // calls can be made; something should be better
	Bad     Grade = 3 // a call would suffer, or is impossible
)

// GradeOf is how bad one finding is.
func GradeOf(c Code) Grade {
	switch c {
	case Skipped:
		return Unknown
	case MicOK, SpeakerOK, LineOK:
		return Good
	case MicQuiet, MicNoisy, MicLoud, LineUnset, LineUneven, LineSlow:
		return Usable
	}
	return Bad
}

// Result is what a check has found.
type Result struct {
	Microphone, Speaker, Line Code
	// Voice is what was measured of the microphone, Stats of the line.
	Voice Voice
	Stats call.Stats
	// Reason is why the call of LineFailed ended.
	Reason call.Reason
	// Interrupted: another call began, or the check was left; what had not been
	// looked at by then is Skipped.
	Interrupted bool
}

// Grade is the worst of what was found.
func (r Result) Grade() Grade {
	return max(GradeOf(r.Microphone), GradeOf(r.Speaker), GradeOf(r.Line))
}
