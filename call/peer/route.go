package peer

import (
	"sync"

	"github.com/pion/rtp"

	"nxphone/audio/codec"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
)

// route is where the voice goroutine sends, and how. It is never changed, only
// replaced.
type route struct {
	t     sender
	voice sdp.Codec
	dtmf  sdp.Codec // Name "" when the far end takes no events
	red   sdp.Codec // Name "" when not both ends can
	// base is what the far end and the settings want of the encoder, whatever
	// the network does.
	base codec.Options
	// sends: the far end is willing to receive. When it is not, nothing is
	// sent at all.
	sends bool
}

// sender is what the voice goroutine needs of a transport.
type sender interface {
	// Secure reports whether packets can be sent.
	Secure() bool
	// SendRTP encrypts and sends one packet.
	SendRTP(h *rtp.Header, payload []byte) bool
}

// books are the counts of both directions.
type books struct {
	// sending guards out, between the voice goroutine and, once a second, the
	// session's. Nothing that a user interface calls takes it: what it may hold
	// must not delay a packet.
	sending sync.Mutex
	out     *stream.Outbound

	// mu guards the rest, between network goroutine, session and whoever asks
	// for statistics, each for a moment. The voice goroutine never takes it.
	mu    sync.Mutex
	in    stream.Inbound
	feed  stream.Feedback
	adapt *stream.Adapter
	cname string
}
