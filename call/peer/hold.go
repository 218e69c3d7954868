package peer

import (
	"nxphone/call"
	"nxphone/call/peer/sdp"
)

// holding is our own hold of the far end. It belongs to the session's
// goroutine.
//
// A hold is a re-INVITE with a=sendonly (RFC 3264 section 8.4), a resume one
// with a=sendrecv, whatever the far end holds by itself: each side says what it
// wants and learns from the other's description what that wants, so that two
// holds can be taken off in any order (RFC 6337 section 5.3).
type holding struct {
	want   bool // what was asked for
	agreed bool // what the far end has accepted
	asked  bool // a Hold waits for its outcome
	// theirs: the far end has put us on hold.
	theirs bool
	// out is our offer for it that is under way, nil when none is. The leg
	// owns its turn and its repetition after a glare.
	out *holdOffer
	// renew: a new transport is wanted, as soon as an offer may be made;
	// renewing: it is being made.
	renew, renewing bool
}

// holdOffer is an offer on a path that goes on as it is.
type holdOffer struct {
	path *path
	hold bool
}

// hold takes a command.
func (s *Session) hold(on bool) {
	s.ours.want, s.ours.asked = on, true
	s.shutForHold()
	s.exchange()
}

// shutForHold sets the gates. A hold shuts both at once: the user may turn to
// somebody else with the press. A resume opens the ear at once, since the far
// end's first sound can overtake its answer, and the microphone with the answer.
func (s *Session) shutForHold() {
	s.voice.held.Store(s.ours.want || s.ours.agreed)
	s.ear.held.Store(s.ours.want || s.leaving && s.ear.held.Load())
}

// exchange begins the next offer of ours, if there is one to make and nothing
// else is under way: an offer must not cross the making of another path.
func (s *Session) exchange() {
	h := &s.ours
	switch {
	case !s.answered || s.cur == nil || s.cur.remote == nil:
	case h.out != nil || h.renewing || s.next != nil || s.ctx.Err() != nil:
	case h.renew:
		h.renew, h.renewing = false, true
		s.makeNew()
	case h.want != h.agreed:
		h.out = &holdOffer{path: s.cur, hold: h.want}
		s.tell(call.OfferNeeded{SDP: s.write(s.cur, h.want)})
	case h.asked:
		h.asked = false
		s.shutForHold()
		s.tell(call.HoldConfirmed{On: h.agreed})
		s.resumed()
	}
}

// holdAnswered takes the answer to our offer.
func (s *Session) holdAnswered(text string) {
	h := &s.ours
	out := h.out
	r, choice, err := s.usable(text)
	if err != nil || out.path.gone.Load() {
		// The far end agreed, but to something that does not exist.
		s.log.Warn("the answer to a hold is not usable", "error", err)
		s.holdRefused()
		return
	}
	h.out, h.agreed = nil, out.hold
	s.lastSDP = ""
	if out.path.sameTransport(r) {
		out.path.remote.Direction, out.path.remote.Mux = r.Direction, r.Mux
		s.agree(out.path, choice)
	} else if out.path == s.cur {
		s.twin(r, choice)
	}
	s.directed(r.Direction)
	s.exchange()
}

// holdRefused: the call goes on as it was.
func (s *Session) holdRefused() {
	h := &s.ours
	h.out = nil
	if h.want != h.agreed {
		h.want, h.asked = h.agreed, false
		s.shutForHold()
		s.tell(call.HoldRefused{})
		s.resumed()
	}
	s.exchange()
}

// directed notes what a description of the far end says of its own hold. While
// we hold, one that does not want to hear us says nothing: there is nothing to
// hear, and many a PBX answers a hold with a=inactive.
func (s *Session) directed(d sdp.Direction) {
	s.ours.theirs = !d.Receives() && (s.ours.theirs || !s.ours.agreed)
	if s.answered && s.ours.theirs != s.heldTold {
		s.heldTold = s.ours.theirs
		s.tell(call.HoldAnswered{Held: s.ours.theirs})
	}
}

// applied answers an offer of the far end. Should one of ours wait for its
// turn, it is old now, and the new one must be there before the answer is out.
func (s *Session) applied(ref int, p *path, text string) {
	s.heldTold = s.ours.theirs
	if s.ours.out != nil {
		s.ours.out.path = p
		s.tell(call.OfferNeeded{SDP: s.write(p, s.ours.out.hold), Again: true})
	}
	s.tell(call.PeerOfferApplied{Ref: ref, Code: 200, SDP: text, Held: s.ours.theirs})
}

// narrowed is a direction of ours without what a hold forbids (RFC 3264 section
// 8.4).
func narrowed(d sdp.Direction, hold bool) sdp.Direction {
	if !hold {
		return d
	}
	if d.Sends() {
		return sdp.SendOnly
	}
	return sdp.Inactive
}
