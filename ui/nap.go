package ui

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// napTime is the longest that the event loop sleeps at once. What the
	// toolkit queues by itself (a timer of its own, a click in the tray) can
	// wake nobody and waits for it.
	napTime = 200 * time.Millisecond
	// awakeTime is how long the loop runs at the toolkit's own pace after a
	// nap that was not disturbed, and after one that the pump ended: two turns,
	// one of which draws.
	awakeTime = 35 * time.Millisecond
	// busyTime is the same after a key, a click or a movement: more will come,
	// and the toolkit's timers for double clicks run out meanwhile.
	busyTime = 700 * time.Millisecond
)

// eventWait waits for the window system.
type eventWait interface {
	// wait returns when there is an event to be handled, when limit has passed,
	// when stop reports true, or when it is woken. It handles no event. It runs
	// on the UI goroutine and reports whether it could wait at all.
	wait(limit time.Duration, stop func() bool) bool
	// wake ends a wait from any goroutine, once stop reports true.
	wake()
	// close ends all waiting.
	close()
}

// napper lets the event loop sleep while nothing happens. The toolkit's own
// loop (2.7.4, internal/driver/glfw/loop.go) looks for events 60 times a second
// for ever, which costs 1.5 % of a core in an idle window (its issues 2506 and
// 3295). Here a function that waits for an event is put into that loop: while it
// waits, the loop costs nothing, and an event is seen at once instead of at the
// next turn.
//
// Whoever has something for the UI goroutine counts it before it is queued and
// wakes the loop after: one of the two is always noticed, whatever moment the
// nap begins at.
type napper struct {
	event eventWait
	// arrivals counts what has been announced for the UI goroutine, and done
	// what has run on it.
	arrivals, done atomic.Uint64
}

// newNapper is nil where there is no way to wait.
func newNapper(w eventWait) *napper {
	if w == nil {
		return nil
	}
	return &napper{event: w}
}

// through is do, which queues a function for the UI goroutine, with the
// announcement and the waking around it.
func (n *napper) through(do func(func())) func(func()) {
	if n == nil {
		return do
	}
	return func(f func()) {
		n.arrivals.Add(1)
		do(func() {
			n.done.Add(1)
			f()
		})
		n.event.wake()
	}
}

// run has the UI goroutine sleep between its turns until ctx ends. do queues a
// function for it; one that is still queued when the toolkit ends never runs.
func (n *napper) run(ctx context.Context, do func(func())) {
	defer n.event.close()
	turn := time.NewTimer(busyTime)
	defer turn.Stop()
	awake := make(chan time.Duration, 1)
	for {
		select {
		case <-ctx.Done():
			return
		case <-turn.C:
		}
		do(func() { awake <- n.nap(ctx) })
		select {
		case <-ctx.Done():
			return
		case d := <-awake:
			if d <= 0 {
				return // this system cannot wait
			}
			turn.Reset(d)
		}
	}
}

// nap sleeps once, and says how long the loop is to be awake then; 0 is for
// ever. It runs on the UI goroutine.
func (n *napper) nap(ctx context.Context) time.Duration {
	seen := n.done.Load()
	called := func() bool { return ctx.Err() != nil || n.arrivals.Load() != seen }
	began := time.Now()
	if !n.event.wait(napTime, called) {
		return 0
	}
	if called() || time.Since(began) >= napTime {
		return awakeTime
	}
	return busyTime
}
