package present

import (
	"time"

	"nxphone/call"
)

// Observed is what a call shows only over time. It is folded from snapshots and
// levels, and starts anew with each call.
type Observed struct {
	Quality Quality
	Talking Talking
	// MutePending is since when a change of the microphone waits to be
	// confirmed; zero where none does.
	MutePending time.Time
	// MicLost: the microphone was heard in this call and now gives nothing at
	// all, not even the noise of a room.
	MicLost bool

	call  int
	mute  call.Switch
	stats call.Stats
	heard bool // the microphone has given something
	dead  int  // measurements in a row without anything
}

const (
	// muteDue is how long a confirmation of the microphone may take.
	muteDue = 2 * time.Second
	// lostFor is how many measurements of nothing are a lost microphone. A
	// device that is plugged in again comes back sooner.
	lostFor = 4
)

// Next takes a snapshot.
func (o Observed) Next(s call.Snapshot, now time.Time) Observed {
	c := s.Call
	if c.ID != o.call {
		o = Observed{call: c.ID}
	}
	switch {
	case !c.Mute.Pending || s.State == call.Idle:
		o.MutePending = time.Time{}
	case o.MutePending.IsZero() || c.Mute.On != o.mute.On:
		o.MutePending = now
	}
	if c.Mute.On != o.mute.On {
		o.Talking = Talking{} // what was said before was heard
	}
	o.mute = c.Mute
	if s.State == call.InCall && c.Stats != o.stats {
		o.microphone(c)
	}
	o.stats = c.Stats
	o.Quality = o.Quality.Next(s)
	return o
}

func (o *Observed) microphone(c call.Call) {
	switch {
	case c.Hold.On || c.Hold.Pending || c.RemoteHold || c.Stats.LevelMic > silent && c.Stats.LevelMic != 0:
		o.dead = 0
		o.heard = o.heard || c.Stats.LevelMic > silent && c.Stats.LevelMic != 0
	default:
		o.dead++
	}
	o.MicLost = o.heard && o.dead >= lostFor
}

// Heard takes the levels of a moment.
func (o Observed) Heard(l call.Levels) Observed {
	if o.mute.On && !o.mute.Pending {
		o.Talking = o.Talking.Next(l.Mic)
	}
	return o
}
