// Package uitest is a phone and settings made of memory, for tests of the
// window and for looking at it in states that are hard to bring about.
//
// # Usage
//
//	phone := uitest.NewPhone()
//	phone.Push(uitest.State("incall", time.Now()))
//	got := phone.Commands() // what the window asked for
//
// # Concurrency
//
// Everything may be used from any goroutine. Nothing here starts one.
package uitest

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"nxphone/call"
)

// Phone stands in for the engine. It records commands and answers them as it
// is told to; its state changes by Push alone.
type Phone struct {
	// Err is what commands are answered with; nil accepts them. Set it before
	// the phone is shared.
	Err func(command string) error

	mu       sync.Mutex
	snap     call.Snapshot
	commands []string
	changed  chan struct{} // closed and replaced at every change
}

// NewPhone makes an idle phone.
func NewPhone() *Phone { return &Phone{changed: make(chan struct{})} }

// Push sets the state; the revision is counted on.
func (p *Phone) Push(s call.Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Revision = p.snap.Revision + 1
	p.snap = s
	p.wake()
}

// Commands are those asked for since the start, in order: "dial 600",
// "hangup", "mute true", "dtmf 1".
func (p *Phone) Commands() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.commands...)
}

// Wait returns when done says so of the commands so far, or ctx ends; it is
// asked again after every command.
func (p *Phone) Wait(ctx context.Context, done func(commands []string) bool) error {
	for {
		p.mu.Lock()
		changed := p.changed
		ok := done(p.commands)
		p.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *Phone) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Phone) take(command string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = append(p.commands, command)
	p.wake()
	if p.Err != nil {
		return p.Err(command)
	}
	return nil
}

// Dial records "dial NUMBER" after the checks that the engine makes.
func (p *Phone) Dial(_ context.Context, req call.Request) (int, error) {
	if err := req.Validate(); err != nil {
		return 0, err
	}
	return 1, p.take("dial " + req.Tel)
}

// Hangup records "hangup".
func (p *Phone) Hangup(context.Context) error { return p.take("hangup") }

// Mute records "mute true" or "mute false".
func (p *Phone) Mute(_ context.Context, on bool) error { return p.take(fmt.Sprint("mute ", on)) }

// Deafen records "deafen true" or "deafen false".
func (p *Phone) Deafen(_ context.Context, on bool) error { return p.take(fmt.Sprint("deafen ", on)) }

// Hold records "hold true" or "hold false".
func (p *Phone) Hold(_ context.Context, on bool) error { return p.take(fmt.Sprint("hold ", on)) }

// Farewell records "farewell".
func (p *Phone) Farewell(context.Context) error { return p.take("farewell") }

// SendDTMF records "dtmf DIGITS".
func (p *Phone) SendDTMF(_ context.Context, digits string) error { return p.take("dtmf " + digits) }

// Watch gives the present snapshot and every later one that is still the
// newest when the watcher comes for it. Causes are nil.
func (p *Phone) Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		last := uint64(0)
		for first := true; ; first = false {
			p.mu.Lock()
			snap, changed := p.snap, p.changed
			p.mu.Unlock()
			if (first || snap.Revision != last) && !yield(snap, nil) {
				return
			}
			last = snap.Revision
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}
