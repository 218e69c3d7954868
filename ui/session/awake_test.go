//go:build linux

package session

import (
	"context"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"
)

// asked is one request to a service that the test plays.
type asked struct {
	sender    string
	app, text string
	flags     uint32
}

type fakeScreenSaver struct{ asked chan asked }

func (f fakeScreenSaver) Inhibit(app, why string, sender dbus.Sender) (uint32, *dbus.Error) {
	f.asked <- asked{sender: string(sender), app: app, text: why}
	return 0, nil // as good a cookie as any
}

type fakePortal struct{ asked chan asked }

func (f fakePortal) Inhibit(_ string, flags uint32, options map[string]dbus.Variant, sender dbus.Sender) (dbus.ObjectPath, *dbus.Error) {
	why, _ := options["reason"].Value().(string)
	f.asked <- asked{sender: string(sender), text: why, flags: flags}
	return "/org/freedesktop/portal/desktop/request/x/y", nil
}

type fakeLogind struct {
	asked chan asked
	fd    int
}

func (f fakeLogind) Inhibit(what, app, why, mode string, sender dbus.Sender) (dbus.UnixFD, *dbus.Error) {
	f.asked <- asked{sender: string(sender), app: app, text: what + " " + mode + " " + why}
	return dbus.UnixFD(f.fd), nil
}

func export(t *testing.T, conn *dbus.Conn, v any, path dbus.ObjectPath, iface string) {
	t.Helper()
	if err := conn.Export(v, path, iface); err != nil {
		t.Fatal(err)
	}
}

// awake makes an Awake on a bus, which is its system bus as well, and on no
// display.
func awake(env Env, system string) *Awake {
	a := NewAwake(env, "nxphone", func() string { return "통화 중" })
	a.system = system
	a.held = make(chan []string, 8)
	return a
}

func TestAwakeByTheDesktop(t *testing.T) {
	bus := startBus(t)
	saver, portal, logind := make(chan asked, 8), make(chan asked, 8), make(chan asked, 8)
	conn := service(t, bus)
	export(t, conn, fakeScreenSaver{saver}, "/org/freedesktop/ScreenSaver", screenSaver)
	export(t, conn, fakePortal{portal}, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Inhibit")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	export(t, conn, fakeLogind{logind, int(write.Fd())}, "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
	for _, name := range []string{screenSaver, "org.freedesktop.portal.Desktop", "org.freedesktop.login1"} {
		own(t, conn, name)
	}
	gone := left(t, bus)

	a := awake(environment("DBUS_SESSION_BUS_ADDRESS="+bus), bus)
	stop := running(t, a.Run)
	a.Hold(true)
	first := next(t, "request to the screen saver", saver)
	if first.app != "nxphone" || first.text != "통화 중" {
		t.Errorf("the screen saver was told %+v", first)
	}
	if p := next(t, "request to the portal", portal); p.flags != 12 || p.text != "통화 중" || p.sender != first.sender {
		t.Errorf("the portal was told %+v", p)
	}
	if l := next(t, "request to logind", logind); l.text != "idle:sleep block 통화 중" {
		t.Errorf("logind was told %+v", l)
	}
	if by := next(t, "hold", a.held); !slices.Equal(by, []string{"screensaver", "portal", "logind"}) {
		t.Errorf("held by %v", by)
	}
	write.Close() // ours; what was sent is a descriptor of its own

	// Twice is once.
	a.Hold(true)

	// A screen saver that is restarted in the middle of a call knows nothing.
	if _, err := conn.ReleaseName(screenSaver); err != nil {
		t.Fatal(err)
	}
	again := service(t, bus)
	export(t, again, fakeScreenSaver{saver}, "/org/freedesktop/ScreenSaver", screenSaver)
	own(t, again, screenSaver)
	second := next(t, "request to the new screen saver", saver)
	if second.sender == first.sender {
		t.Error("the old hold was kept beside the new one")
	}
	next(t, "hold", a.held)

	a.Hold(false)
	for name := ""; name != second.sender; {
		name = next(t, "end of the connection that holds", gone)
	}
	if _, err := io.ReadAll(read); err != nil { // ends when the last copy is closed
		t.Error(err)
	}
	if len(saver) > 0 {
		t.Error("asked once more")
	}
	a.Hold(true)
	third := next(t, "request of the next call", saver)
	stop()
	for name := ""; name != third.sender; {
		name = next(t, "release at the end of the program", gone)
	}
}

// What a process holds is gone with it, however it ends.
func TestAwakeEndsWithTheProcess(t *testing.T) {
	bus := startBus(t)
	saver := make(chan asked, 8)
	conn := service(t, bus)
	export(t, conn, fakeScreenSaver{saver}, "/org/freedesktop/ScreenSaver", screenSaver)
	own(t, conn, screenSaver)
	gone := left(t, bus)
	cmd := child(t, "awake", "", "DBUS_SESSION_BUS_ADDRESS="+bus, "DISPLAY=", "DBUS_SYSTEM_BUS_ADDRESS="+bus)
	who := next(t, "request", saver).sender
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for name := ""; name != who; {
		name = next(t, "end of the connection", gone)
	}
}

// Without a bus the server's own screen saver is stopped, and runs again after.
func TestAwakeByX11(t *testing.T) {
	name := startScreen(t)
	d := screen(t, name)
	if err := screensaver.Init(d.Conn); err != nil {
		t.Fatal(err)
	}
	root := xproto.Drawable(d.root)
	if err := screensaver.SelectInputChecked(d.Conn, root, screensaver.EventNotifyMask).Check(); err != nil {
		t.Fatal(err)
	}
	a := awake(environment("DISPLAY="+name, "DBUS_SESSION_BUS_ADDRESS=disabled:"), "unix:path=/nowhere")
	running(t, a.Run)
	a.Hold(true)
	if by := next(t, "hold", a.held); !slices.Equal(by, []string{"x11"}) {
		t.Errorf("held by %v", by)
	}
	const second = 1
	if err := xproto.SetScreenSaverChecked(d.Conn, second, 0, xproto.BlankingPreferred, xproto.ExposuresDefault).Check(); err != nil {
		t.Fatal(err)
	}
	until(t, "two seconds without a key", func() bool {
		r, err := screensaver.QueryInfo(d.Conn, root).Reply()
		if err != nil {
			t.Fatal(err)
		}
		return r.MsSinceUserInput > 2000
	})
	if ev, err := d.PollForEvent(); ev != nil || err != nil {
		t.Errorf("the screen went dark in a call: %v, %v", ev, err)
	}
	a.Hold(false)
	if ev, err := d.WaitForEvent(); err != nil {
		t.Error(err)
	} else if n, ok := ev.(screensaver.NotifyEvent); !ok || n.State != screensaver.StateOn {
		t.Errorf("after the call: %v", ev)
	}
}

// A desktop that offers nothing is no fault.
func TestAwakeWithoutADesktop(t *testing.T) {
	a := awake(environment(), "unix:path=/nowhere")
	stop := running(t, a.Run)
	a.Hold(true)
	if by := next(t, "hold", a.held); len(by) > 0 {
		t.Errorf("held by %v", by)
	}
	stop()
}

func TestNoBusIsStarted(t *testing.T) {
	for _, env := range []Env{environment(), environment("DBUS_SESSION_BUS_ADDRESS=autolaunch:"), environment("DBUS_SESSION_BUS_ADDRESS=disabled:"),
		environment("XDG_RUNTIME_DIR=" + t.TempDir()), environment("DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere")} {
		if conn, err := env.dial(context.Background()); err == nil {
			conn.Close()
			t.Error("a bus where there is none")
		}
	}
}
