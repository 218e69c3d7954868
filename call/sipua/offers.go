package sipua

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/internal/txn"
	"nxphone/call/sipua/internal/wire"
)

const (
	// respondWithin bounds the time that the media session has for an offer
	// of the far end.
	respondWithin = 10 * time.Second
	// maxGlare is how often an offer of ours that met one of theirs is sent.
	maxGlare = 4
	// reinviteWithin bounds the wait for the final response to a re-INVITE of
	// ours that the far end has begun to answer: it is cancelled then, and the
	// call ends when it has not been answered after as long again.
	reinviteWithin = 32 * time.Second
)

// offers are the offer/answer exchanges after the first one (RFC 3261 section
// 14, RFC 3311, RFC 6337). At most one of each side is under way.
type offers struct {
	ref    int // of the last PeerOffer
	theirs *theirOffer
	ours   *ourOffer
	// waiting follows ours, which is a refresh on the wire (RFC 3261 section
	// 14.1 allows one re-INVITE at a time).
	waiting *ourOffer
}

// theirOffer is a re-INVITE or UPDATE of the far end.
type theirOffer struct {
	ref int
	tx  *txn.Server
	// empty: it asked for our offer; the answer comes in the ACK.
	empty bool
	// sent: our 2xx is out and waits for its ACK.
	sent bool
	stop func() // respondWithin
}

// ourOffer is a re-INVITE of ours.
type ourOffer struct {
	sdp string
	// sent: it is on the wire. It is not while it waits for an exchange of
	// the far end to end, or for another attempt after a 491.
	sent  bool
	glare bool // it waits for its time after a 491
	tries int
	// refresh: it only keeps the session alive, and is nobody's business.
	refresh bool
}

// peerOffers takes a re-INVITE or an UPDATE.
func (l *leg) peerOffers(tx *txn.Server) {
	m := tx.Request
	sdp := m.SDP()
	plain := m.Method == "UPDATE" && sdp == "" // carries no offer
	o := &l.offers
	switch {
	case l.phase == leaving:
		l.reply(tx, 481, "Call/Transaction Does Not Exist")
		return
	case m.Body() != "" && sdp == "":
		l.reply(tx, 415, "Unsupported Media Type", wire.Header{Name: "Accept", Value: wire.SDPType})
		return
	case plain:
	case l.phase == inviting, o.ours != nil && o.ours.sent, o.theirs != nil && o.theirs.sent && o.theirs.empty:
		// An offer of ours is unanswered (RFC 3261 section 14.2, RFC 3311
		// section 5.2).
		l.reply(tx, 491, "Request Pending")
		return
	case o.theirs != nil && !o.theirs.sent:
		// One of theirs is (ibid.); whole seconds, 0 to 10.
		l.reply(tx, 500, "Server Internal Error",
			wire.Header{Name: "Retry-After", Value: strconv.Itoa(rand.IntN(11))})
		return
	}
	if l.dialog != nil {
		l.dialog.refresh(m)
	}
	if plain {
		l.reply(tx, 200, "OK", l.refreshFields(m)...)
		return
	}
	if o.theirs != nil {
		o.theirs.tx.Settle()
	}
	o.ref++
	t := &theirOffer{ref: o.ref, tx: tx, empty: sdp == ""}
	o.theirs = t
	t.stop = l.after(respondWithin, func() { l.respond(t.ref, 500, "") })
	if m.Method == "INVITE" {
		l.reply(tx, 100, "Trying")
	}
	l.tell(call.PeerOffer{Ref: t.ref, SDP: sdp})
}

// respond answers the far end's offer.
func (l *leg) respond(ref, code int, sdp string) {
	t := l.offers.theirs
	if t == nil || t.ref != ref || t.sent || l.phase != confirmed && l.phase != inviting {
		return // too late: it was cancelled, or timed out
	}
	t.stop()
	if code == 200 && sdp == "" {
		code = 488
	}
	if code != 200 {
		l.offers.theirs = nil
		l.reply(t.tx, code, phraseOf(code))
		l.flushOffer()
		return
	}
	m := t.tx.Request
	res := wire.NewResponse(m, 200, "OK", l.localTag)
	wire.Add(res, l.refreshFields(m)...)
	wire.SetBody(res, wire.SDPType, sdp)
	l.localSDP = sdp
	if m.Method == "UPDATE" {
		l.offers.theirs = nil
		t.tx.Respond(res, nil)
		l.flushOffer()
		return
	}
	t.sent = true
	t.tx.Respond(res, func(ack *wire.Message) { l.peerAcked(t, ack) })
}

// peerAcked takes the ACK of our 2xx, or nil when none came.
func (l *leg) peerAcked(t *theirOffer, ack *wire.Message) {
	if l.offers.theirs == t {
		l.offers.theirs = nil
	}
	if l.phase != confirmed {
		return
	}
	if ack == nil {
		// RFC 3261 section 13.3.1.4.
		l.sayBye(call.Reason{Code: call.CodeTimeout, Phrase: "no ACK"})
		return
	}
	if t.empty {
		if sdp := ack.SDP(); sdp != "" {
			l.tell(call.PeerAnswer{Ref: t.ref, SDP: sdp})
		} else {
			l.agent.log.Warn("the far end asked for an offer and did not answer it")
		}
	}
	l.flushOffer()
}

