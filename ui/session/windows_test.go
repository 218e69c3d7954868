//go:build linux

package session

import (
	"errors"
	"image"
	"slices"
	"testing"

	"github.com/jezek/xgb/xproto"
)

// openTestWindow maps a window of 300 by 200 and waits until it is on the screen.
func openTestWindow(t *testing.T, d *display, x, y int16) uint32 {
	t.Helper()
	id, err := xproto.NewWindowId(d.Conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := xproto.CreateWindowChecked(d.Conn, 0, id, d.root, x, y, 300, 200, 0, xproto.WindowClassInputOutput, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	// The toolkit's windows have StaticGravity (GLFW), which decides what a
	// position means. WM_NORMAL_HINTS: flags PWinGravity, ..., gravity.
	hints := make([]byte, 18*4)
	hints[1] = 2 // 1 << 9
	hints[17*4] = staticGravity
	err = xproto.ChangePropertyChecked(d.Conn, xproto.PropModeReplace, id, xproto.AtomWmNormalHints, xproto.AtomWmSizeHints, 32, 18, hints).Check()
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the window is mapped", func() bool {
		// A window manager loses requests of the moment in which it starts.
		if err := xproto.MapWindowChecked(d.Conn, id).Check(); err != nil {
			t.Fatal(err)
		}
		a, err := xproto.GetWindowAttributes(d.Conn, id).Reply()
		return err == nil && a.MapState == xproto.MapStateViewable
	})
	return uint32(id)
}

// active is the window that has the keyboard, as the window manager says.
func (d *display) active(t *testing.T) uint32 {
	t.Helper()
	list, err := d.property(d.root, "_NET_ACTIVE_WINDOW")
	if err != nil || len(list) == 0 {
		return 0
	}
	return list[0]
}

// top is the uppermost of the managed windows.
func (d *display) top(t *testing.T) uint32 {
	t.Helper()
	list, err := d.property(d.root, "_NET_CLIENT_LIST_STACKING")
	if err != nil || len(list) == 0 {
		return 0
	}
	return list[len(list)-1]
}

// move moves a window and waits until it is there; it gives the place.
func move(t *testing.T, w *Windows, id uint32, to image.Point) image.Rectangle {
	t.Helper()
	if err := w.Move(id, to); err != nil {
		t.Fatalf("%v: %v", to, err)
	}
	var at image.Rectangle
	until(t, "the window is where it was put", func() bool {
		var err error
		if at, err = w.Place(id); err != nil {
			t.Fatal(err)
		}
		return at.Min == to
	})
	return at
}

