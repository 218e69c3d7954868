package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/call/recent"
	"nxphone/call/shift"
	"nxphone/call/webapi/webapitest"
)

const dialled = "01012345678"

// deskRig is a desk beside a phone of memory, with files in a folder of its
// own.
type deskRig struct {
	*desk
	t     *testing.T
	dir   string
	store *profile.Store
	phone *webapitest.Phone
	below *phone
	end   func() // ends the phone, then the desk, as the window does
}

func newDeskRig(t *testing.T, o options, layers ...profile.Layer) *deskRig {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	path, err := profile.DefaultPath()
	if err != nil {
		t.Fatal(err)
	}
	store, err := profile.Open(profile.Options{Path: path, Lookup: func(string) (string, bool) { return "", false }, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	engine, done := webapitest.RunPhone(ctx)
	log := slog.New(slog.DiscardHandler)
	p := &program{store: store, log: log}
	r := &deskRig{t: t, dir: dir, store: store, phone: engine}
	r.below = &phone{store: store, log: log, engine: engine.Engine}
	r.desk = p.openDesk(r.below, o, true)
	r.end = func() {
		cancel()
		<-done
		r.close()
	}
	t.Cleanup(r.end)
	return r
}

// talk is a call that was answered and ended with this reason. It returns when
// the phone knows of the end; the desk may not yet.
func (r *deskRig) talk(reason call.Reason) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	watch := r.phone.Watch(ctx)
	req := call.Request{Realm: "example.net", DN: "1000", Tel: dialled, URL: "ws://127.0.0.1:6080"}
	if _, err := r.phone.Dial(r.t.Context(), req); err != nil {
		r.t.Fatal(err)
	}
	r.phone.Answer()
	r.phone.Signal(call.LegEnded{Reason: reason})
	for _, cause := range watch {
		if _, ok := cause.(call.Ended); ok {
			return
		}
	}
	r.t.Fatal("the call has not ended")
}

// kept waits for the recent calls to be as wanted.
func (r *deskRig) kept(what string, ok func(recent.State) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	for st := range r.recent.Watch(ctx) {
		if ok(st) {
			if err := r.recent.Delete(-1); err != nil { // waits for the disk
				r.t.Fatal(err)
			}
			return
		}
	}
	r.t.Fatalf("%s: the recent calls are %+v", what, r.recent.State())
}

// state waits for a state of the shift.
func (r *deskRig) state(want shift.State) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	for st := range r.shift.Watch(ctx) {
		if st.State == want {
			return
		}
	}
	r.t.Fatalf("the shift is %+v, want %s", r.shift.Status(), want)
}

func (r *deskRig) set(change func(*profile.Settings)) {
	r.t.Helper()
	if err := r.store.Set(change); err != nil {
		r.t.Fatal(err)
	}
}

// holding are the files below the folder that hold the number.
func (r *deskRig) holding() (names []string) {
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte(dialled)) {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return names
}

// TestDeskFollowsTheSettings: what is kept on the disk is what the settings
// say at the moment, without a restart.
func TestDeskFollowsTheSettings(t *testing.T) {
	r := newDeskRig(t, options{})
	r.talk(call.Reason{Code: call.CodeRemoteHangup})
	r.kept("in memory by default", func(st recent.State) bool { return st.Mode == recent.Memory && len(st.Entries) == 1 })
	if got := r.holding(); got != nil {
		t.Errorf("the number is in %q", got)
	}
	r.set(func(s *profile.Settings) { s.RecentCalls = "30" })
	r.kept("for days", func(st recent.State) bool { return st.Mode == recent.Days(30) && len(st.Entries) == 1 })
	if got := r.holding(); len(got) != 1 || got[0] != "recent-calls.json" {
		t.Errorf("the number is in %q", got)
	}
	r.set(func(s *profile.Settings) { s.RecentCalls, s.AfterCall = profile.RecentOff, true })
	r.kept("off", func(st recent.State) bool { return st.Mode == recent.Off && len(st.Entries) == 0 })
	if got := r.holding(); got != nil {
		t.Errorf("the number is in %q", got)
	}
	r.talk(call.Reason{Code: call.CodeRemoteHangup})
	r.state(shift.AfterCall)
	r.end()
	if got := r.holding(); got != nil {
		t.Errorf("the number is in %q", got)
	}
}

// TestDiskThatHangs: the program ends all the same, and says that something may
// be missing.
func TestDiskThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, hangs := range []string{"a call", "the settings"} {
			disk := make(chan struct{})
			_, stop := context.WithCancel(t.Context())
			d := &desk{log: slog.New(slog.DiscardHandler), stop: stop, unwatch: func() {}}
			if hangs == "a call" {
				d.running.Go(func() { <-disk })
			} else {
				d.changes.Go(func() { <-disk })
			}
			begin := time.Now()
			d.close()
			if took := time.Since(begin); took != shiftEnd+diskEnd {
				t.Errorf("%s: closing took %v", hangs, took)
			}
			close(disk)
			synctest.Wait()
		}
	})
}

