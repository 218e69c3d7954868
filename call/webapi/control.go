package webapi

import (
	"context"

	"nxphone/call"
)

// Who controls a call. A Dial that is accepted makes the tab that asked for it
// the owner of that call until it ends; holder is the connection through which
// the owner speaks. A holder that goes does not end the call.

// dial places a call for a page. Callers take turns: the engine has one answer
// at a time, and with two of them under way a Began could not be told apart.
// answer is called before anything of the new call is told.
func (h *hub) dial(ctx context.Context, c *client, req call.Request, answer func(id int, err error)) {
	h.mu.Lock()
	h.dialing = true
	h.mu.Unlock()
	id, err := h.phone.Dial(ctx, req)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch new := (ownership{c.party, id}); {
	case err != nil:
	case h.owner.call != 0:
		// The end of the last call is still on its way to us.
		h.next = new
	default:
		h.owner = new
		h.findHolder(c)
	}
	answer(id, err)
	h.dialing = false
	deferred := h.deferred
	h.deferred = nil
	for _, u := range deferred {
		h.apply(u.snap, u.cause)
	}
}

// findHolder gives control to a connection of the owner: this one, if it is
// still there, else another. mu is held.
func (h *hub) findHolder(first *client) {
	h.holder = nil
	if _, there := h.clients[first]; there && first.party == h.owner.party {
		h.holder = first
		return
	}
	for c := range h.clients {
		if c.party == h.owner.party {
			h.holder = c
			return
		}
	}
}

// mayControl says whether this page may act on the present call: "" and the
// call's number, or the code of the refusal.
func (h *hub) mayControl(c *client) (id int, code string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	mine := 0
	switch {
	case h.next.call != 0 && h.next.party == c.party:
		mine = h.next.call
	case h.owner.call != 0 && h.holder == c:
		mine = h.owner.call
	case h.owner.call == 0 && h.snap.State == call.Idle:
		return 0, string(call.CodeNoCall)
	default:
		return 0, codeNotController
	}
	// Between the engine and us the call may have ended and the window may
	// have begun another: that one is not this page's.
	if snap := h.phone.Snapshot(); snap.State == call.Idle || snap.Call.ID != mine {
		return 0, string(call.CodeNoCall)
	}
	return mine, ""
}

// take gives control of a call of the same origin whose controller is away.
func (h *hub) take(c *client) (code string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.owner.call != 0 && h.holder == c:
		return ""
	case h.owner.call == 0 && h.snap.State == call.Idle:
		return string(call.CodeNoCall)
	case !h.owned() || h.owner.origin != c.origin || h.holder != nil:
		return codeNotController
	}
	h.owner.party, h.holder = c.party, c
	h.tellControl(c.origin)
	return ""
}
