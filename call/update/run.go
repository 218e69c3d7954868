package update

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// The times between checks.
const (
	// every is the time between two checks in good times.
	every = 24 * time.Hour
	// firstWait and firstSpread bound the wait before the first: five hundred
	// desks are switched on at nine o'clock, and have calls to make.
	firstWait   = 2 * time.Minute
	firstSpread = 30 * time.Minute
	// leastWait is the wait after a failure; it doubles with each, up to every.
	leastWait = 30 * time.Minute
)

// Run checks now and then until ctx ends. tell is called on this goroutine, and
// never in a call: first with what was kept, then whenever what is offered or
// what is wrong has become another.
func (c *Client) Run(ctx context.Context, tell func(Status)) {
	defer c.follow(ctx, func() {})()
	last := c.Last()
	if !c.tell(ctx, last, tell) {
		return
	}
	wait := firstWait + time.Duration(rand.Int64N(int64(firstSpread)))
	for pause(ctx, wait) {
		now := c.Check(ctx)
		if ctx.Err() != nil {
			return
		}
		if CodeOf(now.Err) == CodeCall {
			wait = 0 // Check waits for the call's end
			continue
		}
		if now.Err != nil {
			c.log.Info("whether there is a newer version could not be learnt", "error", now.Err)
		}
		if !same(now, last) && !c.tell(ctx, now, tell) {
			return
		}
		last = now
		wait = c.next(rand.Float64())
	}
}

// Heed has [Client.Check] and [Client.Download] heed calls where Run does not run.
// It returns when it is known whether a call is going on, or ctx has ended; stop
// ends it and waits for that.
func (c *Client) Heed(ctx context.Context) (stop func()) {
	known := make(chan struct{})
	stop = c.follow(ctx, sync.OnceFunc(func() { close(known) }))
	if c.o.Calls != nil {
		select {
		case <-known:
		case <-ctx.Done():
		}
	}
	return stop
}

// follow follows the calls on a goroutine of its own until stop, which waits for
// it. told is called after each change.
func (c *Client) follow(ctx context.Context, told func()) (stop func()) {
	if c.o.Calls == nil {
		return func() {}
	}
	following, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for busy := range c.o.Calls(following) {
			c.calm.set(busy)
			told()
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// tell waits until no call is going on and tells; false where ctx has ended.
func (c *Client) tell(ctx context.Context, st Status, tell func(Status)) bool {
	_, done, err := c.calm.wait(ctx)
	if err != nil {
		return false
	}
	tell(st)
	done()
	return true
}

// Quiet reports whether no call is going on now.
func (c *Client) Quiet() bool {
	c.calm.mu.Lock()
	defer c.calm.mu.Unlock()
	return !c.calm.busy
}

// same compares what a person would be told.
func same(a, b Status) bool {
	return a.Newer == b.Newer && CodeOf(a.Err) == CodeOf(b.Err) && (a.Feed == nil) == (b.Feed == nil) &&
		(a.Feed == nil || a.Feed.Version == b.Feed.Version)
}

// pause waits, and reports whether ctx has lasted.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// next is the wait until the next check. luck, from 0 to 1, keeps a fleet from
// asking all at once: by a fifth either way in good times, by half after
// failures.
func (c *Client) next(luck float64) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == 0 {
		return time.Duration(float64(every) * (0.8 + 0.4*luck))
	}
	d := leastWait
	for range c.failure - 1 {
		if d *= 2; d >= every {
			break
		}
	}
	return time.Duration(float64(min(d, every)) * (0.5 + 0.5*luck))
}
