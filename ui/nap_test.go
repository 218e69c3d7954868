package ui

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeWait is a window system without events but those of the test.
type fakeWait struct {
	woken, event chan struct{}
	closed       chan struct{}
	once         sync.Once
	unable       bool
	waits        atomic.Int64
}

func newFakeWait() *fakeWait {
	return &fakeWait{woken: make(chan struct{}, 1), event: make(chan struct{}), closed: make(chan struct{})}
}

func (w *fakeWait) wait(limit time.Duration, stop func() bool) bool {
	if w.unable {
		return false
	}
	w.waits.Add(1)
	select { // a new limit undoes an older wake, as a deadline does
	case <-w.woken:
	default:
	}
	if stop() {
		return true
	}
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-t.C:
	case <-w.woken:
	case <-w.event:
	case <-w.closed:
	}
	return true
}

func (w *fakeWait) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

func (w *fakeWait) close() { w.once.Do(func() { close(w.closed) }) }

// toolkit is the event loop: it runs what is queued, and ends with ctx.
func toolkit(ctx context.Context) (do func(func()), wait func()) {
	queue := make(chan func(), 1000)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case f := <-queue:
				f()
			case <-ctx.Done():
				return
			}
		}
	})
	return func(f func()) { queue <- f }, wg.Wait
}

// napping is an event loop that sleeps between its turns; end waits until all of
// it has ended.
func napping(t *testing.T) (n *napper, w *fakeWait, do func(func()), end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	w = newFakeWait()
	do, ended := toolkit(ctx)
	n = newNapper(w)
	var wg sync.WaitGroup
	wg.Go(func() { n.run(ctx, do) })
	return n, w, do, func() {
		cancel()
		wg.Wait()
		ended()
	}
}

// TestNapIsNotInTheWay: whatever moment something is queued at, it runs at once,
// although the loop sleeps nearly all the time.
func TestNapIsNotInTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, do, end := napping(t)
		through := n.through(do)
		for i := range 2000 {
			// 7 ms meets every phase of a nap of 200 ms and a turn of 35.
			time.Sleep(time.Duration(1+i%7) * time.Millisecond)
			asked := time.Now()
			ran := make(chan time.Time, 1)
			through(func() { ran <- time.Now() })
			if late := (<-ran).Sub(asked); late != 0 {
				t.Fatalf("queued after %d rounds, ran %v later", i, late)
			}
		}
		end()
	})
}

// TestNapPace: how often the loop wakes up by itself, and how long it stays
// awake after an event.
func TestNapPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w, _, end := napping(t)
		time.Sleep(busyTime + 10*(napTime+awakeTime) - time.Millisecond)
		synctest.Wait()
		if got := w.waits.Load(); got != 10 {
			t.Errorf("%d naps, want 10", got)
		}
		time.Sleep(napTime/2 + time.Millisecond)
		w.event <- struct{}{}
		synctest.Wait()
		before := w.waits.Load()
		time.Sleep(busyTime - time.Millisecond)
		synctest.Wait()
		if w.waits.Load() != before {
			t.Error("the loop slept while the user was busy")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if w.waits.Load() != before+1 {
			t.Error("the loop did not sleep after the user was done")
		}
		end()
	})
}

// TestNapEnds: a pump that closes on the UI goroutine does not wait for a nap,
// and a system that cannot wait is asked once.
func TestNapEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, _, end := napping(t)
		time.Sleep(busyTime + napTime/2)
		began := time.Now()
		end()
		if d := time.Since(began); d != 0 {
			t.Errorf("ended %v late", d)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := newFakeWait()
		w.unable = true
		do, _ := toolkit(ctx)
		newNapper(w).run(ctx, do) // returns by itself
	})
	if newNapper(nil).through(nil) != nil {
		t.Error("without a way to wait the queue is not as it was")
	}
}
