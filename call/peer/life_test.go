package peer

import (
	"context"
	"errors"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
	"nxphone/call"
)

// TestEndTone: Close stops microphone and network at once; the last tone is
// played to its end, and then the device closes.
func TestEndTone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tone    call.Tone
		freqs   []float64
		atLeast time.Duration
		named   string
	}{
		{call.ToneBusy, []float64{480, 620}, 1500 * time.Millisecond, "busy"},
		{call.ToneError, []float64{480, 620}, 1500 * time.Millisecond, "error"},
		{call.ToneEnd, []float64{620, 480}, 300 * time.Millisecond, "end"},
		{call.ToneNone, nil, 0, "none"},
	} {
		t.Run(c.named, func(t *testing.T) {
			t.Parallel()
			r, _, _, _ := up(t, Settings{}, farOptions{})
			played := r.dev.count()
			start := time.Now()
			r.s.Close(c.tone)
			r.s.Close(call.ToneRingback) // does nothing
			sent, _ := r.s.Stats()
			<-r.dev.closed
			if took := time.Since(start); took < c.atLeast {
				t.Errorf("the device closed after %v", took)
			}
			if all, _ := r.s.Stats(); all.PacketsSent > sent.PacketsSent+2 {
				t.Errorf("%d packets were sent after the end", all.PacketsSent-sent.PacketsSent)
			}
			if d := r.dev.soundSince(played); d > 3*time.Second || d < c.atLeast/2 {
				t.Errorf("there was sound for %v after the end", d)
			}
			after := r.dev.played[played:]
			if !sounds(after, c.freqs) {
				t.Errorf("%v Hz were not played", c.freqs)
			}
		})
	}
}

// lasted is the time to the last sound in pcm: of the device's clock, not of
// the machine's, which may be busy.
func lasted(pcm []int16) time.Duration {
	n := len(pcm)
	for n > 0 && quiet(pcm[n-1:n]) {
		n--
	}
	return time.Duration(n) * time.Second / audio.Rate
}

// soundSince is how long a device that is closed sounded since a moment.
func (d *fakeDevice) soundSince(played int) time.Duration {
	<-d.closed
	d.mu.Lock()
	defer d.mu.Unlock()
	return lasted(d.played[played:])
}

// busyLength is less than the busy tone has when it is not cut.
const busyLength = 1400 * time.Millisecond

// sounds reports whether each frequency is found in some 50 ms of pcm.
func sounds(pcm []int16, freqs []float64) bool {
	for _, f := range freqs {
		found := false
		for at := 0; at+2400 <= len(pcm); at += 2400 {
			found = found || tone.Presence(pcm[at:at+2400], 48000, f) > 0.35
		}
		if !found {
			return false
		}
	}
	return true
}

// TestEndToneIsCut: the next call does not wait for the last one's tone.
func TestEndToneIsCut(t *testing.T) {
	t.Parallel()
	r, _, _, _ := up(t, Settings{}, farOptions{})
	first := r.dev
	played := first.count()
	r.s.Close(call.ToneBusy)
	r.dev = newDevice(ourTone)
	second := r.dev
	r.eng.opts.Sound = func(ctx context.Context) (audio.Duplex, error) {
		select {
		case <-first.closed:
		default:
			t.Error("the second device is opened while the first is open")
		}
		return second.open(ctx)
	}
	r.seen = nil
	r.s = r.eng.Open(call.Request{}, func(ev call.MediaEvent) { r.events <- ev })
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	r.hears(theirTone)
	if d := first.soundSince(played); d > busyLength {
		t.Errorf("the last call's tone went on for %v", d)
	}
}

// TestMicrophoneClosesFirst: the end tone of a call is played with the
// microphone given back.
func TestMicrophoneClosesFirst(t *testing.T) {
	t.Parallel()
	r, _, _, _ := up(t, Settings{}, farOptions{})
	r.s.Close(call.ToneBusy)
	<-r.dev.mute
	select {
	case <-r.dev.closed:
		t.Error("the tone was cut")
	default:
	}
	<-r.dev.closed
}

// TestEngineClose waits for the end tone, or cuts it when time is up.
func TestEngineClose(t *testing.T) {
	t.Parallel()
	for _, patience := range []time.Duration{30 * time.Second, 50 * time.Millisecond} {
		t.Run(patience.String(), func(t *testing.T) {
			t.Parallel()
			// A busy machine may take its time to close, after the tone was cut.
			r, _, _ := upWith(t, Settings{}, func(e *Engine) { e.limits.grace = time.Minute })
			played := r.dev.count()
			r.s.Close(call.ToneBusy)
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := r.eng.Close(ctx); err != nil {
				t.Error(err)
			}
			select {
			case <-r.dev.closed:
			default:
				t.Error("the device is still open")
			}
			if d := r.dev.soundSince(played); d > busyLength != (patience > time.Second) {
				t.Errorf("there was sound for %v", d)
			}
			late := r.eng.Open(call.Request{}, func(ev call.MediaEvent) { t.Errorf("a closed engine tells %T", ev) })
			late.Mute(true)
			late.Close(call.ToneNone)
		})
	}
}