func TestWindows(t *testing.T) {
	name := startScreen(t)
	startManager(t, name)
	d := screen(t, name)
	w := NewWindows(environment("DISPLAY=" + name))
	defer w.Close()
	one, two := openTestWindow(t, d, 10, 20), openTestWindow(t, d, 30, 40)

	// What was read is what brings it back, frame or no frame.
	place := move(t, w, one, image.Pt(400, 300))
	if place.Size() != image.Pt(300, 200) {
		t.Errorf("the window is %v", place)
	}
	move(t, w, one, image.Pt(17, 90))
	move(t, w, one, place.Min)

	// A monitor that is gone.
	monitors, err := w.Monitors()
	if err != nil || len(monitors) != 1 || monitors[0] != image.Rect(0, 0, 1280, 1024) {
		t.Errorf("monitors: %v, %v", monitors, err)
	}
	for _, to := range []image.Point{{2000, 100}, {100, 1010}, {-280, 100}, {1270, 100}, {100, -20}, {1 << 20, 1 << 20}} {
		if err := w.Move(one, to); !errors.Is(err, ErrNoPlace) {
			t.Errorf("a place that nobody reaches, %v: %v", to, err)
		}
	}

	inFront(t, d, w, one, two)

	// A window that fills the screen is nowhere that one would go back to.
	full, err := d.atom("_NET_WM_STATE_FULLSCREEN")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.tellManager(one, "_NET_WM_STATE", 1, uint32(full), 0, 1, 0); err != nil {
		t.Fatal(err)
	}
	until(t, "it has no place", func() bool {
		_, err := w.Place(one)
		return errors.Is(err, ErrNoPlace)
	})

	// A window that is gone is an error, and costs nothing more.
	if err := xproto.DestroyWindowChecked(d.Conn, xproto.Window(one)).Check(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Place(one); err == nil {
		t.Error("a window that is gone has a place")
	}
	move(t, w, two, image.Pt(200, 200))
}

// A window that the manager is only about to take is moved and kept above all the
// same.
func TestWindowsThatAreNew(t *testing.T) {
	name := startScreen(t)
	startManager(t, name)
	d := screen(t, name)
	w := NewWindows(environment("DISPLAY=" + name))
	defer w.Close()
	openTestWindow(t, d, 0, 0) // the manager manages
	id, err := xproto.NewWindowId(d.Conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := xproto.CreateWindowChecked(d.Conn, 0, id, d.root, 10, 20, 300, 200, 0, xproto.WindowClassInputOutput, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	asked := make(chan error, 2)
	go func() {
		asked <- w.Move(uint32(id), image.Pt(400, 300))
		asked <- w.Above(uint32(id), true)
	}()
	if err := xproto.MapWindowChecked(d.Conn, id).Check(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := next(t, "answer", asked); err != nil {
			t.Error(err)
		}
	}
	above, err := d.atom("_NET_WM_STATE_ABOVE")
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the window stands where it was put, above others", func() bool {
		at, err := w.Place(uint32(id))
		state, stateErr := d.property(id, "_NET_WM_STATE")
		return err == nil && stateErr == nil && at.Min == image.Pt(400, 300) && slices.Contains(state, uint32(above))
	})
}

// inFront brings two windows to the front in every way there is.
func inFront(t *testing.T, d *display, w *Windows, one, two uint32) {
	t.Helper()
	// To the front, with the keyboard.
	for _, id := range []uint32{one, two, one} {
		if err := w.Raise(id); err != nil {
			t.Fatal(err)
		}
		until(t, "the window is in front", func() bool { return d.active(t) == id && d.top(t) == id })
	}
	// Out of the task bar: WM_CHANGE_STATE with IconicState.
	if err := d.tellManager(one, "WM_CHANGE_STATE", 3, 0, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	until(t, "it is in the task bar, and has no place", func() bool {
		_, err := w.Place(one)
		return errors.Is(err, ErrNoPlace)
	})
	if err := w.Raise(one); err != nil {
		t.Fatal(err)
	}
	until(t, "the window is back", func() bool { return d.active(t) == one })

	// Above others, also of one that has the keyboard.
	if err := w.Above(one, true); err != nil {
		t.Fatal(err)
	}
	if err := w.Raise(two); err != nil {
		t.Fatal(err)
	}
	until(t, "another has the keyboard under it", func() bool { return d.active(t) == two && d.top(t) == one })
	if err := w.Above(one, false); err != nil {
		t.Fatal(err)
	}
	if err := w.Raise(two); err != nil {
		t.Fatal(err)
	}
	until(t, "the other one is in front", func() bool { return d.top(t) == two })
}

// Without a window manager, as in a kiosk, windows obey us.
func TestWindowsWithoutAManager(t *testing.T) {
	name := startScreen(t)
	d := screen(t, name)
	w := NewWindows(environment("DISPLAY=" + name))
	defer w.Close()
	one, two := openTestWindow(t, d, 10, 20), openTestWindow(t, d, 30, 40)
	move(t, w, one, image.Pt(400, 300))
	if err := w.Above(one, true); !errors.Is(err, ErrNoPlace) {
		t.Errorf("above others: %v", err)
	}
	for _, id := range []uint32{one, two} {
		if err := w.Raise(id); err != nil {
			t.Fatal(err)
		}
		r, err := xproto.GetInputFocus(d.Conn).Reply()
		if err != nil || uint32(r.Focus) != id {
			t.Errorf("the keyboard is with %v, %v", r, err)
		}
		tree, err := xproto.QueryTree(d.Conn, d.root).Reply()
		if err != nil || uint32(tree.Children[len(tree.Children)-1]) != id {
			t.Errorf("in front is %v, %v", tree, err)
		}
	}
}

func TestWindowsWithoutADisplay(t *testing.T) {
	w := NewWindows(environment())
	defer w.Close()
	_, err := w.Place(1)
	for _, err := range []error{err, w.Move(1, image.Point{}), w.Above(1, true), w.Raise(1)} {
		if !errors.Is(err, ErrNoPlace) {
			t.Errorf("without a display: %v", err)
		}
	}
}

func TestReachable(t *testing.T) {
	left, right := image.Rect(0, 0, 1920, 1080), image.Rect(1920, 200, 3200, 1224)
	for _, c := range []struct {
		place    image.Rectangle
		monitors []image.Rectangle
		want     bool
	}{
		{image.Rect(100, 100, 484, 784), []image.Rectangle{left}, true},
		{image.Rect(1800, 100, 2184, 784), []image.Rectangle{left, right}, true},  // its upper edge is on the left one
		{image.Rect(1900, 100, 2284, 784), []image.Rectangle{left, right}, false}, // only 20 pixels of it
		{image.Rect(2000, 300, 2384, 984), []image.Rectangle{left, right}, true},
		{image.Rect(2000, 300, 2384, 984), []image.Rectangle{left}, false}, // the monitor was taken away
		{image.Rect(2000, 190, 2384, 984), []image.Rectangle{left, right}, false},
		{image.Rect(-350, 100, 34, 784), []image.Rectangle{left}, false},
		{image.Rect(0, 1070, 384, 1754), []image.Rectangle{left}, false},
		{image.Rect(10, 10, 60, 60), []image.Rectangle{left}, true}, // narrower than the grip
		{image.Rect(0, 0, 384, 684), nil, false},
	} {
		if got := Reachable(c.place, c.monitors); got != c.want {
			t.Errorf("%v on %v: %v", c.place, c.monitors, got)
		}
	}
}
