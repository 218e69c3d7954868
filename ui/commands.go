package ui

import (
	"context"
	"errors"
	"sync"

	"nxphone/call"
)

// commands sends commands off the UI goroutine and tells of those that were
// refused. What a command does is seen in the next snapshot, not here.
type commands struct {
	phone Phone
	// refused is called on the command's own goroutine.
	refused func(error)

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newCommands(ctx context.Context, phone Phone, refused func(error)) *commands {
	c := &commands{phone: phone, refused: refused}
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c
}

// run calls f on a goroutine of its own.
func (c *commands) run(f func(context.Context) error) {
	c.wg.Go(func() {
		err := f(c.ctx)
		if err == nil || errors.Is(err, context.Canceled) {
			return
		}
		c.refused(err)
	})
}

func (c *commands) dial(req call.Request) {
	c.run(func(ctx context.Context) error {
		_, err := c.phone.Dial(ctx, req)
		return err
	})
}

func (c *commands) hangup() {
	c.run(func(ctx context.Context) error {
		err := c.phone.Hangup(ctx)
		if errors.Is(err, call.ErrNoCall) {
			return nil // the far end was faster: just what was wanted
		}
		return err
	})
}

func (c *commands) mute(on bool) {
	c.run(func(ctx context.Context) error {
		err := c.phone.Mute(ctx, on)
		if errors.Is(err, call.ErrNoCall) || call.CodeOf(err) == call.CodeSuperseded {
			return nil // the screen shows what is; there is nothing to add
		}
		return err
	})
}

func (c *commands) digits(s string) {
	c.run(func(ctx context.Context) error { return c.phone.SendDTMF(ctx, s) })
}

// close gives up on commands that still wait, and waits for their goroutines.
func (c *commands) close() {
	c.cancel()
	c.wg.Wait()
}
