package peer

import (
	"time"

	"nxphone/audio"
	"nxphone/call"
)

// sound runs the device.
func (s *Session) sound() {
	select {
	case s.eng.device <- struct{}{}:
	case <-s.audio.Done():
		return
	}
	defer func() { <-s.eng.device }()
	dev, err := s.eng.opts.Sound(s.audio)
	if err != nil {
		if s.audio.Err() == nil {
			s.fail(call.CodeAudioDevice, err)
		}
		return
	}
	if s.eng.opts.Chain != nil {
		s.chain.Store(s.eng.opts.Chain())
	}
	if c, ok := dev.(audio.InputCloser); ok {
		s.wg.Go(func() {
			<-s.ctx.Done()
			if err := c.CloseInput(); err != nil {
				s.log.Warn("closing the microphone", "error", err)
			}
		})
	}
	_ = audio.Run(s.audio, dev, dev, s) // only ends with its context
	if err := dev.Close(); err != nil {
		s.log.Warn("closing the sound device", "error", err)
	}
}

// Capture implements audio.Handler for the device's goroutine.
func (s *Session) Capture(frame []int16) {
	if !s.closing.Load() {
		s.voice.capture(frame)
	}
}

// Playout implements audio.Handler likewise.
func (s *Session) Playout(frame []int16) {
	s.ear.pull(frame)
	s.tones.mix(frame)
}

// linger plays the last tone to its end.
func (s *Session) linger() {
	if s.last == call.ToneNone {
		return
	}
	limit := time.NewTimer(min(s.tones.play(s.last)+tail, s.eng.limits.linger))
	defer limit.Stop()
	select {
	case <-limit.C:
	case <-s.audio.Done():
	}
}
