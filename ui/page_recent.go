package ui

import (
	"fyne.io/fyne/v2"

	"nxphone/ui/look"
)

// recentView lists the recent calls, beside the phone or as a page over it.
type recentView struct{ root *fyne.Container }

func newRecentView(*desk) *recentView {
	return &recentView{root: &fyne.Container{Layout: look.Inset{}}}
}
