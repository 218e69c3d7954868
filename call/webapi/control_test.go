package webapi

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"nxphone/call"
	"nxphone/call/webapi/webapitest"
)

// A call from the first command to the last event, as its page sees it.
func TestCallOfAPage(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.do(page, dialCommand(webapitest.Random(16)), "").Call
	if id != 1 {
		t.Errorf("the call is %d, want 1", id)
	}
	e, err := page.Event(r.ctx())
	want := `{"Kind":"SIP","Type":"Connecting","Data":{"status":"connecting","desc":"Call in progress...","dn":"1000","id":1}}`
	if err != nil || e.Old != want || e.State != "connecting" || e.N != 1 {
		t.Errorf("first event %+v (%v), want %s", e, err, want)
	}
	r.control(page, true, false)
	r.phone.Ring()
	r.phone.Answer()
	r.events(page, "Trying", "Ringing", "InCall")
	r.phone.Media(call.MediaStarted{Codec: "opus"})
	r.events(page, "MediaUp")
	r.do(page, map[string]any{"type": "mute", "kind": "Audio", "on": true}, "")
	r.events(page, "Mute")
	r.do(page, map[string]any{"type": "mute", "kind": "Video", "on": true}, "")
	careless := r.page(webapitest.Options{})
	for name, m := range map[string]map[string]any{
		"another kind": {"type": "mute", "kind": "audio", "on": true},
		"no kind":      {"type": "mute", "on": true},
		"bad on":       {"type": "mute", "kind": "Audio", "on": "true"},
		"unknown":      {"type": "transfer"},
		"show":         {"type": "show", "tel": "1"},
		"prove":        {"type": "prove", "tab": page.Tab},
	} {
		if got, err := careless.Do(r.ctx(), m); err != nil || got.Code != codeBadRequest {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	r.command(page, "clear", "")
	for {
		e, err := page.Event(r.ctx())
		if err != nil {
			t.Fatal(err)
		}
		if e.Type() == "Clear" {
			if !strings.Contains(string(e.New), `"code":"hangup"`) {
				t.Errorf("the end says %s", e.New)
			}
			break
		}
	}
	r.control(page, false, false)
	r.command(page, "clear", "no-call")
	r.do(page, dialCommand(""), "")
}

// The mask keeps numbers out of the audit, and the log has none at all.
func TestAuditHasNoNumber(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	got := r.audited("dial")
	if len(got) != 1 || got[0].Tel != "0***78" || got[0].Outcome != "ok" || got[0].Call != 1 || got[0].Origin != helpline {
		t.Errorf("audit: %+v", got)
	}
	r.stop()
	logged := r.logged.String()
	for _, secret := range []string{"01012345678", "1000", page.Proof, page.Key.Client} {
		if strings.Contains(logged, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	for tel, want := range map[string]string{
		"": "", "600": "***", "0212345": "0***45", "119": "***", "8201012345678": "***78", "0": "0***", "sip:bob@example": "***", "+821012345678": "***78",
	} {
		if got := maskTel(tel); got != want {
			t.Errorf("maskTel(%q) = %q, want %q", tel, got, want)
		}
	}
}

func TestRefusedDials(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	for member, bad := range map[string]struct{ value, code string }{
		"realm": {"", "empty-realm"}, "dn": {"", "empty-dn"}, "tel": {"홍길동", "hangul-tel"},
		"url": {"https://sbc.example.net", "bad-url"}, "push": {"a b", "bad-push-token"},
	} {
		m := dialCommand(webapitest.Random(16))
		m[member] = bad.value
		r.do(page, m, bad.code)
	}
	m := dialCommand("no hex")
	r.do(page, m, codeBadRequest)
	if s := r.phone.Snapshot(); s.Call.ID != 0 {
		t.Errorf("call %d was placed", s.Call.ID)
	}
	r.inCall(page)
	r.do(page, dialCommand(webapitest.Random(16)), "busy-here")
}

// The same key dials once, also after the connection has broken; another
// origin's key is another key.
func TestDialOnce(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	key := webapitest.Random(16)
	first := r.do(page, dialCommand(key), "")
	again := r.do(page, dialCommand(key), "")
	page.Cut()
	page = r.again(page, helpline)
	third := r.do(page, dialCommand(key), "")
	if first.Call != 1 || again.Call != 1 || third.Call != 1 {
		t.Errorf("calls %d, %d and %d, want 1", first.Call, again.Call, third.Call)
	}
	other := r.page(webapitest.Options{Origin: intranet})
	r.do(other, dialCommand(key), "busy-here")
}

// Two tabs of one origin and one of another: one controls, the others watch, and
// the stranger learns only that the phone is busy.
func TestOneController(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	second := r.page(webapitest.Options{Key: &page.Key})
	other := r.page(webapitest.Options{Origin: intranet})
	id := r.inCall(page)
	r.events(other, "busy", "busy", "busy", "busy")
	for _, state := range []string{"connecting", "trying", "ringing", "in-call"} {
		e, err := second.Event(r.ctx())
		if err != nil || e.State != state || e.Old != "" || e.Busy != nil {
			t.Errorf("the second tab is told %+v (%v), want %s", e, err, state)
		}
	}
	s := r.control(second, false, false)
	if s.Call == nil || s.Call.DN != "1000" || s.Call.Old != "" {
		t.Errorf("the second tab sees %+v", s.Call)
	}
	for _, c := range []*webapitest.Client{second, other} {
		r.command(c, "clear", codeNotController)
		r.command(c, "take", codeNotController)
		r.do(c, map[string]any{"type": "mute", "kind": "Audio", "on": true}, codeNotController)
		r.do(c, map[string]any{"type": "mute", "kind": "Video", "on": true}, codeNotController)
		r.do(c, map[string]any{"type": "dtmf", "digits": "1"}, codeNotController)
		r.do(c, dialCommand(webapitest.Random(16)), "busy-here")
	}
	r.command(page, "take", "")
	r.unharmed(page, id)
	late := r.page(webapitest.Options{Origin: intranet})
	if w := late.Welcome; !w.Busy || w.Call != nil || w.Control || w.Free {
		t.Errorf("a stranger is welcomed with %+v", w)
	}
}

// The call goes on while its page reloads, and the page has control again at
// once, with what it has missed.
func TestReload(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	second := r.page(webapitest.Options{Key: &page.Key})
	id := r.inCall(page)
	page.Close()
	r.control(second, false, true)
	r.phone.Media(call.MediaStarted{Codec: "opus"})
	r.phone.Media(call.EarlyHeard{})
	r.state("controlled by nobody who is here", func(s State) bool { return s.Controller == helpline })
	back := r.again(page, helpline)
	w := back.Welcome
	if !w.Control || w.Free || w.Call == nil || w.Call.ID != id || w.Call.State != "in-call" || w.Call.Since == 0 {
		t.Errorf("welcomed with %+v %+v", w, w.Call)
	}
	if !strings.Contains(w.Call.Old, `"Type":"InCall"`) {
		t.Errorf("the present state in heritage form is %q", w.Call.Old)
	}
	r.events(back, "MediaUp")
	r.control(second, false, false)
	r.unharmed(back, id)
	back.Cut()
	r.control(second, false, true)
	r.phone.HangUp()
	r.state("idle", func(s State) bool { return s.Controller == "" })
	back = r.again(back, helpline)
	r.events(back, "Clear")
	if back.Welcome.Busy || back.Welcome.Call != nil {
		t.Errorf("after the end: %+v", back.Welcome)
	}
}

// A reload that has lost the session's memory gets control, a tab that was there
// before must ask for it.
func TestFreshAndTake(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	watcher := r.page(webapitest.Options{Key: &page.Key})
	id := r.inCall(page)
	r.events(watcher, "", "", "", "")
	page.Cut()
	r.control(watcher, false, true)
	watcher.Cut()
	watcher = r.again(watcher, helpline)
	if watcher.Welcome.Control || !watcher.Welcome.Free {
		t.Errorf("a tab that knows the call already: %+v", watcher.Welcome)
	}
	fresh := r.page(webapitest.Options{Key: &page.Key})
	if !fresh.Welcome.Control || fresh.Welcome.Call.Old == "" {
		t.Errorf("a fresh page: %+v", fresh.Welcome)
	}
	r.control(watcher, false, false)
	r.command(watcher, "take", codeNotController)
	r.unharmed(fresh, id)
	fresh.Cut()
	r.control(watcher, false, true)
	r.command(watcher, "take", "")
	if s := r.control(watcher, true, false); s.Call.Old == "" {
		t.Errorf("after take: %+v", s.Call)
	}
	r.do(watcher, map[string]any{"type": "dtmf", "digits": "6"}, "")
	// The tab that had it before comes too late.
	page = r.again(page, helpline)
	if page.Welcome.Control || page.Welcome.Free {
		t.Errorf("the first page: %+v", page.Welcome)
	}
	r.command(page, "clear", codeNotController)
}

// A duplicated tab has the same name: the first one keeps control.
func TestDuplicatedTab(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	twin := r.again(page, helpline)
	if twin.Welcome.Control || twin.Welcome.Free {
		t.Errorf("the twin is welcomed with %+v", twin.Welcome)
	}
	r.command(twin, "clear", codeNotController)
	r.unharmed(page, id)
	page.Close()
	r.control(twin, true, false)
	r.command(twin, "clear", "")
}

// A call of the window between two of a page belongs to no page.
func TestWindowsCall(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	// The window hangs up a page's call: it always can.
	if err := r.phone.Hangup(r.ctx()); err != nil {
		t.Fatal(err)
	}
	r.events(page, "HangingUp", "Clear")
	req := call.Request{Realm: "example.net", DN: "1000", Tel: "0299998888", URL: "wss://sbc.example.net:6081"}
	if _, err := r.phone.Dial(r.ctx(), req); err != nil {
		t.Fatal(err)
	}
	r.events(page, "busy")
	r.command(page, "clear", codeNotController)
	r.command(page, "take", codeNotController)
	r.do(page, map[string]any{"type": "mute", "kind": "Audio", "on": false}, codeNotController)
	late := r.page(webapitest.Options{Key: &page.Key})
	if w := late.Welcome; !w.Busy || w.Call != nil || w.Control || w.Free {
		t.Errorf("welcomed with %+v", w)
	}
	if err := r.phone.Hangup(r.ctx()); err != nil {
		t.Fatal(err)
	}
	r.events(page, "busy", "idle")
	id := r.inCall(page)
	r.unharmed(page, id)
}

// Revoke closes the pages, forgets the Yes, and blocks what policy allows; the
// call goes on and the other origin notices nothing.
func TestRevoke(t *testing.T) {
	forgotten := make(chan string, 10)
	fail := false
	r := newRig(t, func(o *Options) {
		o.Revoked = func(origin string) error {
			forgotten <- origin
			if fail {
				return errors.New("the disk is full")
			}
			return nil
		}
	})
	page := r.page(webapitest.Options{})
	second := r.page(webapitest.Options{Key: &page.Key})
	other := r.page(webapitest.Options{Origin: intranet})
	r.inCall(page)
	if err := r.server.Revoke(helpline); err != nil {
		t.Fatal(err)
	}
	r.wantEnd(page, closeRevoked)
	r.wantEnd(second, closeRevoked)
	if got := <-forgotten; got != helpline {
		t.Errorf("%s was forgotten", got)
	}
	if st, _ := r.server.hub.state(); st.Controller != "" {
		t.Errorf("after Revoke the window shows that %s controls the call", st.Controller)
	}
	if s := r.phone.Snapshot(); s.State != call.InCall {
		t.Errorf("the call is %v", s.State)
	}
	if got := r.refused(webapitest.Options{Origin: helpline}); got != 403 {
		t.Errorf("after Revoke: %d", got)
	}
	r.events(other, "busy", "busy", "busy", "busy")
	r.command(other, "take", codeNotController)
	fail = true
	r.setPolicy(Policy{})
	if err := r.server.Revoke(intranet); err == nil {
		t.Error("a Yes that cannot be forgotten is no error")
	}
	r.wantEnd(other, closeRevoked)
	r.setPolicy(Policy{Origins: []string{intranet}})
	if got := r.refused(webapitest.Options{Origin: intranet}); got != 403 {
		t.Errorf("after a Revoke that was not remembered: %d", got)
	}
}

// An origin that the policy stops to allow is not obeyed any more.
func TestPolicyChanges(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	r.setPolicy(Policy{})
	_, _ = page.Do(r.ctx(), map[string]any{"type": "clear"})
	r.wantEnd(page, closeRevoked)
	if s := r.phone.Snapshot(); s.State != call.InCall {
		t.Errorf("the call is %v", s.State)
	}
}

// A Mute that is not confirmed holds up no Clear, gives way to its contrary, and
// never reaches the next call.
func TestStuckMute(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	r.phone.Stick(true)
	mute := func(on bool) <-chan webapitest.Result {
		wait, err := page.Begin(r.ctx(), map[string]any{"type": "mute", "kind": "Audio", "on": on})
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	first := mute(true)
	r.command(page, "take", "") // the reader has dealt with it
	second := mute(false)
	if got := <-first; got.Code != "superseded" {
		t.Errorf("the first: %+v", got)
	}
	r.do(page, map[string]any{"type": "dtmf", "digits": "1"}, "")
	r.events(page, "DigitSent")
	third := mute(true)
	fourth := mute(true)
	if got := <-second; got.OK && got.Code != "superseded" {
		t.Errorf("the second: %+v", got)
	}
	r.command(page, "clear", "")
	r.events(page, "HangingUp", "Clear")
	for _, wait := range []<-chan webapitest.Result{third, fourth} {
		if got := <-wait; got.Code != "no-call" {
			t.Errorf("a Mute of a call that is over: %+v", got)
		}
	}
	r.phone.Stick(false)
	r.inCall(page)
	if s := r.phone.Snapshot(); s.Call.Mute != (call.Switch{}) {
		t.Errorf("the next call begins with %+v", s.Call.Mute)
	}
}

func TestQuality(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	r.phone.Media(call.StatsMeasured{Stats: call.Stats{PacketsReceived: 50, RTT: 20_000_000, LevelIn: -30}})
	q, err := page.Quality(r.ctx())
	var data struct {
		PacketsReceived uint64
		RTTMs, LevelIn  float64
	}
	if err == nil {
		err = json.Unmarshal(q, &data)
	}
	if err != nil || data.PacketsReceived != 50 || data.RTTMs != 20 || data.LevelIn != -30 {
		t.Errorf("%s: %+v (%v)", q, data, err)
	}
}

func TestWatch(t *testing.T) {
	r := newRig(t, nil)
	st := r.state("open", func(s State) bool { return s.Open })
	if st.Addr.String() != r.addr || st.Controller != "" || len(st.Connected) != 0 {
		t.Errorf("at the start: %+v", st)
	}
	page := r.page(webapitest.Options{Origin: intranet})
	r.page(webapitest.Options{})
	r.page(webapitest.Options{})
	r.inCall(page)
	st = r.state("controlled", func(s State) bool { return s.Controller != "" })
	if st.Controller != intranet || !st.Plain || !slices.Equal(st.Connected, []string{intranet, helpline}) {
		t.Errorf("in a call: %+v", st)
	}
	page.Cut()
	r.state("without the page", func(s State) bool { return len(s.Connected) == 1 && s.Controller == intranet })
	r.phone.HangUp()
	r.state("idle", func(s State) bool { return s.Controller == "" })
	r.server.Shut()
	r.state("shut", func(s State) bool { return !s.Open && len(s.Connected) == 0 })
}
