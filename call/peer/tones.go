package peer

import (
	"sync/atomic"
	"time"

	"nxphone/audio/tone"
	"nxphone/call"
)

// How long the tones of an ended call go on: enough periods to be understood,
// and under the 3 s that a session may linger.
const (
	busyPeriods  = 2 // of 1 s
	errorPeriods = 4 // of 0.5 s
)

// signalOf says what a tone sounds like.
func signalOf(t call.Tone) (tone.Signal, bool) {
	plan := tone.Korea()
	switch t {
	case call.ToneRingback:
		return plan.Ringback, true
	case call.ToneBusy:
		return plan.Busy.Repeat(busyPeriods), true
	case call.ToneEnd:
		return plan.End, true
	case call.ToneError:
		return plan.Congestion.Repeat(errorPeriods), true
	}
	return tone.Signal{}, false
}

// tones is what is mixed into the speaker. Any goroutine chooses, the audio
// goroutine plays; neither waits for the other.
type tones struct {
	want atomic.Pointer[tone.Generator]

	// The audio goroutine's own: what sounds, and what fades away under it so
	// that a change does not click.
	now, fading *tone.Generator
}

// play begins a tone in place of the present one and returns its length, 0 for
// none or endless.
func (t *tones) play(what call.Tone) time.Duration {
	sig, ok := signalOf(what)
	if !ok {
		t.want.Store(nil)
		return 0
	}
	t.want.Store(tone.NewGenerator(sig))
	return sig.Dur()
}

// mix adds the tones to a frame.
func (t *tones) mix(frame []int16) {
	if want := t.want.Load(); want != t.now {
		if t.now != nil {
			t.now.Release()
			t.fading = t.now
		}
		t.now = want
	}
	if t.fading != nil && !t.fading.MixInto(frame) {
		t.fading = nil
	}
	if t.now != nil {
		t.now.MixInto(frame)
	}
}
