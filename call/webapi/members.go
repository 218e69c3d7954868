package webapi

import (
	"context"
	"iter"
	"slices"
	"sort"
)

// Who is connected.

// join adds a connection and puts the welcome and what it missed into its
// outbox, in one moment: from there on every event reaches it. epoch and n are
// the last event that its tab has seen. False: ctx has ended, or there are too
// many.
func (h *hub) join(ctx context.Context, c *client, epoch string, n uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil || !h.room(c.origin) {
		return false
	}
	h.clients[c] = struct{}{}
	h.seat(c, epoch == "")
	h.change()
	h.greet(c, epoch, n)
	return true
}

// rejoin is join for a program that names its tab when it is connected
// already.
func (h *hub) rejoin(c *client, tab, epoch string, n uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.clients[c]; !there {
		return
	}
	if h.holder == c && c.tab != tab {
		h.owner.tab = tab // the same program under its lasting name
	}
	c.tab = tab
	h.seat(c, epoch == "")
	h.greet(c, epoch, n)
}

// room reports whether one more of this origin fits. mu is held.
func (h *hub) room(origin string) bool {
	same := 0
	for c := range h.clients {
		if c.origin == origin {
			same++
		}
	}
	return len(h.clients) < maxProven && same < maxPerOrigin
}

// hasRoom is room for somebody who has not proved anything yet.
func (h *hub) hasRoom(origin string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.room(origin)
}

// seat gives control to the tab that comes back, or to a page that knows
// nothing yet (a reload that has lost its session storage) while the
// controlling tab is away. A second connection of the same tab (a duplicated
// one) waits for the first to go. mu is held.
func (h *hub) seat(c *client, fresh bool) {
	if h.owner.call == 0 || h.holder != nil || h.owner.origin != c.origin {
		return
	}
	if h.owner.tab == c.tab || fresh {
		h.owner.party, h.holder = c.party, c
		h.tellControlExcept(c)
	}
}

// tellControlExcept is tellControl for the others: c gets the same in its
// welcome. mu is held.
func (h *hub) tellControlExcept(c *client) {
	delete(h.clients, c)
	h.tellControl(c.origin)
	h.clients[c] = struct{}{}
}

// greet queues the welcome and the missed events. mu is held.
func (h *hub) greet(c *client, epoch string, n uint64) {
	h.send(c, item{text: encode(struct {
		Type    string     `json:"type"`
		Epoch   string     `json:"epoch"`
		N       uint64     `json:"n"`
		Version string     `json:"version"`
		State   pageState  `json:"state"`
		Shift   *pageShift `json:"shift,omitempty"`
	}{"welcome", h.epoch, h.n, h.version, h.stateFor(c), h.shift})})
	if epoch != h.epoch {
		return
	}
	// The backlog is composed here: it may be longer than a page may leave
	// unread later.
	alone := !h.duplicated(c)
	var items []item
	for _, ev := range h.missed(n) {
		items = append(items, item{event: true, text: ev.text(c.origin, alone && ev.by == c.party)})
	}
	texts := compose(items)
	if len(texts) == 0 {
		texts = [][]byte{eventsMessage(nil)} // so that the page knows where it stands
	}
	for _, text := range texts {
		h.send(c, item{text: text})
	}
}

// duplicated reports whether another connection has the same tab: what the tab
// has missed is then told to that one. mu is held.
func (h *hub) duplicated(c *client) bool {
	for other := range h.clients {
		if other != c && other.party == c.party {
			return true
		}
	}
	return false
}

// leave forgets a connection. Control passes to another connection of the same
// tab, or the call is free.
func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.clients[c]; !there {
		return
	}
	delete(h.clients, c)
	h.change()
	if h.holder == c {
		h.findHolder(nil)
		h.tellControl(c.origin)
	}
}

// disown takes the call from an origin: it is the window's from now on.
func (h *hub) disown(origin string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next.origin == origin {
		h.next = ownership{}
	}
	if h.owner.call == 0 || h.owner.origin != origin {
		return
	}
	h.owner, h.next = h.next, ownership{}
	h.findHolder(nil)
	h.tellControl(origin)
}

// endAll closes the connections that match.
func (h *hub) endAll(code int, match func(*client) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if match(c) {
			c.end(code)
		}
	}
}

// setPort notes what listens.
func (h *hub) setPort(port State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.port = port
	h.change()
}

// state is State, and a channel that is closed when it may have changed.
func (h *hub) state() (State, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.port
	if h.owner.call != 0 {
		st.Controller = h.owner.origin
		st.Plain = Plain(st.Controller)
	}
	for c := range h.clients {
		st.Connected = append(st.Connected, c.origin)
	}
	sort.Strings(st.Connected)
	st.Connected = slices.Compact(st.Connected)
	return st, h.changed
}

// watch is Server.Watch.
func (h *hub) watch(ctx context.Context, ended <-chan struct{}) iter.Seq[State] {
	return func(yield func(State) bool) {
		for first, last := true, (State{}); ; first = false {
			st, changed := h.state()
			if first || !sameState(st, last) {
				if ctx.Err() != nil || !yield(st) {
					return
				}
				last = st
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			case <-ended:
				return
			}
		}
	}
}

func sameState(a, b State) bool {
	return a.Open == b.Open && a.Addr == b.Addr && a.Controller == b.Controller && slices.Equal(a.Connected, b.Connected)
}
