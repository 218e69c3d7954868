package webapi

import (
	"context"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nxphone/call/webapi/webapitest"
)

// Connections that say nothing, half a header, or never prove themselves, many
// more than there is room for: the page still comes in, and the call goes on.
func TestFloods(t *testing.T) {
	half := "GET /v1 HTTP/1.1\r\nHost: x\r\nX-Slow: "
	for _, f := range []struct {
		name string
		n    int
		open func(r *rig)
	}{
		{"half-open connections", 8 * maxWaiting, func(r *rig) { r.raw() }},
		{"half-read headers", 8 * maxWaiting, func(r *rig) { _, _ = io.WriteString(r.raw(), half) }},
		{"unproven pages", 4 * maxUnproven, func(r *rig) { r.upgraded() }},
	} {
		t.Run(f.name, func(t *testing.T) {
			r := newRig(t, nil)
			page := r.page(webapitest.Options{})
			id := r.inCall(page)
			for range f.n {
				f.open(r)
			}
			for range 3 {
				r.page(webapitest.Options{Key: &page.Key}).Close()
			}
			r.unharmed(page, id)
			a := r.server.loop.admission
			a.mu.Lock()
			defer a.mu.Unlock()
			if w, u := a.waiting.queue.Len(), a.unproven.queue.Len(); w > maxWaiting || u > maxUnproven {
				t.Errorf("%d connections wait and %d are unproven", w, u)
			}
		})
	}
}

// Programs that never stop to connect, while a page comes and goes.
func TestFloodGoesOn(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var open []net.Conn
			for ctx.Err() == nil {
				c, err := new(net.Dialer).DialContext(ctx, "tcp", r.addr)
				if err != nil {
					continue
				}
				_, _ = io.WriteString(c, "GET /v1 HT")
				if open = append(open, c); len(open) > 100 {
					open[0].Close()
					open = open[1:]
				}
			}
			for _, c := range open {
				c.Close()
			}
		})
	}
	came := 0
	for range 20 {
		c, err := webapitest.Dial(r.ctx(), r.addr, webapitest.Options{Origin: helpline, Key: &page.Key})
		if err == nil { // else the page comes again, as nxWebApi.js does
			came++
			c.Close()
		} else {
			t.Log(err)
		}
	}
	r.unharmed(page, id)
	stop()
	wg.Wait()
	if came < 18 {
		t.Errorf("the page came in %d times of 20", came)
	}
}

// Commands, dials and messages as fast as they can be sent.
func TestFloodOfCommands(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	for _, m := range []string{
		`{"type":"clear","id":1}`, `{"type":"nonsense","id":1}`, `{"type":"nonsense"}`,
		`{"type":"dial","id":1,"realm":"example.net","dn":"1","tel":"2","url":"wss://example.net"}`,
	} {
		c := r.page(webapitest.Options{Key: &page.Key})
		for range 10_000 {
			if c.Send(r.ctx(), m) != nil {
				break
			}
		}
		got, err := c.Ended(r.ctx())
		if got != closeTooMany && got != -1 { // -1: it went on writing after the close
			t.Errorf("%s: ended with %d (%v)", m, got, err)
		}
	}
	r.unharmed(page, id)
}

// The room for connections evicts the oldest, never the newest.
func TestAdmission(t *testing.T) {
	a := newAdmission()
	a.waiting.limit = 2
	var conns []*conn
	for range 3 {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { theirs.Close() })
		c := &conn{Conn: ours, admission: a}
		a.open.Add(1)
		a.move(c, &a.waiting)
		conns = append(conns, c)
	}
	gone := func(c *conn) bool { return c.SetDeadline(time.Time{}) != nil }
	if !gone(conns[0]) || gone(conns[1]) || gone(conns[2]) {
		t.Error("not the oldest was closed")
	}
	a.upgrade(conns[1])
	a.proven(conns[2])
	if a.waiting.queue.Len() != 0 || a.unproven.queue.Len() != 1 {
		t.Errorf("%d wait, %d are unproven", a.waiting.queue.Len(), a.unproven.queue.Len())
	}
	for _, c := range conns {
		_ = c.Close()
		_ = c.Close()
	}
	a.wait()
	if a.unproven.queue.Len() != 0 {
		t.Error("a closed connection keeps its place")
	}
}

// strangeOwner takes everybody for another user while it is told to.
type strangeOwner struct{ strange atomic.Bool }

func (o *strangeOwner) Check(netip.AddrPort, netip.AddrPort) error {
	if o.strange.Load() {
		return errStranger
	}
	return nil
}

// Other users' connections share no room with ours, and are told 403.
func TestFloodOfStrangers(t *testing.T) {
	o := &strangeOwner{}
	r := newRig(t, func(opts *Options) { opts.Owner = o })
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	waiting := r.raw() // one of ours that has said nothing yet
	if got := r.status(request{path: "/nxWebApi.js"}); got != 200 {
		t.Errorf("ours: %d", got)
	}
	o.strange.Store(true)
	for range 4 * maxWaiting {
		r.raw()
	}
	if got := r.status(request{path: "/nxWebApi.js"}); got != 403 {
		t.Errorf("a stranger: %d", got)
	}
	o.strange.Store(false)
	_, _ = io.WriteString(waiting, "GET /nxWebApi.js HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n")
	answer := make([]byte, 12)
	if _, err := io.ReadFull(waiting, answer); err != nil || string(answer) != "HTTP/1.1 200" {
		t.Errorf("the one that was there before: %q %v", answer, err)
	}
	r.page(webapitest.Options{Key: &page.Key})
	r.unharmed(page, id)
}

// A page that is not allowed, and opens connection after connection while the
// window asks about it, does not disturb those that are.
func TestFloodWhileAsking(t *testing.T) {
	r, a := newAskingRig(t, nil)
	first := r.connect(stranger)
	q := <-a.asked
	var pages []<-chan connecting
	for range 4 * maxUnproven {
		pages = append(pages, r.connect(stranger))
	}
	handshake := r.upgraded() // one of an allowed page that takes its time
	for range 4 * maxUnproven {
		pages = append(pages, r.connect(stranger))
	}
	for range 3 {
		r.page(webapitest.Options{}).Close()
	}
	if _, err := handshake.Read(r.ctx()); err != nil {
		t.Errorf("the one in its handshake: %v", err)
	}
	q.answer <- false
	for _, page := range append(pages, first) {
		if got := <-page; got.err == nil {
			t.Error("a page was let in")
		}
	}
	if n := len(a.asked); n != 0 {
		t.Errorf("asked %d times more", n)
	}
}
