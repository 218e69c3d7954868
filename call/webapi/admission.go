package webapi

import (
	"container/list"
	"net"
	"sync"
)

// admission bounds the connections that have not proved anything. A program of
// another user may open as many as it likes and say nothing; whoever refused
// new ones then would shut out the page too. So the oldest of a full room is
// closed instead: an honest page is through in milliseconds.
type admission struct {
	mu       sync.Mutex
	waiting  room // the request is not complete
	unproven room // the window is being asked, or the handshake runs
	open     sync.WaitGroup
}

// room is a bounded queue of connections.
type room struct {
	limit int
	queue list.List // of *conn, the oldest first
}

func newAdmission() *admission {
	return &admission{waiting: room{limit: maxWaiting}, unproven: room{limit: maxUnproven}}
}

// conn is one connection of the listener. It knows its room.
type conn struct {
	net.Conn
	admission *admission
	once      sync.Once

	// Under admission.mu.
	in    *room
	place *list.Element
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
}

func (l listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, admission: l.admission}
	l.admission.open.Add(1)
	l.admission.move(c, &l.admission.waiting)
	return c, nil
}

// upgrade moves a connection to the room of the unproven, proven out of it.
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
	c.in, c.place = to, nil
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
