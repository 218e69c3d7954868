//go:build !windows

package session

import (
	"errors"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// Windows asks the display server for what toolkits do not offer: where a window
// is, and that it come to the front or stay there. Its methods take an X11
// window's number, wait for the server, and may be called from any goroutine.
type Windows struct {
	env Env

	mu      sync.Mutex
	display *display // nil before the first use
}

// NewWindows makes Windows that connect at the first use.
func NewWindows(env Env) *Windows { return &Windows{env: env} }

// Close ends the connection.
func (w *Windows) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.display != nil {
		w.display.Close()
		w.display = nil
	}
}

// with calls f with a connection, opened anew where the last one was lost.
func (w *Windows) with(f func(*display) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.display == nil {
		d, err := openX11(w.env)
		if err != nil {
			return errors.Join(ErrNoPlace, err)
		}
		w.display = d
	}
	err := f(w.display)
	if err != nil && !errors.Is(err, ErrNoPlace) { // the connection may be lost
		w.display.Close()
		w.display = nil
	}
	return err
}

// Place is where the window's content is on the screen, in the server's pixels
// and without the frame that the window manager draws. A window that is hidden,
// minimised, maximised or fills the screen has none of its own: ErrNoPlace.
func (w *Windows) Place(window uint32) (place image.Rectangle, err error) {
	err = w.with(func(d *display) error {
		win := xproto.Window(window)
		if own, err := d.placed(win); err != nil || !own {
			return errors.Join(ErrNoPlace, err)
		}
		place, err = d.place(win)
		return err
	})
	return place, err
}

// placed reports whether the window is where somebody has put it.
func (d *display) placed(w xproto.Window) (bool, error) {
	a, err := xproto.GetWindowAttributes(d.Conn, w).Reply()
	if err != nil || a.MapState != xproto.MapStateViewable {
		return false, err
	}
	state, err := d.property(w, "_NET_WM_STATE")
	if err != nil {
		return false, err
	}
	for _, name := range []string{"_NET_WM_STATE_MAXIMIZED_VERT", "_NET_WM_STATE_MAXIMIZED_HORZ", "_NET_WM_STATE_FULLSCREEN"} {
		a, err := d.atom(name)
		if err != nil {
			return false, err
		}
		if slices.Contains(state, uint32(a)) {
			return false, nil
		}
	}
	return true, nil
}

func (d *display) place(w xproto.Window) (image.Rectangle, error) {
	g, err := xproto.GetGeometry(d.Conn, xproto.Drawable(w)).Reply()
	if err != nil {
		return image.Rectangle{}, err
	}
	at, err := xproto.TranslateCoordinates(d.Conn, w, d.root, 0, 0).Reply()
	if err != nil {
		return image.Rectangle{}, err
	}
	min := image.Pt(int(at.DstX), int(at.DstY))
	return image.Rectangle{Min: min, Max: min.Add(image.Pt(int(g.Width), int(g.Height)))}, nil
}

// StaticGravity: a position means the window itself, not its frame (ICCCM 4.1.2.3).
const staticGravity = 10

// Move puts the window's content where Place has found it once. A place from
// which nobody could bring the window back, because no monitor is there any
// more, is refused with ErrNoPlace.
func (w *Windows) Move(window uint32, to image.Point) error {
	return w.with(func(d *display) error {
		if err := d.awaitManaged(xproto.Window(window)); err != nil {
			return err
		}
		now, err := d.place(xproto.Window(window))
		if err != nil {
			return err
		}
		monitors, err := d.monitors()
		if err != nil {
			return err
		}
		if !Reachable(now.Sub(now.Min).Add(to), monitors) {
			return ErrNoPlace
		}
		if d.supports("_NET_MOVERESIZE_WINDOW") {
			const x, y, byUser = 1 << 8, 1 << 9, 2 << 12
			return d.tellManager(window, "_NET_MOVERESIZE_WINDOW", staticGravity|x|y|byUser, uint32(int32(to.X)), uint32(int32(to.Y)), 0, 0)
		}
		return xproto.ConfigureWindowChecked(d.Conn, xproto.Window(window), xproto.ConfigWindowX|xproto.ConfigWindowY,
			[]uint32{uint32(int32(to.X)), uint32(int32(to.Y))}).Check()
	})
}

// Monitors are the places of the monitors.
func (w *Windows) Monitors() (list []image.Rectangle, err error) {
	err = w.with(func(d *display) error {
		list, err = d.monitors()
		return err
	})
	return list, err
}

