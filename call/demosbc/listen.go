package demosbc

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// tlsHandshakeRecord is the first byte of every TLS connection (RFC 8446
// section 5.1). No HTTP request begins with it.
const tlsHandshakeRecord = 0x16

// eitherListener gives connections that are TLS or not, as the client likes,
// so that one address serves both ws and wss.
type eitherListener struct {
	net.Listener
	tls *tls.Config
}

// Accept returns the next connection, an *eitherConn. It reads nothing from
// it: a client that stays silent must not hold up the next one.
func (l eitherListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &eitherConn{Conn: conn, tls: l.tls}, nil
}

// eitherConn looks at its first byte when it is first read and goes on as TLS
// or as plain TCP. Deadlines are those of the TCP connection in both cases.
type eitherConn struct {
	net.Conn
	tls *tls.Config

	once    sync.Once
	settled atomic.Pointer[net.Conn] // what to read and write; nil before the first byte
	secure  atomic.Bool
}

// Secure reports whether the client speaks TLS; it is known after the first
// read.
func (c *eitherConn) Secure() bool { return c.secure.Load() }

func (c *eitherConn) Read(p []byte) (int, error) {
	c.once.Do(c.settle)
	return (*c.settled.Load()).Read(p)
}

// Write before anything was read goes out plain: only a server that speaks
// first does that, and HTTP's does not.
func (c *eitherConn) Write(p []byte) (int, error) {
	if conn := c.settled.Load(); conn != nil {
		return (*conn).Write(p)
	}
	return c.Conn.Write(p)
}

// Close ends the TLS session, where there is one, and the connection.
func (c *eitherConn) Close() error {
	if conn := c.settled.Load(); conn != nil {
		return (*conn).Close()
	}
	return c.Conn.Close()
}

func (c *eitherConn) settle() {
	first := make([]byte, 1)
	n, err := io.ReadFull(c.Conn, first)
	var conn net.Conn = &replayConn{Conn: c.Conn, pending: first[:n], err: err}
	if n == 1 && first[0] == tlsHandshakeRecord {
		c.secure.Store(true)
		conn = tls.Server(conn, c.tls)
	}
	c.settled.Store(&conn)
}

// replayConn gives back the byte that was looked at, then what follows it.
type replayConn struct {
	net.Conn
	pending []byte
	err     error // what the look met instead of a byte; told once
}

func (c *replayConn) Read(p []byte) (int, error) {
	if err := c.err; err != nil {
		c.err = nil
		return 0, err
	}
	if len(c.pending) > 0 {
		n := copy(p, c.pending)
		c.pending = c.pending[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}
