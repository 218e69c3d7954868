package kiosk

import (
	"context"
	"iter"
	"reflect"
	"sync"
)

// board holds the newest status for everybody who looks at it. A status says
// all that can be known, so a slow watcher is given the newest one only.
type board struct {
	mu       sync.Mutex
	status   Status
	watchers map[chan struct{}]struct{} // each has one slot, full while there is news
	closed   bool
}

// publish puts up a status, unless it is the one that hangs there.
func (b *board) publish(s Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.Revision = b.status.Revision
	if s.Revision > 0 && reflect.DeepEqual(s, b.status) {
		return
	}
	s.Revision++
	b.status = s
	b.wake()
}

func (b *board) wake() {
	for w := range b.watchers {
		select {
		case w <- struct{}{}:
		default: // it will see this one too
		}
	}
}

func (b *board) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.wake()
}

func (b *board) now() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

func (b *board) watch(ctx context.Context) iter.Seq[Status] {
	return func(yield func(Status) bool) {
		news := make(chan struct{}, 1)
		news <- struct{}{}
		b.mu.Lock()
		if b.watchers == nil {
			b.watchers = map[chan struct{}]struct{}{}
		}
		b.watchers[news] = struct{}{}
		b.mu.Unlock()
		defer func() {
			b.mu.Lock()
			delete(b.watchers, news)
			b.mu.Unlock()
		}()
		var shown uint64
		for {
			b.mu.Lock()
			s, closed := b.status, b.closed
			b.mu.Unlock()
			if s.Revision != shown {
				shown = s.Revision
				if ctx.Err() != nil || !yield(s) {
					return
				}
				continue
			}
			if closed {
				return
			}
			select {
			case <-news:
			case <-ctx.Done():
				return
			}
		}
	}
}
