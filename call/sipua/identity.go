package sipua

import (
	"strconv"

	"github.com/emiago/sipgo/sip"

	"nxphone/call"
	"nxphone/call/sipua/internal/auth"
	"nxphone/call/sipua/internal/wire"
)

// identity is who speaks in one Call-ID and on what flow: all that a request
// needs which its dialog does not decide. It belongs to one actor.
type identity struct {
	req  call.Request
	set  Settings
	link *link
	keys auth.Keyring

	callID, localTag string
	seq              uint32 // CSeq number of our last request
}

func newIdentity(req call.Request, set Settings) identity {
	user := set.User
	if user == "" {
		user = req.DN
	}
	return identity{
		req: req, set: set, keys: auth.Keyring{User: user, Password: set.Password},
		callID: wire.Token(24), localTag: wire.Token(10),
	}
}

// from is the From field.
func (l *identity) from() string {
	return "<" + address(l.req.DN, l.req.Realm) + ">;tag=" + l.localTag
}

// outgoing is what the leg decides about a request; the rest is written by
// identity.build.
type outgoing struct {
	method   string
	uri, to  string
	routes   []string
	seq      uint32
	branch   string
	fields   []wire.Header
	bodyType string
	body     string
	// bare leaves out the settings' fields and Contact (CANCEL).
	bare bool
	// credentials are copied (ACK); nil computes new ones.
	credentials []wire.Header
}

// build writes a request.
func (l *identity) build(o outgoing) *sip.Request {
	req := wire.NewRequest(o.method, o.uri,
		wire.Header{Name: "Via", Value: "SIP/2.0/" + l.link.transport + " " + l.link.host + ";branch=" + o.branch},
		wire.Header{Name: "Max-Forwards", Value: "70"},
	)
	for _, r := range o.routes {
		wire.Add(req, wire.Header{Name: "Route", Value: r})
	}
	wire.Add(req,
		wire.Header{Name: "From", Value: l.from()},
		wire.Header{Name: "To", Value: o.to},
		wire.Header{Name: "Call-ID", Value: l.callID},
		wire.Header{Name: "CSeq", Value: strconv.FormatUint(uint64(o.seq), 10) + " " + o.method},
	)
	if !o.bare {
		wire.Add(req, wire.Header{Name: "Contact", Value: l.contact()})
	}
	if o.credentials == nil && !o.bare {
		o.credentials = l.keys.Authorize(o.method, o.uri, o.body)
	}
	wire.Add(req, o.credentials...)
	wire.Add(req, o.fields...)
	if !o.bare {
		wire.Add(req, l.ownFields()...)
	}
	wire.Add(req, wire.Header{Name: "User-Agent", Value: l.set.UserAgent})
	wire.SetBody(req, o.bodyType, o.body)
	return req
}

// challenge takes the challenges of a 401 or 407 into the keyring.
func (l *identity) challenge(m *wire.Message) error { return l.keys.Take(auth.Of(m)) }
