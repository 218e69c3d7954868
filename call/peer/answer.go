package peer

import (
	"errors"
	"time"

	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/transport"
)

var (
	errNoWay    = errors.New("peer: no way through the network to the far end")
	errNoAnswer = errors.New("peer: the new path was not answered")
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
	if s.cur == nil || !s.cur.secure {
		s.deadline.Reset(s.eng.limits.connect)
	}
}

func (s *Session) apply(text string) error {
	parsed, err := sdp.Parse(text)
	if err != nil {
		return err
	}
	r, err := parsed.Remote()
	if err != nil {
		return err
	}
	choice, err := sdp.Choose(s.ours, r)
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
		s.cur.remote.Direction, s.cur.remote.Mux = r.Direction, r.Mux
		s.agree(s.cur, choice)
		return nil
	}
	s.twin(r, choice)
	return nil
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

// publish tells the voice goroutine where to send.
func (s *Session) publish() {
	p := s.cur
	s.voice.route.Store(&route{
		t: p.t, voice: p.choice.Voice, dtmf: p.choice.DTMF,
		sends: p.remote.Direction.Receives(),
	})
}

// twin follows an answer that comes from another place than the one before: a
// forked INVITE whose branches each answered the same offer. A second
// transport under the same credentials reaches that peer without any
// signalling; if it does not, a re-INVITE is asked for.
func (s *Session) twin(r sdp.Remote, choice sdp.Choice) {
	if s.next != nil {
		s.drop(s.next)
	}
	l := s.cur.local
	s.open(l.Ufrag, l.Pwd, func(p *path, err error) {
		if err != nil {
			s.log.Warn("no second transport", "error", err)
			return
		}
		p.offerer, p.local = true, l
		s.next = p
		if err := s.follow(p, r, choice); err != nil {
			s.log.Warn("no second transport", "error", err)
			s.drop(p)
			return
		}
		p.timer = time.AfterFunc(s.eng.limits.twin, func() {
			s.inbox.post(func() { s.twinFailed(p) })
		})
	})
}

// twinFailed asks for a re-INVITE, once we may: after the 2xx.
func (s *Session) twinFailed(p *path) {
	if s.next != p || p.secure {
		return
	}
	s.drop(p)
	s.lastSDP = "" // should the same text come again, it deserves another try
	if s.answered {
		s.renew()
	}
}

// renew asks for a re-INVITE with a new transport. Its certificate is new too:
// with the old one the far end could take the change for an ICE restart and
// would not shake hands again (RFC 8842 section 4).
func (s *Session) renew() {
	cert, err := transport.NewCertificate()
	if err != nil {
		s.log.Warn("no new transport", "error", err)
		return
	}
	mid := s.cur.local.Mid
	s.openWith(cert, "", "", func(p *path, err error) {
		if err != nil {
			s.log.Warn("no new transport", "error", err)
			return
		}
		p.offerer, p.local.Mid = true, mid
		p.local.Before, p.local.After = s.cur.local.Before, s.cur.local.After
		s.next, s.pending = p, p
		s.deadline.Reset(s.eng.limits.connect)
		s.tell(call.OfferNeeded{SDP: s.write(p)})
	})
}

// pathState follows a transport.
func (s *Session) pathState(p *path, st transport.State, err error) {
	if p.gone.Load() {
		return
	}
	switch st {
	case transport.Secure:
		p.secure = true
		s.log.Debug("media path is up")
		if p == s.next {
			s.switchOver()
		}
		if s.next == nil {
			s.deadline.Stop()
		}
	case transport.Disconnected:
		s.log.Info("the far end has fallen silent")
	case transport.Failed:
		p.failed, p.secure = err, false
		s.pathFailed(p)
	}
}

func (s *Session) pathFailed(p *path) {
	s.log.Warn("a path has failed", "error", p.failed)
	switch {
	case p == s.next && p.timer != nil:
		s.twinFailed(p)
	case p == s.next:
		s.drop(p)
		if s.cur.failed != nil && s.answered {
			s.fail(call.CodeMedia, s.cur.failed)
		}
	case p == s.cur && s.answered && s.next == nil:
		s.fail(call.CodeMedia, p.failed)
	}
}

// switchOver lets the next path carry the call. Numbering goes on where it was,
// so the far end hears no seam.
func (s *Session) switchOver() {
	old := s.cur
	s.cur, s.next, s.pending = s.next, nil, nil
	s.publish()
	s.drop(old)
}

// tooLate: the call was answered long ago and nothing has come through.
func (s *Session) tooLate() {
	if s.cur != nil && s.cur.secure {
		if s.next != nil {
			s.log.Warn("the call goes on as it was", "error", errNoAnswer)
			s.drop(s.next)
		}
		return
	}
	s.fail(call.CodeMedia, errNoWay)
}

// digits sends each by the way that the far end takes.
func (s *Session) digits(digits string) {
	for _, d := range digits {
		if s.cur != nil && s.cur.choice.DTMF.Name != "" {
			s.voice.press(d)
		} else {
			s.tell(call.DTMFByInfo{Digit: d})
		}
	}
}
