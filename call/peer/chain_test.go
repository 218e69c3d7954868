package peer

import (
	"context"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/process"
	"nxphone/call"
)

// TestMuteBehindTheChain: whatever is done to the microphone's sound, what is
// handed to the encoder while muted is exact silence, also while stages come and
// go; and the statistics hold what the chain does.
func TestMuteBehindTheChain(t *testing.T) {
	t.Parallel()
	all := process.Settings{HighPass: true, Echo: true, Gain: true, Limit: true, Ceiling: -6}
	chain := process.NewChain(all)
	r := newRigWith(t, Settings{}, func(e *Engine) {
		open := e.opts.Sound
		e.opts.Sound = func(ctx context.Context) (audio.Duplex, error) {
			d, err := open(ctx)
			if err != nil {
				return nil, err
			}
			return chain.Wrap(d), nil
		}
		e.opts.Chain = func() *process.Chain { return chain }
	})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	far.hears(ourTone)
	r.muted(true)
	confirmed := time.Now()
	for i := 0; ; i++ {
		if i%2 == 0 {
			chain.Set(process.Settings{})
		} else {
			chain.Set(all)
		}
		m := await[call.StatsMeasured](r, nil)
		if m.Since.Before(confirmed) {
			continue // its interval began before the mute
		}
		if m.Stats.LevelIn != audio.Silence || m.Stats.LevelMic < -40 {
			t.Errorf("muted: %v dBFS are handed to the encoder, of %v", m.Stats.LevelIn, m.Stats.LevelMic)
		}
		if i >= 3 {
			break
		}
	}
	chain.Set(all)
	r.muted(false)
	far.hears(ourTone)
	eventually(t, "a tone of the far end is told of", func() bool {
		m := await[call.StatsMeasured](r, nil)
		did := m.Stats.Treatment
		return did.Echo && did.Gain && did.Limit && did.Tones+did.Jumps > 0 && did.LimitMost > 3
	})
}

// TestFaintMicrophoneIsNotDead: where nothing is left of a faint room the
// statistics still know the microphone from one that gives nothing.
func TestFaintMicrophoneIsNotDead(t *testing.T) {
	t.Parallel()
	chain := process.NewChain(process.Settings{HighPass: true})
	s := newSession(New(Options{}), call.Request{}, func(call.MediaEvent) {})
	s.chain.Store(chain)
	frame := make([]int16, audio.FrameLen)
	hear := func(x int16) float64 {
		from := s.mark()
		for range 100 {
			for i := range frame {
				frame[i] = x // the high-pass leaves nothing of it
			}
			chain.Near(frame)
			s.voice.mouth.add(frame)
		}
		s.marks = from
		return s.stats(s.mark()).LevelMic
	}
	hear(2) // the beginning of it passes
	if got := hear(2); got != leastMic {
		t.Errorf("a faint microphone is at %v dBFS", got)
	}
	hear(0)
	if got := hear(0); got != audio.Silence {
		t.Errorf("a dead microphone is at %v dBFS", got)
	}
}
