package webapi

import (
	"context"
	"sync"
	"time"

	"nxphone/call"
)

// hub knows the call, who controls it, the last events, and every page that
// has proved itself. One goroutine, run, follows the phone; all methods take
// one lock and none of them waits for anything, so that a page that is told of
// an event n cannot miss the next.
//
// The methods are spread over this file (following the phone), control.go (who
// controls) and members.go (who is connected).
type hub struct {
	phone   Phone
	version string
	epoch   string
	// begun is told, under the lock, that a call is up. It must not wait.
	begun func()

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when State may have changed
	snap    call.Snapshot
	n       uint64
	ring    []event // the last ringSize events; event n is at (n-1) % ringSize
	lastOld string  // the heritage text of the present state of the call
	// shift is what pages were last told of it, nil where there is none; it is
	// replaced, never written into.
	shift *pageShift
	// reached is closed when the phone's revision has come to awaited; nil
	// while nobody waits.
	reached chan struct{}
	awaited uint64

	clients map[*client]struct{}
	// owner may be ahead of snap: a dial is answered before its Began has been
	// read. next is the owner of a call that was dialled before the end of
	// owner's has been read.
	owner, next ownership
	holder      *client // the owner's connection, nil while there is none

	// dialing: a page's Dial is with the engine. What comes meanwhile is
	// deferred until it is known whose call it is.
	dialing  bool
	deferred []update

	// port is what listens, for State.
	port State
}

type update struct {
	snap  call.Snapshot
	cause call.Cause
}

// ownership says who controls a call; call is 0 for nobody.
type ownership struct {
	party
	call int
}

func newHub(phone Phone, version string, begun func()) *hub {
	return &hub{
		phone: phone, version: version, epoch: randomHex(8), begun: begun,
		changed: make(chan struct{}), clients: make(map[*client]struct{}),
	}
}

// run follows the phone until ctx or the phone ends. ready is called when the
// first snapshot is known, over at the end.
func (h *hub) run(ctx context.Context, ready, over func()) {
	defer over()
	defer ready()
	for snap, cause := range h.phone.Watch(ctx) {
		h.mu.Lock()
		if h.dialing {
			h.deferred = append(h.deferred, update{snap, cause})
		} else {
			h.apply(snap, cause)
		}
		h.mu.Unlock()
		ready()
	}
}

// apply takes over what has happened and tells everybody. mu is held.
func (h *hub) apply(snap call.Snapshot, cause call.Cause) {
	before := h.snap
	h.snap = snap
	defer h.caughtUp() // after everybody has been told
	if cause == nil {
		if h.owned() && snap.Call.Stats != before.Call.Stats {
			h.tellQuality()
		}
		return
	}
	by := party{}
	if h.owner.call != 0 && h.owner.call == snap.Call.ID {
		by = h.owner.party
	}
	old, _ := call.HeritageJSON(snap, cause)
	if old != "" {
		h.lastOld = old
	}
	h.n++
	ev := newEvent(h.n, by, snap, cause, old)
	h.keep(ev)
	for c := range h.clients {
		h.send(c, item{event: true, text: ev.text(c.origin, c == h.holder)})
	}
	switch cause.(type) {
	case call.Began:
		h.begun()
		h.tellControl(by.origin)
	case call.Ended:
		if by != (party{}) {
			h.owner, h.next = h.next, ownership{}
			h.findHolder(nil)
			h.tellControl(by.origin)
		}
		h.lastOld = ""
	}
}

// keep puts an event into the ring.
func (h *hub) keep(ev event) {
	if len(h.ring) < ringSize {
		h.ring = append(h.ring, ev)
		return
	}
	h.ring[(ev.n-1)%ringSize] = ev
}

// missed is the events after n up to now. Nil where some of them are not kept
// any more: half a story is worse than none.
func (h *hub) missed(n uint64) []event {
	if n >= h.n || h.n-n > uint64(len(h.ring)) {
		return nil
	}
	events := make([]event, 0, h.n-n)
	for i := n + 1; i <= h.n; i++ {
		events = append(events, h.ring[(i-1)%ringSize])
	}
	return events
}

// owned reports whether the present call has a page that controls it. mu is
// held.
func (h *hub) owned() bool {
	return h.owner.call != 0 && h.snap.State != call.Idle && h.snap.Call.ID == h.owner.call
}

func (h *hub) tellQuality() {
	text := quality(h.snap.Call.Stats)
	for c := range h.clients {
		if c.origin == h.owner.origin {
			c.out.putQuality(text)
		}
	}
}

// tellControl sends STATE to the pages of one origin. mu is held.
func (h *hub) tellControl(origin string) {
	h.change()
	if origin == "" {
		return
	}
	for c := range h.clients {
		if c.origin == origin {
			h.send(c, item{text: encode(struct {
				Type  string    `json:"type"`
				State pageState `json:"state"`
			}{"control", h.stateFor(c)})})
		}
	}
}

// stateFor is STATE as this page may see it. mu is held.
func (h *hub) stateFor(c *client) pageState {
	st := pageState{Busy: h.snap.State != call.Idle}
	if !h.owned() || h.owner.origin != c.origin {
		return st
	}
	st.Control = h.holder == c
	st.Free = h.holder == nil
	st.Call = newPageCall(h.snap)
	if st.Control {
		st.Call.Old = h.lastOld
	}
	return st
}

// send queues something for a page, and drops one that does not read. mu is
// held.
func (h *hub) send(c *client, it item) {
	if !c.out.put(it) {
		c.end(closeSlow)
	}
}

// change wakes those who watch State. mu is held.
func (h *hub) change() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// client is one connection that has proved itself.
type client struct {
	party
	out *outbox
	// abort breaks the connection without a word.
	abort func()
	loop  *loopback // nil on the control socket

	mu    sync.Mutex
	timer *time.Timer
	ended bool
}

// end closes the connection with a code, and breaks it when the peer does not
// take that in time.
func (c *client) end(code int) {
	c.out.close(code)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer == nil && !c.ended {
		c.timer = time.AfterFunc(closeTime, c.abort)
	}
}

// over says that the connection is gone.
func (c *client) over() {
	c.out.close(closeNoMessage)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.timer != nil {
		c.timer.Stop()
	}
}
