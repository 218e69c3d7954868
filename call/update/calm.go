package update

import (
	"context"
	"errors"
	"sync"
)

// errCall is why a context of a [calm] has ended.
var errCall = errors.New("a call began")

// calm knows whether a call is going on. Work that must not go on in one runs
// under a context of it.
type calm struct {
	mu     sync.Mutex
	busy   bool
	change chan struct{} // closed when busy changes
	work   map[*context.CancelCauseFunc]struct{}
}

func newCalm(busy bool) *calm {
	return &calm{busy: busy, change: make(chan struct{}), work: map[*context.CancelCauseFunc]struct{}{}}
}

// set tells whether a call is going on.
func (c *calm) set(busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy == busy {
		return
	}
	c.busy = busy
	close(c.change)
	c.change = make(chan struct{})
	if busy {
		for end := range c.work {
			(*end)(errCall)
		}
	}
}

// wait waits until no call is going on. The context that it gives ends when one
// begins, with errCall as its cause; done must be called. The error is ctx's.
func (c *calm) wait(ctx context.Context) (within context.Context, done func(), err error) {
	for {
		c.mu.Lock()
		if !c.busy && ctx.Err() == nil {
			within, end := context.WithCancelCause(ctx)
			c.work[&end] = struct{}{}
			c.mu.Unlock()
			return within, func() {
				c.mu.Lock()
				delete(c.work, &end)
				c.mu.Unlock()
				end(nil)
			}, nil
		}
		change := c.change
		c.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}
