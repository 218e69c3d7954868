package webapi

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// errNotText: a binary message, of which the protocol has none.
var errNotText = errors.New("webapi: not a text message")

// webSocket carries messages of a page.
type webSocket struct {
	ws  *websocket.Conn
	raw net.Conn // below ws; closing it ends everything at once
}

func (c webSocket) read(ctx context.Context) ([]byte, error) {
	typ, data, err := c.ws.Read(ctx)
	if err == nil && typ != websocket.MessageText {
		err = errNotText
	}
	return data, err
}

func (c webSocket) write(ctx context.Context, text []byte) error {
	return c.ws.Write(ctx, websocket.MessageText, text)
}

func (c webSocket) ping(ctx context.Context) error { return c.ws.Ping(ctx) }

func (c webSocket) close(code int) {
	if code != closeNoMessage {
		// The library gives a peer that does not answer 5 s.
		breakOff := time.AfterFunc(closeTime, c.abort)
		_ = c.ws.Close(websocket.StatusCode(code), "")
		breakOff.Stop()
	}
	_ = c.ws.CloseNow()
	c.abort()
}

func (c webSocket) abort() { _ = c.raw.Close() }

// lines carries messages of a native program: one a line.
type lines struct {
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex // of writing
}

func newLines(conn net.Conn) *lines {
	return &lines{conn: conn, in: bufio.NewReaderSize(conn, lineReadBytes)}
}

func (c *lines) read(context.Context) ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err // bufio.ErrBufferFull for a line that is too long
	}
	return line[:len(line)-1], nil
}

func (c *lines) write(ctx context.Context, text []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.conn.SetWriteDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, c.abort)
	defer stop()
	whole := net.Buffers{text, []byte{'\n'}}
	_, err := whole.WriteTo(c.conn)
	return err
}

// ping has nothing to do: a Unix socket whose other end is gone says so.
func (c *lines) ping(context.Context) error { return nil }

func (c *lines) close(int) { c.abort() }
func (c *lines) abort()    { _ = c.conn.Close() }
