//go:build linux

package session

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"nxphone/call/profile/hotkey"
)

// fingers press keys as a person does.
type fingers struct {
	t *testing.T
	*display
	board keyboard
}

func newFingers(t *testing.T, name string) fingers {
	t.Helper()
	d := screen(t, name)
	if err := xtest.Init(d.Conn); err != nil {
		t.Fatal(err)
	}
	board, err := readKeyboard(d)
	if err != nil {
		t.Fatal(err)
	}
	return fingers{t, d, board}
}

// fake presses or releases the key of a keysym.
func (f fingers) fake(kind byte, sym xproto.Keysym) {
	f.t.Helper()
	at := slices.Index(f.board.keysyms, sym)
	if at < 0 {
		f.t.Fatalf("no key %#x", sym)
	}
	code := byte(f.board.first) + byte(at/f.board.per)
	if err := xtest.FakeInputChecked(f.Conn, kind, code, 0, f.root, 0, 0, 0).Check(); err != nil {
		f.t.Fatal(err)
	}
}

func (f fingers) down(syms ...xproto.Keysym) {
	f.t.Helper()
	for _, s := range syms {
		f.fake(xproto.KeyPress, s)
	}
}

func (f fingers) up(syms ...xproto.Keysym) {
	f.t.Helper()
	for _, s := range syms {
		f.fake(xproto.KeyRelease, s)
	}
}

// press presses all at once and lets go in reverse, no faster than a hand does.
func (f fingers) press(syms ...xproto.Keysym) {
	f.t.Helper()
	began := time.Now()
	until(f.t, "the finger is back", func() bool { return time.Since(began) > 4*repeatGap*time.Millisecond })
	f.down(syms...)
	slices.Reverse(syms)
	f.up(syms...)
}

const (
	symShift    xproto.Keysym = 0xffe1
	symControl  xproto.Keysym = 0xffe3
	symCapsLock xproto.Keysym = 0xffe5
)

