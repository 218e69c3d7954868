package peer

import (
	"sync"

	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
	"nxphone/call/peer/transport"
)

// route is where the voice goroutine sends, and how. It is never changed, only
// replaced.
type route struct {
	t     *transport.Transport
	voice sdp.Codec
	dtmf  sdp.Codec // Name "" when the far end takes no events
	// sends: the far end is willing to receive. When it is not, nothing is
	// sent at all.
	sends bool
}

// books are the counts of both directions, used by the voice, network and
// session goroutines, each for a moment.
type books struct {
	mu    sync.Mutex
	out   *stream.Outbound
	in    stream.Inbound
	feed  stream.Feedback
	cname string
}
