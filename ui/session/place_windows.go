package session

import (
	"errors"
	"image"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Windows asks the system for what toolkits do not offer: where a window is, and
// that it come to the front or stay there. Its methods take a window's handle, of
// which only the lower 32 bits mean anything, and may be called from any
// goroutine.
type Windows struct {
	mu    sync.Mutex
	each  uintptr // the entry to Go code for a list of monitors, made once
	found []uintptr
}

// NewWindows makes Windows.
func NewWindows(Env) *Windows { return &Windows{} }

// Close has nothing to give back.
func (*Windows) Close() {}

// rect is RECT of windef.h.
type rect struct{ left, top, right, bottom int32 }

func (r rect) image() image.Rectangle {
	return image.Rect(int(r.left), int(r.top), int(r.right), int(r.bottom))
}

// ask calls a function of user32 that says with 0 that it has failed.
func ask(name string, args ...uintptr) error {
	if ok, _, err := user32.NewProc(name).Call(args...); ok == 0 {
		if err == windows.ERROR_SUCCESS {
			return ErrNoPlace
		}
		return errors.Join(ErrNoPlace, err)
	}
	return nil
}

func is(name string, window uint32) bool {
	yes, _, _ := user32.NewProc(name).Call(uintptr(window))
	return yes != 0
}

// Place is where the window's content is on the screen, in pixels and without the
// frame. A window that is hidden, minimised or maximised has none of its own:
// ErrNoPlace.
func (*Windows) Place(window uint32) (image.Rectangle, error) {
	if !is("IsWindowVisible", window) || is("IsIconic", window) || is("IsZoomed", window) {
		return image.Rectangle{}, ErrNoPlace
	}
	return content(window)
}

func content(window uint32) (image.Rectangle, error) {
	var r rect
	var at struct{ x, y int32 }
	err := errors.Join(ask("GetClientRect", uintptr(window), uintptr(unsafe.Pointer(&r))),
		ask("ClientToScreen", uintptr(window), uintptr(unsafe.Pointer(&at))))
	return r.image().Add(image.Pt(int(at.x), int(at.y))), err
}

// What SetWindowPos is not to change (winuser.h).
const (
	swpNoSize     = 0x0001
	swpNoMove     = 0x0002
	swpNoZOrder   = 0x0004
	swpNoActivate = 0x0010
)

// Move puts the window's content where Place has found it once. A place from
// which nobody could bring the window back, because no monitor is there any
// more, is refused with ErrNoPlace.
func (w *Windows) Move(window uint32, to image.Point) error {
	now, err := content(window)
	if err != nil {
		return err
	}
	monitors, err := w.Monitors()
	if err != nil {
		return err
	}
	if !Reachable(now.Sub(now.Min).Add(to), monitors) {
		return ErrNoPlace
	}
	var frame rect
	if err := ask("GetWindowRect", uintptr(window), uintptr(unsafe.Pointer(&frame))); err != nil {
		return err
	}
	corner := to.Sub(now.Min.Sub(frame.image().Min))
	return ask("SetWindowPos", uintptr(window), 0, uintptr(corner.X), uintptr(corner.Y), 0, 0, swpNoSize|swpNoZOrder|swpNoActivate)
}

// Monitors are the places of the monitors, without the task bar.
func (w *Windows) Monitors() ([]image.Rectangle, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.each == 0 {
		w.each = windows.NewCallback(func(monitor, _, _, _ uintptr) uintptr {
			w.found = append(w.found, monitor)
			return 1 // and the next
		})
	}
	w.found = nil
	if err := ask("EnumDisplayMonitors", 0, 0, w.each, 0); err != nil {
		return nil, err
	}
	var list []image.Rectangle
	for _, m := range w.found {
		var info struct {
			size          uint32
			monitor, work rect
			flags         uint32
		}
		info.size = uint32(unsafe.Sizeof(info))
		if err := ask("GetMonitorInfoW", m, uintptr(unsafe.Pointer(&info))); err != nil {
			return nil, err
		}
		list = append(list, info.work.image())
	}
	return list, nil
}

// Above keeps the window above others, or lets it go back among them.
func (*Windows) Above(window uint32, on bool) error {
	after := ^uintptr(1) // HWND_NOTOPMOST, -2
	if on {
		after = ^uintptr(0) // HWND_TOPMOST, -1
	}
	return ask("SetWindowPos", uintptr(window), after, 0, 0, 0, 0, swpNoSize|swpNoMove|swpNoActivate)
}

// Raise brings the window to the front and gives it the keyboard, out of the
// task bar where it has been put there. Windows allows it to a program that the
// user is dealing with, and to one that such a program has let (letRaise); else
// the window's button in the task bar blinks.
func (*Windows) Raise(window uint32) error {
	const swRestore, swShow = 9, 5
	how := uintptr(swShow)
	if is("IsIconic", window) {
		how = swRestore
	}
	_, _, _ = user32.NewProc("ShowWindow").Call(uintptr(window), how) // says only what was before
	return ask("SetForegroundWindow", uintptr(window))
}
