package kiosk

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"nxphone/audio"
)

// Speaker is a speaker that somebody has opened.
type Speaker interface {
	audio.Output
	io.Closer
}

// Voice lets a booth speak: by the speaker of the call that is up, into which
// it is mixed, or by one that it opens itself. A speaker that only one can use
// (ALSA without a mixer) is given to the call: the booth's own is closed first.
type Voice struct {
	open func(ctx context.Context) (Speaker, error)

	mu      sync.Mutex
	opening bool    // a call is opening its sound
	call    *spoken // the sound of the call that is up; nil: none
	own     map[*mouth]struct{}
}

// NewVoice makes a voice; open opens the speaker.
func NewVoice(open func(ctx context.Context) (Speaker, error)) *Voice {
	return &Voice{open: open, own: map[*mouth]struct{}{}}
}

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

// Speaker is an [audio.Output] for one prompt, which ends up wherever the
// booth can be heard just then. Its methods belong to one goroutine.
func (v *Voice) Speaker(ctx context.Context) (Speaker, error) {
	m := &mouth{voice: v, ctx: ctx}
	v.mu.Lock()
	v.own[m] = struct{}{}
	v.mu.Unlock()
	if s, free := v.now(); s == nil && free {
		if err := m.openOwn(); err != nil {
			_ = m.Close()
			return nil, err
		}
	}
	return m, nil
}

// now is the sound of the call that is up, nil where there is none, and then
// whether the speaker is free.
func (v *Voice) now() (s *spoken, free bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.call, !v.opening
}

// mouth is one prompt's way to the speaker.
type mouth struct {
	voice *Voice
	ctx   context.Context // of the opening

	mu   sync.Mutex
	own  Speaker // nil while a call's speaker serves, or none
	mute bool    // no speaker can be had: the rest of the prompt is lost
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

// Room implements audio.Output. It may open a speaker: the call whose speaker
// served may be over.
func (m *mouth) Room() bool {
	s, free := m.voice.now()
	if s != nil {
		return s.ring.Free() >= audio.FrameLen
	}
	m.mu.Lock()
	own, mute := m.own, m.mute
	m.mu.Unlock()
	switch {
	case mute:
		return true
	case own != nil:
		return own.Room()
	case free:
		if err := m.openOwn(); err != nil {
			m.mu.Lock()
			m.mute = true
			m.mu.Unlock()
		}
	}
	return false // it is asked again in a moment
}

// Write implements audio.Output.
func (m *mouth) Write(frame []int16) {
	if s, _ := m.voice.now(); s != nil {
		s.ring.Write(frame)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.own != nil {
		m.own.Write(frame)
	}
}

// Close implements io.Closer.
func (m *mouth) Close() error {
	m.voice.mu.Lock()
	defer m.voice.mu.Unlock()
	delete(m.voice.own, m)
	m.close()
	return nil
}

// spoken is the sound of a call with the booth's voice in its speaker.
type spoken struct {
	audio.Duplex
	voice  *Voice
	ring   *audio.Ring
	frame  [audio.FrameLen]int16 // of the audio goroutine
	closed atomic.Bool
}

// duck is how far the far end steps back while the booth speaks.
const duck = 0.35

// Write implements audio.Output.
func (s *spoken) Write(frame []int16) {
	n := s.ring.Read(s.frame[:])
	if n == 0 {
		s.Duplex.Write(frame)
		return
	}
	clear(s.frame[n:])
	audio.MixInto(s.frame[:], frame, duck)
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
	if s.closed.CompareAndSwap(false, true) {
		s.voice.mu.Lock()
		if s.voice.call == s {
			s.voice.call = nil
		}
		s.voice.mu.Unlock()
	}
	return s.Duplex.Close()
}
