package sipuatest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Frame opcodes of RFC 6455 section 5.2.
const (
	Continuation = 0
	Text         = 1
	Binary       = 2
	CloseFrame   = 8
	Ping         = 9
	Pong         = 10
)

// Conn is one open WebSocket, seen from the server. Its methods fail the test
// when the client does not do what is expected.
type Conn struct {
	// Request is the upgrade request.
	Request *http.Request

	t    testing.TB
	nc   net.Conn
	in   chan []byte
	gone chan struct{} // closed when the connection has ended

	mu    sync.Mutex
	deaf  bool
	pings int
	pongs []string
	close int  // close frames that came
	last  byte // opcode of the newest data frame
}

// Deafen leaves the client's pings unanswered from now on.
func (c *Conn) Deafen() {
	c.mu.Lock()
	c.deaf = true
	c.mu.Unlock()
}

// Pings is the number of pings that came, Pongs the payloads of the pongs.
func (c *Conn) Pings() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pings
}

// Pongs are the payloads of the pongs that came.
func (c *Conn) Pongs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.pongs...)
}

// LastOpcode is that of the newest data frame.
func (c *Conn) LastOpcode() byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// Closed reports whether the client has sent a close frame.
func (c *Conn) Closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.close > 0
}

// Frame writes one frame. first is the opcode, with final false the message
// goes on in Continuation frames.
func (c *Conn) Frame(opcode byte, final bool, payload []byte) { c.Raw(Encode(opcode, final, payload)) }

// Encode is a frame as a server writes it.
func Encode(opcode byte, final bool, payload []byte) []byte {
	head := []byte{opcode, 0}
	if final {
		head[0] |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		head[1] = byte(n)
	case n < 1<<16:
		head[1] = 126
		head = binary.BigEndian.AppendUint16(head, uint16(n))
	default:
		head[1] = 127
		head = binary.BigEndian.AppendUint64(head, uint64(n))
	}
	return append(head, payload...)
}

// Raw writes bytes as they are.
func (c *Conn) Raw(b []byte) {
	// The client may have gone; the test finds out by what it expects next.
	_, _ = c.nc.Write(b)
}

// Send writes a message as one text frame. Line ends may be written as \n.
func (c *Conn) Send(msg string) { c.Frame(Text, true, []byte(CRLF(msg))) }

// CRLF makes every line end in CRLF.
func CRLF(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// Cut ends the TCP connection without a word.
func (c *Conn) Cut() { _ = c.nc.Close() }

// WaitGone waits until the client has ended the connection.
func (c *Conn) WaitGone() {
	c.t.Helper()
	select {
	case <-c.gone:
	case <-time.After(patience):
		c.t.Fatal("the client keeps the connection")
	}
}

// Next gives the next message.
func (c *Conn) Next() string {
	c.t.Helper()
	return c.NextWithin(patience)
}

// NextWithin is Next with another patience.
func (c *Conn) NextWithin(d time.Duration) string {
	c.t.Helper()
	text, ok := c.Try(d)
	if !ok {
		c.t.Fatal("the client sends nothing, or has gone")
	}
	return text
}

// Try gives the next message, or false when none comes within d or the client
// has gone.
func (c *Conn) Try(d time.Duration) (string, bool) {
	select {
	case m := <-c.in:
		return string(m), true
	case <-c.gone:
		select {
		case m := <-c.in:
			return string(m), true
		default:
			return "", false
		}
	case <-time.After(d):
		return "", false
	}
}

// Quiet fails the test if a message comes within d.
func (c *Conn) Quiet(d time.Duration) {
	c.t.Helper()
	select {
	case m := <-c.in:
		c.t.Fatalf("the client sent\n%s", m)
	case <-time.After(d):
	}
}

// read takes the client's frames until the connection ends.
func (c *Conn) read(br *bufio.Reader) {
	defer close(c.gone)
	var whole []byte
	for {
		opcode, final, payload, err := c.readFrame(br)
		if err != nil {
			return
		}
		switch opcode {
		case Ping:
			c.mu.Lock()
			c.pings++
			deaf := c.deaf
			c.mu.Unlock()
			if !deaf {
				c.Frame(Pong, true, payload)
			}
		case Pong:
			c.mu.Lock()
			c.pongs = append(c.pongs, string(payload))
			c.mu.Unlock()
		case CloseFrame:
			c.mu.Lock()
			c.close++
			c.mu.Unlock()
			c.Frame(CloseFrame, true, payload)
		default:
			c.mu.Lock()
			c.last = opcode
			c.mu.Unlock()
			whole = append(whole, payload...)
			if final {
				c.in <- whole
				whole = nil
			}
		}
	}
}

func (c *Conn) readFrame(br *bufio.Reader) (opcode byte, final bool, payload []byte, err error) {
	var head [2]byte
	if _, err = io.ReadFull(br, head[:]); err != nil {
		return
	}
	n := uint64(head[1] & 0x7f)
	switch n {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(br, b[:])
		n = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(br, b[:])
		n = binary.BigEndian.Uint64(b[:])
	}
	if err != nil {
		return
	}
	var key [4]byte
	if head[1]&0x80 != 0 {
		if _, err = io.ReadFull(br, key[:]); err != nil {
			return
		}
	} else {
		c.t.Error("the client sent a frame without a mask")
	}
	payload = make([]byte, n)
	if _, err = io.ReadFull(br, payload); err != nil {
		return
	}
	for i := range payload {
		payload[i] ^= key[i%4]
	}
	return head[0] & 0x0f, head[0]&0x80 != 0, payload, nil
}
