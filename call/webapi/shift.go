package webapi

import (
	"context"
	"errors"
	"iter"

	"nxphone/call"
	"nxphone/call/shift"
)

// What the counsellor is doing between calls, and the request for help, belong
// to the desk and not to a call: every page that is allowed and has proved
// itself may read and set them, whoever controls the call.

// Shift is what pages may do with it: *shift.Shift. Every method may be called
// from any goroutine.
type Shift interface {
	// Set changes the state.
	Set(ctx context.Context, to shift.State) error
	// Help asks for help or takes that back.
	Help(ctx context.Context, on bool) error
	// Seen says that a supervisor has seen the request.
	Seen(ctx context.Context) error
	// Status is the present one.
	Status() shift.Status
	// Watch gives the present status and then each change, the newest only.
	Watch(ctx context.Context) iter.Seq[shift.Status]
}

// Codes of results of the commands shift and help.
const (
	codeNoShift = "no-shift" // this phone has none (a kiosk)
	codeNoRest  = "no-rest"  // the organisation has set no rest
)

// pageShift is SHIFT of the protocol.
type pageShift struct {
	State    shift.State `json:"state"`
	Since    int64       `json:"since"`
	Until    int64       `json:"until"`
	Help     bool        `json:"help"`
	HelpCall int         `json:"helpCall"`
	Seen     bool        `json:"seen"`
}

func newPageShift(st shift.Status) *pageShift {
	p := &pageShift{State: st.State, Since: st.Since.UnixMilli(), Help: st.Help, HelpCall: st.HelpCall, Seen: st.Seen}
	if !st.Until.IsZero() {
		p.Until = st.Until.UnixMilli()
	}
	return p
}

// pageHelp is the Data of the event Help. ID is the call's, 0 for none.
type pageHelp struct {
	On   bool `json:"on"`
	ID   int  `json:"id"`
	Seen bool `json:"seen"`
}

// shiftEvent is an event that belongs to no call: everybody sees the same.
func shiftEvent(n uint64, typ string, data any) event {
	type newEvent struct {
		Kind string
		Type string
		Data any
	}
	return event{n: n, other: encode(struct {
		N   uint64   `json:"n"`
		New newEvent `json:"new"`
	}{n, newEvent{"nxphone", typ, data}})}
}

// followShift tells everybody of changes until ctx or the shift ends.
func (h *hub) followShift(ctx context.Context, s Shift) {
	for st := range s.Watch(ctx) {
		if !h.await(ctx, st.Revision) {
			return
		}
		h.applyShift(*newPageShift(st))
	}
}

// await waits until everybody has been told of the phone's revision: the end of
// a call comes before the state that it leads to. Only one may wait.
func (h *hub) await(ctx context.Context, revision uint64) bool {
	h.mu.Lock()
	if h.snap.Revision >= revision {
		h.mu.Unlock()
		return true
	}
	reached := make(chan struct{})
	h.reached, h.awaited = reached, revision
	h.mu.Unlock()
	select {
	case <-reached:
		return true
	case <-ctx.Done():
		return false
	}
}

// caughtUp frees who waits for the present revision. mu is held.
func (h *hub) caughtUp() {
	if h.reached != nil && h.snap.Revision >= h.awaited {
		close(h.reached)
		h.reached = nil
	}
}

func (h *hub) applyShift(next pageShift) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := *h.shift
	if next == before {
		return // what pages are shown has not changed
	}
	h.shift = &next
	h.tellShift("Shift", next)
	if next.Help != before.Help || next.HelpCall != before.HelpCall && next.Help || next.Seen != before.Seen {
		help := pageHelp{On: next.Help, ID: next.HelpCall, Seen: next.Seen}
		if !next.Help {
			help.ID = before.HelpCall // of the call for which it is over
		}
		h.tellShift("Help", help)
	}
}

// tellShift numbers, keeps and sends one event. mu is held.
func (h *hub) tellShift(typ string, data any) {
	h.n++
	ev := shiftEvent(h.n, typ, data)
	h.keep(ev)
	for c := range h.clients {
		h.send(c, item{event: true, text: ev.other})
	}
}

// setShift carries out "shift".
func (s *Server) setShift(ctx context.Context, m message) reply {
	if s.opts.Shift == nil {
		return reply{code: codeNoShift}
	}
	return shiftOutcome(s.opts.Shift.Set(ctx, shift.State(m.State)))
}

// help carries out "help".
func (s *Server) help(ctx context.Context, m message) reply {
	switch {
	case s.opts.Shift == nil:
		return reply{code: codeNoShift}
	case m.Wish == wishSeen:
		return shiftOutcome(s.opts.Shift.Seen(ctx))
	}
	return shiftOutcome(s.opts.Shift.Help(ctx, m.Wish == wishOn))
}

// wish is the member on of a help: true, false or "seen".
type wish string

const (
	wishOn   wish = "on"
	wishOff  wish = "off"
	wishSeen wish = "seen"
)

// UnmarshalJSON takes one of the three.
func (w *wish) UnmarshalJSON(raw []byte) error {
	switch string(raw) {
	case "true":
		*w = wishOn
	case "false":
		*w = wishOff
	case `"seen"`:
		*w = wishSeen
	default:
		return errBadMember
	}
	return nil
}

func shiftOutcome(err error) reply {
	switch {
	case errors.Is(err, shift.ErrState):
		return reply{code: codeBadRequest}
	case errors.Is(err, shift.ErrNoRest):
		return reply{code: codeNoRest}
	case errors.Is(err, shift.ErrStopped):
		return reply{code: string(call.CodeStopped)}
	}
	return outcomeOf(err)
}

// wanted is what a command wanted to set, for the audit: a word of ours, never
// the page's own.
func wanted(m message) string {
	switch {
	case m.Type == "shift" && shift.State(m.State).Known():
		return m.State
	case m.Type == "help":
		return string(m.Wish) // empty where it was wrong
	}
	return ""
}
