package device

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// noDriver is a driver of which only the number counts.
type noDriver struct {
	n      int32
	closed *atomic.Int32
}

func (noDriver) list() ([]Info, []Info, error)               { return nil, nil, nil }
func (noDriver) open(Direction, string, int) (stream, error) { return nil, ErrNoDevice }
func (d noDriver) close()                                    { d.closed.Add(1) }

// testThreads counts the drivers that its threads make and close.
func testThreads(t *testing.T) (_ *threads, made, closed *atomic.Int32) {
	made, closed = new(atomic.Int32), new(atomic.Int32)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	return newThreads(log, func() driver { return noDriver{made.Add(1), closed} }), made, closed
}

// number asks for the driver's number.
func number(d driver) (int32, error) { return d.(noDriver).n, nil }

func TestOnThreadKeepsItsDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th, made, closed := testThreads(t)
		for range 3 {
			if n, err := onThread(t.Context(), th, "ask", time.Second, number, nil); n != 1 || err != nil {
				t.Errorf("driver %d, %v", n, err)
			}
		}
		if !th.close(time.Second) || made.Load() != 1 || closed.Load() != 1 {
			t.Errorf("made %d, closed %d", made.Load(), closed.Load())
		}
		if _, err := onThread(t.Context(), th, "ask", time.Second, number, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	})
}

func TestOnThreadLeavesBehindWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th, _, closed := testThreads(t)
		hang := make(chan struct{})
		var undone atomic.Int32
		start := time.Now()
		_, err := onThread(t.Context(), th, "hang", time.Second,
			func(driver) (int, error) { <-hang; return 7, nil },
			func(_ driver, v int) { undone.Store(int32(v)) })
		if !errors.Is(err, ErrHung) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if n, err := onThread(t.Context(), th, "ask", time.Second, number, nil); n != 2 || err != nil {
			t.Errorf("the next call: driver %d, %v", n, err)
		}
		close(hang)
		synctest.Wait()
		if undone.Load() != 7 {
			t.Error("the late result was not given back")
		}
		if closed.Load() != 1 || th.stuck.Load() != 0 {
			t.Errorf("closed %d, stuck %d", closed.Load(), th.stuck.Load())
		}
		if !th.close(time.Second) {
			t.Error("close waits for nothing")
		}
	})
}

func TestOnThreadGivesUpOnADeadSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th, made, _ := testThreads(t)
		hang := make(chan struct{})
		for range maxStuck {
			_, err := onThread(t.Context(), th, "hang", time.Second, func(driver) (int, error) { <-hang; return 0, nil }, nil)
			if !errors.Is(err, ErrHung) {
				t.Error(err)
			}
		}
		start := time.Now()
		if _, err := onThread(t.Context(), th, "ask", time.Second, number, nil); !errors.Is(err, ErrHung) {
			t.Error(err)
		}
		if time.Since(start) != 0 || made.Load() != maxStuck {
			t.Errorf("waited %v, made %d drivers", time.Since(start), made.Load())
		}
		if th.close(time.Second) {
			t.Error("close says that everything came back")
		}
		close(hang)
	})
}

// TestOnThreadCancelled: who stops waiting gets away at once, and the call
// keeps its turn and its watchdog.
func TestOnThreadCancelled(t *testing.T) {
	for _, tt := range []struct {
		name   string
		takes  time.Duration
		driver int32 // that serves the next call
	}{
		{"and it ends well", 500 * time.Millisecond, 1},
		{"and it hangs", time.Hour, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				th, _, _ := testThreads(t)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				var undone atomic.Bool
				start := time.Now()
				_, err := onThread(ctx, th, "slow", time.Second,
					func(driver) (int, error) { time.Sleep(tt.takes); return 0, nil },
					func(driver, int) { undone.Store(true) })
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				if n, err := onThread(t.Context(), th, "ask", time.Second, number, nil); n != tt.driver || err != nil {
					t.Errorf("the next call: driver %d, %v", n, err)
				}
				if wait := time.Since(start); wait != min(tt.takes, time.Second) {
					t.Errorf("the next call had its turn after %v", wait)
				}
				time.Sleep(tt.takes)
				synctest.Wait()
				if !undone.Load() {
					t.Error("the unwanted result was not given back")
				}
				th.close(time.Second)
			})
		})
	}
}

func TestOnThreadWaitingForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th, _, _ := testThreads(t)
		go onThread(t.Context(), th, "slow", time.Second, func(driver) (int, error) { time.Sleep(900 * time.Millisecond); return 0, nil }, nil)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := onThread(ctx, th, "ask", time.Second, number, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if n, err := onThread(t.Context(), th, "ask", time.Second, number, nil); n != 1 || err != nil {
			t.Errorf("driver %d, %v", n, err)
		}
		th.close(time.Second)
	})
}
