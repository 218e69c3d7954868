//go:build linux && cgo && !wayland && !ci

package ui

// #cgo LDFLAGS: -lX11
// #include <X11/Xlib.h>
import "C"

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
	"golang.org/x/sys/unix"
)

// xwait waits for the X server as Go waits for any connection, without holding a
// thread. A wait inside the window system's library (glfwWaitEventsTimeout)
// would keep Go's monitor thread looking after it every 20 to 160 µs for its
// first 10 ms, which costs more than the turns of the loop that it saves
// (measured: 420 wake-ups a second).
type xwait struct {
	once    sync.Once
	display *C.Display
	conn    syscall.RawConn
	file    atomic.Pointer[os.File] // set once, nil where that failed
}

// newEventWait is called before the first window, so it opens nothing yet.
func newEventWait() eventWait { return &xwait{} }

// open makes a descriptor of our own for the library's connection.
func (x *xwait) open() {
	x.display = (*C.Display)(unsafe.Pointer(glfw.GetX11Display()))
	if x.display == nil {
		return
	}
	fd, err := unix.FcntlInt(uintptr(C.XConnectionNumber(x.display)), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return
	}
	f := os.NewFile(uintptr(fd), "x11")
	if x.conn, err = f.SyscallConn(); err != nil {
		_ = f.Close() // nothing was written
		return
	}
	x.file.Store(f)
}

func (x *xwait) wait(limit time.Duration, stop func() bool) bool {
	x.once.Do(x.open)
	f := x.file.Load()
	if f == nil || f.SetReadDeadline(time.Now().Add(limit)) != nil {
		return false
	}
	// After the deadline: a wake before it would have been undone by it.
	if stop() {
		return true
	}
	// Drawing reads from the connection too, and keeps the events that come in
	// between; the poller would not know of those.
	if C.XPending(x.display) > 0 {
		return true
	}
	// The library reads behind the poller's back, so what the poller has seen
	// before counts only if it is still there.
	_ = x.conn.Read(func(fd uintptr) bool {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, 0)
		return n > 0 || err != nil && err != unix.EINTR
	}) // the deadline's error says nothing new
	return true
}

func (x *xwait) wake() {
	if f := x.file.Load(); f != nil {
		_ = f.SetReadDeadline(time.Unix(1, 0)) // fails once it is closed: nobody waits then
	}
}

func (x *xwait) close() {
	if f := x.file.Swap(nil); f != nil {
		_ = f.Close() // a descriptor without anything to write
	}
}
