package kiosk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// Voice lets a booth speak: by the speaker of the call that is up, into which
// it is mixed, or by one that it opens itself. A speaker that only one can use
// (ALSA without a mixer) is given to the call: the booth's own is closed first.
// It also holds how loud the far end is played. Its methods may be called from
// any goroutine.
type Voice struct {
	open func(ctx context.Context) (audio.OutputDevice, error)
	loud atomic.Int32 // the step of the volume

	mu      sync.Mutex
	opening bool    // a call is opening its sound
	call    *spoken // the sound of the call that is up; nil: none
	own     map[*mouth]struct{}
}

// NewVoice makes a voice; open opens the speaker.
func NewVoice(open func(ctx context.Context) (audio.OutputDevice, error)) *Voice {
	v := &Voice{open: open, own: map[*mouth]struct{}{}}
	v.loud.Store(usualStep)
	return v
}

// The steps of the volume, and the one that leaves the far end as it is. The
// loudest clips a voice that is loud already, which somebody who hears badly
// prefers to one that is too faint.
const (
	steps     = 5
	usualStep = 3
)

// gain is what a step of the volume does to the far end: -8, -4, 0, +6, +12 dB.
func gain(step int32) float32 {
	return [steps]float32{0.398, 0.631, 1, 1.995, 3.981}[min(max(step, 1), steps)-1]
}

// Level is the present step of the volume, from 1 to most.
func (v *Voice) Level() (level, most int) { return int(v.loud.Load()), steps }

// SetLevel takes another step.
func (v *Voice) SetLevel(level int) { v.loud.Store(int32(min(max(level, 1), steps))) }

// Around opens the sound of a call by way of the voice: what is spoken while it
// is open goes through it.
func (v *Voice) Around(open func() (audio.Duplex, error)) (audio.Duplex, error) {
	v.mu.Lock()
	v.opening = true
	for m := range v.own {
		m.close()
	}
	v.mu.Unlock()
	d, err := open()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.opening = false
	if err != nil {
		return nil, err
	}
	v.call = &spoken{Duplex: d, voice: v, ring: audio.NewRing(ahead * audio.FrameLen)}
	return v.call, nil
}

// ahead is how many frames of speech may wait for a call's speaker.
const ahead = 8

const (
	// playTick is how often Play looks for room, playTail what it gives a
	// device to play what it has queued.
	playTick = 5 * time.Millisecond
	playTail = 120 * time.Millisecond
)

// Play speaks pcm (48 kHz mono) wherever the booth can be heard just then, and
// returns when it is over or ctx ends. What is spoken while a call takes the
// speaker goes on there.
func (v *Voice) Play(ctx context.Context, pcm []int16) error {
	m := &mouth{voice: v, ctx: ctx}
	v.mu.Lock()
	v.own[m] = struct{}{}
	v.mu.Unlock()
	defer m.leave()
	tick := time.NewTicker(playTick)
	defer tick.Stop()
	var frame [audio.FrameLen]int16
	for len(pcm) > 0 {
		for len(pcm) > 0 && m.room() {
			clear(frame[copy(frame[:], pcm):])
			pcm = pcm[min(len(pcm), len(frame)):]
			m.write(frame[:])
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if m.err != nil {
			return m.err
		}
	}
	timer := time.NewTimer(playTail)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// now is the sound of the call that is up, nil where there is none, and then
// whether the speaker is free.
func (v *Voice) now() (s *spoken, free bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.call, !v.opening
}

// mouth is one prompt's way to the speaker. room and write belong to Play.
type mouth struct {
	voice *Voice
	ctx   context.Context
	err   error // of opening a speaker

	mu  sync.Mutex
	own audio.OutputDevice // nil while a call's speaker serves, or none
}

// openOwn opens the booth's own speaker.
func (m *mouth) openOwn() error {
	s, err := m.voice.open(m.ctx)
	if err != nil {
		return err
	}
	m.voice.mu.Lock()
	defer m.voice.mu.Unlock()
	if _, here := m.voice.own[m]; m.voice.call != nil || m.voice.opening || !here {
		return s.Close() // a call has come meanwhile
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own = s
	return nil
}

// close gives the booth's own speaker back. voice.mu is held.
func (m *mouth) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.own != nil {
		_ = m.own.Close()
		m.own = nil
	}
}

// room reports whether another frame can be written. It may open a speaker:
// there is none at first, and none when the call whose speaker served is over.
func (m *mouth) room() bool {
	s, free := m.voice.now()
	if s != nil {
		return s.ring.Free() >= audio.FrameLen
	}
	m.mu.Lock()
	own := m.own
	m.mu.Unlock()
	if own != nil {
		return own.Room()
	}
	if free && m.err == nil {
		m.err = m.openOwn()
	}
	return false // it is asked again in a moment
}

func (m *mouth) write(frame []int16) {
	if s, _ := m.voice.now(); s != nil {
		s.say.Lock()
		s.ring.Write(frame)
		s.say.Unlock()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.own != nil {
		m.own.Write(frame)
	}
}

// leave ends the prompt.
func (m *mouth) leave() {
	m.voice.mu.Lock()
	defer m.voice.mu.Unlock()
	delete(m.voice.own, m)
	m.close()
}

// spoken is the sound of a call with the booth's voice in its speaker.
type spoken struct {
	audio.Duplex
	voice *Voice
	say   sync.Mutex // held by whoever writes into ring: two prompts may overlap
	ring  *audio.Ring
	frame [audio.FrameLen]int16 // of the audio goroutine
}

// duck is how far the far end steps back while the booth speaks.
const duck = 0.35

// Write implements audio.Output. It neither waits nor allocates.
func (s *spoken) Write(frame []int16) {
	g := gain(s.voice.loud.Load())
	n := s.ring.Read(s.frame[:])
	clear(s.frame[n:])
	if n > 0 {
		g *= duck
	}
	audio.MixInto(s.frame[:], frame, g)
	s.Duplex.Write(s.frame[:])
}

// CloseInput implements audio.InputCloser, where the device can.
func (s *spoken) CloseInput() error {
	if c, ok := s.Duplex.(audio.InputCloser); ok {
		return c.CloseInput()
	}
	return nil
}

// Close implements audio.Duplex.
func (s *spoken) Close() error {
	s.voice.mu.Lock()
	if s.voice.call == s {
		s.voice.call = nil
	}
	s.voice.mu.Unlock()
	return s.Duplex.Close()
}