func (d *display) monitors() ([]image.Rectangle, error) {
	var list []image.Rectangle
	if randr.Init(d.Conn) == nil {
		if r, err := randr.GetMonitors(d.Conn, d.root, true).Reply(); err == nil {
			for _, m := range r.Monitors {
				list = append(list, image.Rect(int(m.X), int(m.Y), int(m.X)+int(m.Width), int(m.Y)+int(m.Height)))
			}
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	g, err := xproto.GetGeometry(d.Conn, xproto.Drawable(d.root)).Reply() // no RandR 1.5: one screen
	if err != nil {
		return nil, err
	}
	return []image.Rectangle{image.Rect(0, 0, int(g.Width), int(g.Height))}, nil
}

// Above keeps the window above others, or lets it go back among them.
func (w *Windows) Above(window uint32, on bool) error {
	return w.with(func(d *display) error {
		if !d.supports("_NET_WM_STATE_ABOVE") {
			return ErrNoPlace
		}
		if err := d.awaitManaged(xproto.Window(window)); err != nil {
			return err
		}
		above, err := d.atom("_NET_WM_STATE_ABOVE")
		if err != nil {
			return err
		}
		const remove, add, application = 0, 1, 1
		action := uint32(remove)
		if on {
			action = add
		}
		return d.tellManager(window, "_NET_WM_STATE", action, uint32(above), 0, application, 0)
	})
}

// Raise brings the window to the front and gives it the keyboard, out of the
// task bar where it has been put there. The request is made as a pager makes it:
// it comes from the user, who has clicked on a link or started us once more,
// where the toolkit's own would be held back as theft of the focus.
func (w *Windows) Raise(window uint32) error {
	return w.with(func(d *display) error {
		if !d.supports("_NET_ACTIVE_WINDOW") {
			return errors.Join(
				xproto.MapWindowChecked(d.Conn, xproto.Window(window)).Check(),
				xproto.ConfigureWindowChecked(d.Conn, xproto.Window(window), xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove}).Check(),
				xproto.SetInputFocusChecked(d.Conn, xproto.InputFocusParent, xproto.Window(window), xproto.TimeCurrentTime).Check())
		}
		const pager = 2
		return d.tellManager(window, "_NET_ACTIVE_WINDOW", pager, 0, 0, 0, 0)
	})
}

const (
	// managedTime is how long a new window may take to be the window manager's,
	// and managedEvery how often that is looked at. A request about a window that
	// is not is lost without a word.
	managedTime  = 3 * time.Second
	managedEvery = 10 * time.Millisecond
)

// awaitManaged waits until the window manager has taken the window (WM_STATE,
// ICCCM 4.1.3.1). Without a window manager there is nothing to wait for.
func (d *display) awaitManaged(w xproto.Window) error {
	if !d.managed() {
		return nil
	}
	tick := time.NewTicker(managedEvery)
	defer tick.Stop()
	for begin := time.Now(); ; <-tick.C {
		state, err := d.property(w, "WM_STATE")
		if err != nil || len(state) > 0 {
			return err
		}
		if time.Since(begin) > managedTime {
			return ErrNoPlace
		}
	}
}

// supports reports whether the window manager knows a hint (EWMH
// _NET_SUPPORTED); without a window manager, none.
func (d *display) supports(hint string) bool {
	want, err := d.atom(hint)
	if err != nil {
		return false
	}
	list, err := d.property(d.root, "_NET_SUPPORTED")
	if err != nil || !d.managed() {
		return false
	}
	return slices.Contains(list, uint32(want))
}

// managed reports whether the window manager that has left its hints is alive
// (EWMH _NET_SUPPORTING_WM_CHECK).
func (d *display) managed() bool {
	check, err := d.property(d.root, "_NET_SUPPORTING_WM_CHECK")
	if err != nil || len(check) == 0 {
		return false
	}
	self, err := d.property(xproto.Window(check[0]), "_NET_SUPPORTING_WM_CHECK")
	return err == nil && len(self) > 0 && self[0] == check[0]
}

// tellManager sends the window manager a request about a window (EWMH).
func (d *display) tellManager(window uint32, message string, data ...uint32) error {
	typ, err := d.atom(message)
	if err != nil {
		return err
	}
	ev := xproto.ClientMessageEvent{Format: 32, Window: xproto.Window(window), Type: typ, Data: xproto.ClientMessageDataUnionData32New(data)}
	return xproto.SendEventChecked(d.Conn, false, d.root, xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(ev.Bytes())).Check()
}
