package main

import (
	"context"
	"sync"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/audio/process"
	"nxphone/call/profile"
)

// treatment is what is done to the sound of calls (see package process), as the
// settings say at every moment: what changes works in the call that is up.
type treatment struct {
	store *profile.Store

	mu    sync.Mutex
	chain *process.Chain // of the sound that was opened last; nil: none
	ends  ends           // and what that is
}

// ends are the ends of a sound.
type ends struct {
	// mic: somebody speaks into a microphone; a recording is left as it is.
	mic bool
	// speaker: somebody listens to a speaker.
	speaker bool
}

// endsOf says what there is to treat.
func endsOf(f *files, c device.Choice) ends {
	return ends{
		mic:     f.play == nil && (c.Microphone != profile.NullDevice || len(c.Microphones) > 0),
		speaker: f.record == nil && (c.Speaker != profile.NullDevice || len(c.Speakers) > 0),
	}
}

// settings are what package process is to do.
func (e ends) settings(s profile.Settings) process.Settings {
	out := process.Settings{
		Echo: s.EchoCancellation && e.mic && e.speaker, Noise: s.NoiseSuppression && e.mic, Gain: s.AutomaticGain && e.mic,
		Limit: s.LimiterCeiling > 0 && e.speaker, Ceiling: -float64(s.LimiterCeiling),
	}
	// Rumble disturbs all of them. Where none is wanted the microphone is left
	// as it is.
	out.HighPass = out.Echo || out.Noise || out.Gain
	return out
}

// wrap makes the device of a call.
func (t *treatment) wrap(d audio.Duplex, e ends) audio.Duplex {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chain, t.ends = process.NewChain(e.settings(t.store.Get())), e
	return t.chain.Wrap(d)
}

// none says that the next call's sound is opened by somebody else.
func (t *treatment) none() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chain = nil
}

// now is the chain of the sound that was opened last.
func (t *treatment) now() *process.Chain {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.chain
}

// follow brings changed settings into the call that is up, until ctx ends.
func (t *treatment) follow(ctx context.Context) {
	changed, stop := t.store.Watch()
	defer stop()
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
		t.mu.Lock()
		if t.chain != nil {
			t.chain.Set(t.ends.settings(t.store.Get()))
		}
		t.mu.Unlock()
	}
}
