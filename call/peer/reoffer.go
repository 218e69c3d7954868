package peer

import (
	"nxphone/call"
	"nxphone/call/peer/sdp"
)

// reoffer answers an offer of the far end (RFC 3264 section 8, RFC 6337).
func (s *Session) reoffer(ref int, text string) {
	if s.cur == nil || s.cur.remote == nil || s.next != nil {
		s.refuse(ref, 491) // one exchange at a time
		return
	}
	if text == "" {
		// We show everything again. The transport stays: an answer from the
		// same peer changes nothing, and one from another peer (a transfer by
		// third-party call control) is followed like a fork.
		s.applied(ref, s.cur, s.write(s.cur, s.ours.agreed))
		return
	}
	offer, r, choice, err := s.read(text)
	if err != nil {
		s.log.Warn("an offer is not acceptable", "error", err)
		s.refuse(ref, 488)
		return
	}
	p := s.cur
	switch {
	case p.sameTransport(r):
		p.remote.Renewed(r)
		s.agree(p, choice)
		s.reply(ref, p, offer, r, p.t.Role())
	case p.sameCertificate(r) && p.secure:
		s.restart(ref, offer, r, choice)
	default:
		s.replace(ref, offer, r, choice)
	}
}

func (s *Session) read(text string) (*sdp.Session, sdp.Remote, sdp.Choice, error) {
	offer, err := sdp.Parse(text)
	if err != nil {
		return nil, sdp.Remote{}, sdp.Choice{}, err
	}
	r, err := offer.Remote()
	if err != nil {
		return nil, r, sdp.Choice{}, err
	}
	choice, err := sdp.ChooseOffered(s.codecs, r)
	return offer, r, choice, err
}

func (s *Session) refuse(ref, code int) {
	s.tell(call.PeerOfferApplied{Ref: ref, Code: code, Held: s.ours.theirs})
}

// reply renders the answer from what we are on path p. role is our part in
// DTLS where it is decided.
func (s *Session) reply(ref int, p *path, offer *sdp.Session, r sdp.Remote, role sdp.Setup) {
	l := p.local
	s.version++
	l.SessionID, l.Version, l.Setup, l.Codecs = s.session, s.version, role, s.codecs
	l.SSRC, l.CName = s.books.out.SSRC(), s.books.cname
	p.local = l.Answer(offer, r)
	p.local.Direction = narrowed(p.local.Direction, s.ours.agreed)
	s.ours.theirs = !r.Direction.Receives()
	// What was agreed before counts no more: should the text of an earlier
	// answer come again (a resume by an offerless re-INVITE), it is news.
	s.lastSDP = ""
	s.applied(ref, p, p.local.String())
}

// restart is the far end's ICE restart: new addresses, same encryption.
func (s *Session) restart(ref int, offer *sdp.Session, r sdp.Remote, choice sdp.Choice) {
	p := s.cur
	gathered, err := p.t.Restart()
	if err != nil {
		s.replace(ref, offer, r, choice)
		return
	}
	s.gather(p, gathered, func(err error) {
		if err == nil {
			err = p.t.Resume(r)
		}
		if err != nil {
			s.log.Warn("an ICE restart failed", "error", err)
			s.refuse(ref, 500)
			return
		}
		p.remote = &r
		s.agree(p, choice)
		s.reply(ref, p, offer, r, p.t.Role())
	})
}

// replace answers with a new transport, which takes over when it is secure;
// until then the old one goes on.
func (s *Session) replace(ref int, offer *sdp.Session, r sdp.Remote, choice sdp.Choice) {
	s.open("", "", s.newest(func(p *path, err error) {
		if err != nil {
			s.log.Warn("no new transport", "error", err)
			s.refuse(ref, 500)
			return
		}
		s.next = p
		s.agree(p, choice)
		s.reply(ref, p, offer, r, sdp.Undecided)
		if err := p.connect(r, p.local.Setup); err != nil {
			s.log.Warn("no new transport", "error", err)
			s.drop(p)
			return
		}
		s.deadline.Reset(s.eng.limits.connect)
	}))
}
