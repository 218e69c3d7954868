package peer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
	"nxphone/call/peer/transport"
)

const (
	// tail lets a device play what it has queued.
	tail = 120 * time.Millisecond
	// measureEvery is the interval of statistics and RTCP.
	measureEvery = time.Second
)

// Session is one call's sound. One goroutine (run) owns the negotiation; voice,
// sound and network have their own and share only what is atomic or locked.
type Session struct {
	eng   *Engine
	set   Settings
	log   *slog.Logger
	inbox *mailbox
	told  func(call.MediaEvent)

	voice *voice
	ear   *ear
	tones tones
	books books

	ctx    context.Context // ends with Close: microphone and network
	cancel context.CancelFunc
	audio  context.Context // ends with the end tone: the device
	cut    context.CancelFunc
	wg     sync.WaitGroup

	closing atomic.Bool
	last    call.Tone // set before closing
	once    sync.Once

	// Below: only run's goroutine.
	ours     []sdp.Codec
	paths    []*path // all that are not closed yet
	cur      *path   // carries the call, or will
	next     *path   // is to replace it
	pending  *path   // next, while our re-INVITE for it is not answered
	version  uint64
	session  uint64
	answered bool
	lastSDP  string
	deadline *time.Timer
}

func newSession(e *Engine, tell func(call.MediaEvent)) *Session {
	s := &Session{eng: e, set: e.opts.Settings(), log: e.log, inbox: newMailbox(), told: tell}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.audio, s.cut = context.WithCancel(context.Background())
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // never fails since Go 1.24
	ssrc := binary.BigEndian.Uint32(seed[0:]) | 1
	s.books.out = stream.NewOutbound(ssrc, binary.BigEndian.Uint16(seed[4:])>>1, binary.BigEndian.Uint32(seed[6:]))
	s.books.cname = rand.Text()[:16]
	s.session = binary.BigEndian.Uint64(seed[8:]) >> 2
	s.voice = newVoice(&s.books, s.set.DTX, s.log, s.tell)
	s.ear = newEar(&s.books, s.log, s.tell, &s.tones)
	s.ear.tap, s.ear.first = e.opts.FarTap, e.opts.OnFirstFrame
	s.ours = offered(s.set.Codecs)
	return s
}

// tell passes an event on unless the session has been closed.
func (s *Session) tell(ev call.MediaEvent) {
	if !s.closing.Load() {
		s.told(ev)
	}
}

func (s *Session) fail(code call.Code, err error) {
	s.log.Warn("media failed", "code", string(code), "error", err)
	s.tell(call.MediaFailed{Reason: call.Reason{Code: code, Phrase: err.Error(), Local: true}})
}

// Answer implements call.Session.
func (s *Session) Answer(text string, early bool) {
	s.inbox.post(func() { s.answer(text, early) })
}

// Reoffer implements call.Session.
func (s *Session) Reoffer(ref int, text string) {
	s.inbox.post(func() { s.reoffer(ref, text) })
}

// Mute implements call.Session.
func (s *Session) Mute(on bool) { s.voice.mute(on) }

// SendDTMF implements call.Session.
func (s *Session) SendDTMF(digits string) {
	s.inbox.post(func() { s.digits(digits) })
}

// Tone implements call.Session.
func (s *Session) Tone(t call.Tone) {
	if s.closing.Load() || t == call.ToneRingback && s.ear.heard.Load() {
		return
	}
	s.tones.play(t)
}

// Close implements call.Session.
func (s *Session) Close(last call.Tone) {
	s.once.Do(func() {
		s.last = last
		s.closing.Store(true)
		s.tones.play(call.ToneNone)
		s.cancel()
	})
}

// cutTone ends the end tone of a closed session; a session that is up goes on.
func (s *Session) cutTone() {
	if s.closing.Load() {
		s.cut()
	}
}

// run owns the session from Open until everything is released.
func (s *Session) run() {
	defer s.cut()
	if s.ctx.Err() == nil {
		s.wg.Go(s.sound)
		s.wg.Go(func() { s.voice.run(s.ctx) })
		s.begin()
		s.loop()
	}
	s.ear.deaf.Store(true)
	s.goodbye()
	s.linger()
	s.cut()
	s.wg.Wait()
	s.ear.close()
}

