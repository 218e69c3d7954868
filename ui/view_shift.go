package ui

import (
	"fyne.io/fyne/v2"

	"nxphone/ui/look"
)

// shiftView shows the counsellor's own state.
type shiftView struct{ root *fyne.Container }

func newShiftView(*desk) *shiftView {
	return &shiftView{root: &fyne.Container{Layout: look.Inset{}}}
}
