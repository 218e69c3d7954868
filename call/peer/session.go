package peer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio/process"
	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
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
	req   call.Request
	log   *slog.Logger
	inbox *mailbox
	told  func(call.MediaEvent)

	voice *voice
	ear   *ear
	tones tones
	books books
	chain atomic.Pointer[process.Chain] // nil: the sound goes through none

	ctx    context.Context // ends with Close: microphone and network
	cancel context.CancelFunc
	audio  context.Context // ends with the end tone: the device
	cut    context.CancelFunc
	wg     sync.WaitGroup

	closing atomic.Bool
	last    call.Tone // set before closing
	once    sync.Once

	// Below: only run's goroutine.
	codecs   []sdp.Codec
	ours     holding
	paths    []*path // all that are not closed yet
	cur      *path   // carries the call, or will
	next     *path   // is to replace it
	pending  *path   // next, while our re-INVITE for it is not answered
	wanted   int     // counts the next paths asked for; only the newest counts
	version  uint64
	session  uint64
	answered bool
	lastSDP  string
	heldTold bool // what was last told of the far end's hold
	deadline *time.Timer
	deafLate *time.Timer // after it nothing plays, and deafness is a fact

	notice                           []int16
	noticeReady, leaveAsked, leaving bool
	noticeBad                        bool        // there is one, and it cannot be played
	resume                           *time.Timer // bounds what a notice waits for
	since                            time.Time   // when the interval of the statistics began
	marks                            marks       // and where
	lately                           lately
}

// marks are guarded by books.mu.
type marks struct {
	mic, sent, far mark
	alive          uint64 // of process.Stats
}

// lately is what was played at the ends of the last intervals of the statistics,
// a ring, guarded by books.mu.
type lately struct {
	all [10]heardSo
	n   int // how many there have been
}

// heardSo is how many samples have been played so far, and concealed of them.
type heardSo struct{ played, concealed uint64 }

func newSession(e *Engine, req call.Request, tell func(call.MediaEvent)) *Session {
	s := &Session{eng: e, set: e.opts.Settings(req), log: e.log, inbox: newMailbox(), told: tell}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.audio, s.cut = context.WithCancel(context.Background())
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // never fails since Go 1.24
	ssrc := binary.BigEndian.Uint32(seed[0:]) | 1
	s.books.out = stream.NewOutbound(ssrc, binary.BigEndian.Uint16(seed[4:])>>1, binary.BigEndian.Uint32(seed[6:]))
	s.books.cname = rand.Text()[:16]
	s.session = binary.BigEndian.Uint64(seed[8:]) >> 2
	s.books.adapt = stream.NewAdapter(stream.Limits{MaxBitrate: s.set.MaxBitrate})
	s.voice = newVoice(&s.books, s.log, s.tell)
	s.ear = newEar(&s.books, s.log, s.tell, &s.tones)
	s.ear.tap, s.ear.first = e.opts.FarTap, e.opts.OnFirstFrame
	if e.silence != nil {
		s.voice.silence = e.silence
	}
	if cues := e.opts.Cues; cues != nil {
		s.voice.changed = func(muted bool) {
			if cues() {
				s.tones.cue(muted)
			}
		}
	}
	s.req = req
	s.codecs = offered(s.set)
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

// Refused implements call.Session.
func (s *Session) Refused() {
	s.inbox.post(s.refused)
}

// Acknowledged implements call.Session.
func (s *Session) Acknowledged(text string) {
	s.inbox.post(func() { s.acknowledged(text) })
}

// Reoffer implements call.Session.
func (s *Session) Reoffer(ref int, text string) {
	s.inbox.post(func() { s.reoffer(ref, text) })
}

// Mute implements call.Session.
func (s *Session) Mute(on bool) { s.voice.mute(on) }

// Deafen implements call.Session.
func (s *Session) Deafen(on bool) {
	s.ear.deafen(on)
	s.inbox.post(s.deafAsked)
}

// Hold implements call.Session.
func (s *Session) Hold(on bool) {
	s.inbox.post(func() { s.hold(on) })
}

// Play implements call.Session.
func (s *Session) Play() { s.inbox.post(s.leave) }

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
	// The first sound of the network may have come in between; its own stop of
	// the tone would then have been too early.
	if t == call.ToneRingback && s.ear.heard.Load() {
		s.tones.play(call.ToneNone)
	}
}

// Close implements call.Session.
func (s *Session) Close(last call.Tone) {
	s.once.Do(func() {
		s.last = last
		// The last word: a short call would end without any figures.
		if st, flowed := s.Stats(); flowed {
			s.tell(call.StatsMeasured{Stats: st})
		}
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
		s.loadNotice(s.req)
		s.loop()
	}
	s.ear.over.Store(true)
	if s.resume != nil {
		s.resume.Stop()
	}
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
	s.deafLate = time.NewTimer(time.Hour)
	s.deafLate.Stop()
	defer s.deafLate.Stop()
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
		case <-s.ear.poke:
			s.deafConfirmed()
		case <-s.deafLate.C:
			s.ear.grant() // nothing plays: that is silence too
			s.deafConfirmed()
		case now := <-measure.C:
			s.measure(now)
		case <-s.deadline.C:
			s.tooLate()
		}
	}
}

// goodbye ends the network side. The transports close side by side, waited for
// by run.
func (s *Session) goodbye() {
	if s.cur != nil && s.cur.secure && s.cur.remote != nil && s.cur.remote.Mux {
		s.books.sending.Lock()
		bye, err := stream.Goodbye(s.books.out, s.books.cname)
		s.books.sending.Unlock()
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
		s.inbox.post(s.exchange) // an offer of ours may have waited for it
	}
	s.wg.Go(p.t.Close)
}
