package peer

import (
	"errors"

	"nxphone/call"
	"nxphone/call/peer/sdp"
)

var (
	errNoWay     = errors.New("peer: no way through the network to the far end")
	errNoAnswer  = errors.New("peer: the new path was not answered")
	errRefused   = errors.New("peer: the new path was refused")
	errOvertaken = errors.New("peer: a newer path was asked for")
)

// answer takes an SDP answer: of a provisional, of the 2xx, or to a later
// offer of ours. An empty text at the end means that the provisional's counts.
func (s *Session) answer(text string, early bool) {
	if !early {
		s.final()
	}
	if s.cur == nil {
		return // no offer of ours is out: there is nothing to answer
	}
	if s.ours.out != nil && !early {
		s.holdAnswered(text)
		return
	}
	s.take(text, early)
	s.exchange()
}

// acknowledged takes the answer to an offer that an empty offer was given.
func (s *Session) acknowledged(text string) {
	if s.cur != nil {
		s.take(text, false)
		s.exchange()
	}
}

func (s *Session) take(text string, early bool) {
	var err error
	if text != "" && text != s.lastSDP {
		err = s.apply(text)
	}
	switch {
	case err == nil:
		if text != "" {
			s.lastSDP = text
		}
	case early || s.cur.remote != nil:
		// A provisional may be followed by a better one, and a call that has
		// a way already keeps it.
		s.log.Warn("an SDP answer is not usable", "error", err)
	default:
		s.fail(codeOf(err), err)
		return
	}
	if s.answered && s.cur.failed != nil && s.next == nil {
		s.fail(call.CodeMedia, s.cur.failed)
	}
	if s.cur.remote != nil {
		s.directed(s.cur.remote.Direction)
	}
}

// codeOf is the code for an answer that nobody can talk to.
func codeOf(err error) call.Code {
	for _, e := range []error{sdp.ErrMalformed, sdp.ErrNoAudio, sdp.ErrRefused, sdp.ErrNoICE, sdp.ErrNoFingerprint, sdp.ErrNoCodec} {
		if errors.Is(err, e) {
			return call.CodeNotAcceptable
		}
	}
	return call.CodeMedia
}

// final notes the 2xx: from here on the call must find its way.
func (s *Session) final() {
	if s.answered {
		return
	}
	s.log.Debug("the call is answered")
	s.answered = true
	s.ear.answered.Store(true)
	s.voice.answered.Store(true)
	if s.cur == nil || !s.cur.secure {
		s.deadline.Reset(s.eng.limits.connect)
	}
}

func (s *Session) apply(text string) error {
	r, choice, err := s.usable(text)
	if err != nil {
		return err
	}
	switch {
	case s.pending != nil: // the answer to the re-INVITE that we asked for
		p := s.pending
		s.pending = nil
		return s.follow(p, r, choice)
	case s.cur.remote == nil:
		return s.follow(s.cur, r, choice)
	case s.cur.sameTransport(r):
		s.cur.remote.Renewed(r)
		s.agree(s.cur, choice)
		return nil
	}
	s.twin(r, choice)
	return nil
}

// usable reads an answer.
func (s *Session) usable(text string) (r sdp.Remote, choice sdp.Choice, err error) {
	parsed, err := sdp.Parse(text)
	if err != nil {
		return r, choice, err
	}
	if r, err = parsed.Remote(); err != nil {
		return r, choice, err
	}
	choice, err = sdp.Choose(s.codecs, r)
	return r, choice, err
}

// follow connects a path of which we were the offerer.
func (s *Session) follow(p *path, r sdp.Remote, choice sdp.Choice) error {
	if err := p.connect(r, roleAgainst(r.Setup)); err != nil {
		return err
	}
	s.agree(p, choice)
	return nil
}

// agree makes a choice count for a path, and, where the path carries the call,
// for what is sent. What may be received is widened at once.
func (s *Session) agree(p *path, choice sdp.Choice) {
	p.choice = choice
	s.ear.expect(choice.Receive)
	if p == s.cur {
		s.publish()
	}
}

// publish tells the voice goroutine where to send, and how.
func (s *Session) publish() {
	p := s.cur
	base, lim := wanted(p.choice, p.remote, s.set)
	s.books.mu.Lock()
	s.plan(s.books.adapt.Limit(lim))
	s.books.mu.Unlock()
	s.voice.route.Store(&route{
		t: p.t, voice: p.choice.Voice, dtmf: p.choice.DTMF, red: p.choice.RED, base: base,
		sends: p.remote.Direction.Receives(),
	})
}
