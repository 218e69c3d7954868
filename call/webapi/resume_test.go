package webapi

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"nxphone/call"
	"nxphone/call/webapi/webapitest"
)

// hold makes one event: the far end holds and resumes in turn.
func (r *rig) hold(i int) { r.phone.Media(call.HoldAnswered{Held: i%2 == 0}) }

// Pages that come and go at random, each by its own dice, all see every event
// once, in order, and with the text that is theirs.
func TestResumeLosesAndRepeatsNothing(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { resume(t, seed) })
	}
}

func resume(t *testing.T, seed uint64) {
	const events = 1500
	r := newRig(t, nil)
	controller := r.page(webapitest.Options{})
	clients := []*webapitest.Client{controller}
	origins := []string{helpline}
	for i := range 5 {
		o := []string{helpline, intranet}[i%2]
		clients = append(clients, r.page(webapitest.Options{Origin: o}))
		origins = append(origins, o)
	}
	r.do(controller, dialCommand(""), "")
	r.phone.Answer()
	var wg sync.WaitGroup
	seen := make([][]string, len(clients))
	for i, c := range clients {
		dice := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() { seen[i] = r.follow(c, origins[i], dice) })
	}
	for i := range events {
		r.hold(i)
	}
	r.phone.HangUp()
	wg.Wait()
	want := expected(events)
	for i, got := range seen {
		n := 0
		if origins[i] == intranet {
			n = 2
		} else if i > 0 {
			n = 1
		}
		if !slices.Equal(got, want[n]) {
			at := 0
			for at < min(len(got), len(want[n])) && got[at] == want[n][at] {
				at++
			}
			t.Errorf("page %d of %s has seen %d events, want %d; the first other one is %d: %q", i, origins[i],
				len(got), len(want[n]), at, got[min(at, len(got)):min(at+3, len(got))])
		}
	}
}

// follow reads until the call's end, breaking the connection now and then.
func (r *rig) follow(c *webapitest.Client, origin string, dice *rand.Rand) []string {
	var seen []string
	left := dice.IntN(200)
	for {
		e, err := c.Event(r.ctx())
		if left--; err != nil || left < 0 {
			if err == nil {
				seen = append(seen, describe(e))
				if last(e) {
					return seen
				}
			} else if !dropped(err) {
				r.t.Errorf("a page of %s: %v", origin, err)
				return seen
			}
			c.Cut()
			next, err := r.back(c, origin)
			if err != nil {
				r.t.Errorf("coming back: %v", err)
				return seen
			}
			c, left = next, dice.IntN(200)
			defer c.Cut()
			continue
		}
		seen = append(seen, describe(e))
		if last(e) {
			return seen
		}
	}
}

// back brings a tab back. While events come faster than the page reads, it may
// be dropped again before it has read its welcome; it comes back from where it
// was then, as nxWebApi.js does.
func (r *rig) back(c *webapitest.Client, origin string) (*webapitest.Client, error) {
	ctx := r.ctx()
	for {
		// A tab that comes back before the server knows that it has gone is a
		// duplicated one for it, and what it missed of its own call is told to
		// the connection that is lost: nxWebApi.js ends the call by the state
		// then.
		r.left(c.Tab)
		next, err := webapitest.Dial(ctx, r.addr, c.Again(webapitest.Options{Origin: origin}))
		if err == nil || !dropped(err) {
			return next, err
		}
	}
}

