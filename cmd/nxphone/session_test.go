package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/assets"
	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/ui"
	"nxphone/ui/present"
	"nxphone/ui/session"
)

// openTestSurroundings are those of a phone on the demo line, on a desktop that
// offers nothing.
func openTestSurroundings(t *testing.T, args ...string) (*surroundings, *phone) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XDG_SESSION_TYPE", "")
	ph := openTestPhone(t, args...)
	p := &program{stdout: new(buffer), stderr: new(buffer), log: slog.New(slog.DiscardHandler), words: text.For(text.English), store: ph.store}
	s := p.openSurroundings(ph, options{})
	t.Cleanup(s.close)
	t.Cleanup(p.stayAwake(ph))
	return s, ph
}

// holds waits for something that settings or the engine lead to.
func holds(t *testing.T, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not so: %s", what)
		}
	}
}

func TestStartWithTheSession(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("setting", func(t *testing.T) {
		_, ph := openTestSurroundings(t)
		path := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "autostart", "nxphone.desktop")
		there := func() bool {
			_, err := os.Stat(path)
			return err == nil
		}
		if there() {
			t.Error("started with the session without being asked")
		}
		set := func(on bool) {
			t.Helper()
			if err := ph.store.Set(func(v *profile.Settings) { v.StartWithSession = on }); err != nil {
				t.Fatal(err)
			}
			holds(t, "the file follows the setting", func() bool { return there() == on })
		}
		set(true)
		if out, err := exec.Command("desktop-file-validate", path).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		exe, _ := os.Executable()
		// The settings file is another than the usual one, and comes along.
		if !strings.Contains(string(data), "Exec="+exe) || !strings.Contains(string(data), "--config "+os.Getenv("NXPHONE_CONFIG")) && os.Getenv("NXPHONE_CONFIG") != ph.store.Path() {
			t.Errorf("it starts\n%s", data)
		}
		set(false)
		p := &program{log: slog.New(slog.DiscardHandler), words: text.For(text.English), store: ph.store}
		if p.autostart(session.Env{}, options{demo: true}) != nil {
			t.Error("a demo is started with the session")
		}
	})
}

// A global key does what a headset's button does, and twice is what it was.
func TestGlobalKeysActOnTheCall(t *testing.T) {
	s, ph := openTestSurroundings(t, "--demo")
	for _, id := range []string{ui.RequestMute, ui.RequestHangup} {
		if err := s.act(id); !errors.Is(err, call.ErrNoCall) {
			t.Errorf("%s without a call: %v", id, err)
		}
	}
	if _, err := ph.engine.Dial(t.Context(), ph.request("600")); err != nil {
		t.Fatal(err)
	}
	snap := func() call.Snapshot { return ph.engine.Snapshot() }
	holds(t, "the call is answered", func() bool { return snap().State == call.InCall })
	for _, on := range []bool{true, false, true} {
		if err := s.act(ui.RequestMute); err != nil {
			t.Fatal(err)
		}
		if m := snap().Call.Mute; m.On != on || m.Pending {
			t.Errorf("muted: %+v, want %v", m, on)
		}
	}
	s.pressed(ui.RequestHangup)
	holds(t, "the call has ended", func() bool { return snap().State == call.Idle })
}

// A key that is pressed while a change is not confirmed never opens the
// microphone.
func TestGlobalMuteInDoubt(t *testing.T) {
	for m, want := range map[call.Switch]bool{
		{}: true, {On: true}: false, {Pending: true}: true, {On: true, Pending: true}: true,
	} {
		if got := muteWish(m); got != want {
			t.Errorf("%+v: asks for %v", m, got)
		}
	}
}

