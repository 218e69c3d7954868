package demosbc

import (
	"sync"

	"github.com/emiago/sipgo/sip"
)

// input is one message for a call, with the flow that it came on. A nil
// message says that the flow is gone.
type input struct {
	from wire
	msg  sip.Message
}

// inboxLimit bounds what waits for a call. A call works off its inbox in
// microseconds unless its phone does not read.
const inboxLimit = 256

// inbox hands inputs to a call in their order. Putting never blocks, so a call
// that waits for one phone cannot hold up the flow of another; and whatever is
// put is either taken or comes back from close.
type inbox struct {
	// wake holds a token while there is something to take.
	wake chan struct{}

	mu     sync.Mutex
	items  []input
	closed bool
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// put adds an input; false when the call has ended or its inbox is full.
func (b *inbox) put(in input) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.items) >= inboxLimit {
		return false
	}
	b.items = append(b.items, in)
	b.signal()
	return true
}

// take removes the oldest input; false when there is none.
func (b *inbox) take() (input, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) == 0 {
		return input{}, false
	}
	in := b.items[0]
	b.items = b.items[1:]
	if len(b.items) > 0 {
		b.signal()
	}
	return in, true
}

// close takes no more and returns what nobody took.
func (b *inbox) close() []input {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	rest := b.items
	b.items = nil
	return rest
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
