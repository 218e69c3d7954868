package main

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nxphone/call/profile"
	"nxphone/call/sipua/sipuatest"
	"nxphone/call/webapi/webapitest"
	"nxphone/ui"
	"nxphone/ui/present"
)

const helpline = "https://helpline.example"

func allowOrigins(t *testing.T, w *web, origins ...string) {
	t.Helper()
	for _, o := range origins {
		if err := w.allowed(o); err != nil {
			t.Fatal(err)
		}
	}
}

func switchWeb(t *testing.T, w *web, on bool) {
	t.Helper()
	if err := w.store.Set(func(s *profile.Settings) { s.WebAPI = on }); err != nil {
		t.Fatal(err)
	}
}

// opened switches the web API on and gives its address.
func opened(t *testing.T, w *web) string {
	t.Helper()
	switchWeb(t, w, true)
	addr, err := w.follow(t.Context())
	if err != nil || !addr.IsValid() {
		t.Fatal(addr, err)
	}
	return addr.String()
}

// page is a page that is welcomed.
func page(t *testing.T, addr string, o webapitest.Options) *webapitest.Client {
	t.Helper()
	c, err := webapitest.Dial(t.Context(), addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Cut)
	return c
}

// view waits until the window would show what is wanted.
func (w *webWindow) wait(t *testing.T, wanted func(present.Web) bool) present.Web {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var last present.Web
	for v := range w.Watch(ctx) {
		last = v
		if wanted(v) {
			return v
		}
	}
	t.Fatalf("the window shows %+v", last)
	return last
}