func keyOf(t *testing.T, text string) hotkey.Key {
	t.Helper()
	k, err := hotkey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// hotkeysOn runs Hotkeys on a display.
func hotkeysOn(t *testing.T, env Env) (h *Hotkeys, pressed chan string, told chan map[string]error, stop func()) {
	t.Helper()
	pressed, told = make(chan string, 16), make(chan map[string]error, 16)
	h = NewHotkeys(env, func(id string) string { return "the key of " + id }, func(id string) { pressed <- id }, func(f map[string]error) { told <- f })
	return h, pressed, told, running(t, h.Run)
}

func TestHotkeys(t *testing.T) {
	name := startScreen(t)
	f := newFingers(t, name)
	h, pressed, told, _ := hotkeysOn(t, environment("DISPLAY="+name))
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+Shift+F9"), "hangup": keyOf(t, "Super+H"), "none": {}})
	if faults := next(t, "report", told); len(faults) > 0 {
		t.Fatalf("faults: %v", faults)
	}
	f9 := symF1 + 8
	want := func(id string, how string) {
		t.Helper()
		if got := next(t, how, pressed); got != id {
			t.Errorf("%s: %q, not %q", how, got, id)
		}
	}
	f.press(symControl, symShift, f9)
	want("mute", "press")
	// In every state of the lock keys.
	for _, lock := range []xproto.Keysym{symCapsLock, symNumLock, symCapsLock, symNumLock} {
		f.press(lock)
		f.press(symControl, symShift, f9)
		want("mute", "press under lock keys")
	}
	// The other keys do nothing, also with one modifier more or less.
	f.press(f9)
	f.press(symControl, f9)
	f.press(symControl, symShift, symAltL, f9)
	f.press(symControl, symShift, symF1+9)
	f.press('h')
	f.press(symSuperL, 'h')
	want("hangup", "the other key")

	// A key that is held down is one press: this is what a repeating one gives.
	f.press('k') // takes its time
	f.down(symControl, symShift, f9)
	want("mute", "press")
	f.up(symShift) // a modifier goes first
	f.up(f9, symControl)
	f.press(symControl, symShift, f9)
	want("mute", "press after a crooked release")

	// Changed keys: the old one is everybody's again.
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Pause")})
	next(t, "report", told)
	f.press(symControl, symShift, f9)
	f.press(0xff13)
	want("mute", "the new key")
	other := &grabs{display: f.display}
	if err := other.reset(); err != nil {
		t.Fatal(err)
	}
	if err := other.add("x", keyOf(t, "Ctrl+Shift+F9")); err != nil {
		t.Errorf("a key that was given back: %v", err)
	}
	if err := other.reset(); err != nil {
		t.Fatal(err)
	}
	if len(pressed) > 0 {
		t.Errorf("pressed besides: %v", <-pressed)
	}
}

// A key that repeats while it is held gives releases and presses of one moment.
func TestHeldKey(t *testing.T) {
	g := &grabs{board: keyboard{mods: map[hotkey.Mod]uint16{hotkey.Ctrl: xproto.ModMaskControl}}, held: []grab{{id: "mute", code: 75, mods: xproto.ModMaskControl}}}
	press := func(at xproto.Timestamp, state uint16) bool {
		_, hit := g.see(xproto.KeyPressEvent{Detail: 75, State: state, Time: at})
		return hit
	}
	release := func(at xproto.Timestamp) { g.see(xproto.KeyReleaseEvent{Detail: 75, Time: at}) }
	const ctrl, caps = xproto.ModMaskControl, xproto.ModMaskLock
	if !press(1000, ctrl|caps) {
		t.Error("the press is not seen")
	}
	for at := xproto.Timestamp(1500); at < 2000; at += 33 {
		release(at)
		if press(at, ctrl) {
			t.Fatal("a repetition counts as a press")
		}
	}
	if press(2001, ctrl) { // a server with detectable repetition sends no releases
		t.Error("a repetition without a release counts as a press")
	}
	release(2100)
	if press(2130, 0) {
		t.Error("the bare key counts")
	}
	if !press(2150, ctrl) {
		t.Error("a second press is not seen")
	}
}

func TestHotkeyThatIsTaken(t *testing.T) {
	name := startScreen(t)
	f := newFingers(t, name)
	other := &grabs{display: f.display}
	if err := other.reset(); err != nil {
		t.Fatal(err)
	}
	// One of the four variants is enough: half a key would work by chance.
	code, _ := other.board.code("F9")
	err := xproto.GrabKeyChecked(f.Conn, false, f.root, xproto.ModMaskControl|xproto.ModMaskLock, code, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
	if err != nil {
		t.Fatal(err)
	}
	h, pressed, told, _ := hotkeysOn(t, environment("DISPLAY="+name))
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+F9"), "hangup": keyOf(t, "Ctrl+F10"), "both": keyOf(t, "Ctrl+F10"), "gone": keyOf(t, "Ctrl+MicMute")})
	faults := next(t, "report", told)
	if !errors.Is(faults["mute"], ErrKeyTaken) {
		t.Errorf("a key of another program: %v", faults["mute"])
	}
	if faults["hangup"] == nil == (faults["both"] == nil) {
		t.Errorf("one key for two things: %v", faults)
	}
	if _, there := f.board.code("MicMute"); !there && !errors.Is(faults["gone"], ErrKeyMissing) {
		t.Errorf("a key that the keyboard lacks: %v", faults["gone"])
	}
	f.press(symControl, symF1+8) // not grabbed in part
	f.press(symControl, symF1+9)
	if id := next(t, "press", pressed); id == "mute" {
		t.Error("a key was grabbed in part")
	}
	// The other program ends; another choice is looked at anew.
	xproto.UngrabKey(f.Conn, xproto.GrabAny, f.root, xproto.ModMaskAny)
	f.Sync()
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+F9")})
	if faults := next(t, "report", told); len(faults) > 0 {
		t.Errorf("after the other has ended: %v", faults)
	}
}

// Another layout has its keys elsewhere.
func TestHotkeyAfterAnotherLayout(t *testing.T) {
	name := startScreen(t)
	f := newFingers(t, name)
	h, pressed, told, _ := hotkeysOn(t, environment("DISPLAY="+name))
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+J")})
	next(t, "report", told)
	code, ok := f.board.code("J")
	free := byte(0)
	for c := byte(f.board.first); c > 0 && free == 0; c++ {
		if !slices.ContainsFunc(f.board.symsOf(xproto.Keycode(c)), func(s xproto.Keysym) bool { return s != 0 }) {
			free = c
		}
	}
	if !ok || free == 0 {
		t.Fatal("the keyboard has no room")
	}
	set := func(code byte, sym xproto.Keysym) {
		t.Helper()
		syms := make([]xproto.Keysym, f.board.per)
		syms[0] = sym
		if err := xproto.ChangeKeyboardMappingChecked(f.Conn, 1, xproto.Keycode(code), byte(f.board.per), syms).Check(); err != nil {
			t.Fatal(err)
		}
	}
	set(byte(code), 'x')
	set(free, 'j')
	until(t, "the key works at its new place", func() bool {
		for len(told) > 0 {
			<-told
		}
		f.down(symControl)
		_ = xtest.FakeInputChecked(f.Conn, xproto.KeyPress, free, 0, f.root, 0, 0, 0).Check()
		_ = xtest.FakeInputChecked(f.Conn, xproto.KeyRelease, free, 0, f.root, 0, 0, 0).Check()
		f.up(symControl)
		return len(pressed) > 0
	})
}

// A display that goes away takes the keys along, and says so.
func TestHotkeysWithoutADisplay(t *testing.T) {
	for _, env := range []Env{environment(), environment("DISPLAY=:99999"), environment("DISPLAY=x"),
		environment("WAYLAND_DISPLAY=wayland-0", "DISPLAY=:0"), environment("XDG_SESSION_TYPE=wayland")} {
		h, _, told, stop := hotkeysOn(t, env)
		h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+Shift+F9")})
		if faults := next(t, "report", told); !errors.Is(faults["mute"], ErrNoHotkeys) {
			t.Errorf("faults: %v", faults)
		}
		h.Set(nil) // none wanted: nothing is wrong
		if faults := next(t, "report", told); len(faults) > 0 {
			t.Errorf("faults: %v", faults)
		}
		stop()
	}
}

func TestKeysymOfEveryName(t *testing.T) {
	seen := map[xproto.Keysym]string{}
	for _, n := range hotkey.Names() {
		s := keysym(n)
		if other, twice := seen[s]; s == 0 || twice {
			t.Errorf("%s has the keysym %#x of %q", n, s, other)
		}
		seen[s] = n
		if keyName(n) == "" {
			t.Errorf("%s has no name for the portal", n)
		}
	}
	if keysym("F25") != 0 || keysym("Nokey") != 0 {
		t.Error("a key that does not exist has a keysym")
	}
}

// fakeShortcuts is a desktop's portal for global keys.
type fakeShortcuts struct {
	conn   *dbus.Conn
	bound  chan []portalShortcut
	refuse atomic.Bool
}

func (f *fakeShortcuts) reply(sender dbus.Sender, token any, results map[string]dbus.Variant) dbus.ObjectPath {
	me := strings.ReplaceAll(strings.TrimPrefix(string(sender), ":"), ".", "_")
	path := dbus.ObjectPath("/org/freedesktop/portal/desktop/request/" + me + "/" + token.(string))
	code := uint32(0)
	if f.refuse.Load() {
		code = 1
	}
	_ = f.conn.Emit(path, requestReply, code, results)
	return path
}

func (f *fakeShortcuts) CreateSession(options map[string]dbus.Variant, sender dbus.Sender) (dbus.ObjectPath, *dbus.Error) {
	handle := "/org/freedesktop/portal/desktop/session/x/" + options["session_handle_token"].Value().(string)
	return f.reply(sender, options["handle_token"].Value(), map[string]dbus.Variant{"session_handle": dbus.MakeVariant(handle)}), nil
}

func (f *fakeShortcuts) BindShortcuts(session dbus.ObjectPath, list []portalShortcut, _ string, options map[string]dbus.Variant, sender dbus.Sender) (dbus.ObjectPath, *dbus.Error) {
	f.bound <- list
	path := f.reply(sender, options["handle_token"].Value(), map[string]dbus.Variant{})
	for _, id := range []string{"other", "mute"} {
		_ = f.conn.Emit(portalPath, portalKeys+".Activated", session, id, uint64(1), map[string]dbus.Variant{})
	}
	return path, nil
}

func TestHotkeysByThePortal(t *testing.T) {
	bus := startBus(t)
	conn := service(t, bus)
	f := &fakeShortcuts{conn: conn, bound: make(chan []portalShortcut, 4)}
	export(t, conn, f, portalPath, portalKeys)
	own(t, conn, portalName)
	env := environment("DBUS_SESSION_BUS_ADDRESS="+bus, "WAYLAND_DISPLAY=wayland-0")
	h, pressed, told, stop := hotkeysOn(t, env)
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+Shift+F9")})
	list := next(t, "keys", f.bound)
	if len(list) != 1 || list[0].ID != "mute" || list[0].Props["preferred_trigger"].Value() != "CTRL+SHIFT+F9" ||
		list[0].Props["description"].Value() != "the key of mute" {
		t.Errorf("asked for %v", list)
	}
	if faults := next(t, "report", told); len(faults) > 0 {
		t.Errorf("faults: %v", faults)
	}
	if id := next(t, "press", pressed); id != "mute" {
		t.Errorf("pressed %q", id)
	}
	h.Set(map[string]hotkey.Key{"hangup": keyOf(t, "Super+Space")})
	if list := next(t, "other keys", f.bound); len(list) != 1 || list[0].Props["preferred_trigger"].Value() != "LOGO+space" {
		t.Errorf("asked for %v", list)
	}
	next(t, "report", told)
	stop()

	f.refuse.Store(true)
	h, _, told, _ = hotkeysOn(t, env)
	h.Set(map[string]hotkey.Key{"mute": keyOf(t, "Ctrl+Shift+F9")})
	if faults := next(t, "report", told); !errors.Is(faults["mute"], ErrNoHotkeys) {
		t.Errorf("a portal that refuses: %v", slices.Collect(maps.Values(faults)))
	}
}
