package webapi

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nxphone/call"
	"nxphone/call/shift"
	"nxphone/call/webapi/webapitest"
)

// newShiftRig is newRig whose phone has a shift beside it.
func newShiftRig(t *testing.T, rules shift.Rules) (*rig, *shift.Shift) {
	var s *shift.Shift
	done := make(chan struct{})
	r := newRig(t, func(o *Options) {
		s = shift.New(shift.Options{Phone: o.Phone, Rules: func() shift.Rules { return rules }})
		o.Shift = s
		go func() {
			defer close(done)
			s.Run(t.Context())
		}()
	})
	t.Cleanup(func() { <-done })
	return r, s
}

// shiftEvents wants these events next, each as "Type Data".
func (r *rig) shiftEvents(c *webapitest.Client, want ...string) {
	r.t.Helper()
	for _, w := range want {
		e, err := c.Event(r.ctx())
		if err != nil {
			r.t.Fatalf("event %q: %v", w, err)
		}
		var text struct {
			Kind, Type string
			Data       map[string]any
		}
		if err := json.Unmarshal(e.New, &text); err != nil || text.Kind != "nxphone" || e.Old != "" || e.State != "" || e.Busy != nil {
			r.t.Fatalf("event %d: %+v %v", e.N, e, err)
		}
		delete(text.Data, "since")
		if until, _ := text.Data["until"].(float64); until > 0 {
			text.Data["until"] = "later"
		}
		data, _ := json.Marshal(text.Data)
		if got := text.Type + " " + string(data); got != w {
			r.t.Fatalf("event %d: %s, want %s", e.N, got, w)
		}
	}
}

const (
	shiftReady = `Shift {"help":false,"helpCall":0,"seen":false,"state":"ready","until":0}`
	shiftAway  = `Shift {"help":false,"helpCall":0,"seen":false,"state":"away","until":0}`
	shiftRest  = `Shift {"help":false,"helpCall":0,"seen":false,"state":"rest","until":"later"}`
	shiftAfter = `Shift {"help":false,"helpCall":0,"seen":false,"state":"after-call","until":0}`
)

// TestShiftOfAPage: every page that has proved itself reads and sets, whoever
// controls the call; what was set is in the audit, and what was missed comes
// again.
func TestShiftOfAPage(t *testing.T) {
	r, s := newShiftRig(t, shift.Rules{AfterCall: true, Rest: 10 * time.Minute})
	page := r.page(webapitest.Options{})
	other := r.page(webapitest.Options{Origin: intranet})
	if st := page.Shift; st == nil || st.State != "ready" || time.Since(time.UnixMilli(st.Since)) > time.Minute || st.Until != 0 {
		t.Fatalf("the welcome has %+v", st)
	}
	r.do(other, map[string]any{"type": "shift", "state": "away"}, "")
	r.shiftEvents(page, shiftAway)
	r.shiftEvents(other, shiftAway)
	r.do(page, map[string]any{"type": "shift", "state": "rest"}, "")
	r.do(page, map[string]any{"type": "shift", "state": "rest"}, "")
	r.shiftEvents(page, shiftRest)
	r.do(page, map[string]any{"type": "shift", "state": "ready"}, "")
	r.shiftEvents(page, shiftReady)
	for name, m := range map[string]map[string]any{
		"unknown":      {"type": "shift", "state": "lunch"},
		"no state":     {"type": "shift"},
		"no text":      {"type": "shift", "state": 1},
		"no on":        {"type": "help"},
		"a word":       {"type": "help", "on": "true"},
		"null":         {"type": "help", "on": nil},
		"another word": {"type": "help", "on": "Seen"},
	} {
		if got, err := page.Do(r.ctx(), m); err != nil || got.Code != codeBadRequest {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}

	// An answered call of the window: after-call begins for every page.
	if _, err := r.phone.Dial(r.ctx(), call.Request{Realm: "example.net", DN: "1000", Tel: "01012345678", URL: "ws://127.0.0.1:6080"}); err != nil {
		t.Fatal(err)
	}
	r.phone.Answer()
	r.phone.HangUp()
	r.events(page, "busy", "busy", "idle")
	r.shiftEvents(page, shiftAfter) // behind the end that led to it
	again := page.Again(webapitest.Options{})
	page.Cut()
	r.do(other, map[string]any{"type": "shift", "state": "ready"}, "")
	back := r.page(again)
	if back.Shift.State != "ready" {
		t.Errorf("the welcome has %+v", back.Shift)
	}
	r.shiftEvents(back, shiftReady)

	var sets []string
	for _, e := range r.audited("shift") {
		sets = append(sets, e.Outcome+" "+e.Set)
	}
	if got := strings.Join(sets[:4], ", "); got != "ok away, ok rest, ok rest, ok ready" || len(sets) != 8 {
		t.Errorf("audited: %v", sets)
	}
	for _, e := range r.audited("shift") {
		if e.Outcome != "ok" && e.Set != "" {
			t.Errorf("the page's own word is in the audit: %+v", e)
		}
	}
	if s.Status().State != shift.Ready {
		t.Errorf("%+v", s.Status())
	}
}

// TestHelpOfAPage: who needs a hand, in which call; and the supervisor's word.
func TestHelpOfAPage(t *testing.T) {
	r, s := newShiftRig(t, shift.Rules{})
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	for s.Status().HelpCall != id { // the shift learns of the call by itself
		if err := s.Help(r.ctx(), true); err != nil {
			t.Fatal(err)
		}
	}
	var help struct {
		Type string
		Data struct {
			On, Seen bool
			ID       int
		}
	}
	next := func(on, seen bool) {
		t.Helper()
		for {
			e, err := page.Event(r.ctx())
			if err != nil {
				t.Fatal(err)
			}
			help.Type = ""
			if json.Unmarshal(e.New, &help) == nil && help.Type == "Help" && help.Data.ID == id {
				break
			}
		}
		if help.Data.On != on || help.Data.Seen != seen {
			t.Errorf("%+v", help.Data)
		}
	}
	next(true, false)
	r.do(page, map[string]any{"type": "help", "on": "seen"}, "")
	next(true, true)
	if st := s.Status(); !st.Help || !st.Seen {
		t.Errorf("seen: %+v", st)
	}
	r.phone.HangUp()
	next(false, false) // both have happened
	r.do(page, map[string]any{"type": "help", "on": true}, "")
	if st := s.Status(); !st.Help || st.HelpCall != 0 {
		t.Errorf("asked by a page without a call: %+v", st)
	}
	r.do(page, map[string]any{"type": "help", "on": false}, "")
	if s.Status().Help {
		t.Error("not taken back")
	}
	var sets []string
	for _, e := range r.audited("help") {
		sets = append(sets, e.Set)
	}
	if got := strings.Join(sets, " "); got != "seen on off" {
		t.Errorf("audited: %s", got)
	}
}

// TestNoShift: a phone that is nobody's desk, and one without a rest.
func TestNoShift(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	if page.Shift != nil {
		t.Errorf("the welcome has %+v", page.Shift)
	}
	r.do(page, map[string]any{"type": "shift", "state": "ready"}, codeNoShift)
	r.do(page, map[string]any{"type": "help", "on": true}, codeNoShift)

	r, _ = newShiftRig(t, shift.Rules{})
	page = r.page(webapitest.Options{})
	r.do(page, map[string]any{"type": "shift", "state": "rest"}, codeNoRest)
	revoked := r.page(webapitest.Options{Origin: intranet})
	if err := r.server.Revoke(intranet); err != nil {
		t.Fatal(err)
	}
	r.wantEnd(revoked, closeRevoked)
}
