package look

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Keys takes the keys that the widget in focus has no use for, so that digits
// reach the number wherever the focus is. Nil functions drop them.
type Keys struct {
	Rune func(rune)
	Key  func(*fyne.KeyEvent)
}

// press is what everything that can be pressed has in common: pointer and
// keyboard states, and the tap. It does not take the focus when it is tapped,
// so the keyboard stays with the number.
type press struct {
	widget.BaseWidget
	hovered, pressed, focused, disabled bool

	// onTap is called on the UI goroutine; nil does nothing.
	onTap func()
	// enterPresses: Enter presses too, not only Space. The dial pad leaves
	// Enter to the number.
	enterPresses bool
	keys         *Keys

	// since is when this widget got its present meaning; taps within settle
	// after it were meant for the old one and are dropped.
	since  time.Time
	settle time.Duration
	now    func() time.Time

	down time.Time // of the mouse button

	// OnFocus is called when the widget gets the focus; nil does nothing.
	OnFocus func()
}

func (p *press) Tapped(*fyne.PointEvent) {
	if p.disabled || p.onTap == nil || p.now().Sub(p.since) < p.settle {
		return
	}
	p.onTap()
}

func (p *press) MouseIn(*desktop.MouseEvent)    { p.state(&p.hovered, true) }
func (p *press) MouseMoved(*desktop.MouseEvent) {}
func (p *press) MouseOut() {
	p.pressed = false
	p.state(&p.hovered, false)
}

func (p *press) MouseDown(*desktop.MouseEvent) {
	p.down = p.now()
	p.state(&p.pressed, true)
}

func (p *press) MouseUp(*desktop.MouseEvent) { p.state(&p.pressed, false) }

func (p *press) FocusGained() {
	p.state(&p.focused, true)
	if p.OnFocus != nil {
		p.OnFocus()
	}
}
func (p *press) FocusLost() { p.state(&p.focused, false) }

func (p *press) TypedRune(r rune) {
	if r != ' ' && p.keys != nil && p.keys.Rune != nil {
		p.keys.Rune(r)
	}
}

func (p *press) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeySpace, p.enterPresses && (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter):
		p.Tapped(&fyne.PointEvent{})
	case p.keys != nil && p.keys.Key != nil:
		p.keys.Key(e)
	}
}

func (p *press) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// held is how long the mouse button has been down.
func (p *press) held() time.Duration {
	if p.down.IsZero() {
		return 0
	}
	return p.now().Sub(p.down)
}

func (p *press) state(flag *bool, on bool) {
	if *flag == on {
		return
	}
	*flag = on
	p.Refresh()
}
