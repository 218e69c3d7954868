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

	mu      sync.Mutex
	tones   string // digits that wait to be sent
	sending bool   // a goroutine sends them
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

// digits sends tones in the order in which they are given, however fast that
// is: one goroutine at a time sends what has gathered.
func (c *commands) digits(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tones += s
	if c.sending {
		return
	}
	c.sending = true
	c.run(c.sendDigits)
}

func (c *commands) sendDigits(ctx context.Context) error {
	for {
		c.mu.Lock()
		tones := c.tones
		c.tones = ""
		c.sending = tones != ""
		c.mu.Unlock()
		if tones == "" {
			return nil
		}
		if err := c.phone.SendDTMF(ctx, tones); err != nil {
			c.mu.Lock()
			c.tones, c.sending = "", false // what waited belongs to the same refused row
			c.mu.Unlock()
			if errors.Is(err, call.ErrNoCall) {
				return nil // the screen tells how the call ended
			}
			return err
		}
	}
}

// close gives up on commands that still wait, and waits for their goroutines.
func (c *commands) close() {
	c.cancel()
	c.wg.Wait()
}
