package ui

import (
	"context"
	"iter"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/call"
)

// pump carries everything that other goroutines have to say over to the UI
// goroutine. Whatever comes while a crossing is under way goes with it, so that
// a burst of snapshots costs one frame.
type pump struct {
	// do runs a function on the UI goroutine, later. It is fyne.Do, which the
	// toolkit's test driver runs at once on the caller: tests bring their own.
	do func(func())
	// render shows a snapshot; it runs on the UI goroutine and returns when
	// the picture changes by itself, zero for never.
	render func(call.Snapshot) time.Time
	// nap lets the toolkit's loop sleep until ctx ends; nil where it cannot.
	nap func(ctx context.Context)

	mu       sync.Mutex
	snap     call.Snapshot
	todo     []func()
	crossing bool
	closed   bool

	alarm  chan time.Time  // the newest deadline of render; one slot
	ctx    context.Context // ends with the pump; set by start
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// newPump makes a pump that crosses by the toolkit's own queue. stopped is
// closed when the toolkit's loop has returned.
func newPump(stopped <-chan struct{}, render func(call.Snapshot) time.Time) *pump {
	nap := newNapper(newEventWait())
	do := func(f func()) { crossBy(fyne.Do, stopped, f) }
	p := newPumpWith(nap.through(do), render)
	if nap != nil {
		p.nap = func(ctx context.Context) { nap.run(ctx, do) }
	}
	return p
}

// crossBy hands f to do, which is fyne.Do, and bears what the toolkit does with
// it while it shuts down. From some moment on fyne.Do runs f inline on its
// caller, where nothing may touch a widget: such an f waits for stopped and is
// dropped. (In the queue the same wait ends as soon as fyne.Do has returned.)
// And just before that moment it may panic, because the toolkit (2.7.4) closes
// its queue while others send on it.
func crossBy(do func(func()), stopped <-chan struct{}, f func()) {
	returned := make(chan struct{})
	defer close(returned)
	defer func() {
		// f itself cannot panic here: it only runs once this has returned.
		_ = recover()
	}()
	do(func() {
		select {
		case <-returned:
			f()
		case <-stopped:
		}
	})
}

func newPumpWith(do func(func()), render func(call.Snapshot) time.Time) *pump {
	return &pump{do: do, render: render, alarm: make(chan time.Time, 1), cancel: func() {}}
}

// start follows the phone until ctx ends or the pump is closed.
func (p *pump) start(ctx context.Context, phone Phone) {
	p.begin(ctx)
	ctx = p.ctx
	p.wg.Go(func() {
		for snap := range phone.Watch(ctx) {
			p.show(snap)
		}
	})
}

// begin is start for a window that follows no phone but something else.
func (p *pump) begin(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(ctx)
	p.ctx = ctx
	p.wg.Go(func() { p.ticks(ctx) })
	if p.nap != nil {
		p.wg.Go(func() { p.nap(ctx) })
	}
}

// relay has f called on the UI goroutine for everything that comes on c, until
// the pump is closed. It is called after start; a nil c gives nothing.
func relay[T any](p *pump, c <-chan T, f func(T)) {
	p.wg.Go(func() {
		for {
			select {
			case s, ok := <-c:
				if !ok {
					return
				}
				p.run(func() { f(s) })
			case <-p.ctx.Done():
				return
			}
		}
	})
}

// follow has f called on the UI goroutine with the newest of what seq gives,
// until seq ends; what is replaced before it has crossed is dropped. It is
// called after start, and seq ends with the context that start was given.
func follow[T any](p *pump, seq iter.Seq[T], f func(T)) {
	p.wg.Go(func() {
		var mu sync.Mutex
		var newest T
		under := false
		for v := range seq {
			mu.Lock()
			newest = v
			was := under
			under = true
			mu.Unlock()
			if was {
				continue
			}
			p.run(func() {
				mu.Lock()
				v := newest
				under = false
				mu.Unlock()
				f(v)
			})
		}
	})
}

// show hands over a snapshot; an older one that has not crossed is dropped,
// because a snapshot says all that can be known.
func (p *pump) show(s call.Snapshot) {
	p.mu.Lock()
	p.snap = s
	p.mu.Unlock()
	p.cross(nil)
}

// run has f called on the UI goroutine, and what is shown brought up to date
// after it. Functions keep their order. A closed pump drops them.
func (p *pump) run(f func()) { p.cross(f) }

func (p *pump) cross(f func()) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	if f != nil {
		p.todo = append(p.todo, f)
	}
	under := p.crossing
	p.crossing = true
	p.mu.Unlock()
	if !under {
		p.do(p.flush)
	}
}

// flush runs on the UI goroutine.
func (p *pump) flush() {
	p.mu.Lock()
	todo := p.todo
	p.todo, p.crossing = nil, false
	p.mu.Unlock()
	for _, f := range todo {
		if p.isClosed() {
			return
		}
		f()
	}
	p.refresh()
}

// refresh shows the newest snapshot now. It is called on the UI goroutine.
func (p *pump) refresh() {
	p.mu.Lock()
	snap, closed := p.snap, p.closed
	p.mu.Unlock()
	if closed {
		return
	}
	next := p.render(snap)
	select { // replace a deadline that has not been taken
	case <-p.alarm:
	default:
	}
	p.alarm <- next
}

// ticks brings the picture up to date at the moments that render named.
func (p *pump) ticks(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case next := <-p.alarm:
			timer.Stop()
			if !next.IsZero() {
				timer.Reset(time.Until(next))
			}
		case <-timer.C:
			p.cross(nil)
		}
	}
}

func (p *pump) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// close stops the pump and waits for its goroutines. It is called on the UI
// goroutine, or by whoever has seen the toolkit's loop return.
func (p *pump) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.wg.Wait()
}
