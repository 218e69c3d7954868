//go:build !windows

package session

import (
	"context"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

// hold takes every hold that there is and keeps them until Hold says otherwise,
// ctx ends, or one of them may have been lost. Each hangs on a connection or a
// descriptor of its own, so that letting go cannot fail.
func (a *Awake) hold(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var taken []string
	why := a.why()

	conn, err := a.env.dial(ctx)
	lost := make(chan *dbus.Signal, 16)
	var gone <-chan struct{} // nil: nothing to lose
	if err == nil {
		defer conn.Close()
		gone = conn.Context().Done()
		conn.Signal(lost)
		if err := followName(ctx, conn, screenSaver); err != nil {
			a.env.log().Debug("the screen saver is not followed", "error", err)
		}
		taken = append(taken, a.askScreenSaver(ctx, conn, why)...)
		taken = append(taken, a.askPortal(ctx, conn, why)...)
	}
	if len(taken) == 0 {
		if release, err := suspendX11(a.env); err == nil {
			defer release()
			taken = append(taken, "x11")
		}
	}
	if fd, err := a.askLogind(ctx, why); err == nil {
		defer fd.Close()
		taken = append(taken, "logind")
	} else {
		// As a rule: no permission, in a session that is not active.
		a.env.log().Debug("logind does not hold off sleep", "error", err)
	}
	a.env.log().Info("screen saver and sleep are held off", "by", taken)
	if a.held != nil {
		a.held <- taken
	}
	for {
		select {
		case <-a.on.wake:
			if !a.on.get() {
				return
			}
		case s, open := <-lost:
			if cameUp(s, screenSaver) {
				return // another one, which knows nothing of us
			}
			if !open {
				lost = nil // gone tells
			}
		case <-gone:
			a.pause(ctx)
			return
		case <-ctx.Done():
			return
		}
	}
}

// pause waits before a lost bus is looked for again.
func (a *Awake) pause(ctx context.Context) {
	t := time.NewTimer(retryTime)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-a.on.wake: // Run looks at it
	}
}

const screenSaver = "org.freedesktop.ScreenSaver"

// askScreenSaver asks the desktop's screen saver (Idle Inhibition Service). It
// lets go when the connection ends; a cookie of 0 is as good as any.
func (a *Awake) askScreenSaver(ctx context.Context, conn *dbus.Conn, why string) []string {
	for _, path := range []dbus.ObjectPath{"/org/freedesktop/ScreenSaver", "/ScreenSaver"} { // KDE's older place
		c := call(ctx, conn.Object(screenSaver, path), screenSaver+".Inhibit", dbus.FlagNoAutoStart, a.app, why)
		if c.Err == nil {
			return []string{"screensaver"}
		}
		a.env.log().Debug("the screen saver does not take it", "error", c.Err)
	}
	return nil
}

// What the portal is asked for: no suspend, no idle.
const portalSuspend, portalIdle = 4, 8

// askPortal asks the desktop portal, which also knows about sleep.
func (a *Awake) askPortal(ctx context.Context, conn *dbus.Conn, why string) []string {
	o := conn.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	c := call(ctx, o, "org.freedesktop.portal.Inhibit.Inhibit", 0, "", uint32(portalSuspend|portalIdle),
		map[string]dbus.Variant{"reason": dbus.MakeVariant(why)})
	if c.Err != nil {
		a.env.log().Debug("the portal does not take it", "error", c.Err)
		return nil
	}
	return []string{"portal"}
}

// askLogind asks the system, which gives a descriptor that holds as long as it
// is open.
func (a *Awake) askLogind(ctx context.Context, why string) (*os.File, error) {
	conn, err := connect(ctx, a.system)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var fd dbus.UnixFD
	err = call(ctx, conn.Object("org.freedesktop.login1", "/org/freedesktop/login1"), "org.freedesktop.login1.Manager.Inhibit", 0,
		"idle:sleep", a.app, why, "block").Store(&fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "inhibit"), nil
}