func (s *Session) loop() {
	measure := time.NewTicker(measureEvery)
	defer measure.Stop()
	s.deadline = time.NewTimer(time.Hour)
	s.deadline.Stop()
	defer s.deadline.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.inbox.ready:
			for _, f := range s.inbox.drain() {
				if s.ctx.Err() != nil {
					return
				}
				f()
			}
		case now := <-measure.C:
			s.measure(now)
		case <-s.deadline.C:
			s.tooLate()
		}
	}
}

// begin makes the offer for the INVITE.
func (s *Session) begin() {
	s.open("", "", func(p *path, err error) {
		if err != nil {
			s.fail(call.CodeMedia, err)
			return
		}
		p.offerer = true
		s.cur = p
		s.tell(call.OfferReady{SDP: s.write(p)})
	})
}

// open makes a path and gathers for it, for a bounded time; done runs on the
// session's goroutine.
func (s *Session) open(ufrag, pwd string, done func(*path, error)) {
	cert, err := s.eng.certificate()
	if err != nil {
		done(nil, err)
		return
	}
	s.openWith(cert, ufrag, pwd, done)
}

func (s *Session) openWith(cert *transport.Certificate, ufrag, pwd string, done func(*path, error)) {
	p := &path{s: s}
	cfg := transport.Config{
		Certificate: cert, IncludeLoopback: s.set.IncludeLoopback,
		Handler: p, Logger: s.log, Ufrag: ufrag, Pwd: pwd,
		Disconnected: s.eng.limits.disconnected, Failed: s.eng.limits.failed,
	}
	for _, srv := range s.set.ICEServers {
		cfg.Servers = append(cfg.Servers, transport.Server(srv))
	}
	t, err := transport.Open(cfg)
	if err != nil {
		done(nil, err)
		return
	}
	p.t = t
	s.paths = append(s.paths, p)
	s.gather(p, t.Gathered(), func(err error) {
		if err != nil {
			s.drop(p)
			done(nil, err)
			return
		}
		done(p, nil)
	})
}

// gather waits for candidates on the side and then takes them into p.local.
func (s *Session) gather(p *path, gathered <-chan struct{}, done func(error)) {
	s.wg.Go(func() {
		limit := time.NewTimer(s.eng.limits.gather)
		defer limit.Stop()
		select {
		case <-gathered:
		case <-limit.C:
			s.log.Info("an ICE server does not answer; calling without it")
		case <-s.ctx.Done():
			return
		}
		s.inbox.post(func() {
			params, err := p.t.Params()
			if err == nil && len(params.Candidates) == 0 {
				err = errNoNetwork
			}
			if err != nil {
				done(err)
				return
			}
			p.local.Ufrag, p.local.Pwd = params.Ufrag, params.Pwd
			p.local.Fingerprint, p.local.Candidates = params.Fingerprint, params.Candidates
			done(nil)
		})
	})
}

// write renders our side of a path as a full offer.
func (s *Session) write(p *path) string {
	s.version++
	l := &p.local
	l.SessionID, l.Version = s.session, s.version
	l.Setup, l.Direction, l.Codecs = sdp.Undecided, sdp.SendRecv, s.ours
	l.SSRC, l.CName = s.books.out.SSRC(), s.books.cname
	if l.Mid == "" {
		l.Mid = "0"
	}
	l.Bundle, l.NoMux, l.Proto = true, false, ""
	return l.String()
}

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

// goodbye ends the network side. The transports close side by side, waited for
// by run.
func (s *Session) goodbye() {
	if s.cur != nil && s.cur.secure && s.cur.remote != nil && s.cur.remote.Mux {
		s.books.mu.Lock()
		bye, err := stream.Goodbye(s.books.out, s.books.cname)
		s.books.mu.Unlock()
		if err == nil {
			s.cur.t.SendRTCP(bye)
		}
	}
	for len(s.paths) > 0 {
		s.drop(s.paths[0])
	}
}

// drop closes a path on the side.
func (s *Session) drop(p *path) {
	p.gone.Store(true)
	if p.timer != nil {
		p.timer.Stop()
	}
	for i, q := range s.paths {
		if q == p {
			s.paths = append(s.paths[:i:i], s.paths[i+1:]...)
			break
		}
	}
	if s.next == p {
		s.next, s.pending = nil, nil
	}
	s.wg.Go(p.t.Close)
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
