package txn

import (
	"github.com/emiago/sipgo/sip"

	"nxphone/call/sipua/internal/wire"
)

// Client is a request of ours that is being answered.
type Client struct {
	layer   *Layer
	request *sip.Request
	key     string
	invite  bool
	handle  func(*wire.Message)
	stop    func() // timer B or F, nil when it does not run
	final   bool   // a final response was passed on
}

// Request sends a request and has handle called with its responses: for an
// INVITE every provisional one, the first of 300 and above (it has been
// acknowledged then), and every 2xx, repeated ones included (the caller
// acknowledges). For other methods only the first final one. handle(nil) means
// that nothing was heard in time; then nothing more comes.
//
// branch is the branch of the request's Via. The method is part of the key, so
// a CANCEL can carry the branch of its INVITE.
func (l *Layer) Request(req *sip.Request, branch string, handle func(*wire.Message)) *Client {
	c := &Client{
		layer: l, request: req, handle: handle,
		key: clientKey(branch, string(req.Method)), invite: req.Method == sip.INVITE,
	}
	l.client[c.key] = c
	c.stop = l.after(Limit, c.expire)
	l.send(req)
	return c
}

func clientKey(branch, method string) string { return branch + " " + method }

// Response hands a response to its transaction and reports whether there is
// one.
func (l *Layer) Response(m *wire.Message) bool {
	c := l.client[clientKey(m.Branch, m.Method)]
	if c == nil {
		return false
	}
	code := m.Code()
	switch {
	case code < 200:
		if c.invite {
			// Timer B bounds the state Calling only (section 17.1.1.2).
			c.stopTimer()
			if !c.final {
				c.handle(m)
			}
		}
	case c.invite && code < 300:
		c.finish()
		c.handle(m)
	case c.invite:
		// Section 17.1.1.3: every copy of a refusal is acknowledged, the
		// first is passed on. After a 2xx it is a stray.
		l.send(AckRefusal(c.request, m.Value("To")))
		if !c.final {
			c.finish()
			c.handle(m)
		}
	default:
		c.stopTimer()
		delete(l.client, c.key) // timer K is zero
		c.handle(m)
	}
	return true
}

// finish keeps an answered INVITE for repeated answers (timers D and M).
func (c *Client) finish() {
	if c.final {
		return
	}
	c.final = true
	c.stopTimer()
	c.layer.after(Limit, func() { delete(c.layer.client, c.key) })
}

func (c *Client) stopTimer() {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
}

func (c *Client) expire() {
	c.stop = nil
	delete(c.layer.client, c.key)
	c.handle(nil)
}

// AckRefusal is the ACK inside an INVITE transaction (section 17.1.1.3): the
// request's own Via, Route and CSeq number, the refusal's To.
func AckRefusal(req *sip.Request, to string) *sip.Request {
	ack := wire.NewRequest("ACK", wire.URI(req))
	for _, h := range req.Headers() {
		switch h.Name() {
		case "Via", "Route", "From", "Call-ID", "Max-Forwards":
			wire.Add(ack, wire.Header{Name: h.Name(), Value: h.Value()})
		case "To":
			wire.Add(ack, wire.Header{Name: "To", Value: to})
		case "CSeq":
			wire.Add(ack, wire.Header{Name: "CSeq", Value: number(h.Value()) + " ACK"})
		}
	}
	wire.SetBody(ack, "", "")
	return ack
}