// TestCloseAtAnyTime: nothing is told after Close, whenever it comes.
func TestCloseAtAnyTime(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 100 * time.Microsecond, time.Millisecond, 3 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond, 100 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Settings{})
			far := newFarEnd(t, farOptions{freq: theirTone})
			if after >= 3*time.Millisecond {
				r.s.Answer(far.answer(r.offer()), false)
			}
			<-time.After(after)
			r.s.Close(call.ToneNone)
			n := len(r.events)
			r.s.Answer("x", false)
			r.s.Reoffer(1, "")
			r.s.Mute(true)
			r.s.SendDTMF("1")
			r.s.Tone(call.ToneRingback)
			r.close() // nothing of it goes on
			// One may have been about to be told, but no answer to what was asked
			// after the end.
			if m := len(r.events); m > n+1 {
				t.Errorf("%d events were told after Close", m-n)
			}
			for len(r.events) > 0 {
				switch ev := (<-r.events).(type) {
				case call.MediaFailed, call.PeerOfferApplied, call.MuteConfirmed, call.DTMFSent, call.DTMFByInfo:
					t.Errorf("told %T", ev)
				}
			}
		})
	}
}

// TestNoDevice: a call without a sound device is none.
func TestNoDevice(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, Settings{}, func(e *Engine) {
		e.opts.Sound = func(context.Context) (audio.Duplex, error) { return nil, errors.New("no such device") }
	})
	got := await[call.MediaFailed](r, nil).Reason
	if got.Code != call.CodeAudioDevice || got.Phrase != "no such device" {
		t.Errorf("got %+v", got)
	}
}

// TestNoWay: the call was answered and no packet ever comes through.
func TestNoWay(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, Settings{}, func(e *Engine) { e.limits.connect = 500 * time.Millisecond })
	far := newFarEnd(t, farOptions{freq: theirTone})
	answer := far.answer(r.offer())
	far.close()
	r.s.Answer(answer, true) // while it rings there is no hurry
	<-time.After(700 * time.Millisecond)
	for len(r.events) > 0 {
		if f, ok := (<-r.events).(call.MediaFailed); ok {
			t.Fatalf("failed before the answer: %+v", f.Reason)
		}
	}
	r.s.Answer(answer, false)
	if got := await[call.MediaFailed](r, nil).Reason; got.Code != call.CodeMedia || got.Phrase != errNoWay.Error() {
		t.Errorf("got %+v", got)
	}
}

// TestFarEndGone: a peer that falls silent in mid-call is waited for, and then
// the call fails.
func TestFarEndGone(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, Settings{}, func(e *Engine) {
		e.limits.disconnected, e.limits.failed = 500*time.Millisecond, 1500*time.Millisecond
	})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	r.hears(theirTone)
	start := time.Now()
	far.close()
	got := await[call.MediaFailed](r, nil).Reason
	if took := time.Since(start); got.Code != call.CodeMedia || took < time.Second {
		t.Errorf("%+v after %v", got, took)
	}
}

// TestStats: what is measured agrees with what happened.
func TestStats(t *testing.T) {
	t.Parallel()
	r, _, _, _ := up(t, Settings{}, farOptions{})
	got := await(r, func(e call.StatsMeasured) bool { return e.Stats.RTT > 0 }).Stats
	if got.PacketsSent < 50 || got.PacketsReceived < 50 || got.PacketsLost > 2 {
		t.Errorf("packets: %+v", got)
	}
	if got.Buffered <= 0 || got.Played == 0 {
		t.Errorf("times: %+v", got)
	}
	// A busy machine may tear a hole into an interval, but not into each.
	await(r, func(e call.StatsMeasured) bool {
		return e.Stats.RTT > 0 && e.Stats.RTT < time.Second && e.Stats.Jitter < 100*time.Millisecond
	})
	// Both tones have -12 dBFS.
	near := func(level float64) bool { return level > -14 && level < -10 }
	await(r, func(e call.StatsMeasured) bool { return near(e.Stats.LevelIn) && near(e.Stats.LevelOut) })
}

// TestFarTap gets the far end and none of our own tones.
func TestFarTap(t *testing.T) {
	t.Parallel()
	tapped := make(chan []int16, 10000)
	first := make(chan time.Time, 1)
	r := newRigWith(t, Settings{}, func(e *Engine) {
		e.opts.FarTap = func(f []int16) { tapped <- append([]int16(nil), f...) }
		e.opts.OnFirstFrame = func(at time.Time) { first <- at }
	})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	r.hears(theirTone)
	r.s.Tone(call.ToneBusy)
	for len(tapped) > 0 {
		<-tapped
	}
	var pcm []int16
	for range 50 {
		pcm = append(pcm, <-tapped...)
	}
	if theirs, ours := tone.Power(pcm, 48000, theirTone), max(tone.Power(pcm, 48000, 480), tone.Power(pcm, 48000, 620)); theirs < ours+20 {
		t.Errorf("the far end's tone has %.0f dBFS in the tap, the busy tone %.0f", theirs, ours)
	}
	if at := <-first; time.Since(at) > 10*time.Second {
		t.Errorf("the first frame was at %v", at)
	}
}
