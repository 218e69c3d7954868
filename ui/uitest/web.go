package uitest

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"nxphone/ui/present"
)

// Web stands in for the web API. It records what the window asks for; what it
// shows changes by Push alone.
type Web struct {
	// Err is what Revoke is answered with. Set it before the Web is shared.
	Err error

	mu       sync.Mutex
	now      present.Web
	turn     int
	commands []string
	changed  chan struct{} // closed and replaced at every change
}

// NewWeb makes a web API with nobody connected.
func NewWeb() *Web { return &Web{changed: make(chan struct{})} }

// Push sets what is to be shown.
func (w *Web) Push(now present.Web) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
	w.turn++
	close(w.changed)
	w.changed = make(chan struct{})
}

// Commands are those asked for since the start, in order: "answer 1 true",
// "revoke https://helpline.example".
func (w *Web) Commands() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.commands...)
}

// Answer records "answer ID true" or "answer ID false".
func (w *Web) Answer(id int, yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commands = append(w.commands, fmt.Sprint("answer ", id, " ", yes))
}

// Revoke records "revoke ORIGIN".
func (w *Web) Revoke(_ context.Context, origin string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commands = append(w.commands, "revoke "+origin)
	return w.Err
}

// Watch gives what is to be shown now, and then whatever is the newest when the
// watcher comes for it.
func (w *Web) Watch(ctx context.Context) iter.Seq[present.Web] {
	return func(yield func(present.Web) bool) {
		for last := -1; ; {
			w.mu.Lock()
			now, turn, changed := w.now, w.turn, w.changed
			w.mu.Unlock()
			if turn != last && !yield(now) {
				return
			}
			last = turn
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}
