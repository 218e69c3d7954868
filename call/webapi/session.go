package webapi

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// session is the life of one connection that has proved itself: a reader, a
// writer, and one who asks now and then whether the peer is still there. It
// ends when any of them ends.
type session struct {
	server  *Server
	client  *client
	carrier carrier
	native  bool // on the control socket
	rate    *rate.Limiter
	refused int
	first   bool // nothing has been read yet
}

// converse runs the session; it returns when all of it has ended. The client
// must have joined the hub.
func (s *Server) converse(c *client, carrier carrier, native bool) {
	x := &session{
		server: s, client: c, carrier: carrier, native: native, first: true,
		rate: rate.NewLimiter(commandRate, commandRate),
	}
	// Not bound to the life of the port: the end of a session goes through its
	// outbox, so that the peer is told why.
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { x.write(ctx) })
	wg.Go(func() { x.keepAlive(ctx) })
	x.readAll()
	s.hub.leave(c)
	c.over()
	cancel()
	wg.Wait()
}

// readAll reads until the connection ends.
func (x *session) readAll() {
	for {
		data, err := x.carrier.read(context.Background())
		if errors.Is(err, errNotText) {
			x.client.end(closeBinary)
			continue // until the writer has closed
		}
		if err != nil {
			return
		}
		x.take(data)
	}
}

// take is one message. Everything counts against the rate: a flood of nonsense
// is a flood.
func (x *session) take(data []byte) {
	first := x.first
	x.first = false
	m, err := decode(data)
	if errors.Is(err, errNotMessage) {
		x.client.end(closeBad)
		return
	}
	if !x.rate.Allow() {
		if x.refused++; x.refused >= maxRefused {
			x.client.end(closeTooMany)
			return
		}
		x.answer(m, reply{code: codeRateLimited})
		return
	}
	switch {
	case err == nil && m.Type == "prove" && x.native && first:
		x.server.hub.rejoin(x.client, m.Tab, m.Epoch, uint64(m.N))
	case err == nil && m.HasID && isCommand(m.Type):
		x.server.execute(x, m)
	case m.HasID:
		x.answer(m, reply{code: codeBadRequest})
	}
}

// answer tells the outcome of a command, and notes it.
func (x *session) answer(m message, r reply) {
	if !m.HasID {
		return
	}
	command := m.Type
	if !isCommand(command) {
		command = "unknown" // whatever it says
	}
	x.server.audit(Entry{
		Origin: x.client.origin, Command: command, Outcome: r.outcome(), Call: r.call, Tel: maskTel(m.Tel), Set: wanted(m),
	})
	if !x.client.out.put(item{text: r.encode(m.ID)}) {
		x.client.end(closeSlow)
	}
}

// write writes what the outbox has, and closes the connection when that is
// closed. A peer that does not read within writeTime loses it.
//
// The first message after a pause goes out at once. After each write there is
// a gap, in which what comes gathers to one message: a browser spends more on a
// message than on an event.
func (x *session) write(ctx context.Context) {
	gap := time.NewTimer(0)
	defer gap.Stop()
	for {
		select {
		case <-x.client.out.ready:
		case <-ctx.Done():
			x.carrier.abort()
			return
		}
		select {
		case <-gap.C:
		case <-ctx.Done():
			x.carrier.abort()
			return
		}
		messages, code, closed := x.client.out.take()
		for _, text := range messages {
			if err := x.send(text); err != nil {
				x.carrier.abort()
				return
			}
		}
		if closed {
			x.carrier.close(code)
			return
		}
		gap.Reset(writeGap)
	}
}

func (x *session) send(text []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	return x.carrier.write(ctx, text)
}

// keepAlive breaks a connection whose peer answers no pings.
func (x *session) keepAlive(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		ping, cancel := context.WithTimeout(ctx, pongTime)
		err := x.carrier.ping(ping)
		cancel()
		if err != nil {
			x.carrier.abort()
			return
		}
	}
}
