package webapitest

import (
	"context"
	"encoding/json"
	"fmt"
)

// read takes everything that comes until the connection ends.
func (c *Client) read(received func(Event)) {
	defer close(c.done)
	for {
		data, err := c.conn.Read(context.Background())
		if err != nil {
			c.fail(err)
			return
		}
		var m struct {
			Type string
			List []Event
			Result
			State State
			Data  json.RawMessage
		}
		if err := json.Unmarshal(data, &m); err != nil {
			c.fail(err)
			return
		}
		if received != nil {
			for _, e := range m.List {
				received(e)
			}
		}
		c.mu.Lock()
		switch m.Type {
		case "events":
			if !c.placed && len(m.List) == 0 {
				c.seen = c.Start // what was missed is not kept
			}
			c.placed = true
			c.events = append(c.events, m.List...)
		case "control":
			c.states = append(c.states, m.State)
		case "quality":
			c.quality = append(c.quality, m.Data)
		case "result":
			if wait := c.results[m.ID]; wait != nil {
				wait <- m.Result
				delete(c.results, m.ID)
			}
		}
		close(c.change)
		c.change = make(chan struct{})
		c.mu.Unlock()
	}
}

func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	close(c.change)
	c.change = make(chan struct{})
}

// Do sends a command under a fresh id and waits for its result.
func (c *Client) Do(ctx context.Context, command map[string]any) (Result, error) {
	wait, err := c.Begin(ctx, command)
	if err != nil {
		return Result{}, err
	}
	select {
	case r := <-wait:
		return r, nil
	case <-c.done:
		select {
		case r := <-wait:
			return r, nil
		default:
			return Result{}, c.Err()
		}
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// Begin sends a command; its result comes through the channel.
func (c *Client) Begin(ctx context.Context, command map[string]any) (<-chan Result, error) {
	wait := make(chan Result, 1)
	c.mu.Lock()
	c.last++
	id := c.last
	c.results[id] = wait
	c.mu.Unlock()
	command["id"] = id
	return wait, c.conn.Send(ctx, command)
}

// Send writes a message as it is.
func (c *Client) Send(ctx context.Context, v any) error { return c.conn.Send(ctx, v) }

// Event is the next event, in the order in which they came. One that is lost,
// out of order or there twice is an error.
func (c *Client) Event(ctx context.Context) (Event, error) {
	var e Event
	var gap error
	err := c.await(ctx, func() bool {
		if len(c.events) == 0 {
			return false
		}
		e, c.events = c.events[0], c.events[1:]
		if e.N != c.seen+1 {
			gap = fmt.Errorf("webapitest: event %d after %d", e.N, c.seen)
		}
		c.seen = e.N
		return true
	})
	if err == nil {
		err = gap
	}
	return e, err
}

// Seen is the number of the last event that Event has given.
func (c *Client) Seen() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// Control is the next state that was told because control has changed.
func (c *Client) Control(ctx context.Context) (State, error) {
	var s State
	err := c.await(ctx, func() bool {
		if len(c.states) == 0 {
			return false
		}
		s, c.states = c.states[0], c.states[1:]
		return true
	})
	return s, err
}

// Quality is the next measurements.
func (c *Client) Quality(ctx context.Context) (json.RawMessage, error) {
	var q json.RawMessage
	err := c.await(ctx, func() bool {
		if len(c.quality) == 0 {
			return false
		}
		q, c.quality = c.quality[0], c.quality[1:]
		return true
	})
	return q, err
}

// await waits until take, which is called under the lock, has got something.
func (c *Client) await(ctx context.Context, take func() bool) error {
	for {
		c.mu.Lock()
		ok, err, change := take(), c.err, c.change
		c.mu.Unlock()
		switch {
		case ok:
			return nil
		case err != nil:
			return err
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Ended waits for the end of the connection and gives the close code of the
// phone, -1 for a connection that broke.
func (c *Client) Ended(ctx context.Context) (int, error) {
	select {
	case <-c.done:
		return CloseCode(c.Err()), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Err is why the connection has ended, nil while it has not.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close leaves as a page does, and waits.
func (c *Client) Close() {
	c.conn.Close()
	<-c.done
}

// Cut breaks the connection, and waits.
func (c *Client) Cut() {
	c.conn.Cut()
	<-c.done
}

// Again are the options of the same tab coming back.
func (c *Client) Again(o Options) Options {
	o.Key, o.Tab, o.Epoch, o.N = &c.Key, c.Tab, c.Epoch, c.Seen()
	return o
}
