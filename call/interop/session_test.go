package interop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// deskSession is a desktop with a window manager, a tray, notifications, a screen saver
// and no sound, for the real window.
type deskSession struct {
	t     *testing.T
	ctx   context.Context
	group *Group
	*Screen
	bus  *SessionBus
	env  []string
	home string
	bin  string
	runs int
}

// startDeskSession runs a desk whose user has these settings.
func startDeskSession(t *testing.T, settings string) *deskSession {
	t.Helper()
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	d := &deskSession{t: t, ctx: within(t, 2*time.Minute), group: startGroup(t), home: t.TempDir(), bin: bin}
	if d.Screen, err = StartScreen(d.ctx, d.group, d.home, 1280, 1024); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Screen.Close)
	if err := d.Manage(d.ctx); err != nil {
		t.Fatal(err)
	}
	d.managed()
	if d.bus, err = StartSessionBus(d.ctx, d.group); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.bus.Close)
	d.env = append(slices.Clone(d.Screen.Env), d.bus.Env...)
	config := filepath.Join(d.home, "config", "nxphone")
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "settings.json"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// managed waits until the window manager takes windows: it loses those that come
// in the moment in which it starts.
func (d *deskSession) managed() {
	d.t.Helper()
	id, err := xproto.NewWindowId(d.conn)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := xproto.CreateWindowChecked(d.conn, 0, id, d.root, 0, 0, 9, 9, 0, xproto.WindowClassInputOutput, 0, 0, nil).Check(); err != nil {
		d.t.Fatal(err)
	}
	d.await("the window manager", func() bool {
		if err := xproto.MapWindowChecked(d.conn, id).Check(); err != nil {
			d.t.Fatal(err)
		}
		return slices.Contains(d.property(d.root, "_NET_CLIENT_LIST"), uint32(id))
	})
	if err := xproto.DestroyWindowChecked(d.conn, id).Check(); err != nil {
		d.t.Fatal(err)
	}
	d.await("an empty screen", func() bool { return len(d.property(d.root, "_NET_CLIENT_LIST")) == 0 })
}

// start starts the phone; demo line and Korean words, unless args begin with a
// command.
func (d *deskSession) start(args ...string) *PhoneRun {
	d.t.Helper()
	d.runs++
	p, err := d.group.StartPhone(fmt.Sprint("phone-", d.runs), d.bin, d.env, append(args, "--demo", "--audio", "null", "--lang", "ko", "--log-level", "info")...)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if d.t.Failed() {
			d.t.Logf("%s %v:\n%s", p.Name, args, p.Log())
		}
	})
	return p
}

// ends waits for the phone's end, which is to be in order.
func (d *deskSession) ends(p *PhoneRun) {
	d.t.Helper()
	if status, err := p.Wait(d.ctx); err != nil || status != 0 {
		d.t.Fatalf("%s ended with %d, %v\n%s", p.Name, status, err, p.Log())
	}
}

func (d *deskSession) await(what string, cond func() bool) {
	d.t.Helper()
	if err := WaitFor(d.ctx, what, func() (bool, error) { return cond(), nil }); err != nil {
		d.t.Fatal(err)
	}
}

// awaitTray waits for the state in the tray's words.
func (d *deskSession) awaitTray(want string) {
	d.t.Helper()
	d.await("the tray to say "+want, func() bool { return d.bus.Tray() == want })
}

