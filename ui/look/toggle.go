package look

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/present"
)

// knobMargin is between knob and track.
const knobMargin = 4

// track is the size of the switch at the right end of a Toggle.
func track() (width, height float32) { return Scaled(46), Scaled(26) }

// Toggle is a sentence that is switched on or off. All of it can be pressed.
type Toggle struct {
	press
	on    bool
	label *Sentence
}

// NewToggle makes a switch that is off; changed is called on the UI goroutine
// when the user has switched it, not by Set.
func NewToggle(label string, changed func(on bool)) *Toggle {
	t := &Toggle{label: NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, false)}
	t.label.SetText(label)
	t.press = press{now: time.Now, enterPresses: true}
	t.onTap = func() {
		t.on = !t.on
		t.Refresh()
		changed(t.on)
	}
	t.ExtendBaseWidget(t)
	return t
}

// PassKeys makes the switch hand on the keys that it has no use for.
func (t *Toggle) PassKeys(k *Keys) *Toggle {
	t.keys = k
	return t
}

// Set switches it, and whether the user can.
func (t *Toggle) Set(on, disabled bool) {
	if t.on == on && t.disabled == disabled {
		return
	}
	t.on, t.disabled = on, disabled
	t.Refresh()
}

// On reports how it stands.
func (t *Toggle) On() bool { return t.on }

// Disabled reports whether the user cannot switch it.
func (t *Toggle) Disabled() bool { return t.disabled }

// CreateRenderer is called by the toolkit.
func (t *Toggle) CreateRenderer() fyne.WidgetRenderer {
	r := &toggleRenderer{
		t: t, frame: &canvas.Rectangle{CornerRadius: 10, StrokeWidth: 2},
		track: &canvas.Rectangle{}, knob: &canvas.Circle{},
	}
	r.Refresh()
	return r
}

type toggleRenderer struct {
	t            *Toggle
	frame, track *canvas.Rectangle
	knob         *canvas.Circle
}

func (r *toggleRenderer) Destroy() {}

func (r *toggleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.frame, r.t.label, r.track, r.knob}
}

func (r *toggleRenderer) MinSize() fyne.Size {
	w, h := track()
	return fyne.NewSize(w+60, max(44, h, r.t.label.MinSize().Height))
}

func (r *toggleRenderer) Layout(size fyne.Size) {
	const gap = 12
	trackWidth, trackHeight := track()
	r.frame.Move(fyne.NewPos(-5, 0))
	r.frame.Resize(fyne.NewSize(size.Width+10, size.Height))
	r.t.label.Resize(fyne.NewSize(size.Width-trackWidth-gap, r.t.label.Size().Height))
	h := r.t.label.MinSize().Height
	r.t.label.Resize(fyne.NewSize(size.Width-trackWidth-gap, h))
	r.t.label.Move(fyne.NewPos(0, (size.Height-h)/2))
	x, y := size.Width-trackWidth, (size.Height-trackHeight)/2
	r.track.Move(fyne.NewPos(x, y))
	r.track.Resize(fyne.NewSize(trackWidth, trackHeight))
	r.track.CornerRadius = trackHeight / 2
	knob := trackHeight - 2*knobMargin
	if r.t.on {
		x += trackWidth - trackHeight
	}
	r.knob.Move(fyne.NewPos(x+knobMargin, y+knobMargin))
	r.knob.Resize(fyne.NewSquareSize(knob))
}

func (r *toggleRenderer) Refresh() {
	t := r.t
	track, knob, line := theme.ColorNameInputBackground, theme.ColorNameInputBorder, theme.ColorNameInputBorder
	switch {
	case t.on && t.disabled:
		track, knob, line = RoleColor(present.Accent, Soft), RoleColor(present.Accent, Ink), RoleColor(present.Accent, Ink)
	case t.on && (t.hovered || t.pressed):
		track, knob, line = RoleColor(present.Accent, Down), RoleColor(present.Accent, On), ""
	case t.on:
		track, knob, line = RoleColor(present.Accent, Solid), RoleColor(present.Accent, On), ""
	case t.disabled:
		track, knob, line = KeyHover, Faint, Outline
	case t.hovered || t.pressed:
		track = KeyHover
	}
	r.track.FillColor, r.knob.FillColor = theme.Color(track), theme.Color(knob)
	r.track.StrokeWidth, r.track.StrokeColor = 0, nil
	if line != "" {
		r.track.StrokeWidth, r.track.StrokeColor = 1, theme.Color(line)
	}
	r.frame.FillColor, r.frame.StrokeColor = color.Transparent, color.Transparent
	if t.focused {
		r.frame.StrokeColor = theme.Color(FocusLine)
	}
	t.label.Refresh()
	r.Layout(t.Size())
	canvas.Refresh(t)
}

var _ fyne.Widget = (*Toggle)(nil)
var _ fyne.Focusable = (*Toggle)(nil)
var _ fyne.Tappable = (*Toggle)(nil)
