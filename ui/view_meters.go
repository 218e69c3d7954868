package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"nxphone/call"
	"nxphone/ui/look"
)

// metersView shows how loud both sides are: what the far end gets of us, and
// what we get of it.
type metersView struct {
	root *fyne.Container
	own  *look.Meter
	far  *look.Meter
}

func newMetersView() *metersView {
	v := &metersView{own: look.NewMeter("mic"), far: look.NewMeter("speaker")}
	v.root = container.New(look.Grid{Columns: 2, Gap: 18, Least: 18, Most: 24}, v.own, v.far)
	return v
}

func (v *metersView) set(l call.Levels) {
	v.own.Set(l.Sent)
	v.far.Set(l.Far)
}
