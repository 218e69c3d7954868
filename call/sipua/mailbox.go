package sipua

import "sync"

// mailbox is the queue of one actor: closures that run one after the other on
// its goroutine. It is unbounded, so that neither a flow's reader nor the
// engine ever waits for an actor; what one call can say bounds it in practice.
type mailbox struct {
	ready chan struct{} // one token while there is something to take
	mu    sync.Mutex
	queue []func()
	shut  bool
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

// put queues f; after shut it does nothing.
func (b *mailbox) put(f func()) {
	b.mu.Lock()
	if !b.shut {
		b.queue = append(b.queue, f)
	}
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *mailbox) take() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = nil
	return q
}

// close gives what is queued and drops all that comes.
func (b *mailbox) close() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.shut, b.queue = true, nil
	return q
}
