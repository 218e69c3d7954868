package peer

import (
	"context"
	"testing"

	"nxphone/audio"
	"nxphone/audio/tone"
	"nxphone/call"
)

func (r *rig) deaf(on bool) {
	r.t.Helper()
	r.s.Deafen(on)
	await(r, func(e call.DeafConfirmed) bool { return e.On == on })
}

// TestDeafen: the user hears nothing of the far end, which hears the user all
// the same; what is recorded goes on.
func TestDeafen(t *testing.T) {
	t.Parallel()
	taps := make(chan bool, 10000)
	r, far, _ := upWith(t, Settings{}, func(e *Engine) {
		e.opts.FarTap = func(frame []int16) { taps <- quiet(frame) }
	})
	for range 2 {
		r.deaf(true)
		r.hearsSilence()
		far.hears(ourTone)
		for len(taps) > 0 {
			<-taps
		}
		if <-taps {
			t.Error("the recording is deaf too")
		}
		r.deaf(false)
		r.hears(theirTone)
	}
	for i := range 101 {
		r.s.Deafen(i%2 == 0)
	}
	await(r, func(e call.DeafConfirmed) bool { return e.On })
	r.hearsSilence()
}

// TestDeafenWithoutDevice: where nothing plays, that is a fact at once.
func TestDeafenWithoutDevice(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, Settings{}, func(e *Engine) {
		e.opts.Sound = func(ctx context.Context) (audio.Duplex, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
	})
	for _, on := range []bool{true, false, true} {
		r.deaf(on)
	}
}

// sign is the part of what was played since a sample that is a cue, as the
// order of its two tones: -1 falling, 1 rising, 0 none.
func (d *fakeDevice) sign(from int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := [2]int{-1, -1}
	for i, freq := range []float64{523.25, 783.99} {
		for n := from; n+960 <= len(d.played); n += 240 {
			if frame := d.played[n : n+960]; !quiet(frame) && tone.Presence(frame, audio.Rate, freq) > 0.7 {
				at[i] = n
				break
			}
		}
	}
	switch {
	case at[0] < 0 || at[1] < 0:
		return 0
	case at[0] < at[1]:
		return 1
	}
	return -1
}

func (d *fakeDevice) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.played)
}

// TestCues: a falling sign when the microphone was shut, a rising one when it
// was opened, in the user's ear alone, though that is deaf to the far end; and
// none where nothing has changed or none is wanted.
func TestCues(t *testing.T) {
	t.Parallel()
	wanted := make(chan bool, 1)
	wanted <- true
	r, far, _ := upWith(t, Settings{}, func(e *Engine) {
		e.opts.Cues = func() bool {
			w := <-wanted
			wanted <- w
			return w
		}
	})
	r.deaf(true)
	r.hearsSilence()
	start := far.samples()
	for _, c := range []struct {
		on   bool
		want int
	}{{true, -1}, {false, 1}, {true, -1}, {true, 0}, {false, 1}} {
		from := r.dev.count()
		r.muted(c.on)
		eventually(t, "300 ms are played", func() bool { return r.dev.count() > from+3*window })
		if got := r.dev.sign(from); got != c.want {
			t.Errorf("mute %v: sign %d, want %d", c.on, got, c.want)
		}
	}
	<-wanted
	wanted <- false
	from := r.dev.count()
	r.muted(true)
	eventually(t, "300 ms are played", func() bool { return r.dev.count() > from+3*window })
	if got := r.dev.sign(from); got != 0 {
		t.Error("a sign that nobody wants")
	}
	if far.got(start, 523.25)+far.got(start, 783.99) > 0 {
		t.Error("the far end hears the sign")
	}
}
