package sipua

import (
	"github.com/emiago/sipgo/sip"

	"nxphone/call"
	"nxphone/call/sipua/internal/txn"
	"nxphone/call/sipua/internal/wire"
)

// phase says how far a leg has come. It only grows.
type phase int

const (
	waiting   phase = iota // for the flow, for the offer, or for both
	inviting               // the INVITE is out, no final response yet
	confirmed              // a 2xx came and was acknowledged
	leaving                // our BYE is out
	over                   // LegEnded was told
)

// leg is the signalling of one call. Everything below the line belongs to the
// actor, the goroutine of run; after LegEnded it belongs to the remnant, where
// there is one.
type leg struct {
	agent *Agent
	tell  func(call.SignalEvent)
	box   *mailbox
	done  chan struct{} // closed when run has returned

	// ----
	identity // its link is set by join, before run
	*clock
	layer   *txn.Layer
	phase   phase
	ready   bool // the flow is open
	offer   string
	offered bool         // Invite was called
	hanging *call.Reason // what Hangup was given, nil before
	// localSDP is the description that the far end has of us.
	localSDP string

	invite invitation
	dialog *dialog // nil before the 2xx
	offers offers
	timer  sessionTimer
	digits []rune // INFO waits for the one before it
	behind *remnant
}

// newLeg makes a leg whose run has not begun.
func newLeg(a *Agent, req call.Request, set Settings, tell func(call.SignalEvent)) *leg {
	l := &leg{
		agent: a, tell: tell, box: newMailbox(), done: make(chan struct{}),
		identity: newIdentity(req, set),
	}
	if req.CallID != "" {
		l.callID = req.CallID
	}
	l.clock = newClock(l.box)
	l.layer = txn.New(func(m sip.Message) { l.link.send(m) }, l.after)
	return l
}

// run is the actor. It ends with the leg. What was queued behind the end runs
// too, because a message among it is one for the remnant; everything else does
// nothing in phase over.
func (l *leg) run() {
	defer close(l.done)
	for l.phase != over {
		<-l.box.ready
		for _, f := range l.box.take() {
			f()
		}
	}
	for _, f := range l.box.close() {
		f()
	}
}

// The port's methods.

func (l *leg) Invite(offer string) {
	l.box.put(func() {
		if !l.offered {
			l.offer, l.offered = offer, true
			l.tryInvite()
		}
	})
}

func (l *leg) Respond(ref, code int, answer string) {
	l.box.put(func() { l.respond(ref, code, answer) })
}

func (l *leg) Reinvite(offer string) { l.box.put(func() { l.reinvite(offer) }) }

func (l *leg) SendInfo(digit rune) { l.box.put(func() { l.sendInfo(digit) }) }

func (l *leg) Hangup(r call.Reason) { l.box.put(func() { l.hangup(r) }) }

// abandon ends the leg without waiting for the far end.
func (l *leg) abandon(r call.Reason) {
	l.box.put(func() {
		l.hangup(r)
		l.end(r)
	})
}

// What the link tells (party).

func (l *leg) opened() {
	l.box.put(func() {
		l.ready = true
		l.tryInvite()
	})
}

func (l *leg) failed(r call.Reason) { l.box.put(func() { l.end(l.ours(r)) }) }

func (l *leg) receive(m *wire.Message) {
	l.box.put(func() {
		switch {
		case l.phase == over:
			if l.behind != nil {
				l.behind.receive(m)
			}
		case m.Response != nil:
			l.layer.Response(m)
		default:
			l.request(m)
		}
	})
}

// ours is the reason to end with: the one given to Hangup when there was one.
func (l *leg) ours(r call.Reason) call.Reason {
	if l.hanging != nil {
		return *l.hanging
	}
	return r
}

// end tells the last event and lets go of everything. What may still come for
// this call is left to a remnant.
func (l *leg) end(r call.Reason) {
	if l.phase == over {
		return
	}
	l.offers.refuse(l, 487, "Request Terminated")
	l.behind = l.remnant()
	l.phase = over
	l.clock.stop()
	l.agent.legEnded(l)
	// From here on the remnant may run, on another goroutine.
	l.link.leave(l, l.behind)
	l.agent.prune()
	l.tell(call.LegEnded{Reason: r})
}