// TestLastEndingIsNoted: also where the window was closed in that moment.
func TestLastEndingIsNoted(t *testing.T) {
	for name, o := range map[string]options{"lawful-endings.jsonl": {}, "lawful-endings-demo.jsonl": {demo: true}} {
		r := newDeskRig(t, o)
		r.talk(call.Reason{Code: call.CodeFarewell, Local: true})
		r.end()
		raw, err := os.ReadFile(filepath.Join(r.dir, "nxphone", name))
		if err != nil || !strings.Contains(string(raw), `"number":"***5678"`) {
			t.Errorf("%s: %s (%v)", name, raw, err)
		}
		if got := r.holding(); got != nil {
			t.Errorf("the number is in %q", got)
		}
	}
}

// TestAnotherPhonesFiles: another settings file is another phone, whose list
// is its own.
func TestAnotherPhonesFiles(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	first, err := profile.DefaultPath()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, settings := range []string{first, first + ".other", ""} {
		for _, demo := range []bool{false, true} {
			name := keptBy(settings, demo)
			if seen[name] || strings.ContainsAny(name, "/ .") || demo != strings.HasSuffix(name, "-demo") {
				t.Errorf("%q, demo %t: %q", settings, demo, name)
			}
			seen[name] = true
		}
	}
	if keptBy(first, false) != "" {
		t.Errorf("the ordinary phone's files are called %q", keptBy(first, false))
	}
}

// TestNumberLeavesByPolicyOnly: neither the default nor the user's own wish
// sends a number to the supervisor's server.
func TestNumberLeavesByPolicyOnly(t *testing.T) {
	layer := func(source profile.Source, mask string) profile.Layer {
		l, err := profile.NewLayer(source, "test", map[profile.Key]string{profile.KeyMaskNumbers: mask})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, tt := range []struct {
		name   string
		layers []profile.Layer
		want   bool
	}{
		{"by default", nil, false},
		{"by a flag", []profile.Layer{layer(profile.SourceFlag, "none")}, false},
		{"by a proposal", []profile.Layer{layer(profile.SourceRecommended, "none")}, false},
		{"by a policy", []profile.Layer{layer(profile.SourceManaged, "none")}, true},
		{"by a policy that masks", []profile.Layer{layer(profile.SourceManaged, "last-4")}, false},
	} {
		r := newDeskRig(t, options{}, tt.layers...)
		if got := shiftRules(r.store).HelpNumber; got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	// The user's own file.
	r := newDeskRig(t, options{})
	r.set(func(s *profile.Settings) { s.MaskNumbers = "none" })
	if shiftRules(r.store).HelpNumber {
		t.Error("by the user's file")
	}
}

// TestDeskWithoutAWindow has the shift for pages, and keeps no calls.
func TestDeskWithoutAWindow(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	r := newDeskRig(t, options{})
	p := &program{store: r.store, log: slog.New(slog.DiscardHandler)}
	d := p.openDesk(&phone{store: r.store, log: p.log, engine: r.phone.Engine}, options{}, false)
	defer d.close()
	defer r.end()
	if d.recent != nil {
		t.Error("calls are kept that nobody sees")
	}
	if err := d.shift.Set(t.Context(), shift.Away); err != nil {
		t.Error(err)
	}
	if err := d.shift.Set(t.Context(), "lunch"); !errors.Is(err, shift.ErrState) {
		t.Error(err)
	}
}

// TestPagesAndTheDesk: a call that a page has placed is among the recent ones,
// and the page leads the same shift as the window.
func TestPagesAndTheDesk(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	r := newDeskRig(t, options{})
	p := &program{store: r.store, log: slog.New(slog.DiscardHandler), ports: []int{0}}
	w, err := p.newWeb(r.below, r.shift, webFace{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	defer w.drain()
	allowOrigins(t, w, helpline)
	c := page(t, opened(t, w), webapitest.Options{Origin: helpline})
	dial := map[string]any{"type": "dial", "key": webapitest.Random(16), "realm": "example.net", "dn": "1000", "tel": dialled, "url": "ws://127.0.0.1:6080", "push": ""}
	for _, command := range []map[string]any{dial, {"type": "shift", "state": "away"}} {
		if got, err := c.Do(t.Context(), command); err != nil || !got.OK {
			t.Fatalf("%v: %+v, %v", command["type"], got, err)
		}
	}
	r.state(shift.Away)
	r.phone.Answer()
	r.phone.HangUp()
	r.kept("a page's call", func(st recent.State) bool { return len(st.Entries) == 1 && st.Entries[0].Tel == dialled })
	r.state(shift.Away) // over a call
}
