package webapi

import (
	"container/list"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// admission bounds the connections that have not proved anything. A program of
// another user may open as many as it likes and say nothing; whoever refused
// new ones then would shut out the page too. So the oldest of a full room is
// closed instead: an honest page is through in milliseconds. Those it has for
// certain (graceTime): while the oldest is younger than that, new ones stay in
// the kernel's queue.
type admission struct {
	mu        sync.Mutex
	strangers room // of other users; they will be refused, and share no room with ours
	waiting   room // the request is not complete
	asking    room // their origin is not allowed yet, and the window asks
	unproven  room // the handshake runs
	open      sync.WaitGroup
}

// room is a bounded queue of connections.
type room struct {
	limit int
	queue list.List // of *conn, the oldest first
}

func newAdmission() *admission {
	return &admission{
		strangers: room{limit: maxStrangers}, waiting: room{limit: maxWaiting}, asking: room{limit: maxAsking}, unproven: room{limit: maxUnproven},
	}
}

// conn is one connection of the listener. It knows its room.
type conn struct {
	net.Conn
	admission *admission
	owner     error // why the peer is not this user's, nil when it is
	once      sync.Once

	// Under admission.mu.
	in    *room
	place *list.Element
	since time.Time
}

// Close closes the connection once and gives its place back.
func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		c.admission.move(c, nil)
		c.admission.open.Done()
	})
	return err
}

// listener puts each connection into the room of those that wait.
type listener struct {
	net.Listener
	admission *admission
	done      <-chan struct{} // the end of the port
	owner     PeerOwner
}

func (l listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, admission: l.admission, owner: l.check(raw)}
	l.admission.open.Add(1)
	if c.owner != nil {
		l.admission.move(c, &l.admission.strangers)
		return c, nil
	}
	if wait := l.admission.early(); wait > 0 {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.done:
			timer.Stop()
		}
	}
	l.admission.move(c, &l.admission.waiting)
	return c, nil
}

// check asks whose the peer is.
func (l listener) check(c net.Conn) error {
	local, err := addrOf(c.LocalAddr())
	if err != nil {
		return err
	}
	peer, err := addrOf(c.RemoteAddr())
	if err != nil {
		return err
	}
	return l.owner.Check(local, peer)
}

func addrOf(a net.Addr) (netip.AddrPort, error) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, errors.New("webapi: not a TCP address")
	}
	return netip.AddrPortFrom(tcp.AddrPort().Addr().Unmap(), tcp.AddrPort().Port()), nil
}

// early is how long it is too early for one more that waits.
func (a *admission) early() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting.queue.Len() < a.waiting.limit {
		return 0
	}
	return graceTime - time.Since(a.waiting.queue.Front().Value.(*conn).since)
}

// ask moves a connection to the room of those about whom the window is asked,
// upgrade to that of the unproven, proven out of all.
func (a *admission) ask(c *conn)     { a.move(c, &a.asking) }
func (a *admission) upgrade(c *conn) { a.move(c, &a.unproven) }
func (a *admission) proven(c *conn)  { a.move(c, nil) }

// move puts a connection at the end of a room, or into none, and closes the
// oldest of a room that is full.
func (a *admission) move(c *conn, to *room) {
	var oldest *conn
	a.mu.Lock()
	if c.in != nil {
		c.in.queue.Remove(c.place)
	}
	c.in, c.place, c.since = to, nil, time.Now()
	if to != nil {
		if to.queue.Len() >= to.limit {
			oldest = to.queue.Front().Value.(*conn)
		}
		c.place = to.queue.PushBack(c)
	}
	a.mu.Unlock()
	if oldest != nil {
		_ = oldest.Close()
	}
}

// wait returns when all connections are closed.
func (a *admission) wait() { a.open.Wait() }
