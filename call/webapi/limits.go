package webapi

import "time"

// The limits of the protocol, in one place. They are constants: an
// administrator who could raise them could only make the phone weaker.
const (
	maxMessage = 16 * 1024 // bytes of a message towards the phone
	maxHeader  = 8 * 1024  // bytes of a request's header
	maxTel     = 128       // characters of a number that is handed to the window

	maxWaiting   = 256 // connections whose request is not complete
	maxStrangers = 16  // of other users, who are going to be refused
	maxAsking    = 16  // whose origin is not allowed yet, while the window asks
	maxUnproven  = 32  // upgraded and not proven
	maxProven    = 128 // pages and programs, in all
	maxPerOrigin = 64  // of one origin

	commandRate   = 10  // commands a second of a connection, and its burst
	maxRefused    = 100 // commands over that rate, then the connection is closed
	dialsOrigin   = 10  // dials in dialSpan of one origin
	dialsAll      = 20  // dials in dialSpan of all
	maxMutes      = 16  // Mutes that wait for the capture path
	maxQueued     = 1024
	maxBatch      = 256  // events of one message
	ringSize      = 4096 // events that are kept for pages that come back
	maxQuestions  = 3    // in questionSpan
	lineReadBytes = maxMessage + 1
)

const (
	headerTime  = 5 * time.Second       // to send a request's header
	graceTime   = 50 * time.Millisecond // before a full room closes a connection
	proveTime   = 5 * time.Second       // for each message of the handshake
	codeTime    = 120 * time.Second     // for the page's user to type the code
	writeTime   = 5 * time.Second       // for a message to leave
	writeGap    = 2 * time.Millisecond  // between two writes of a connection
	closeTime   = time.Second           // for a peer to answer a close
	commandTime = 5 * time.Second       // for the phone to answer a command
	pingEvery   = 20 * time.Second
	pongTime    = 10 * time.Second

	dialSpan     = time.Minute
	resultTime   = 10 * time.Minute // the outcome of a dial is kept for its key
	askTime      = 30 * time.Second
	questionSpan = 10 * time.Minute // for maxQuestions, and of peace after a No
)

// Close codes of the WebSocket, besides those of RFC 6455.
const (
	closeGoing     = 1001 // the phone ends, or its switch is off
	closeBinary    = 1003 // not a text message
	closeBad       = 4400 // not a JSON object
	closeUnproven  = 4401 // a wrong proof, or no code can be shown
	closeRevoked   = 4403 // the origin is not allowed any more
	closeSlow      = 4408 // no message in time, or none read
	closeBusyCode  = 4409 // another page is being paired with a code
	closeTooMany   = 4429 // over the limits
	closeNoMessage = 0    // nothing is said: the peer is gone
)

// Codes of results that are not the engine's.
const (
	codeRateLimited   = "rate-limited"
	codeNotController = "not-controller"
	codeBadRequest    = "bad-request"
	codeNoWindow      = "no-window"
	codeFailed        = "failed"
)

// window counts what happened in the last span: an exact sliding limit, for
// things so rare that their times can be kept.
type window struct {
	limit int
	span  time.Duration
	times []time.Time
}

// full forgets what is older than the span and says whether no more fits.
func (w *window) full(now time.Time) bool {
	i := 0
	for i < len(w.times) && now.Sub(w.times[i]) >= w.span {
		i++
	}
	w.times = w.times[i:]
	return len(w.times) >= w.limit
}

func (w *window) add(now time.Time) { w.times = append(w.times, now) }
