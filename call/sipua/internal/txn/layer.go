package txn

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// The timers of RFC 3261 section 17.1.1.1 that a reliable transport leaves.
const (
	T1 = 500 * time.Millisecond
	T2 = 4 * time.Second
	// Limit is 64*T1: timers B, F, H, L and M.
	Limit = 64 * T1
)

// Layer holds the transactions of one owner.
type Layer struct {
	send  func(sip.Message)
	after func(time.Duration, func()) (stop func())

	client map[string]*Client
	server map[string]*Server
}

// New makes a layer. send puts a message on the flow. after runs a function on
// the owner's goroutine after a time, unless stop is called there before.
func New(send func(sip.Message), after func(d time.Duration, f func()) (stop func())) *Layer {
	return &Layer{send: send, after: after, client: map[string]*Client{}, server: map[string]*Server{}}
}
