package sipuatest

import (
	"bufio"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// patience is how long a server waits for what a test expects. It is longer
// than any timer of SIP, and passes at once in a bubble.
const patience = 100 * time.Second

// Server accepts WebSocket connections.
type Server struct {
	t     testing.TB
	lis   net.Listener // nil for an in-memory server
	conns chan *Conn

	// Refuse, when set before the first connection, is the HTTP status that
	// every handshake gets.
	Refuse int
	// Stall accepts the connection and never answers the handshake.
	Stall bool
	// Behind is written in one piece with the 101.
	Behind []byte
	// Subprotocol is the one that is confirmed; "" leaves it out.
	Subprotocol string

	mu     sync.Mutex
	open   []net.Conn
	asked  []*http.Request
	closed bool
	wg     sync.WaitGroup
}

// New makes a server in memory; use its DialContext. It closes with the test's
// function: call Close before a synctest bubble ends.
func New(t testing.TB) *Server {
	return &Server{t: t, conns: make(chan *Conn, 16), Subprotocol: "sip"}
}

// Listen makes a server on a free loopback port; a TLS configuration makes it
// wss. It is closed when the test ends.
func Listen(t testing.TB, conf *tls.Config) *Server {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(t)
	s.lis = lis
	s.wg.Go(func() {
		for {
			c, err := lis.Accept()
			if err != nil {
				return
			}
			if conf != nil {
				c = tls.Server(c, conf)
			}
			s.serve(c)
		}
	})
	t.Cleanup(s.Close)
	return s
}

// Addr is HOST:PORT of a server made by Listen.
func (s *Server) Addr() string { return s.lis.Addr().String() }

// DialContext connects to the server, whatever the address.
func (s *Server) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ours, theirs := pipe()
	s.serve(ours)
	return theirs, nil
}

func (s *Server) serve(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return
	}
	s.open = append(s.open, c)
	s.wg.Go(func() {
		defer c.Close()
		s.handle(c)
	})
}

// Close cuts every connection and waits for the server's goroutines.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for _, c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	if s.lis != nil {
		_ = s.lis.Close()
	}
	s.wg.Wait()
}

// Handshakes are the upgrade requests so far.
func (s *Server) Handshakes() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.asked...)
}

// Accept gives the next WebSocket that was opened.
func (s *Server) Accept() *Conn {
	s.t.Helper()
	select {
	case c := <-s.conns:
		return c
	case <-time.After(patience):
		s.t.Fatal("nobody has connected")
		return nil
	}
}

func (s *Server) handle(nc net.Conn) {
	br := bufio.NewReader(nc)
	req, err := http.ReadRequest(br)
	if err != nil {
		// It went away, does not trust our certificate, or speaks TLS.
		_, _ = io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, req)
	s.mu.Unlock()
	switch {
	case s.Stall:
		_, _ = io.Copy(io.Discard, br)
		return
	case s.Refuse != 0:
		fmt.Fprintf(nc, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n", s.Refuse, http.StatusText(s.Refuse))
		return
	}
	if _, err := nc.Write(append(s.upgrade(req), s.Behind...)); err != nil {
		return
	}
	c := &Conn{t: s.t, nc: nc, in: make(chan []byte, 1000), Request: req, gone: make(chan struct{})}
	s.conns <- c
	c.read(br)
}

func (s *Server) upgrade(req *http.Request) []byte {
	// RFC 6455 section 4.2.2.
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	out := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n" +
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
	if s.Subprotocol != "" {
		out += "Sec-WebSocket-Protocol: " + s.Subprotocol + "\r\n"
	}
	return []byte(out + "\r\n")
}