// What keeps the keys from working is told, and that it is over.
func TestFaultsOfGlobalKeys(t *testing.T) {
	s, ph := openTestSurroundings(t)
	got := make(chan present.HotkeyFaults, 8)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for f := range s.Faults(ctx) {
			got <- f
		}
	}()
	defer func() { cancel(); <-done }()
	await := func(what string, want func(present.HotkeyFaults) bool) {
		t.Helper()
		limit := time.After(time.Minute)
		for {
			select {
			case f := <-got:
				if want(f) {
					return
				}
			case <-limit:
				t.Fatal(what)
			}
		}
	}
	await("told of keys that nobody wants", func(f present.HotkeyFaults) bool { return f.Mute == "" && f.Hangup == "" })
	if err := ph.store.Set(func(v *profile.Settings) { v.Hotkeys = true }); err != nil {
		t.Fatal(err)
	}
	await("no word about keys that cannot work", func(f present.HotkeyFaults) bool {
		return f.Mute == present.HotkeyUnsupported && f.Hangup == present.HotkeyUnsupported && f.MuteKey == "Ctrl+Shift+F9"
	})
	if err := ph.store.Set(func(v *profile.Settings) { v.Hotkeys = false }); err != nil {
		t.Fatal(err)
	}
	await("the fault stays", func(f present.HotkeyFaults) bool { return f.Mute == "" })
	for err, want := range map[error]present.HotkeyFault{nil: "", session.ErrKeyTaken: present.HotkeyTaken, session.ErrKeyMissing: present.HotkeyMissing,
		session.ErrNoHotkeys: present.HotkeyUnsupported} {
		if got := faultOf(err); got != want {
			t.Errorf("%v is %q", err, got)
		}
	}
}

// Every state of the tray has its icons, in rising sizes.
func TestTrayIcons(t *testing.T) {
	icons := trayIcons()
	for _, state := range []present.TrayState{present.TrayIdle, present.TrayCall, present.TrayMuted, present.TrayTrouble} {
		if list := icons[state]; len(list) != 2 || list[0].Bounds().Dx() != 24 || list[1].Bounds().Dx() != 48 {
			t.Errorf("%s: %v", state, list)
		}
	}
	if assets.TrayIcons("nonsense") != nil {
		t.Error("an icon of a state that does not exist")
	}
}

// A desktop without anything costs nothing and is asked nothing.
func TestSurroundingsWithoutADesktop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		s, ph := openTestSurroundings(t)
		if err := ph.store.Set(func(v *profile.Settings) { v.CloseToTray, v.OnTop = true, true }); err != nil {
			t.Fatal(err)
		}
		s.Show(present.Outside{Tray: present.Tray{State: present.TrayCall, Title: "x"}, Call: present.Note{Title: "y"}})
		if s.KeepInTray() {
			t.Error("a window is hidden behind a tray that is not there")
		}
		s.Opened(0)
		s.Raise()
		s.Sit("phone")
		s.Rise("phone", 1, 2)
		if w, h := s.Seat("phone"); w != 0 || h != 0 || s.Last() != "phone" {
			t.Errorf("remembered %v by %v, last %q", w, h, s.Last())
		}
		s.Opened(1)
		s.Raise()
		s.Sit("full")
		s.Rise("full", 1, 2)
		for range 10 {
			s.request(ui.RequestShow) // nobody takes them
		}
	})
}

func TestInstanceNames(t *testing.T) {
	names := map[string]bool{}
	for _, c := range []struct {
		path   string
		demo   bool
		screen string
	}{{"/a/settings.json", false, ":0"}, {"/a/settings.json", true, ":0"}, {"/b/settings.json", false, ":0"}, {"settings.json", false, ":0"},
		{"/a/settings.json", false, ":1"}, {"/a/settings.json", false, ""}, {"/a/settings.json", false, "10.0.0.1:0"}} {
		n := onScreen(instance(c.path, c.demo), c.screen)
		if names[n] || strings.ContainsAny(n, "/ ") || len(n) > 40 {
			t.Errorf("%+v is %q", c, n)
		}
		names[n] = true
	}
	if onScreen(instance("/a/../b/settings.json", false), ":0.0") != onScreen(instance("/b/settings.json", false), ":0") {
		t.Error("one phone has two names")
	}
}
