package flow

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

const (
	// pingEvery and pongWithin find a dead connection (RFC 7118 section 6
	// leaves the figures open). 20 s is below the idle time-outs of the
	// common gateways and NATs, which begin at 30 s.
	pingEvery  = 20 * time.Second
	pongWithin = 10 * time.Second
	// writeWithin bounds one write; a server that takes nothing for so long
	// is gone.
	writeWithin = 10 * time.Second
	// maxQueued bounds the bytes that wait to be written.
	maxQueued = 4 << 20
	// maxMessage bounds a message that is kept, maxSkipped one that is read
	// only to be thrown away.
	maxMessage = 1 << 20
	maxSkipped = 16 << 20
	// closeWithin bounds the closing handshake.
	closeWithin = time.Second
)

// Why a flow ended; see Flow.Err.
var (
	ErrClosed   = errors.New("closed by us")
	ErrNoPong   = errors.New("the server does not answer pings")
	ErrFlooded  = errors.New("the server does not read")
	ErrTooLarge = errors.New("a message without end")
	ErrByServer = errors.New("closed by the server")
)

// Flow is an open connection. Nothing is read before Start.
type Flow struct {
	conn *websocket.Conn
	sent func(msg []byte, at time.Time)
	log  *slog.Logger

	ctx    context.Context // ends with the flow, its cause is Err
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	queue   [][]byte
	bytes   int
	closing bool
	ready   chan struct{} // one token while the writer has something to do
	probe   chan time.Duration
	drained chan struct{} // closed when the queue has run empty while closing
}

func newFlow(conn *websocket.Conn, cfg Config) *Flow {
	f := &Flow{
		conn: conn, sent: cfg.Sent, log: cfg.Logger,
		ready: make(chan struct{}, 1), drained: make(chan struct{}),
		probe: make(chan time.Duration, 1),
	}
	f.ctx, f.cancel = context.WithCancelCause(context.Background())
	// The limit is kept by readMessage, which can skip a message that is too
	// long where the library would close the connection.
	conn.SetReadLimit(-1)
	return f
}

// Start begins to read, write and ping. It is called once, and so must be
// Close.
func (f *Flow) Start(receive func(msg []byte)) {
	f.wg.Go(func() {
		f.end(f.read(receive))
		// The writer and the pinger have been told by the context; this
		// frees the socket when they were not using it.
		_ = f.conn.CloseNow()
	})
	f.wg.Go(func() { f.end(f.write()) })
	f.wg.Go(func() { f.end(f.ping()) })
}

// end ends the flow; the first cause stays.
func (f *Flow) end(cause error) { f.cancel(cause) }

// Done is closed when the flow is over.
func (f *Flow) Done() <-chan struct{} { return f.ctx.Done() }

// Err says why the flow is over, nil while it is not.
func (f *Flow) Err() error { return context.Cause(f.ctx) }

// Wait returns when the flow is over and its goroutines have ended.
func (f *Flow) Wait() { f.wg.Wait() }

// Send queues a message. After the end of the flow it does nothing.
func (f *Flow) Send(msg []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing || f.ctx.Err() != nil {
		return
	}
	f.bytes += len(msg)
	if f.bytes > maxQueued {
		f.end(ErrFlooded)
		return
	}
	f.queue = append(f.queue, msg)
	f.wake()
}

func (f *Flow) wake() {
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (f *Flow) take() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := f.queue
	f.queue, f.bytes = nil, 0
	return q
}

func (f *Flow) write() error {
	for {
		for _, msg := range f.take() {
			if err := f.writeOne(msg); err != nil {
				return err
			}
		}
		f.mu.Lock()
		empty := f.closing && len(f.queue) == 0
		f.mu.Unlock()
		if empty {
			close(f.drained)
			<-f.ctx.Done()
			return f.Err()
		}
		select {
		case <-f.ctx.Done():
			return f.Err()
		case <-f.ready:
		}
	}
}