// cancelled takes a CANCEL, which can only be about a re-INVITE.
func (l *leg) cancelled(tx *txn.Server) {
	target := l.layer.Target(tx.Request)
	if target == nil {
		l.reply(tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	l.reply(tx, 200, "OK")
	if t := l.offers.theirs; t != nil && t.tx == target && !t.sent {
		l.offers.refuse(l, 487, "Request Terminated")
		l.flushOffer()
	}
}

// refuse answers an offer that still waits; without one it does nothing.
func (o *offers) refuse(l *leg, code int, phrase string) {
	if t := o.theirs; t != nil && !t.sent {
		t.stop()
		o.theirs = nil
		l.reply(t.tx, code, phrase)
	}
}

// reinvite sends an offer of ours, after what is under way. An offer that waits
// is replaced: what it says is old. One that is on the wire speaks for both.
func (l *leg) reinvite(sdp string) {
	o := &l.offers
	switch {
	case l.phase != confirmed:
	case o.waiting != nil:
		o.waiting.sdp = sdp
	case o.ours != nil && !o.ours.refresh:
		if !o.ours.sent {
			o.ours.sdp = sdp
		}
	case o.ours != nil && o.ours.sent:
		o.waiting = &ourOffer{sdp: sdp}
	default:
		o.ours = &ourOffer{sdp: sdp}
		l.flushOffer()
	}
}

// done ends an exchange of ours; the one that waited for it is next.
func (o *offers) done() { o.ours, o.waiting = o.waiting, nil }

// flushOffer sends the offer of ours that waits, unless the far end's turn is
// not over.
func (l *leg) flushOffer() {
	o := l.offers.ours
	if o == nil || o.sent || o.glare || l.offers.theirs != nil || l.phase != confirmed {
		return
	}
	o.sent = true
	out := l.within(l.dialog, "INVITE")
	out.fields = append([]wire.Header{allow(), supports()}, l.timer.fields()...)
	out.bodyType, out.body = wire.SDPType, o.sdp
	req := l.build(out)
	limit := func() {} // stops the bound of the wait
	var ack func()     // sends the ACK, set by the first 2xx
	l.layer.Request(req, out.branch, func(m *wire.Message) {
		limit()
		switch {
		case m != nil && m.Code() < 200:
			limit = l.after(reinviteWithin, func() { l.cancelOffer(o, out) })
		case m != nil && m.Code() < 300:
			if ack == nil {
				l.dialog.refresh(m)
				sent := l.ack(l.dialog, req, out.seq, "")
				ack = func() { l.link.send(sent) }
				ack()
				l.offerTaken(o, m)
				return
			}
			ack()
		default:
			l.offerRefused(o, m)
		}
	})
}

// cancelOffer gives a re-INVITE up that nobody answers; its own final response
// decides all the same. One that does not come even so means that the far end
// has lost the call.
func (l *leg) cancelOffer(o *ourOffer, out outgoing) {
	if l.phase != confirmed || l.offers.ours != o || !o.sent {
		return
	}
	cancel := outgoing{
		method: "CANCEL", uri: out.uri, to: out.to, routes: out.routes, seq: out.seq, branch: out.branch, bare: true,
	}
	l.layer.Request(l.build(cancel), cancel.branch, func(*wire.Message) {})
	l.after(reinviteWithin, func() {
		if l.phase == confirmed && l.offers.ours == o && o.sent {
			l.gone(nil)
		}
	})
}

// offerTaken ends an exchange of ours with the far end's answer.
func (l *leg) offerTaken(o *ourOffer, m *wire.Message) {
	l.keys.Accepted()
	if l.phase != confirmed || l.offers.ours != o {
		return
	}
	l.offers.done()
	l.localSDP = o.sdp
	l.timer.begin(l, m)
	switch sdp := m.SDP(); {
	case o.refresh:
	case sdp == "":
		l.tell(call.PeerRefused{Code: 488}) // an answer that answers nothing
	default:
		l.tell(call.PeerAnswer{SDP: sdp})
	}
	l.flushOffer()
}

// offerRefused ends an exchange of ours without an answer, or tries again.
func (l *leg) offerRefused(o *ourOffer, m *wire.Message) {
	if l.phase != confirmed || l.offers.ours != o {
		return
	}
	o.sent = false
	if l.gone(m) {
		return
	}
	if l.challenged(m) {
		l.flushOffer()
		return
	}
	if wait, again := retryOffer(m); again {
		if o.tries++; o.tries < maxGlare {
			o.glare = true
			l.after(wait, func() {
				o.glare = false
				l.flushOffer()
			})
			return
		}
	}
	l.offers.done()
	if !o.refresh {
		l.tell(call.PeerRefused{Code: m.Code()})
	} else {
		l.timer.refused(l, m)
	}
	l.flushOffer()
}

// glareWait is the wait of the side that owns the Call-ID after a 491: 2.1 to
// 4 s in steps of 10 ms (RFC 3261 section 14.1).
func glareWait() time.Duration {
	return 2100*time.Millisecond + time.Duration(rand.IntN(191))*10*time.Millisecond
}

// retryOffer reports whether a refused offer of ours may be made again, and when:
// after a glare, or when the far end is still busy with another exchange and
// says how long (RFC 3261 section 14.2 has 0 to 10 s).
func retryOffer(m *wire.Message) (wait time.Duration, again bool) {
	switch m.Code() {
	case 491:
		return glareWait(), true
	case 500:
		text, _, _ := strings.Cut(m.Value("Retry-After"), ";")
		text, _, _ = strings.Cut(text, "(") // a comment may follow
		if s, err := strconv.ParseUint(strings.TrimSpace(text), 10, 8); err == nil && s <= 10 {
			return time.Duration(s) * time.Second, true
		}
	}
	return 0, false
}

func phraseOf(code int) string {
	switch code {
	case 488:
		return "Not Acceptable Here"
	case 491:
		return "Request Pending"
	case 500:
		return "Server Internal Error"
	}
	return "Refused"
}
