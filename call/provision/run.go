package provision

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The times between fetches.
const (
	// firstWait is the longest wait before the first fetch of a phone that has a
	// document: five hundred desks are switched on at nine o'clock.
	firstWait = 30 * time.Second
	// leastWait and the time between two fetches bound the waits after
	// failures, which double.
	leastWait = 30 * time.Second
)

// Run fetches now and then until ctx ends. adopt is told on this goroutine: first
// what was kept, then whenever the document or what is wrong has become another.
func (c *Client) Run(ctx context.Context, adopt func(Status)) {
	last := c.Last()
	adopt(last)
	var wait time.Duration
	if last.Document != nil {
		wait = time.Duration(rand.Int64N(int64(firstWait)))
	}
	for c.pause(ctx, wait) {
		now := c.Fetch(ctx)
		if ctx.Err() != nil {
			return
		}
		if now.Err != nil {
			c.log.Info("the organisation's document could not be renewed", "error", now.Err)
		}
		if now.Document != last.Document || !sameFault(now.Err, last.Err) {
			adopt(now)
		}
		last = now
		wait = c.next(rand.Float64())
	}
}

// sameFault compares what a person would be told.
func sameFault(a, b error) bool {
	expired := &Error{Code: CodeExpired}
	return CodeOf(a) == CodeOf(b) && errors.Is(a, expired) == errors.Is(b, expired)
}

// Poke has Run fetch at once: there is a token now.
func (c *Client) Poke() {
	select {
	case c.poke <- struct{}{}:
	default: // it is on its way
	}
}

// pause waits, and reports whether ctx has lasted.
func (c *Client) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-c.poke:
		return true
	case <-ctx.Done():
		return false
	}
}

// next is the wait until the next fetch. luck, from 0 to 1, keeps a fleet from
// asking all at once: by a tenth either way in good times, by half after
// failures.
func (c *Client) next(luck float64) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	every := c.o.Every
	if c.failure == 0 {
		return max(c.wait, time.Duration(float64(every)*(0.9+0.2*luck)))
	}
	d := leastWait
	for range c.failure - 1 {
		if d *= 2; d >= every {
			break
		}
	}
	d = min(d, every)
	return max(c.wait, time.Duration(float64(d)*(0.5+0.5*luck)))
}
