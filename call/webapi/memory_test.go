package webapi

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"nxphone/call/webapi/webapitest"
)

// memory is a network for time limits: under testing/synctest a real one would
// stop the clock. It buffers nothing, so a peer that does not read is slow at
// once.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newMemory() *memory { return &memory{conns: make(chan net.Conn), done: make(chan struct{})} }

var (
	memoryAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 17070}
	memoryPeer = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000}
)

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.done) })
	return nil
}

func (m *memory) Addr() net.Addr { return memoryAddr }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case m.conns <- memoryConn{theirs, memoryAddr, memoryPeer}:
		return memoryConn{ours, memoryPeer, memoryAddr}, nil
	case <-m.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryConn struct {
	net.Conn
	local, remote net.Addr
}

func (c memoryConn) LocalAddr() net.Addr  { return c.local }
func (c memoryConn) RemoteAddr() net.Addr { return c.remote }

// newMemoryRig is newRig on a network of memory.
func newMemoryRig(t *testing.T, change func(*Options)) *rig {
	m := newMemory()
	r := newRig(t, func(o *Options) {
		o.Owner = everybody{}
		o.listen = func(string, string) (net.Listener, error) { return m, nil }
		if change != nil {
			change(o)
		}
	})
	r.dial = m.dial
	return r
}

// raw is a connection on which nothing has been said.
func (r *rig) raw() net.Conn {
	r.t.Helper()
	dial := r.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	c, err := dial(r.ctx(), "tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	return c
}

// upgraded is a page before the handshake.
func (r *rig) upgraded() *webapitest.Conn {
	r.t.Helper()
	c, _, err := webapitest.Connect(r.ctx(), r.addr, webapitest.Options{Origin: helpline, Dial: r.dial})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Cut)
	return c
}

// until measures how long something takes, in the bubble's time.
func until(f func()) time.Duration {
	begin := time.Now()
	f()
	return time.Since(begin)
}