func (f *Flow) writeOne(msg []byte) error {
	ctx, cancel := context.WithTimeout(f.ctx, writeWithin)
	defer cancel()
	// One SIP message is one frame, text where it is text (RFC 7118
	// section 4.2): a text frame must be UTF-8 (RFC 6455 section 5.6).
	kind := websocket.MessageText
	if !utf8.Valid(msg) {
		kind = websocket.MessageBinary
	}
	if err := f.conn.Write(ctx, kind, msg); err != nil {
		return err
	}
	if f.sent != nil {
		f.sent(msg, time.Now())
	}
	return nil
}

func (f *Flow) read(receive func([]byte)) error {
	for {
		msg, err := f.readMessage()
		if err != nil {
			if websocket.CloseStatus(err) != -1 || errors.Is(err, io.EOF) {
				return ErrByServer
			}
			return err
		}
		switch {
		case msg == nil:
			f.log.Warn("a message that is too long was dropped")
		case len(bytes.Trim(msg, "\r\n")) > 0:
			receive(msg)
		case bytes.Equal(msg, []byte("\r\n\r\n")):
			// The server's keep-alive, and its answer (RFC 5626 section
			// 4.4.1, allowed over WebSocket by RFC 7118 section 6).
			f.Send([]byte("\r\n"))
		}
	}
}

// readMessage gives the next message, or nil for one that was too long.
func (f *Flow) readMessage() ([]byte, error) {
	_, r, err := f.conn.Reader(f.ctx)
	if err != nil {
		return nil, err
	}
	msg, err := io.ReadAll(io.LimitReader(r, maxMessage+1))
	if err != nil || len(msg) <= maxMessage {
		return msg, err
	}
	_, err = io.CopyN(io.Discard, r, maxSkipped)
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return nil, ErrTooLarge
}

func (f *Flow) ping() error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return f.Err()
		case <-tick.C:
			if err := f.pingOnce(pongWithin); err != nil {
				return err
			}
		case d := <-f.probe:
			if err := f.pingOnce(d); err != nil {
				return err
			}
		}
	}
}

func (f *Flow) pingOnce(within time.Duration) error {
	ctx, cancel := context.WithTimeout(f.ctx, within)
	defer cancel()
	if f.conn.Ping(ctx) != nil {
		if err := f.Err(); err != nil {
			return err
		}
		return ErrNoPong
	}
	return nil
}

// Probe ends the flow unless the server answers a ping within d. It returns at
// once. It is for the moment at which somebody wants to use a flow that has
// been idle: a NAT or a server that has forgotten it says nothing.
func (f *Flow) Probe(d time.Duration) {
	select {
	case f.probe <- d:
	default: // one is waiting already
	}
}

// Ask returns nil when the server has answered a ping. One that does not within
// d ends the flow; the caller's going away does not.
func (f *Flow) Ask(ctx context.Context, d time.Duration) error {
	within, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	if f.conn.Ping(within) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.end(ErrNoPong) // unless it was over already
	return f.Err()
}

// Close sends what is queued, closes the WebSocket properly and waits for the
// flow's goroutines; all of it takes at most two seconds, less when ctx ends.
func (f *Flow) Close(ctx context.Context) {
	f.mu.Lock()
	f.closing = true
	f.mu.Unlock()
	f.wake()

	ctx, cancel := context.WithTimeout(ctx, closeWithin)
	defer cancel()
	select {
	case <-f.drained:
		// The library waits up to ten seconds for the server's part of the
		// handshake; ending the flow's context cuts that short.
		stop := context.AfterFunc(ctx, func() { f.end(ErrClosed) })
		_ = f.conn.Close(websocket.StatusNormalClosure, "")
		stop()
	case <-f.ctx.Done():
	case <-ctx.Done():
	}
	f.end(ErrClosed)
	f.wg.Wait()
}

// Abort ends the flow without a good-bye.
func (f *Flow) Abort() { f.end(ErrClosed) }