// dropped reports whether the server has dropped a page for not reading: by
// saying so, or, where the page has not even read that within closeTime, by
// breaking the connection.
func dropped(err error) bool {
	return webapitest.CloseCode(err) == closeSlow || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

// left waits until the server knows that no connection of a tab is there.
func (r *rig) left(tab string) {
	h := r.server.hub
	for {
		h.mu.Lock()
		there, changed := false, h.changed
		for c := range h.clients {
			there = there || c.tab == tab
		}
		h.mu.Unlock()
		if !there {
			return
		}
		select {
		case <-changed:
		case <-r.ctx().Done():
			r.t.Errorf("the server keeps a tab that has gone")
			return
		}
	}
}

func last(e webapitest.Event) bool {
	return e.State == "idle" || e.Busy != nil && !*e.Busy
}

// describe is an event without what differs from run to run.
func describe(e webapitest.Event) string {
	text := fmt.Sprint(e.N, " ", e.State, " ")
	if e.Busy != nil {
		text += fmt.Sprint("busy=", *e.Busy)
	}
	if e.Old != "" {
		text += "old " + e.Type()
	}
	if strings.Contains(string(e.New), `"on":`) {
		text += fmt.Sprint("on=", strings.Contains(string(e.New), `"on":true`))
	}
	return text
}

// expected is what the controller, its origin and others must see of a call.
func expected(holds int) (want [3][]string) {
	add := func(n int, state, own, old string, busy bool) {
		want[0] = append(want[0], fmt.Sprint(n, " ", state, " ", old, own))
		want[1] = append(want[1], fmt.Sprint(n, " ", state, " ", own))
		want[2] = append(want[2], fmt.Sprint(n, "  busy=", busy))
	}
	add(1, "connecting", "", "old Connecting", true)
	add(2, "in-call", "", "old InCall", true)
	for i := range holds {
		add(3+i, "in-call", fmt.Sprint("on=", i%2 == 0), "", true)
	}
	add(3+holds, "idle", "", "old Clear", false)
	return want
}

// A page that has missed more than is kept gets nothing of it, and knows.
func TestResumeTooLate(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	gone := r.page(webapitest.Options{})
	gone.Cut()
	for i := range ringSize + 1 {
		if i%256 == 0 {
			for j := i; j < min(i+256, ringSize+1); j++ {
				r.hold(j)
			}
		}
		if _, err := page.Event(r.ctx()); err != nil {
			t.Fatal(err)
		}
	}
	back := r.again(gone, helpline)
	page.Cut()
	back2 := r.again(page, helpline)
	r.phone.HangUp()
	for _, c := range []*webapitest.Client{back, back2} {
		e, err := c.Event(r.ctx())
		if err != nil || e.N != c.Start+1 || e.N != ringSize+6 {
			t.Errorf("after too long: %+v (%v), started at %d", e, err, c.Start)
		}
	}
	// Another process: nothing of the old one counts.
	o := gone.Again(webapitest.Options{Origin: helpline})
	o.Epoch = strings.Repeat("0", 16)
	stale := r.page(o)
	if stale.Epoch == o.Epoch || stale.Start != ringSize+6 {
		t.Errorf("an epoch of another process: %q, %d", stale.Epoch, stale.Start)
	}
	// A number that has not come yet is not believed.
	o = gone.Again(webapitest.Options{Origin: helpline})
	o.N = 1 << 40
	r.page(o)
}

// A tab that comes back after its call has its own Clear, even when another tab
// is in a call by then.
func TestResumeAfterAnothersCall(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	page.Cut()
	r.phone.HangUp()
	second := r.page(webapitest.Options{})
	r.inCallAfter(second)
	back := r.again(page, helpline)
	if back.Welcome.Control || back.Welcome.Call == nil || back.Welcome.Call.ID != 2 {
		t.Errorf("welcomed with %+v", back.Welcome)
	}
	r.events(back, "Clear", "", "", "", "")
}

// inCallAfter is inCall once the phone is idle.
func (r *rig) inCallAfter(c *webapitest.Client) {
	r.t.Helper()
	for s := range r.phone.Watch(r.ctx()) {
		if s.State == call.Idle {
			break
		}
	}
	r.do(c, dialCommand(""), "")
	r.phone.Ring()
	r.phone.Answer()
	for {
		e, err := c.Event(r.ctx())
		if err != nil {
			r.t.Fatal(err)
		}
		if e.Type() == "InCall" {
			return
		}
	}
}
