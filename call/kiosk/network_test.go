package kiosk

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
)

func TestBackOff(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 16 * time.Second,
		6: 30 * time.Second, 7: 30 * time.Second, 1000000: 30 * time.Second,
	} {
		if got := backOff(failures); got != want {
			t.Errorf("after %d: %v, want %v", failures, got, want)
		}
	}
	for range 1000 {
		if d := spread(10 * time.Second); d < 10*time.Second || d >= 12*time.Second {
			t.Fatal(d)
		}
	}
}

// line is a server that can be switched off.
type line struct {
	mu    sync.Mutex
	err   error
	lost  chan struct{}
	slow  bool
	asked int
}

// set changes the line; count is how often it has been asked.
func (l *line) set(f func()) { l.mu.Lock(); defer l.mu.Unlock(); f() }

func (l *line) count() int { l.mu.Lock(); defer l.mu.Unlock(); return l.asked }

func (l *line) reach(ctx context.Context) (<-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.slow {
		l.mu.Unlock()
		<-ctx.Done()
		l.mu.Lock()
		return nil, ctx.Err()
	}
	if l.err != nil {
		return nil, l.err
	}
	if l.lost == nil {
		l.lost = make(chan struct{})
	}
	return l.lost, nil
}

func TestNetwork(t *testing.T) {
	l := &line{err: &call.Error{Code: call.CodeHandshake}}
	booth(t, Options{Reach: l.reach}, func(r *rig) {
		began := time.Now()
		if n := r.Status().Network; n.State != NetDown || n.Code != call.CodeHandshake || !n.Since.Equal(began) {
			t.Errorf("%+v", n)
		}
		// It is tried for ever, no more often than every half minute in the
		// end, and the screen says since when.
		pass(time.Hour)
		before := l.count()
		pass(time.Hour)
		if n := l.count() - before; n < 90 || n > 125 {
			t.Errorf("%d attempts an hour", n)
		}
		if n := r.Status().Network; n.State != NetDown || !n.Since.Equal(began) {
			t.Errorf("%+v", n)
		}
		l.set(func() { l.err = nil })
		pass(40 * time.Second)
		if n := r.Status().Network; n.State != NetReady || n.Code != "" || time.Since(n.Since) > 40*time.Second {
			t.Errorf("%+v", n)
		}
		before = l.count()
		pass(time.Hour)
		if n := l.count() - before; n < 140 || n > 185 {
			t.Errorf("%d probes an hour", n)
		}
		// A loss is shown at once, and the first attempt follows at once.
		l.set(func() {
			l.err = &call.Error{Code: call.CodeUnreachable}
			close(l.lost)
		})
		synctest.Wait()
		if n := r.Status().Network; n.State != NetDown || n.Code != call.CodeUnreachable || !n.Since.Equal(time.Now()) {
			t.Errorf("%+v", n)
		}
	})
}

func TestNetworkIsLookedForWhenLost(t *testing.T) {
	l := &line{}
	booth(t, Options{Reach: l.reach}, func(r *rig) {
		if r.Status().Network.State != NetReady {
			t.Fatal("not ready")
		}
		l.set(func() {
			l.slow = true
			close(l.lost)
		})
		synctest.Wait()
		if n := r.Status().Network; n.State != NetConnecting {
			t.Errorf("%+v", n)
		}
		pass(probeTime)
		if n := r.Status().Network; n.State != NetDown || n.Code != call.CodeTimeout {
			t.Errorf("%+v", n)
		}
	})
}

// A call that the network has ended is the newest there is to know.
func TestNetworkIsAskedAfterACall(t *testing.T) {
	l := &line{}
	booth(t, Options{Reach: l.reach}, func(r *rig) {
		r.press(Counsellor)
		before := l.count()
		l.set(func() { l.err = &call.Error{Code: call.CodeUnreachable} })
		r.phone.end(call.CodeUnreachable)
		if n := r.Status().Network; l.count() != before+1 || n.State != NetDown {
			t.Errorf("asked %d times, %+v", l.count()-before, n)
		}
		r.press(Counsellor) // and the button still works
		r.screen(Calling)
	})
}
