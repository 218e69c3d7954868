package session

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32   = windows.NewLazySystemDLL("user32.dll")
	shell32  = windows.NewLazySystemDLL("shell32.dll")
	gdi32    = windows.NewLazySystemDLL("gdi32.dll")
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")
)

// Messages of winuser.h.
const (
	wmNull       = 0x0000
	wmDestroy    = 0x0002
	wmCancelMode = 0x001f
	wmHotkey     = 0x0312
	wmApp        = 0x8000
	wmJob        = wmApp + 1 // a function is waiting in jobs
)

// hidden is a window that nobody sees, on a thread of its own: Windows sends to
// windows, and only the thread that made one hears it. It is no message-only
// window, because those do not hear what is told to all.
type hidden struct {
	hwnd  uintptr
	class string
	jobs  chan func()
	done  chan struct{}
	// on takes a message, on the window's thread; not handled ones go the
	// system's way.
	on func(message uint32, w, l uintptr) (result uintptr, handled bool)
}

type wndClass struct {
	size, style                        uint32
	proc                               uintptr
	classExtra, windowExtra            int32
	instance, icon, cursor, background uintptr
	menu, name                         *uint16
	smallIcon                          uintptr
}

type message struct {
	hwnd    uintptr
	message uint32
	w, l    uintptr
	time    uint32
	x, y    int32
	_       uint32
}

// newHidden makes the window. Windows keeps the entry to Go code that it costs for
// the life of the process, so whoever needs one often keeps it.
func newHidden(on func(message uint32, w, l uintptr) (uintptr, bool)) (*hidden, error) {
	h := &hidden{jobs: make(chan func(), 64), done: make(chan struct{}), on: on, class: randomToken()}
	made := make(chan error)
	go h.live(made)
	if err := <-made; err != nil {
		return nil, err
	}
	return h, nil
}

func (h *hidden) live(made chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with its window
	defer close(h.done)
	name := windows.StringToUTF16Ptr(h.class)
	class := wndClass{proc: windows.NewCallback(h.proc), name: name}
	class.size = uint32(unsafe.Sizeof(class))
	if atom, _, err := user32.NewProc("RegisterClassExW").Call(uintptr(unsafe.Pointer(&class))); atom == 0 {
		made <- fmt.Errorf("session: a window class: %w", err)
		return
	}
	defer func() { _, _, _ = user32.NewProc("UnregisterClassW").Call(uintptr(unsafe.Pointer(name)), 0) }()
	var err error
	h.hwnd, _, err = user32.NewProc("CreateWindowExW").Call(0, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if h.hwnd == 0 {
		made <- fmt.Errorf("session: a hidden window: %w", err)
		return
	}
	made <- nil
	get, dispatch := user32.NewProc("GetMessageW"), user32.NewProc("DispatchMessageW")
	for {
		var m message
		if got, _, _ := get.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(got) <= 0 {
			return // the window has been destroyed
		}
		_, _, _ = dispatch.Call(uintptr(unsafe.Pointer(&m)))
	}
}

// proc is called by the system on the window's thread.
func (h *hidden) proc(hwnd uintptr, msg uint32, w, l uintptr) uintptr {
	switch msg {
	case wmJob:
		for {
			select {
			case f := <-h.jobs:
				f()
				continue
			default:
			}
			return 0
		}
	case wmDestroy:
		_, _, _ = user32.NewProc("PostQuitMessage").Call(0)
		return 0
	}
	if result, handled := h.on(msg, w, l); handled {
		return result
	}
	result, _, _ := user32.NewProc("DefWindowProcW").Call(hwnd, uintptr(msg), w, l)
	return result
}

// do runs f on the window's thread and waits for it. A window that has gone runs
// nothing.
func (h *hidden) do(f func()) {
	ran := make(chan struct{})
	select {
	case h.jobs <- func() { defer close(ran); f() }:
	case <-h.done:
		return
	}
	h.post(wmJob)
	select {
	case <-ran:
	case <-h.done:
	}
}

func (h *hidden) post(msg uint32) {
	_, _, _ = user32.NewProc("PostMessageW").Call(h.hwnd, uintptr(msg), 0, 0)
}

// close destroys the window, with a menu that may stand open, and waits for its
// thread.
func (h *hidden) close() {
	h.post(wmCancelMode)
	h.do(func() { _, _, _ = user32.NewProc("DestroyWindow").Call(h.hwnd) })
	<-h.done
}
