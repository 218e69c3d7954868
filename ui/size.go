package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/ui/present"
)

// The window's sizes as long as nobody has changed them, with text of the usual
// size, in device-independent pixels.
const (
	startWidth   = 384
	startHeight  = 684
	compactWidth = 440
)

// leastHeight is how low the larger windows can be made; what does not fit is
// scrolled.
const leastHeight = 420

// windowSize is how large the window is made at its present size. Large text
// makes it wider, by half as much as the text grows: the words move closer
// together. It is not made higher, because a screen of 720 is full already.
func (d *desk) windowSize() fyne.Size {
	wider := widening(d.values.TextSize)
	switch d.facts.Size {
	case present.Full:
		return fyne.NewSize((startWidth+sideWide)*wider+columnGap, startHeight)
	case present.Compact:
		return d.stripSize(compactWidth * wider)
	}
	return fyne.NewSize(startWidth*wider, startHeight)
}

// stripSize is the strip at a width, as high as what it has to say. How high words
// are is known only once they have been laid out at that width.
func (d *desk) stripSize(width float32) fyne.Size {
	root := d.stage.root
	for range 2 {
		root.Resize(fyne.NewSize(width, root.MinSize().Height))
		root.Refresh()
	}
	return fyne.NewSize(width, root.MinSize().Height)
}

// widening is how much wider a window becomes with larger text.
func widening(textSize int) float32 {
	grown := min(max(float32(textSize)/100, 1), 2)
	return 1 + (grown-1)/2
}

// resize shows the window in another size.
func (d *desk) resize(size present.Size) {
	if d.facts.Size == size {
		return
	}
	if size != present.Compact {
		d.larger = size
	} else if d.page != pageNone && d.page != pageClose {
		d.putPageAway()
	}
	if size == present.Full && d.page == pageRecent {
		d.putPageAway() // it stands beside now
	}
	d.rememberSeat() // before it changes
	d.arrangement = ""
	d.facts.Size = size
	d.again()
	d.sizeTo(d.seatOf(size.String(), d.windowSize()))
	d.takeSeat(size.String(), d.windowSize())
	d.fitWindow()
	if size != present.Compact {
		d.insist(size, d.seatOf(size.String(), d.windowSize()))
	}
}

// insistEvery and insistTimes are how often it is looked whether the window has
// become as large as it was asked to be.
const (
	insistEvery = 120 * time.Millisecond
	insistTimes = 4
)

// insist asks again for a size that did not come about. When a window's content
// needs more room than it has, the toolkit (2.7.4) makes it just large enough on
// its next turn, from the size it knows; where the server has not told it the new
// one yet, that undoes what was asked.
func (d *desk) insist(size present.Size, want fyne.Size) {
	d.cmds.run(func(ctx context.Context) error {
		tick := time.NewTicker(insistEvery)
		defer tick.Stop()
		for range insistTimes {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			d.pump.run(func() {
				has := d.win.Canvas().Size()
				if d.facts.Size == size && (has.Width < want.Width-1 || has.Height < want.Height-1) {
					d.sizeTo(want)
				}
			})
		}
		return nil
	})
}

// resizeAfter is resize for a size that the settings page asks for: a strip has
// no room for that page, and is shown when it is closed.
func (d *desk) resizeAfter(size present.Size) {
	if size != present.Compact || d.page == pageNone {
		d.resize(size)
		return
	}
	d.later = size
}

// grow goes back from the strip to the larger size before it.
func (d *desk) grow() { d.resize(d.larger) }

// toggleColumns shows or hides what stands beside the phone.
func (d *desk) toggleColumns() {
	if d.facts.Size == present.Full {
		d.resize(present.Phone)
		return
	}
	d.resize(present.Full)
}

// sizeTo makes the window smaller or larger. The desktop has been told how small
// it may become by what it showed before, and keeps to that: the toolkit (2.7.4)
// tells it anew only by the call that it makes for another scale.
func (d *desk) sizeTo(size fyne.Size) {
	if w, ok := d.win.(interface{ RescaleContext() }); ok {
		w.RescaleContext()
	}
	d.win.Resize(size)
}

// fitWindow gives the strip the height of what it shows now.
func (d *desk) fitWindow() {
	if d.facts.Size == present.Compact {
		d.sizeTo(d.stripSize(max(d.win.Canvas().Size().Width, d.stage.root.MinSize().Width)))
	}
}
