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
	// short is a sign that sounds beside the tone, and once.
	short atomic.Pointer[tone.Generator]

	// The audio goroutine's own: what sounds, and what fades away under it so
	// that a change does not click.
	now, fading *tone.Generator
	sign        *tone.Generator
}

// cueLevel is a little softer than the far end's voice.
const cueLevel = tone.Level - 6

// cueOf is the sign of a microphone that was shut (falling) or opened (rising):
// a fifth, so that nobody takes one for the other, and short, so that nobody
// waits for it.
func cueOf(muted bool) tone.Signal {
	first, second := 523.25, 783.99 // C5, G5
	if muted {
		first, second = second, first
	}
	return tone.Signal{Times: 1, Segments: []tone.Segment{
		{F1: first, DB: cueLevel, Dur: 60 * time.Millisecond},
		{F1: second, DB: cueLevel, Dur: 80 * time.Millisecond},
	}}
}

// cue plays the sign of a mute or its end.
func (t *tones) cue(muted bool) { t.short.Store(tone.NewGenerator(cueOf(muted))) }

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
	// A newer sign is not drowned by the rest of the one before.
	if sign := t.short.Swap(nil); sign != nil {
		t.sign = sign
	}
	if t.sign != nil && !t.sign.MixInto(frame) {
		t.sign = nil
	}
}
