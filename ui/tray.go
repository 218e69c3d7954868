package ui

import (
	"context"
	"iter"

	"nxphone/call"
	"nxphone/ui/present"
)

// Session is the desktop around the window: its tray, its notifications, the
// place of windows on it. Nothing that a desktop lacks is an error. Its methods
// may be called from any goroutine; those that wait are told apart.
type Session interface {
	// Show brings tray and notifications up to date. It returns at once.
	Show(o present.Outside)
	// KeepInTray reports whether a window that is closed is to stay in the tray,
	// and can be brought back from there.
	KeepInTray() bool
	// Requests gives what the user asks for outside of the window: Request...,
	// until the session ends.
	Requests() <-chan string
	// Faults gives what keeps global keys from working, as sentences, now and
	// after each change, until ctx ends.
	Faults(ctx context.Context) iter.Seq[present.HotkeyFaults]

	// Opened tells the window's number at the display server, before the other
	// methods are called and whenever it is shown anew. It returns at once.
	Opened(window uintptr)
	// Raise brings the window to the front. It waits.
	Raise()
	// Last is the arrangement that the window was in the last time, empty where
	// that is unknown.
	Last() string
	// Seat is the size that the window had the last time in this arrangement, in
	// the toolkit's units; 0, 0 where that is unknown.
	Seat(arrangement string) (width, height float32)
	// Sit puts the window where it was the last time in this arrangement. It
	// waits.
	Sit(arrangement string)
	// Rise remembers where the window is in this arrangement, and its size. It
	// waits.
	Rise(arrangement string, width, height float32)
}

// What Session.Requests gives.
const (
	RequestShow   = "show"
	RequestMute   = "mute"
	RequestHangup = "hangup"
	RequestQuit   = "quit"
)

// joinSession hooks the window into the desktop around it. It is called once,
// after the pump was started.
func (d *desk) joinSession() {
	s := d.opts.Session
	if s == nil {
		return
	}
	relay(d.pump, s.Requests(), d.requested)
	follow(d.pump, s.Faults(d.pump.ctx), d.hotkeysChanged)
	s.Opened(nativeNumber(d.win))
}

// requested is what the user has chosen in the tray or on a notification.
func (d *desk) requested(what string) {
	switch what {
	case RequestShow:
		d.toFront()
	case RequestMute:
		d.toggleMute()
	case RequestHangup:
		d.hangup()
	case RequestQuit:
		if d.facts.Snapshot.State != call.Idle {
			d.toFront() // it asks first
		}
		d.quitAsked()
	}
}

// outside brings up to date what is shown outside of the window.
func (d *desk) outside() {
	d.facts.Seen = d.facts.SeenNow()
	o := present.OutsideOf(d.facts, d.view, d.texts)
	if o == d.shownOutside {
		return
	}
	d.shownOutside = o
	d.win.SetTitle(title(o.Tray))
	if d.opts.Session != nil {
		d.opts.Session.Show(o)
	}
}

// title is the window's: task bars show the state even where there is no tray.
func title(t present.Tray) string {
	if t.State == present.TrayIdle || t.State == present.TrayTrouble {
		return appName
	}
	return t.Title + " · " + appName
}

// appName is the program's name.
const appName = "nxphone"

// front takes that the window has got or lost the keyboard.
func (d *desk) front(on bool) {
	if d.facts.Front == on {
		return
	}
	d.facts.Front = on
	if !on {
		d.facts.Reveal = false // its user looks elsewhere, and so may others
		d.rememberSeat()       // a power cut should not cost the place
	}
	d.again()
}

// hotkeysChanged tells of global keys that do not work, once.
func (d *desk) hotkeysChanged(f present.HotkeyFaults) {
	if f == d.facts.Hotkeys {
		return
	}
	d.facts.Hotkeys = f
	if n := f.Notice(); n != (present.Notice{}) {
		d.notice(n)
	}
}
