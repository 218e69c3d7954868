package peer

import "sync"

// mailbox carries work to the one goroutine that owns a session. Posting never
// blocks.
type mailbox struct {
	ready chan struct{} // holds a token while the queue is not empty

	mu    sync.Mutex
	queue []func()
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

func (m *mailbox) post(f func()) {
	m.mu.Lock()
	m.queue = append(m.queue, f)
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

func (m *mailbox) drain() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queue
	m.queue = nil
	return q
}
