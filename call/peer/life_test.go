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
			r, far, _, _ := up(t, Settings{}, farOptions{})
			r.dev.mu.Lock()
			played := len(r.dev.played)
			r.dev.mu.Unlock()
			start := time.Now()
			r.s.Close(c.tone)
			r.s.Close(call.ToneRingback) // does nothing
			sent := far.samples()
			<-r.dev.closed
			took := time.Since(start)
			if took < c.atLeast || took > 3*time.Second {
				t.Errorf("the device closed after %v", took)
			}
			if n := far.samples() - sent; n > 10*960 {
				t.Errorf("the far end got %d samples after the end", n)
			}
			r.dev.mu.Lock()
			after := r.dev.played[played:]
			r.dev.mu.Unlock()
			if !sounds(after, c.freqs) {
				t.Errorf("%v Hz were not played", c.freqs)
			}
		})
	}
}

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
	start := time.Now()
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
	if took := time.Since(start); took > 1500*time.Millisecond {
		t.Errorf("it took %v to be in the next call", took)
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
	for _, patience := range []time.Duration{5 * time.Second, 50 * time.Millisecond} {
		t.Run(patience.String(), func(t *testing.T) {
			t.Parallel()
			r, _, _, _ := up(t, Settings{}, farOptions{})
			r.s.Close(call.ToneEnd)
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			start := time.Now()
			if err := r.eng.Close(ctx); err != nil {
				t.Error(err)
			}
			select {
			case <-r.dev.closed:
			default:
				t.Error("the device is still open")
			}
			if took := time.Since(start); patience < time.Second && took > 400*time.Millisecond {
				t.Errorf("it took %v", took)
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
			r.s.Answer("x", false)
			r.s.Reoffer(1, "")
			r.s.Mute(true)
			r.s.SendDTMF("1")
			r.s.Tone(call.ToneRingback)
			<-time.After(20 * time.Millisecond)
			n := len(r.events)
			<-time.After(50 * time.Millisecond)
			if m := len(r.events); m != n {
				t.Errorf("%d events were told after Close", m-n)
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
	if got.RTT > time.Second || got.Jitter > 100*time.Millisecond || got.Buffered <= 0 || got.Played == 0 {
		t.Errorf("times: %+v", got)
	}
	// Both tones have -12 dBFS; a busy machine may tear a hole into an
	// interval, but not into each.
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
