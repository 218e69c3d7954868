package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nxphone/call"
)

// demoHangup is how long a demo call lasts when nobody says otherwise.
const demoHangup = 10 * time.Second

// runCall is "nxphone call": one call without a window, to its end.
func runCall(ctx context.Context, p *program, o options) int {
	if err := o.checkCall(); err != nil {
		return p.usage(err)
	}
	ph, err := p.openPhone(ctx, o)
	if err != nil {
		return p.fail(err)
	}
	defer ph.close()
	req := ph.request(o.tel)
	if err := req.Validate(); err != nil {
		p.say(err)
		return exitUsage
	}
	if err := ph.checkCA(); err != nil {
		return p.usage(err)
	}
	c := &oneCall{program: p, options: o, phone: ph}
	last, err := c.run(ctx, req)
	if err != nil {
		return p.fail(err)
	}
	// Closed before the summary, so that a recording is whole when the
	// summary says so. The call happened, whatever the closing comes to.
	closing := ph.close()
	s := summarize(last, &ph.watch)
	p.sayReason(last.Call.Reason, s.Answered)
	s.print(p.stderr, p.text)
	if o.summary != "" {
		if err := s.write(o.summary); err != nil {
			return p.fail(err)
		}
	}
	if closing != nil {
		return p.fail(closing)
	}
	if !s.OK {
		return exitFailed
	}
	return exitOK
}

// checkCall refuses what could not make a sensible call.
func (o options) checkCall() error {
	if o.unmuteAfter > 0 && (o.muteAfter == 0 || o.unmuteAfter <= o.muteAfter) {
		return errors.New("--unmute-after needs an earlier --mute-after")
	}
	if o.summary != "" {
		// What cannot be written is told before the call, not after it.
		dir := filepath.Dir(o.summary)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("--summary: %s is no directory", dir)
		}
		if info, err := os.Stat(o.summary); err == nil && info.IsDir() {
			return fmt.Errorf("--summary: %s is a directory", o.summary)
		}
	}
	if o.dtmf != "" {
		return call.ValidateDigits(o.dtmf)
	}
	return nil
}

// oneCall drives a single call by what the command line asks for.
type oneCall struct {
	*program
	options options
	phone   *phone
}

// plan is the commands that the flags ask for, by their time after InCall.
func (c *oneCall) plan() []planned {
	e, o := c.phone.engine, c.options
	var plan []planned
	add := func(at time.Duration, do func(context.Context) error) {
		plan = append(plan, planned{at, do})
	}
	if o.dtmf != "" {
		add(0, func(ctx context.Context) error { return e.SendDTMF(ctx, o.dtmf) })
	}
	if o.muteAfter > 0 {
		add(o.muteAfter, func(ctx context.Context) error { return e.Mute(ctx, true) })
	}
	if o.unmuteAfter > 0 {
		add(o.unmuteAfter, func(ctx context.Context) error { return e.Mute(ctx, false) })
	}
	hang := o.hangupAfter
	if hang == 0 && o.demo {
		hang = demoHangup
	}
	if hang > 0 {
		add(hang, e.Hangup)
	}
	return plan
}

type planned struct {
	after time.Duration
	do    func(context.Context) error
}

// run places the call and follows it to its end. When ctx ends (Ctrl-C) it
// hangs up properly and still waits for the end.
func (c *oneCall) run(ctx context.Context, req call.Request) (call.Snapshot, error) {
	live, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	events := c.phone.engine.Watch(live)
	c.phone.watch.mark(&c.phone.watch.dial, time.Now())
	if _, err := c.phone.engine.Dial(live, req); err != nil {
		return call.Snapshot{}, err
	}
	interrupted := context.AfterFunc(ctx, func() {
		// ErrNoCall: it has just ended by itself.
		_ = c.phone.engine.Hangup(live)
	})
	defer interrupted()
	timers := newTimers(live)
	defer timers.stop()
	for snap, cause := range events {
		c.print(snap, cause)
		switch cause.(type) {
		case call.Answered:
			for _, p := range c.plan() {
				timers.after(p.after, func(ctx context.Context) { c.carryOut(ctx, p) })
			}
		case call.Ended:
			return snap, nil
		}
	}
	return call.Snapshot{}, call.ErrStopped
}

func (c *oneCall) carryOut(ctx context.Context, p planned) {
	err := p.do(ctx)
	if err != nil && !errors.Is(err, call.ErrNoCall) && !errors.Is(err, context.Canceled) {
		c.say(err)
	}
}

func (c *oneCall) print(snap call.Snapshot, cause call.Cause) {
	w := &c.phone.watch
	now := time.Now()
	switch cause.(type) {
	case call.Tried:
		w.mark(&w.trying, now)
	case call.Rang:
		w.mark(&w.ringing, now)
	case call.Answered:
		w.mark(&w.answer, now)
	}
	if c.options.allEvents {
		if line, ok := call.EventJSON(snap, cause); ok {
			c.line(line)
		}
	}
	if line, ok := call.HeritageJSON(snap, cause); ok {
		c.line(line)
	}
}

// line writes one event. A reader that went away must not end a call.
func (c *oneCall) line(s string) { _, _ = io.WriteString(c.stdout, s+"\n") }

// timers runs functions later, on goroutines that stop waits for.
type timers struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newTimers(ctx context.Context) *timers {
	t := &timers{}
	t.ctx, t.cancel = context.WithCancel(ctx)
	return t
}

func (t *timers) after(d time.Duration, f func(context.Context)) {
	t.wg.Go(func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			f(t.ctx)
		case <-t.ctx.Done():
		}
	})
}

func (t *timers) stop() {
	t.cancel()
	t.wg.Wait()
}
