package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/present"
)

// meterSteps is how many lengths the bar of a meter has. A level that does not
// reach another step draws nothing: every frame costs the whole window.
const meterSteps = 20

// The range of a meter in dBFS: below is the noise of a room, above is loud.
const (
	meterLow  = -54.0
	meterHigh = -6.0
)

// Meter shows the level of one voice: an icon, and a bar beside it.
type Meter struct {
	widget.BaseWidget
	icon string
	step int
}

// NewMeter makes a meter at rest.
func NewMeter(icon string) *Meter {
	m := &Meter{icon: icon}
	m.ExtendBaseWidget(m)
	return m
}

// Set shows a level in dBFS; one that looks like the last draws nothing.
func (m *Meter) Set(level float64) {
	step := int((level - meterLow) / (meterHigh - meterLow) * meterSteps)
	step = min(max(step, 0), meterSteps)
	if step == m.step {
		return
	}
	m.step = step
	m.Refresh()
}

// SetIcon changes the icon.
func (m *Meter) SetIcon(icon string) {
	if icon != m.icon {
		m.icon = icon
		m.Refresh()
	}
}

// Step is the length of the bar, 0 to 20.
func (m *Meter) Step() int { return m.step }

// CreateRenderer is called by the toolkit.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{m: m, icon: picture(), track: &canvas.Rectangle{CornerRadius: 3}, bar: &canvas.Rectangle{CornerRadius: 3}}
	r.Refresh()
	return r
}

type meterRenderer struct {
	m          *Meter
	icon       *canvas.Image
	track, bar *canvas.Rectangle
}

func (r *meterRenderer) Destroy() {}

func (r *meterRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.icon, r.track, r.bar}
}

func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(Scaled(70), Scaled(18)) }

func (r *meterRenderer) Layout(size fyne.Size) {
	const height, gap = 6, 6
	icon := min(Scaled(16), size.Height)
	r.icon.Move(fyne.NewPos(0, (size.Height-icon)/2))
	r.icon.Resize(fyne.NewSquareSize(icon))
	at := fyne.NewPos(icon+gap, (size.Height-height)/2)
	w := max(size.Width-icon-gap, 0)
	r.track.Move(at)
	r.track.Resize(fyne.NewSize(w, height))
	r.bar.Move(at)
	r.bar.Resize(fyne.NewSize(w*float32(r.m.step)/meterSteps, height))
}

func (r *meterRenderer) Refresh() {
	r.track.FillColor = theme.Color(RoleColor(present.Neutral, Soft)) // an outline is as bright as a full bar in high contrast
	role := present.Good
	if r.m.step == meterSteps {
		role = present.Warn // louder than it should be
	}
	r.bar.FillColor = theme.Color(RoleColor(role, Solid))
	r.bar.Hidden = r.m.step == 0
	setPicture(r.icon, r.m.icon, Muted)
	r.Layout(r.m.Size())
	canvas.Refresh(r.m)
}
