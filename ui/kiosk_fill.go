package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
)

// fillEvery is how often a booth looks whether it still fills the screen.
const fillEvery = 2 * time.Second

// fillScreen makes a window that has not been shown fill the screen. The toolkit makes
// windows as small as their content, and ours has no size of its own: a window
// manager that starts in the same moment could keep it at one pixel.
func fillScreen(win fyne.Window) {
	for _, s := range monitors() {
		win.Resize(fyne.NewSize(float32(s.X), float32(s.Y)))
		break
	}
	win.SetFullScreen(true)
}

// fillsScreen reports whether a window that is shown is as large as a monitor.
func fillsScreen(win fyne.Window) bool {
	all := monitors()
	size := win.Canvas().Size()
	x, y := win.Canvas().PixelCoordinateForPosition(fyne.NewPos(size.Width, size.Height))
	for _, s := range all {
		if x >= s.X-1 && y >= s.Y-1 && x <= s.X+1 && y <= s.Y+1 {
			return true
		}
	}
	return len(all) == 0
}

// fillTries is how often one size is mended before it is left alone: where
// windows and monitors are not measured in the same pixels, nothing helps.
const fillTries = 3

// keepFilling makes the window fill the screen again when it does not: after a
// window manager's key, another monitor, another resolution. It ends with ctx.
func (d *kioskDesk) keepFilling(ctx context.Context) {
	t := time.NewTicker(fillEvery)
	defer t.Stop()
	var wrong fyne.Size // and how often it was mended; on the UI goroutine
	tries := 0
	look := func() {
		size := d.win.Canvas().Size()
		if fillsScreen(d.win) {
			tries = 0
			return
		}
		if size != wrong {
			wrong, tries = size, 0
		}
		if tries++; tries > fillTries {
			return
		}
		d.log.Info("the booth does not fill the screen; it is made to", "width", size.Width, "height", size.Height)
		d.win.SetFullScreen(false) // the toolkit does nothing for a window that is full already
		d.win.SetFullScreen(true)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			d.pump.run(look)
		}
	}
}
