package call

import (
	"context"
	"iter"
	"sync"
)

// bus hands snapshots to watchers. The snapshot and the list of watchers stand
// under one lock, so that nothing can happen between a watcher's first
// snapshot and its first cause.
type bus struct {
	mu       sync.Mutex
	snap     Snapshot
	watchers map[*watcher]struct{}
	closed   bool
}

type watcher struct {
	ready chan struct{} // one token while queue is not empty or the bus closed
	queue []update      // under bus.mu
}

type update struct {
	snap  Snapshot
	cause Cause
}

func (b *bus) snapshot() Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.snap
}

func (b *bus) publish(snap Snapshot, cause Cause) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.snap = snap
	for w := range b.watchers {
		w.push(update{snap, cause})
	}
}

// push queues an update. Two measurements in a row become one; a cause is
// never merged.
func (w *watcher) push(u update) {
	if n := len(w.queue); n > 0 && u.cause == nil && w.queue[n-1].cause == nil {
		w.queue[n-1] = u
	} else {
		w.queue = append(w.queue, u)
	}
	w.poke()
}

func (w *watcher) poke() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (b *bus) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for w := range b.watchers {
		w.poke()
	}
}

// watch registers at once, not when the sequence is first ranged over, so that
// a caller may watch, then act, then read.
func (b *bus) watch(ctx context.Context) iter.Seq2[Snapshot, Cause] {
	w := &watcher{ready: make(chan struct{}, 1)}
	b.mu.Lock()
	if b.watchers == nil {
		b.watchers = make(map[*watcher]struct{})
	}
	b.watchers[w] = struct{}{}
	w.push(update{snap: b.snap})
	b.mu.Unlock()
	// A watcher that is never ranged over must not gather causes for ever.
	release := context.AfterFunc(ctx, func() { b.remove(w) })

	return func(yield func(Snapshot, Cause) bool) {
		defer b.remove(w)
		defer release()
		for {
			batch, open := b.take(w)
			for _, u := range batch {
				if ctx.Err() != nil || !yield(u.snap, u.cause) {
					return
				}
			}
			if len(batch) > 0 {
				continue
			}
			if !open {
				return
			}
			select {
			case <-w.ready:
			case <-ctx.Done():
				return
			}
		}
	}
}

// take empties a watcher's queue; open is false when no more will come.
func (b *bus) take(w *watcher) (batch []update, open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch, w.queue = w.queue, nil
	_, in := b.watchers[w]
	return batch, in && !b.closed
}

func (b *bus) remove(w *watcher) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers, w)
	w.queue = nil
}
