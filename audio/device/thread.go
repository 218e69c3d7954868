package device

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// maxStuck bounds how many threads a sound system may hold captive before
// nothing more is asked of it.
const maxStuck = 4

// threads owns the one OS thread that opens, starts, stops and closes
// devices. Sound systems want that (COM apartments, run loops), and they hang:
// miniaudio's tracker and our own measurements have a hang for each of them.
// A call that outlives its limit is therefore left behind together with its
// thread and its driver; the next call gets new ones. What was left behind
// cleans up after itself if it ever returns.
type threads struct {
	log       *slog.Logger
	newDriver func() driver

	// turn holds a token while a call is under way.
	turn chan struct{}
	// closed ends the waiting for a turn that will not come any more.
	closed chan struct{}
	// cur is the idle worker, nil before the first call and after one was
	// left behind. Only the holder of turn touches it.
	cur   *worker
	stuck atomic.Int32
	wg    sync.WaitGroup
}

// worker is one locked OS thread with the driver that lives on it.
type worker struct {
	jobs chan func(driver)
}

func newThreads(log *slog.Logger, newDriver func() driver) *threads {
	return &threads{log: log, newDriver: newDriver, turn: make(chan struct{}, 1), closed: make(chan struct{})}
}

// serve runs jobs until the channel is closed, then gives the driver back. It
// never returns the thread to the runtime: what COM or a sound library left in
// its thread-local state goes with it.
func (t *threads) serve(w *worker) {
	defer t.wg.Done()
	runtime.LockOSThread()
	d := t.newDriver()
	defer d.close()
	for job := range w.jobs {
		job(d)
	}
}

// job is one call on its way. It is settled exactly once: by the thread, whose
// result then counts, or by the watchdog, and then the thread undoes it.
type job[T any] struct {
	settled atomic.Bool
	done    chan struct{}
	val     T
	err     error
}

// onThread waits for its turn until ctx ends, then runs fn on the owned thread
// and waits at most limit, or until ctx ends. undo gives back a result that
// came too late for anybody to want it; it runs on the thread and may be nil.
// The errors are fn's, ErrHung, ErrClosed, and ctx's.
func onThread[T any](ctx context.Context, t *threads, what string, limit time.Duration,
	fn func(driver) (T, error), undo func(driver, T),
) (T, error) {
	var none T
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return none, context.Cause(ctx)
	case <-t.closed:
		return none, ErrClosed
	}
	w := t.worker()
	if w == nil {
		<-t.turn
		return none, ErrHung
	}
	j := &job[T]{done: make(chan struct{})}
	start, deadline := time.Now(), time.NewTimer(limit)
	defer deadline.Stop()
	w.jobs <- func(d driver) { j.run(d, fn, undo) }
	select {
	case <-j.done:
		<-t.turn
		return j.val, j.err
	case <-ctx.Done():
		// The call is not broken off, only no longer waited for here. The
		// watchdog keeps the rest of its time.
		t.wg.Go(func() {
			rest := time.NewTimer(limit - time.Since(start))
			defer rest.Stop()
			t.watch(w, what, j.done, rest.C)
		})
		if j.settled.CompareAndSwap(false, true) {
			return none, context.Cause(ctx)
		}
		<-j.done
		return j.val, j.err
	case <-deadline.C:
		if !j.settled.CompareAndSwap(false, true) {
			<-j.done
			<-t.turn
			return j.val, j.err
		}
		t.leave(w, what, j.done)
		return none, ErrHung
	}
}

func (j *job[T]) run(d driver, fn func(driver) (T, error), undo func(driver, T)) {
	defer close(j.done)
	val, err := fn(d)
	if j.settled.CompareAndSwap(false, true) {
		j.val, j.err = val, err
	} else if err == nil && undo != nil {
		undo(d, val)
	}
}

// watch gives the turn back when the call is done, or leaves it behind.
func (t *threads) watch(w *worker, what string, done <-chan struct{}, expired <-chan time.Time) {
	select {
	case <-done:
		<-t.turn
	case <-expired:
		select {
		case <-done: // both at once
			<-t.turn
		default:
			t.leave(w, what, done)
		}
	}
}

// worker gives the idle worker to the holder of the turn, nil when the sound
// system has swallowed too many already.
func (t *threads) worker() *worker {
	if t.cur == nil {
		if t.stuck.Load() >= maxStuck {
			return nil
		}
		w := &worker{jobs: make(chan func(driver))}
		t.wg.Add(1)
		go t.serve(w)
		t.cur = w
	}
	return t.cur
}

// leave gives up the worker whose call has not returned, and then the turn.
func (t *threads) leave(w *worker, what string, done <-chan struct{}) {
	t.stuck.Add(1)
	t.cur = nil
	t.log.Error("sound system hangs, left behind", "in", what)
	t.wg.Go(func() {
		<-done
		t.stuck.Add(-1)
		t.log.Warn("sound system came back", "from", what)
	})
	close(w.jobs)
	<-t.turn
}

// close ends the idle worker and waits, at most limit, for what was left
// behind. It reports whether everything came back.
func (t *threads) close(limit time.Duration) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	select {
	case t.turn <- struct{}{}:
	case <-t.closed:
		return true
	case <-deadline.C:
		return false
	}
	// The turn is kept: after this nothing runs any more.
	close(t.closed)
	if t.cur != nil {
		close(t.cur.jobs)
		t.cur = nil
	}
	gone := make(chan struct{})
	go func() {
		t.wg.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return true
	case <-deadline.C:
		return false
	}
}
