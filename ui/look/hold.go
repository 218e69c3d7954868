package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Hold is something that is held to be looked into: the mouse on it, or Space
// while it has the focus. Where there is nothing to look into it is the content
// alone.
type Hold struct {
	widget.BaseWidget
	content fyne.CanvasObject
	held    func(bool)
	live    bool
	down    bool
	focused bool
	keys    *Keys
	// Menu is called for the second mouse button; nil for nothing.
	Menu func(*fyne.PointEvent)
}

// NewHold makes content something to be held; held is told when that begins and
// ends, on the UI goroutine.
func NewHold(content fyne.CanvasObject, held func(bool), keys *Keys) *Hold {
	h := &Hold{content: content, held: held, keys: keys}
	h.ExtendBaseWidget(h)
	return h
}

// SetLive says whether there is something to look into.
func (h *Hold) SetLive(live bool) {
	if h.live == live {
		return
	}
	h.live = live
	if !live {
		h.press(false)
	}
	h.Refresh()
}

func (h *Hold) press(down bool) {
	down = down && h.live
	if h.down == down {
		return
	}
	h.down = down
	h.held(down)
}

// MouseDown begins, with the first button.
func (h *Hold) MouseDown(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary {
		h.press(true)
	}
}

// MouseUp and whatever takes pointer or focus away end it.
func (h *Hold) MouseUp(*desktop.MouseEvent)    { h.press(false) }
func (h *Hold) MouseIn(*desktop.MouseEvent)    {}
func (h *Hold) MouseMoved(*desktop.MouseEvent) {}
func (h *Hold) MouseOut()                      { h.press(false) }

// TappedSecondary opens the menu.
func (h *Hold) TappedSecondary(e *fyne.PointEvent) {
	if h.Menu != nil {
		h.Menu(e)
	}
}

// FocusGained and FocusLost are called by the toolkit.
func (h *Hold) FocusGained() { h.focused = true; h.Refresh() }
func (h *Hold) FocusLost()   { h.focused = false; h.press(false); h.Refresh() }

// KeyDown and KeyUp hold it by the keyboard.
func (h *Hold) KeyDown(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace {
		h.press(true)
	}
}

// KeyUp ends what KeyDown began.
func (h *Hold) KeyUp(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace {
		h.press(false)
	}
}

// TypedRune and TypedKey hand on what it has no use for.
func (h *Hold) TypedRune(r rune) {
	if r != ' ' && h.keys != nil && h.keys.Rune != nil {
		h.keys.Rune(r)
	}
}

// TypedKey is called by the toolkit.
func (h *Hold) TypedKey(e *fyne.KeyEvent) {
	if e.Name != fyne.KeySpace && h.keys != nil && h.keys.Key != nil {
		h.keys.Key(e)
	}
}

// Cursor is a hand where there is something to look into.
func (h *Hold) Cursor() desktop.Cursor {
	if h.live {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer is called by the toolkit.
func (h *Hold) CreateRenderer() fyne.WidgetRenderer {
	r := &holdRenderer{h: h, ring: &canvas.Rectangle{CornerRadius: 10, StrokeWidth: 2}, eye: picture()}
	r.Refresh()
	return r
}

type holdRenderer struct {
	h    *Hold
	ring *canvas.Rectangle
	eye  *canvas.Image
}

func (r *holdRenderer) Destroy() {}

func (r *holdRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ring, r.h.content, r.eye}
}

func (r *holdRenderer) MinSize() fyne.Size {
	m := r.h.content.MinSize()
	if r.h.live {
		m.Height = max(m.Height, 44)
	}
	return m
}

func (r *holdRenderer) Layout(size fyne.Size) {
	eye := Scaled(20)
	out := float32(0)
	if !r.h.live { // no higher than its words, through which the ring would go
		out = 3
	}
	r.ring.Move(fyne.NewPos(-out, -out))
	r.ring.Resize(fyne.NewSize(size.Width+2*out, size.Height+2*out))
	r.eye.Move(fyne.NewPos(size.Width-eye-4, (size.Height-eye)/2))
	r.eye.Resize(fyne.NewSquareSize(eye))
	side := float32(0)
	if r.h.live { // the content keeps clear of the eye, and stays in the middle
		side = eye + 8
	}
	r.h.content.Move(fyne.NewPos(side, 0))
	r.h.content.Resize(fyne.NewSize(size.Width-2*side, size.Height))
}

func (r *holdRenderer) Refresh() {
	r.ring.FillColor, r.ring.StrokeColor = color.Transparent, color.Transparent
	if r.h.focused {
		r.ring.StrokeColor = theme.Color(FocusLine)
	}
	name := ""
	if r.h.live {
		name = "eye"
	}
	setPicture(r.eye, name, Muted)
	r.Layout(r.h.Size())
	canvas.Refresh(r.h)
}

var _ fyne.Focusable = (*Hold)(nil)
var _ desktop.Keyable = (*Hold)(nil)
var _ desktop.Hoverable = (*Hold)(nil)
var _ desktop.Mouseable = (*Hold)(nil)
