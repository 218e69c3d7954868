package peer

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/call"
)

func (r *rig) muted(on bool) {
	r.t.Helper()
	r.s.Mute(on)
	await(r, func(e call.MuteConfirmed) bool { return e.On == on })
}

// TestMute: from the confirmation on the far end gets silence, as packets,
// and after the next the voice again.
func TestMute(t *testing.T) {
	t.Parallel()
	for _, codec := range []string{"opus", "pcmu"} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			r, far, _, _ := up(t, Settings{Codecs: []string{codec}}, farOptions{})
			for range 2 {
				r.muted(true)
				from := far.samples()
				eventually(t, "silence arrives", func() bool { return far.samples() > from+window && quiet(far.heard(window)) })
				await[call.StatsMeasured](r, nil)
				if !quiet(far.heard(window)) {
					t.Error("the far end hears something while we are muted")
				}
				r.muted(false)
				far.hears(ourTone)
			}
			r.hears(theirTone)
		})
	}
}

// TestMuteOutlastsEverything: no hold, move or restart opens the microphone.
func TestMuteOutlastsEverything(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.muted(true)
	for i, direction := range []string{"a=inactive", "a=sendrecv"} {
		r.s.Reoffer(i, replace("a=sendrecv", direction)(answer))
		r.applied(i)
	}
	r.s.Reoffer(2, far.offer(true))
	far.accept(r.applied(2).SDP)
	from := far.samples()
	eventually(t, "packets arrive", func() bool { return far.samples() > from+3*window })
	if !quiet(far.heard(window)) {
		t.Error("the far end hears something after an ICE restart")
	}
	other := newFarEnd(t, farOptions{freq: 1800})
	r.s.Reoffer(3, other.offer(false))
	other.accept(r.applied(3).SDP)
	r.hears(1800)
	eventually(t, "packets arrive", func() bool { return other.samples() > 2*window })
	if pcm := other.heard(2 * window); !quiet(pcm) {
		t.Error("the new box hears something")
	}
	r.muted(false)
	other.hears(ourTone)
}

// TestMuteBeforeAnswer: the switch works from the first moment.
func TestMuteBeforeAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	r.muted(true)
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	r.hears(theirTone)
	eventually(t, "packets arrive", func() bool { return far.samples() > 2*window })
	if !quiet(far.heard(2 * window)) {
		t.Error("the far end hears something")
	}
}

// TestMuteWithoutDevice: while no microphone runs, silence is what is handed
// over, and every command is confirmed all the same.
func TestMuteWithoutDevice(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, Settings{}, func(e *Engine) {
		e.opts.Sound = func(ctx context.Context) (audio.Duplex, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
	})
	for _, on := range []bool{true, false, true, true, false} {
		r.muted(on)
	}
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	eventually(t, "the far end gets packets of silence", func() bool { return quiet(far.heard(window)) })
	r.muted(true)
}

// TestMuteManyTimes: the last command wins, and its confirmation is the last.
func TestMuteManyTimes(t *testing.T) {
	t.Parallel()
	r, far, _, _ := up(t, Settings{}, farOptions{})
	for i := range 101 {
		r.s.Mute(i%2 == 0)
	}
	asked := time.Now()
	// A whole interval of the statistics later, or a busy machine still works off
	// what was asked.
	await(r, func(m call.StatsMeasured) bool { return m.Since.After(asked) })
	var last call.MuteConfirmed
	for _, ev := range r.seen {
		if m, ok := ev.(call.MuteConfirmed); ok {
			last = m
		}
	}
	if !last.On || !quiet(far.heard(window)) {
		t.Errorf("confirmed %v, quiet %v", last.On, quiet(far.heard(window)))
	}
}

// TestShutMicrophone: what waits in the ring when the session is closed is not
// sent any more.
func TestShutMicrophone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		handed := false
		v := newVoice(&books{}, slog.New(slog.DiscardHandler), func(call.MediaEvent) { handed = true })
		v.mute(true) // confirmed with the first packet that is handed over
		for range 4 {
			v.capture(make([]int16, audio.FrameLen))
		}
		v.run(ctx)
		if handed {
			t.Fatal("a packet was handed over after the end")
		}
	}
}

// TestDTX: in silence Opus sends a packet now and then, and the first of the
// voice after it is marked.
func TestDTX(t *testing.T) {
	t.Parallel()
	r, far, _, _ := up(t, Settings{DTX: true}, farOptions{})
	r.muted(true)
	await[call.StatsMeasured](r, nil) // Opus takes a while to be sure
	before := far.lastVoice()
	await[call.StatsMeasured](r, nil)
	if n := far.lastVoice() - before; n > 15 {
		t.Errorf("%d packets in a second of silence", n)
	}
	r.muted(false)
	far.hears(ourTone)
	far.mu.Lock()
	defer far.mu.Unlock()
	marked := 0
	for _, h := range far.voice[before:] {
		if h.Marker {
			marked++
		}
	}
	if marked == 0 {
		t.Error("no packet after the silence is marked")
	}
}
