package sipua

import (
	"strings"

	"nxphone/call/sipua/internal/wire"
)

// dialog is one far end of a call (RFC 3261 section 12). Local tag, Call-ID and
// our CSeq numbers are the leg's: forks share them.
type dialog struct {
	remoteTag string
	// to is the To field of our requests, tag included.
	to string
	// target is the far end's Contact, a request-URI and never an address
	// that is dialled: every request goes down the flow that the dialog lives
	// on. The same holds for routes, the Route fields in order.
	target string
	routes []string
	// remoteSeq is the highest CSeq number of the far end's requests, -1
	// before its first: 0 is a number like any other.
	remoteSeq int64
	// updates: the far end has said that it takes UPDATE.
	updates bool
}

// newDialog makes the dialog of a 2xx (RFC 3261 section 12.1.2).
func newDialog(res *wire.Message, inviteURI string) *dialog {
	d := &dialog{remoteTag: res.ToTag, to: res.Value("To"), target: inviteURI, remoteSeq: -1}
	d.refresh(res)
	records := res.List("Record-Route")
	for i := len(records) - 1; i >= 0; i-- {
		d.routes = append(d.routes, records[i])
	}
	return d
}

// refresh takes the target from a Contact (section 12.2.1.2) and what the far
// end allows. A message without Contact leaves the target as it is.
func (d *dialog) refresh(m *wire.Message) {
	if c := m.List("Contact"); len(c) > 0 {
		if uri, _ := wire.Address(c[0]); uri != "" && uri != "*" {
			d.target = uri
		}
	}
	if len(m.Values("Allow")) > 0 {
		d.updates = m.Has("Allow", "UPDATE")
	}
}

// path gives the request-URI and the Route fields (section 12.2.1.1). A first
// hop without lr is a strict router of RFC 2543: it wants to be the
// request-URI, and the target comes last.
func (d *dialog) path() (uri string, routes []string) {
	if len(d.routes) == 0 {
		return d.target, nil
	}
	first, _ := wire.Address(d.routes[0])
	if _, params, _ := strings.Cut(first, ";"); hasParam(params, "lr") {
		return d.target, d.routes
	}
	return first, append(append([]string(nil), d.routes[1:]...), "<"+d.target+">")
}

func hasParam(params, name string) bool {
	_, ok := wire.Param(params, name)
	return ok
}

// within is an outgoing request in a dialog, with the next CSeq number.
func (l *leg) within(d *dialog, method string) outgoing {
	l.seq++
	uri, routes := d.path()
	return outgoing{method: method, uri: uri, to: d.to, routes: routes, seq: l.seq, branch: newBranch()}
}

func newBranch() string { return wire.Cookie + wire.Token(16) }

// exchange sends a request other than INVITE in a dialog and gives its final
// response, or nil when none came. A challenge is answered on the way.
func (l *leg) exchange(d *dialog, o outgoing, done func(*wire.Message)) {
	l.layer.Request(l.build(o), o.branch, func(m *wire.Message) {
		if m == nil {
			done(nil)
			return
		}
		if l.challenged(m) {
			again := l.within(d, o.method)
			again.fields, again.bodyType, again.body = o.fields, o.bodyType, o.body
			l.exchange(d, again, done)
			return
		}
		done(m)
	})
}

// challenged takes a 401 or 407 and reports whether the request is to be sent
// again.
func (l *leg) challenged(m *wire.Message) bool {
	if c := m.Code(); c != 401 && c != 407 {
		l.keys.Accepted()
		return false
	}
	return l.challenge(m) == nil
}
