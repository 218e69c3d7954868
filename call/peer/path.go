package peer

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"nxphone/call/peer/sdp"
	"nxphone/call/peer/transport"
)

// path is one transport with the offer and answer that made it. A session has
// one that carries the call, and may have a second that is to replace it. All
// fields but gone belong to the session's goroutine.
type path struct {
	s *Session
	t *transport.Transport
	// local is our side as it was last written, remote the peer's; remote is
	// nil until there is one.
	local  sdp.Local
	remote *sdp.Remote
	choice sdp.Choice
	// offerer: the first description was ours.
	offerer bool
	secure  bool
	failed  error
	timer   *time.Timer // gives up on a twin; nil for other paths
	// gone: a newer path carries the call; what still arrives is not heard.
	gone atomic.Bool
}

// RTP implements transport.Handler.
func (p *path) RTP(h *rtp.Header, payload []byte, arrived time.Time) {
	if !p.gone.Load() {
		p.s.ear.packet(h, payload, arrived)
	}
}

// RTCP implements transport.Handler.
func (p *path) RTCP(packet []byte, arrived time.Time) {
	if !p.gone.Load() {
		p.s.feedback(packet, arrived)
	}
}

// TransportState implements transport.Handler.
func (p *path) TransportState(_ *transport.Transport, st transport.State, err error) {
	p.s.inbox.post(func() { p.s.pathState(p, st, err) })
}

// sameTransport reports whether a description leads to the very peer that the
// path is connected to: a change of any of these means another one, or another
// place (RFC 8839 section 4.4.1.1, RFC 8842 section 4).
func (p *path) sameTransport(r sdp.Remote) bool {
	return p.remote != nil && p.remote.Ufrag == r.Ufrag && p.remote.Pwd == r.Pwd && p.sameCertificate(r)
}

func (p *path) sameCertificate(r sdp.Remote) bool {
	if p.remote == nil {
		return false
	}
	for _, a := range p.remote.Fingerprints {
		for _, b := range r.Fingerprints {
			if a == b {
				return true
			}
		}
	}
	return false
}

// connect starts the transport towards a peer.
func (p *path) connect(r sdp.Remote, role sdp.Setup) error {
	p.remote = &r
	return p.t.Start(r, p.offerer, role)
}

// roleAgainst is our part in the DTLS handshake when the peer's is known.
func roleAgainst(theirs sdp.Setup) sdp.Setup {
	switch theirs {
	case sdp.Active:
		return sdp.Passive
	case sdp.Passive:
		return sdp.Active
	}
	return sdp.Undecided
}

var errNoNetwork = errors.New("peer: this machine has no network address to offer")
