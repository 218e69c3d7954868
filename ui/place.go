package ui

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// nativeNumber is the window's number at an X11 server, 0 elsewhere and before it
// exists.
func nativeNumber(w fyne.Window) (number uintptr) {
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(func(c any) {
			switch c := c.(type) {
			case driver.X11WindowContext:
				number = c.WindowHandle
			case driver.WindowsWindowContext:
				number = c.HWND
			}
		})
	}
	return number
}

// seatOf is the size that the window is to have in an arrangement: the one that
// the user gave it, else size.
func (d *desk) seatOf(arrangement string, size fyne.Size) fyne.Size {
	if d.opts.Session == nil {
		return size
	}
	w, h := d.opts.Session.Seat(arrangement)
	if w <= 0 || h <= 0 {
		return size
	}
	return fyne.NewSize(w, h)
}

// firstSize names the size to begin with: the settings', else the last one.
func (d *desk) firstSize() string {
	if d.values.WindowSize == "" && d.opts.Session != nil {
		return d.opts.Session.Last()
	}
	return d.values.WindowSize
}

// takeSeat gives the window size and place of an arrangement, and remembers those
// of the one before. It is called at the start and whenever the arrangement
// changes.
func (d *desk) takeSeat(arrangement string, size fyne.Size) {
	d.rememberSeat()
	first := d.arrangement == ""
	d.arrangement = arrangement
	if !first {
		d.win.Resize(d.seatOf(arrangement, size))
	}
	if s := d.opts.Session; s != nil {
		d.seats.add(d.cmds, func() { s.Sit(arrangement) })
	}
}

// rememberSeat keeps where the window is and how large.
func (d *desk) rememberSeat() { d.rememberSeatThen(nil) }

// rememberSeatThen calls then, which may be nil, on the UI goroutine after that.
func (d *desk) rememberSeatThen(then func()) {
	s, arrangement := d.opts.Session, d.arrangement
	size := d.win.Canvas().Size()
	d.seats.add(d.cmds, func() {
		if s != nil && arrangement != "" {
			s.Rise(arrangement, size.Width, size.Height)
		}
		if then != nil {
			d.pump.run(then)
		}
	})
}

// hide leaves the window to the tray.
func (d *desk) hide() {
	d.hidden = true
	d.watchLevels(d.view)
	d.win.Hide()
	d.front(false)
}

// unhide shows a window that was left to the tray. Window managers forget what
// they knew of one that was withdrawn.
func (d *desk) unhide() {
	d.win.Show()
	s := d.opts.Session
	if !d.hidden {
		return
	}
	d.hidden = false
	d.watchLevels(d.view)
	if s == nil {
		return
	}
	s.Opened(nativeNumber(d.win))
	if arrangement := d.arrangement; arrangement != "" {
		d.seats.add(d.cmds, func() { s.Sit(arrangement) })
	}
}

// inOrder runs functions off the UI goroutine, one after the other in the order in
// which they were added: what asks where the window is must not be overtaken by
// what moves it.
type inOrder struct {
	mu    sync.Mutex
	queue []func()
	busy  bool
}

// add queues f; cmds owns the goroutine.
func (q *inOrder) add(cmds *commands, f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue = append(q.queue, f)
	if q.busy {
		return
	}
	q.busy = true
	cmds.run(func(context.Context) error {
		for {
			q.mu.Lock()
			if len(q.queue) == 0 {
				q.busy = false
				q.mu.Unlock()
				return nil
			}
			f := q.queue[0]
			q.queue = q.queue[1:]
			q.mu.Unlock()
			f()
		}
	})
}
