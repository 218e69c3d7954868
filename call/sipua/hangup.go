package sipua

import (
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"nxphone/call"
	"nxphone/call/sipua/internal/txn"
	"nxphone/call/sipua/internal/wire"
)

const (
	// cancelWithin bounds the wait for the end of a cancelled INVITE,
	// byeWithin that for the answer to a BYE. LegEnded must come within 3 s.
	cancelWithin = 2500 * time.Millisecond
	byeWithin    = 2 * time.Second
)

// hangup ends the leg in whatever way its phase asks for.
func (l *leg) hangup(r call.Reason) {
	if l.phase == over || l.hanging != nil {
		return
	}
	l.hanging = &r
	switch l.phase {
	case waiting:
		l.end(r) // nothing was said yet
	case inviting:
		l.after(cancelWithin, func() { l.end(*l.hanging) })
		if l.invite.heard {
			l.cancel()
		} // else the first 1xx releases the CANCEL
	case confirmed:
		l.sayBye(r)
	}
}

// sayBye sends the BYE of the call and ends the leg with r when it is answered,
// in whatever way, or not (RFC 3261 section 15.1.1).
func (l *leg) sayBye(r call.Reason) {
	if l.hanging == nil {
		l.hanging = &r
	}
	l.phase = leaving
	l.offers.refuse(l, 487, "Request Terminated")
	l.timer.stop()
	l.after(byeWithin, func() { l.end(r) })
	l.bye(l.dialog, func(*wire.Message) { l.end(r) })
}

// bye sends a BYE in a dialog, which need not be the call's.
func (l *leg) bye(d *dialog, done func(*wire.Message)) {
	l.exchange(d, l.within(d, "BYE"), done)
}

// remnant is what is left of a call whose leg has ended while the far end may
// still have something to say: an answer that crosses the hang-up, a repeated
// 2xx. It answers in the leg's name, so that nobody is left in a call with
// nobody. The flow's reader hands it messages, and the actor those that were
// queued when the leg ended; mu guards the leg between the two.
type remnant struct {
	mu sync.Mutex
	l  *leg
}

// remnant gives what takes over, nil when nothing can come.
func (l *leg) remnant() *remnant {
	switch {
	case l.phase == inviting && !l.invite.final: // an answer may still come
	case len(l.invite.acks) > 0 && time.Since(l.invite.since) < lingering: // it may be repeated
	default:
		return nil
	}
	// It stays for a while, and many may: only what builds ACK, BYE and CANCEL
	// is kept.
	l.layer = txn.New(func(m sip.Message) { l.link.send(m) }, func(time.Duration, func()) func() { return func() {} })
	l.dialog, l.offers, l.offer, l.localSDP, l.digits = nil, offers{}, "", "", nil
	l.invite.out.body = ""
	l.invite.req.SetBody(nil)
	return &remnant{l: l}
}

func (r *remnant) opened()            {}
func (r *remnant) failed(call.Reason) {}

func (r *remnant) receive(m *wire.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.l
	if m.Request != nil {
		if m.Method != "ACK" {
			l.link.stranger(m)
		}
		return
	}
	if m.Method != "INVITE" || m.CSeq != l.invite.out.seq {
		return
	}
	switch code := m.Code(); {
	case code < 200:
		l.cancel()
	case code >= 300:
		l.link.send(txn.AckRefusal(l.invite.req, m.Value("To")))
	case l.invite.acks[m.ToTag] != nil:
		l.link.send(l.invite.acks[m.ToTag])
	default:
		d := newDialog(m, wire.URI(l.invite.req))
		l.acknowledge(d)
		l.link.send(l.build(l.within(d, "BYE")))
	}
}
