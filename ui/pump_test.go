package ui

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/call"
	"nxphone/ui/uitest"
)

// loop is a UI goroutine for the pump: a queue, and whoever drains it.
type loop struct{ queue chan func() }

func newLoop() *loop { return &loop{queue: make(chan func(), 1)} }

// do would block for ever on a second crossing under way.
func (l *loop) do(f func()) { l.queue <- f }

func TestPumpMergesABurst(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := newLoop()
	var shown []uint64
	p := newPumpWith(l.do, func(s call.Snapshot) time.Time {
		shown = append(shown, s.Revision)
		return time.Time{}
	})
	ran := 0
	for i := range uint64(1000) {
		p.show(call.Snapshot{Revision: i + 1})
		p.run(func() { ran++ })
	}
	if len(l.queue) != 1 {
		t.Fatalf("%d crossings under way", len(l.queue))
	}
	(<-l.queue)()
	if len(shown) != 1 || shown[0] != 1000 {
		t.Errorf("a burst was shown as %v", shown)
	}
	if ran != 1000 {
		t.Errorf("%d of 1000 functions ran", ran)
	}
	p.show(call.Snapshot{Revision: 1001})
	(<-l.queue)()
	if len(shown) != 2 {
		t.Errorf("what came after the crossing was lost: %v", shown)
	}
	p.close()
}

// TestPumpUnderLoad lets several goroutines push while the UI goroutine draws;
// with -race it also shows that the two share nothing.
func TestPumpUnderLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := newLoop()
	last := uint64(0)
	p := newPumpWith(l.do, func(s call.Snapshot) time.Time {
		last = s.Revision
		return time.Time{}
	})
	phone := uitest.NewPhone()
	ctx, cancel := context.WithCancel(t.Context())
	p.start(ctx, phone)
	const pushes, pushers = 500, 4
	var wg sync.WaitGroup
	count := 0
	for range pushers {
		wg.Go(func() {
			for range pushes {
				phone.Push(call.Snapshot{State: call.InCall})
				p.run(func() { count++ })
			}
		})
	}
	pushed := make(chan struct{})
	go func() {
		wg.Wait()
		close(pushed)
	}()
	for done := false; !done || last < pushes*pushers || count < pushes*pushers; {
		select {
		case f := <-l.queue:
			f()
		case <-pushed:
			done, pushed = true, nil
		}
	}
	cancel()
	p.close()
}

func TestPumpTicksWhenTheViewExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		start := time.Now()
		var at []time.Duration
		p := newPumpWith(l.do, func(s call.Snapshot) time.Time {
			at = append(at, time.Since(start))
			if s.State == call.InCall {
				return time.Now().Add(time.Second)
			}
			return time.Time{}
		})
		phone := uitest.NewPhone()
		p.start(t.Context(), phone)
		drain := func(n int) {
			for range n {
				(<-l.queue)()
			}
		}
		drain(1) // the first snapshot
		phone.Push(call.Snapshot{State: call.InCall})
		drain(4) // itself and three ticks
		phone.Push(call.Snapshot{State: call.Idle})
		drain(1)
		select {
		case f := <-l.queue:
			f()
			t.Error("an idle view was drawn again")
		case <-time.After(time.Hour):
		}
		want := []time.Duration{0, 0, time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}
		for i := range want {
			if i >= len(at) || at[i] != want[i] {
				t.Fatalf("drawn at %v, want %v", at, want)
			}
		}
		p.close()
	})
}

func TestPumpClosed(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := newLoop()
	shown, ran := 0, 0
	p := newPumpWith(l.do, func(call.Snapshot) time.Time {
		shown++
		return time.Time{}
	})
	p.show(call.Snapshot{Revision: 1})
	p.run(func() { ran++ })
	p.close()
	(<-l.queue)() // what was under way when it closed
	p.show(call.Snapshot{Revision: 2})
	p.run(func() { ran++ })
	if len(l.queue) != 0 {
		t.Error("a closed pump crosses")
	}
	if shown+ran != 0 {
		t.Errorf("a closed pump drew %d times and ran %d functions", shown, ran)
	}
	p.close() // twice is once
}

// TestCrossing: what the toolkit does with a function while it shuts down.
func TestCrossing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan struct{})
		ran := 0
		f := func() { ran++ }

		var queued func()
		crossBy(func(q func()) { queued = q }, stopped, f)
		queued()
		if ran != 1 {
			t.Error("a queued function did not run")
		}

		returned := false
		go func() {
			crossBy(func(q func()) { q() }, stopped, f) // inline, on the wrong goroutine
			returned = true
		}()
		synctest.Wait()
		if ran != 1 || returned {
			t.Errorf("inline: ran %d times, returned %v", ran, returned)
		}
		close(stopped)
		synctest.Wait()
		if ran != 1 || !returned {
			t.Errorf("inline, stopped: ran %d times, returned %v", ran, returned)
		}

		crossBy(func(func()) { panic("send on closed channel") }, stopped, f)
		if ran != 1 {
			t.Error("ran although the queue was closed")
		}
	})
}

// TestPumpRelays: what another goroutine hands over is used on the UI
// goroutine, in order, and a closed pump waits for nobody.
func TestPumpRelays(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := newLoop()
	p := newPumpWith(l.do, func(call.Snapshot) time.Time { return time.Time{} })
	p.start(t.Context(), uitest.NewPhone())
	c := make(chan string)
	var got []string
	relay(p, c, func(s string) { got = append(got, s) })
	relay(p, nil, func(string) { t.Error("a nil channel gives something") })
	go func() { c <- "1"; c <- "2" }()
	for len(got) < 2 {
		(<-l.queue)()
	}
	if got[0] != "1" || got[1] != "2" {
		t.Errorf("got %v", got)
	}
	p.close()
}
