package peer

import (
	"time"

	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/transport"
)

// twin follows an answer that comes from another place than the one before: a
// forked INVITE whose branches each answered the same offer. A second
// transport under the same credentials reaches that peer without any
// signalling; if it does not, a re-INVITE is asked for.
func (s *Session) twin(r sdp.Remote, choice sdp.Choice) {
	if s.next != nil {
		s.drop(s.next)
	}
	l := s.cur.local
	s.open(l.Ufrag, l.Pwd, s.newest(func(p *path, err error) {
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
	}))
}

// newest wraps what is done with a path that is to replace the present one.
// Should another be asked for while it gathers (three forks that answer at
// once), it is dropped: gathering may end in any order, and an overtaken path
// would be heard for the rest of the call.
func (s *Session) newest(done func(*path, error)) func(*path, error) {
	s.wanted++
	mine := s.wanted
	return func(p *path, err error) {
		if err == nil && mine != s.wanted {
			s.drop(p)
			p, err = nil, errOvertaken
		}
		done(p, err)
	}
}

// twinFailed asks for a re-INVITE, once we may: after the 2xx.
func (s *Session) twinFailed(p *path) {
	if s.next != p || p.secure {
		return
	}
	s.drop(p)
	s.lastSDP = "" // should the same text come again, it deserves another try
	s.ours.renew = s.answered
	s.exchange()
}

// makeNew asks for a re-INVITE with a new transport. Its certificate is new too:
// with the old one the far end could take the change for an ICE restart and
// would not shake hands again (RFC 8842 section 4).
func (s *Session) makeNew() {
	cert, err := transport.NewCertificate()
	if err != nil {
		s.ours.renewing = false
		s.log.Warn("no new transport", "error", err)
		s.exchange()
		return
	}
	mid := s.cur.local.Mid
	s.openWith(cert, "", "", s.newest(func(p *path, err error) {
		s.ours.renewing = false
		if err != nil {
			s.log.Warn("no new transport", "error", err)
			s.exchange()
			return
		}
		p.offerer, p.local.Mid = true, mid
		p.local.Before, p.local.After = s.cur.local.Before, s.cur.local.After
		s.next, s.pending = p, p
		s.deadline.Reset(s.eng.limits.connect)
		s.tell(call.OfferNeeded{SDP: s.write(p, s.ours.agreed)})
	}))
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
	s.exchange()
}

// refused: the re-INVITE for a new transport was not accepted. Without it there
// is only the old way.
func (s *Session) refused() {
	if s.ours.out != nil {
		s.holdRefused()
		return
	}
	if s.pending == nil {
		return
	}
	s.drop(s.pending)
	if s.cur.secure {
		s.log.Warn("the call goes on as it was: a new path was refused")
		s.deadline.Stop()
		return
	}
	s.fail(call.CodeMedia, errRefused)
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