// choose chooses an entry of the tray's menu, as soon as that is possible.
func (d *deskSession) choose(label string) {
	d.t.Helper()
	var err error
	limit := time.Now().Add(30 * time.Second)
	d.await("the menu", func() bool {
		err = d.bus.Choose(label)
		return err == nil || time.Now().After(limit)
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *deskSession) keys(names ...string) {
	d.t.Helper()
	if err := d.Xdotool(d.ctx, append([]string{"key", "--delay", "40"}, names...)...); err != nil {
		d.t.Fatal(err)
	}
}

// property reads a property of 32-bit values of a window.
func (d *deskSession) property(w xproto.Window, name string) []uint32 {
	a, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return nil
	}
	r, err := xproto.GetProperty(d.conn, false, w, a.Atom, xproto.GetPropertyTypeAny, 0, 1024).Reply()
	if err != nil || r.Format != 32 {
		return nil
	}
	var list []uint32
	for i := range int(r.ValueLen) {
		list = append(list, xgb.Get32(r.Value[4*i:]))
	}
	return list
}

// windows are those of phones that the window manager knows.
func (d *deskSession) windows() (list []uint32) {
	for _, w := range d.property(d.root, "_NET_CLIENT_LIST") {
		class, err := xproto.GetProperty(d.conn, false, xproto.Window(w), xproto.AtomWmClass, xproto.GetPropertyTypeAny, 0, 64).Reply()
		if err == nil && strings.HasPrefix(string(class.Value), "nxphone\x00") {
			list = append(list, w)
		}
	}
	return list
}

// active is the window that has the keyboard.
func (d *deskSession) active() uint32 {
	if list := d.property(d.root, "_NET_ACTIVE_WINDOW"); len(list) > 0 {
		return list[0]
	}
	return 0
}

// open waits for the one window and that it has the keyboard.
func (d *deskSession) open(p *PhoneRun) (window uint32) {
	d.t.Helper()
	d.await("the window", func() bool {
		select {
		case <-p.Done():
			d.t.Fatalf("%s has ended:\n%s", p.Name, p.Log())
		default:
		}
		all := d.windows()
		if len(all) != 1 || !strings.Contains(p.Log(), "the window is shown") {
			return false
		}
		window = all[0]
		return d.active() == window
	})
	return window
}

// minimise puts the window into the task bar, once more where it is just being
// brought to the front.
func (d *deskSession) minimise(window uint32) {
	d.t.Helper()
	d.await("the window to be gone", func() bool {
		if d.active() != window {
			return true
		}
		if err := d.Xdotool(d.ctx, "windowminimize", strconv.Itoa(int(window))); err != nil {
			d.t.Fatal(err)
		}
		return false
	})
}

// origin is where a window's content is.
func (d *deskSession) origin(window uint32) [2]int {
	at, err := xproto.TranslateCoordinates(d.conn, xproto.Window(window), d.root, 0, 0).Reply()
	if err != nil {
		return [2]int{}
	}
	return [2]int{int(at.DstX), int(at.DstY)}
}

func (d *deskSession) call(number string) {
	d.t.Helper()
	d.keys(append(strings.Split(number, ""), "Return")...)
}

// The words of the tray (assets/text/ko.json).
const (
	trayIdle    = "대기 중"
	trayCall    = "통화 중"
	trayMuted   = "음소거"
	trayShow    = "창 열기"
	trayMute    = "마이크 음소거"
	trayHangup  = "전화 끊기"
	trayQuit    = "nxphone 끝내기"
	keyMute     = "ctrl+shift+F9"
	keyHangup   = "ctrl+shift+F10"
	whileInCall = "통화 중"
)

// TestSession works the real window by everything that the desktop around it
// offers: global keys while the window is in the task bar, the tray's menu, a
// notification, the screen saver, the place on the screen.
func TestSession(t *testing.T) {
	d := startDeskSession(t, `{"hotkeys": true, "close-to-tray": true, "on-top": true}`)
	p := d.start()
	window := d.open(p)
	d.awaitTray(trayIdle)
	d.await("the window above others", func() bool { return d.above(window) })
	if held := d.bus.Awake(); len(held) > 0 {
		t.Errorf("held awake without a call: %q", held)
	}

	d.call("600")
	d.awaitTray(trayCall)
	d.await("the screen saver to be held off", func() bool { return slices.Equal(d.bus.Awake(), []string{whileInCall}) })
	d.minimise(window)
	d.keys(keyMute)
	d.awaitTray(trayMuted)
	d.keys(keyMute)
	d.awaitTray(trayCall)
	for _, step := range []struct{ entry, state string }{{trayMute, trayMuted}, {"마이크 켜기", trayCall}} {
		d.choose(step.entry)
		d.awaitTray(step.state)
	}
	d.keys(keyHangup)
	d.awaitTray(trayIdle)
	d.await("the screen saver to be free", func() bool { return len(d.bus.Awake()) == 0 })
	if notes := d.bus.Notes(); len(notes) > 0 {
		t.Errorf("told of what the user did himself: %+v", notes)
	}

	// The icon brings the window back.
	if err := d.bus.ClickTray(); err != nil {
		t.Fatal(err)
	}
	d.await("the window in front", func() bool { return d.active() == window })
	d.farEndHangsUp(window)
	d.closeToTray(window)

	if err := d.Xdotool(d.ctx, "windowmove", strconv.Itoa(int(window)), "333", "111"); err != nil {
		t.Fatal(err)
	}
	at := [2]int{333, 111}
	d.await("the window at another place", func() bool { return d.origin(window) == at })
	d.choose(trayQuit)
	d.ends(p)
	d.await("the tray to be empty", func() bool { return d.bus.Tray() == "" })

	// The next start finds its place again.
	p = d.start()
	window = d.open(p)
	d.await("the window where it was", func() bool { return d.origin(window) == at })
	data, err := os.ReadFile(filepath.Join(d.home, "state", "nxphone", "window.json"))
	if err != nil || strings.Contains(string(data), "600") {
		t.Errorf("the file of the place: %v\n%s", err, data)
	}
}

// farEndHangsUp makes a call that ends while nobody looks.
func (d *deskSession) farEndHangsUp(window uint32) {
	t := d.t
	t.Helper()
	d.keys("Delete")
	d.call("606") // hangs up 3 s after the answer
	d.awaitTray(trayCall)
	d.minimise(window)
	d.await("a notification of the end", func() bool { return len(d.bus.Notes()) > 0 })
	d.awaitTray(trayIdle)
	notes := d.bus.Notes()
	for _, n := range notes {
		if all := n.Title + n.Body + n.Rest; strings.Contains(all, "606") || strings.Contains(all, "1000") {
			t.Errorf("a number stands in %+v", n)
		}
	}
	last := notes[len(notes)-1]
	if last.Title == "" || last.Closed {
		t.Errorf("told of the end: %+v", last)
	}
	if err := d.bus.ClickNote(last.ID); err != nil {
		t.Fatal(err)
	}
	d.await("the window in front", func() bool { return d.active() == window })
	d.await("the notification to go", func() bool {
		notes := d.bus.Notes()
		return notes[len(notes)-1].Closed
	})
}

// closeToTray closes the window, which stays in the tray, and brings it back.
func (d *deskSession) closeToTray(window uint32) {
	d.t.Helper()
	at := [2]int{200, 150}
	if err := d.Xdotool(d.ctx, "windowmove", strconv.Itoa(int(window)), strconv.Itoa(at[0]), strconv.Itoa(at[1])); err != nil {
		d.t.Fatal(err)
	}
	d.await("the window at another place", func() bool { return d.origin(window) == at })
	d.keys("alt+F4")
	d.await("no window", func() bool { return len(d.windows()) == 0 })
	d.awaitTray(trayIdle)
	d.choose(trayShow)
	d.await("the window again", func() bool { return slices.Equal(d.windows(), []uint32{window}) && d.active() == window })
	d.await("the window where it was, above others", func() bool { return d.origin(window) == at && d.above(window) })
}

// above reports whether a window is kept above others.
func (d *deskSession) above(window uint32) bool {
	const name = "_NET_WM_STATE_ABOVE"
	a, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
	return err == nil && slices.Contains(d.property(xproto.Window(window), "_NET_WM_STATE"), uint32(a.Atom))
}

// TestHotkeyConflict: a key of another program is told in the window, and the
// other key works.
func TestHotkeyConflict(t *testing.T) {
	d := startDeskSession(t, `{"hotkeys": true}`)
	code := d.keycode(0xffbe + 8) // F9
	for _, lock := range []uint16{0, xproto.ModMaskLock} {
		err := xproto.GrabKeyChecked(d.conn, false, d.root, xproto.ModMaskControl|xproto.ModMaskShift|lock, code, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		if err != nil {
			t.Fatal(err)
		}
	}
	p := d.start()
	d.open(p)
	d.await("a word about the key", func() bool { return strings.Contains(p.Log(), "a global key does not work") })
	d.call("600")
	d.awaitTray(trayCall)
	d.keys(keyHangup)
	d.awaitTray(trayIdle)
}

func (d *deskSession) keycode(sym xproto.Keysym) xproto.Keycode {
	d.t.Helper()
	setup := xproto.Setup(d.conn)
	m, err := xproto.GetKeyboardMapping(d.conn, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	at := slices.Index(m.Keysyms, sym)
	if at < 0 {
		d.t.Fatal("no such key")
	}
	return setup.MinKeycode + xproto.Keycode(at/int(m.KeysymsPerKeycode))
}

// TestOneWindow: however often and however the phone is started, it has one
// window, with the web API switched off as well.
func TestOneWindow(t *testing.T) {
	d := startDeskSession(t, `{"web-api": false}`)
	// A headless phone of the same user is no window, and in nobody's way.
	headless := d.start("headless")
	if _, err := headless.WaitLine(d.ctx, "web-api "); err != nil {
		t.Fatal(err)
	}

	// Two at the same moment: one of them is told so, and ends.
	a, b := d.start(), d.start()
	select {
	case <-a.Done():
		a, b = b, a
	case <-b.Done():
	case <-d.ctx.Done():
		t.Fatal("both go on")
	}
	d.ends(b)
	window := d.open(a)

	d.minimise(window)
	d.ends(d.start())
	d.await("the window in front", func() bool { return d.active() == window })

	// A link is taken along, and asked about: nothing is dialled by itself.
	d.minimise(window)
	d.ends(d.start("tel:01012345678"))
	d.await("the window in front", func() bool { return d.active() == window })
	d.awaitTray(trayIdle)
	if n := len(d.windows()); n != 1 {
		t.Errorf("%d windows", n)
	}

	// One that was killed is in nobody's way.
	a.Kill()
	c := d.start("tel:01012345678")
	d.await("the killed one's window to go", func() bool { return !slices.Contains(d.windows(), window) })
	window = d.open(c)
	d.minimise(window)
	d.ends(d.start())
	d.await("the window in front", func() bool { return d.active() == window })

	// One that has ended leaves its place.
	d.keys("Escape", "alt+F4")
	d.ends(c)
	d.open(d.start())
	headless.Interrupt()
	d.ends(headless)
}