// The port follows the settings at run time, whoever changes them, and a page
// that was paired proves itself again after the switch was off.
func TestWebFollowsTheSettings(t *testing.T) {
	w, _ := openTestWeb(t, true)
	key := filepath.Join(filepath.Dir(w.store.Path()), "web-api.key")
	if addr, err := w.follow(t.Context()); addr.IsValid() || err != nil {
		t.Fatalf("open unasked at %v, %v", addr, err)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made that nobody needs")
	}
	w.watch(func(err error) { t.Error(err) })
	allowOrigins(t, w, helpline)
	var paired *webapitest.Key
	for range 2 {
		switchWeb(t, w, true)
		// The window's Save and the watcher may come in any order.
		addr, err := w.follow(t.Context())
		if err != nil || !addr.IsValid() {
			t.Fatal(addr, err)
		}
		c := page(t, addr.String(), webapitest.Options{Origin: helpline, Key: paired})
		if paired != nil && c.Key.Client != paired.Client {
			t.Error("the page was paired anew")
		}
		paired = &c.Key
		switchWeb(t, w, false)
		if _, err := c.Ended(t.Context()); err != nil {
			t.Error(err) // by the watcher alone
		}
		if _, err := webapitest.Dial(t.Context(), addr.String(), webapitest.Options{Origin: helpline}); err == nil {
			t.Error("still open")
		}
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// What keeps pages out is told by Save, and by the next Save no more once it is
// mended.
func TestWebFaults(t *testing.T) {
	w, desk := openTestWeb(t, true)
	settings := windowSettings{&phone{store: w.store, keyring: profile.NewKeyring(), log: w.log, agent: nil}, w}
	values := settings.Values()
	if values.WebAPI || values.WebAPIFixed {
		t.Errorf("%+v", values)
	}
	key := filepath.Join(filepath.Dir(w.store.Path()), "web-api.key")
	if err := os.WriteFile(key, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	switchWeb(t, w, true)
	if err := settings.letPages(t.Context()); !errors.Is(err, ui.ErrWebAPIKey) || errors.Is(err, ui.ErrWebAPI) {
		t.Errorf("a damaged key: %v", err)
	}
	if text, err := os.ReadFile(key); err != nil || string(text) != "damaged" {
		t.Errorf("the key file was changed: %q, %v", text, err)
	}
	// A number is handed over all the same.
	got := make(chan string, 1)
	go func() { got <- <-desk.numbers }()
	if !askControl(t.Context(), "600") || <-got != "600" {
		t.Error("no hand-over without a key")
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if err := settings.letPages(t.Context()); err != nil {
		t.Errorf("a key that was mended: %v", err)
	}
	if v := settings.Values(); !v.WebAPI {
		t.Errorf("%+v", v)
	}
	go func() { got <- <-desk.numbers }()
	if !askControl(t.Context(), "601") || <-got != "601" {
		t.Error("no hand-over afterwards")
	}
}

func TestWebPortsTaken(t *testing.T) {
	w, _ := openTestWeb(t, true)
	srv := sipuatest.Listen(t, nil) // anything that listens
	port := int(netip.MustParseAddrPort(srv.Addr()).Port())
	w.drain()
	w.close()
	w2 := &web{phone: w.phone, store: w.store, log: w.log, audit: newAudit(filepath.Join(t.TempDir(), "log"), func(err error) { t.Error(err) }), ports: []int{port}}
	if err := w2.start(make([]byte, secretLen)); err != nil {
		t.Fatal(err)
	}
	defer w2.close()
	defer w2.drain()
	switchWeb(t, w2, true)
	if err := (windowSettings{nil, w2}).letPages(t.Context()); !errors.Is(err, ui.ErrWebAPI) {
		t.Errorf("%v", err)
	}
}

// The question in the window, from the page's connection to the user's file
// and back by Revoke.
func TestWindowIsAsked(t *testing.T) {
	w, desk := openTestWeb(t, true)
	addr := opened(t, w)
	type welcome struct {
		c   *webapitest.Client
		err error
	}
	dial := func(o webapitest.Options) <-chan welcome {
		done := make(chan welcome, 1)
		go func() {
			c, err := webapitest.Dial(t.Context(), addr, o)
			done <- welcome{c, err}
		}()
		return done
	}
	asked := func(v present.Web) bool { return v.Question != nil }
	nothing := func(v present.Web) bool { return v.Question == nil }

	// No.
	first := dial(webapitest.Options{Origin: "http://intranet:8080"})
	q := desk.wait(t, asked).Question
	if q.ID == 0 || q.Origin != "http://intranet:8080" || !q.Plain || time.Until(q.Until) > 31*time.Second || time.Until(q.Until) < 20*time.Second {
		t.Errorf("%+v", q)
	}
	desk.Answer(q.ID+1, true) // to another question
	desk.Answer(q.ID, false)
	desk.Answer(q.ID, true) // too late
	desk.wait(t, nothing)
	var refused *webapitest.RefusedError
	if got := <-first; !errors.As(got.err, &refused) || refused.Status != 403 {
		t.Errorf("after a No: %v", got.err)
	}

	// Yes.
	second := dial(webapitest.Options{Origin: helpline})
	q2 := desk.wait(t, asked).Question
	if q2.ID == q.ID || q2.Plain {
		t.Errorf("%+v after %+v", q2, q)
	}
	desk.Answer(q2.ID, true)
	got := <-second
	if got.err != nil {
		t.Fatal(got.err)
	}
	defer got.c.Cut()
	desk.wait(t, func(v present.Web) bool { return v.Question == nil && slices.Equal(v.Connected, []string{helpline}) })
	text, err := os.ReadFile(w.store.Path())
	if err != nil || !strings.Contains(string(text), helpline) || strings.Contains(string(text), "intranet") {
		t.Errorf("the user's file: %s, %v", text, err)
	}
	page(t, addr, webapitest.Options{Origin: helpline}) // unasked now

	// Revoke.
	if err := desk.Revoke(t.Context(), helpline); err != nil {
		t.Fatal(err)
	}
	if code, err := got.c.Ended(t.Context()); err != nil || code != 4403 {
		t.Errorf("closed with %d, %v", code, err)
	}
	desk.wait(t, func(v present.Web) bool { return len(v.Connected) == 0 })
	text, err = os.ReadFile(w.store.Path())
	if err != nil || strings.Contains(string(text), helpline) {
		t.Errorf("the user's file: %s, %v", text, err)
	}
}

// A call takes the question away.
func TestQuestionGivesWayToACall(t *testing.T) {
	srv := sipuatest.Listen(t, nil)
	w, desk := openTestWeb(t, true, "--realm", "example.net", "--dn", "1000", "--url", "ws://"+srv.Addr())
	addr := opened(t, w)
	done := make(chan error, 1)
	go func() {
		_, err := webapitest.Dial(t.Context(), addr, webapitest.Options{Origin: helpline})
		done <- err
	}()
	desk.wait(t, func(v present.Web) bool { return v.Question != nil })
	s := w.store.Get()
	if _, err := w.phone.Dial(t.Context(), request(s, "600")); err != nil {
		t.Fatal(err)
	}
	desk.wait(t, func(v present.Web) bool { return v.Question == nil })
	if err := <-done; err == nil {
		t.Error("the page was let in")
	}
}

// A page's pairing by code: the window shows it, and takes it away.
func TestWindowShowsTheCode(t *testing.T) {
	w, desk := openTestWeb(t, true)
	addr := opened(t, w)
	allowOrigins(t, w, helpline)
	page(t, addr, webapitest.Options{Origin: helpline, WantCode: true, Code: func(code string) error {
		v := desk.wait(t, func(v present.Web) bool { return v.Code != nil })
		if v.Code.Code != code || v.Code.Origin != helpline || len(code) != 6 {
			t.Errorf("the window shows %+v, the page has %s", v.Code, code)
		}
		return nil
	}})
	desk.wait(t, func(v present.Web) bool { return v.Code == nil })
}

// A page's call over the demo SBC, from its number to its end: what the page
// hears, what the window shows, and what the log keeps.
func TestPageCalls(t *testing.T) {
	w, desk := openTestWeb(t, true, "--demo")
	addr := opened(t, w)
	allowOrigins(t, w, helpline)
	c := page(t, addr, webapitest.Options{Origin: helpline})
	s := w.store.Get()
	dial := map[string]any{"type": "dial", "key": webapitest.Random(16), "realm": s.Realm, "dn": "1000", "tel": "600", "url": s.URL}
	r, err := c.Do(t.Context(), dial)
	if err != nil || !r.OK || r.Call != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	next := eventsOf(t, c)
	next("Connecting", "Trying", "Ringing", "InCall", "MediaUp")
	desk.wait(t, func(v present.Web) bool { return v.Controller == helpline })
	for _, m := range []map[string]any{{"kind": "Audio", "on": true}, {"kind": "Video", "on": true}} {
		m["type"] = "mute"
		if r, err := c.Do(t.Context(), m); err != nil || !r.OK {
			t.Errorf("%v: %+v, %v", m, r, err)
		}
	}
	next("Mute", "VideoMute")
	if snap := w.phone.Snapshot(); !snap.Call.Mute.On || !snap.Call.VideoMuted {
		t.Errorf("%+v", snap.Call)
	}
	if r, err := c.Do(t.Context(), map[string]any{"type": "clear"}); err != nil || !r.OK {
		t.Errorf("%+v, %v", r, err)
	}
	next("HangingUp", "Clear")
	desk.wait(t, func(v present.Web) bool { return v.Controller == "" })
}

// eventsOf gives a function that expects the types of the next events, busy
// ones and whatever is not named between them left out.
func eventsOf(t *testing.T, c *webapitest.Client) func(types ...string) {
	return func(types ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, want := range types {
			for {
				e, err := c.Event(ctx)
				if err != nil {
					t.Fatalf("before %s: %v", want, err)
				}
				if e.Type() == want {
					break
				}
			}
		}
	}
}

// Whatever is revoked stays so when the server behind it is replaced.
func TestRevokedProgramStaysOut(t *testing.T) {
	w, desk := openTestWeb(t, true)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for {
			select {
			case <-desk.numbers: // the window takes whatever comes
			case <-ctx.Done():
				return
			}
		}
	}()
	if !askControl(t.Context(), "600") {
		t.Fatal("a program is not heard before it is revoked")
	}
	comm, err := os.ReadFile("/proc/self/comm") // the name that the kernel knows it by
	if err != nil {
		t.Fatal(err)
	}
	if err := w.revoke("local:" + strings.TrimSpace(string(comm))); err != nil {
		t.Fatal(err)
	}
	if askControl(t.Context(), "600") {
		t.Error("a revoked program is heard")
	}
	opened(t, w)
	if askControl(t.Context(), "600") {
		t.Error("and again by the next server")
	}
}
