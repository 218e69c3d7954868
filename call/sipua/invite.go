package sipua

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"nxphone/call"
	"nxphone/call/sipua/internal/wire"
)

// invitation is the initial INVITE of a leg.
type invitation struct {
	req    *sip.Request
	out    outgoing
	heard  bool // a response came: CANCEL may be sent (RFC 3261 section 9.1)
	rang   bool // an 18x came
	early  map[string]bool
	cancel bool // CANCEL was sent
	final  bool // a response of 200 or above came
	// acks holds the ACK of each 2xx by the To-tag of its fork; since is
	// when the first came.
	acks  map[string]*sip.Request
	since time.Time
}

// tryInvite sends the INVITE when both flow and offer are there.
func (l *leg) tryInvite() {
	if l.phase == waiting && l.ready && l.offered && l.hanging == nil {
		l.phase = inviting
		l.sendInvite()
	}
}

func (l *leg) sendInvite() {
	l.seq++
	uri := address(l.req.Tel, l.req.Realm)
	o := outgoing{
		method: "INVITE", uri: uri, to: "<" + uri + ">", seq: l.seq, branch: newBranch(),
		fields:   append([]wire.Header{allow(), supports()}, l.pushField()...),
		bodyType: wire.SDPType, body: l.offer,
	}
	req := l.build(o)
	l.invite = invitation{req: req, out: o, early: map[string]bool{}, acks: map[string]*sip.Request{}}
	l.layer.Request(req, o.branch, l.onInvite)
}

// onInvite takes every response to the INVITE; nil is timer B.
func (l *leg) onInvite(m *wire.Message) {
	switch {
	case l.phase == over:
	case m == nil:
		l.end(l.ours(call.Reason{Code: call.CodeTimeout, Phrase: "no response to the INVITE"}))
	case m.Code() < 200:
		l.provisional(m)
	case m.Code() < 300:
		l.accepted(m)
	case l.phase == inviting:
		l.rejected(m)
	}
}

func (l *leg) provisional(m *wire.Message) {
	l.invite.heard = true
	l.invite.rang = l.invite.rang || m.Code() >= 180
	if m.ToTag != "" {
		l.invite.early[m.ToTag] = true
	}
	if l.phase != inviting {
		return
	}
	if l.hanging != nil {
		l.cancel()
		return
	}
	l.tell(call.Provisional{Code: m.Code(), Phrase: clean(m.Response.Reason), SDP: m.SDP()})
}

// accepted takes a 2xx, each of which wants an ACK of its own (RFC 3261
// section 13.2.2.4).
func (l *leg) accepted(m *wire.Message) {
	if ack := l.invite.acks[m.ToTag]; ack != nil {
		l.link.send(ack) // the server repeats itself: the ACK was lost
		return
	}
	l.keys.Accepted()
	d := newDialog(m, wire.URI(l.invite.req))
	l.acknowledge(d)
	switch {
	case l.phase != inviting:
		// Another fork has answered too: it is not wanted.
		l.bye(d, func(*wire.Message) {})
	case l.hanging != nil:
		// The answer crossed our CANCEL, or came instead of a response to it.
		l.dialog = d
		l.sayBye(*l.hanging)
	default:
		l.phase = confirmed
		l.dialog, l.localSDP = d, l.offer
		l.timer.begin(l, m)
		l.tell(call.Accepted{SDP: m.SDP()})
	}
}

// acknowledge sends the ACK of the INVITE in one fork's dialog and keeps it. It
// carries the CSeq number and the credentials of the INVITE (RFC 3261 sections
// 13.2.2.4 and 22.1).
func (l *leg) acknowledge(d *dialog) {
	ack := l.ack(d, l.invite.req, l.invite.out.seq, "")
	if len(l.invite.acks) == 0 {
		l.invite.since = time.Now()
	}
	l.invite.final = true
	l.invite.acks[d.remoteTag] = ack
	l.link.send(ack)
}

// ack builds the ACK for a 2xx of an INVITE.
func (l *leg) ack(d *dialog, invite *sip.Request, seq uint32, sdp string) *sip.Request {
	uri, routes := d.path()
	return l.build(outgoing{
		method: "ACK", uri: uri, to: d.to, routes: routes, seq: seq, branch: newBranch(),
		bodyType: wire.SDPType, body: sdp, credentials: credentialsOf(invite),
	})
}

// credentialsOf copies them; never nil, which would compute new ones.
func credentialsOf(req *sip.Request) []wire.Header {
	out := []wire.Header{}
	for _, h := range req.Headers() {
		if h.Name() == "Authorization" || h.Name() == "Proxy-Authorization" {
			out = append(out, wire.Header{Name: h.Name(), Value: h.Value()})
		}
	}
	return out
}

// rejected takes a response of 300 and above; its ACK has been sent.
func (l *leg) rejected(m *wire.Message) {
	l.invite.final = true
	if l.hanging != nil {
		l.end(*l.hanging)
		return
	}
	code := m.Code()
	if code != 401 && code != 407 {
		l.end(refusal(m, l.invite.rang))
		return
	}
	if err := l.challenge(m); err != nil {
		r := refusal(m, false)
		r.Phrase = err.Error()
		l.end(r)
		return
	}
	l.sendInvite()
}

// cancel sends CANCEL once. It is the INVITE again in everything that routes it
// (RFC 3261 section 9.1).
func (l *leg) cancel() {
	if l.invite.cancel {
		return
	}
	l.invite.cancel = true
	o := outgoing{
		method: "CANCEL", uri: l.invite.out.uri, to: l.invite.out.to, routes: l.invite.out.routes,
		seq: l.invite.out.seq, branch: l.invite.out.branch, bare: true,
	}
	// Whatever it is answered, the INVITE's own final response decides.
	l.layer.Request(l.build(o), o.branch, func(*wire.Message) {})
}
