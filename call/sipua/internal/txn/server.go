package txn

import (
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"nxphone/call/sipua/internal/wire"
)

// Server is a request of the far end that we answer.
type Server struct {
	Request *wire.Message

	layer *Layer
	key   string
	last  *sip.Response
	stop  func() // what runs until the ACK, nil when nothing does
	acked func(ack *wire.Message)
}

// Incoming takes a request. A new one gives its transaction; a repeated one is
// answered as before and gives nil. An ACK gives nil always: one for a 2xx is
// passed to the acked function of the INVITE's transaction.
func (l *Layer) Incoming(m *wire.Message) *Server {
	if m.Method == "ACK" {
		l.ack(m)
		return nil
	}
	key := serverKey(m, m.Method)
	if s := l.server[key]; s != nil {
		if s.last != nil {
			l.send(s.last)
		}
		return nil
	}
	s := &Server{Request: m, layer: l, key: key}
	l.server[key] = s
	return s
}

// serverKey is how section 17.2.3 compares requests. A branch without the
// cookie is RFC 2543's and says nothing by itself.
func serverKey(m *wire.Message, method string) string {
	key := m.Branch + " " + m.SentBy + " " + method
	if !strings.HasPrefix(m.Branch, wire.Cookie) {
		key += " " + m.FromTag + " " + number(m.Value("CSeq"))
	}
	return key
}

func number(cseq string) string {
	n, _, _ := strings.Cut(strings.TrimSpace(cseq), " ")
	return n
}

// Target finds the INVITE that a CANCEL is about, nil when there is none.
func (l *Layer) Target(cancel *wire.Message) *Server {
	return l.server[serverKey(cancel, "INVITE")]
}

// Answered reports whether a final response was sent.
func (s *Server) Answered() bool { return s.last != nil && s.last.StatusCode >= 200 }

// Respond sends a response. A second final one is not sent. For a 2xx to an
// INVITE, which is repeated until its ACK, acked is called with the ACK, or with
// nil when none came in time (section 13.3.1.4); it may be nil otherwise.
func (s *Server) Respond(res *sip.Response, acked func(ack *wire.Message)) {
	if s.Answered() {
		return
	}
	s.last = res
	s.layer.send(res)
	if res.StatusCode < 200 {
		return
	}
	if s.Request.Method == "INVITE" && res.StatusCode < 300 {
		s.acked = acked
		s.repeat(T1, Limit)
		return
	}
	// Timer J and I are zero here, but a proxy on the way may repeat a
	// request that its other, unreliable side repeated.
	s.layer.after(Limit, s.forget)
}

// repeat sends the 2xx again. The transport is reliable, the hops behind the
// server need not be, and repeating is the UAS core's part for every transport.
func (s *Server) repeat(wait, left time.Duration) {
	s.stop = s.layer.after(min(wait, left), func() {
		s.stop = nil
		if left <= wait {
			s.forget()
			if s.acked != nil {
				s.acked(nil)
			}
			return
		}
		s.layer.send(s.last)
		s.repeat(min(2*wait, T2), left-wait)
	})
}

// Settle takes a 2xx as acknowledged though its ACK never came: a later
// request of the far end shows that it has the answer.
func (s *Server) Settle() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
		s.layer.after(Limit, s.forget)
	}
}

func (s *Server) forget() { delete(s.layer.server, s.key) }

// ack finds the INVITE that an ACK belongs to: by the branch for a refusal,
// which is settled thereby, and by the CSeq number for a 2xx.
func (l *Layer) ack(m *wire.Message) {
	for _, s := range l.server {
		if s.Request.Method == "INVITE" && s.Request.CSeq == m.CSeq && s.stop != nil {
			s.Settle()
			if s.acked != nil {
				s.acked(m)
			}
			return
		}
	}
}
