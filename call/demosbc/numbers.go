package demosbc

import "time"

// action is one thing that a number does.
type action int

const (
	doRing   action = iota // 180, and again every minute
	doEarly                // 183 with SDP and early media
	doAnswer               // 200; what follows waits for the ACK
	doHangup               // BYE
	doHold                 // re-INVITE sendonly, with music
	doResume               // re-INVITE sendrecv
)

// step is an action and how long to wait for it after the one before.
type step struct {
	wait time.Duration
	do   action
}

// plan is what a number does with a call.
type plan struct {
	// silent sends no 100.
	silent bool
	// refuse is the final response of a number that never answers; 0 for the
	// others.
	refuse int
	reason string
	// steps follow each other.
	steps []step
	// sound is what the phone hears after the answer.
	sound sound
}

// later is the sound that the number will want some seconds from now and that
// takes a moment to make; soundNone for most.
func (p plan) later() sound {
	for _, s := range p.steps {
		if s.do == doHold {
			return soundMusic
		}
	}
	if p.sound == soundMessage {
		return soundMessage
	}
	return soundNone
}

// planFor is the number plan. ring is the time from 180 to 200 of the numbers
// that answer soon, early that from 183 to 200 of the one with early media.
// Unknown numbers are refused like 604, but after a 100.
func planFor(number string, ring, early time.Duration) plan {
	switch number {
	case "600": // echo
		return plan{sound: soundEcho, steps: []step{{0, doRing}, {ring, doAnswer}}}
	case "601": // early media, then echo
		return plan{sound: soundEcho, steps: []step{{0, doEarly}, {early, doAnswer}}}
	case "602": // rings, plays a message and stays up
		return plan{sound: soundMessage, steps: []step{{0, doRing}, {3 * time.Second, doAnswer}}}
	case "603": // busy
		return plan{refuse: 486, reason: "Busy Here"}
	case "604": // unknown
		return plan{silent: true, refuse: 404, reason: "Not Found"}
	case "605": // rings for ever
		return plan{steps: []step{{0, doRing}}}
	case "606": // hangs up
		return plan{sound: soundEcho, steps: []step{{0, doRing}, {ring, doAnswer}, {3 * time.Second, doHangup}}}
	case "607": // holds and resumes
		return plan{sound: soundEcho, steps: []step{
			{0, doRing}, {ring, doAnswer}, {3 * time.Second, doHold}, {3 * time.Second, doResume},
		}}
	}
	return plan{refuse: 404, reason: "Not Found"}
}
