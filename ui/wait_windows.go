//go:build windows && !ci

package ui

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// messageWait waits for what Windows sends to this thread's windows, or for an
// event of our own. The goroutine is that of the user interface, which has its
// thread to itself.
type messageWait struct {
	event   atomic.Uintptr // 0: none could be had, or it is closed
	msgWait *windows.LazyProc
}

// newEventWait makes the event.
func newEventWait() eventWait {
	w := &messageWait{msgWait: windows.NewLazySystemDLL("user32.dll").NewProc("MsgWaitForMultipleObjectsEx")}
	if event, err := windows.CreateEvent(nil, 0, 0, nil); err == nil { // resets itself
		w.event.Store(uintptr(event))
	}
	return w
}

func (w *messageWait) wait(limit time.Duration, stop func() bool) bool {
	event := w.event.Load()
	if event == 0 || w.msgWait.Find() != nil {
		return false
	}
	if stop() {
		return true
	}
	// Messages that have been seen and not taken count too (MWMO_INPUTAVAILABLE).
	const allInput, inputAvailable = 0x04ff, 0x0004
	got, _, _ := w.msgWait.Call(1, uintptr(unsafe.Pointer(&event)), uintptr(max(1, limit.Milliseconds())), allInput, inputAvailable)
	return uint32(got) != windows.WAIT_FAILED
}

func (w *messageWait) wake() {
	if event := w.event.Load(); event != 0 {
		_ = windows.SetEvent(windows.Handle(event)) // fails once it is closed: nobody waits then
	}
}

func (w *messageWait) close() {
	if event := w.event.Swap(0); event != 0 {
		_ = windows.CloseHandle(windows.Handle(event)) // nothing was written
	}
}
