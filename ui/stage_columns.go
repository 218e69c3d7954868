package ui

import (
	"fyne.io/fyne/v2"

	"nxphone/ui/look"
)

const (
	gap       = 10 // between the parts of a column
	edge      = 4  // of what is scrolled, for outlines
	columnGap = 18 // between the columns
	sideWide  = 340
)

// column is look.Column with a stretch that the stage moves.
type column struct{ look.Column }

func (c *column) MinSize(o []fyne.CanvasObject) fyne.Size { return c.Column.MinSize(o) }
func (c *column) Layout(o []fyne.CanvasObject, s fyne.Size) {
	c.Column.Layout(o, s)
}

// split is one column, or two of which the left one keeps the width that it
// has alone: nothing on it moves when the right one comes or goes.
type split struct {
	two bool
	// wider is how much the columns grow with the text.
	wider float32
}

func (l *split) left(main fyne.CanvasObject) float32 {
	return max((startWidth-36)*l.wider, main.MinSize().Width)
}

func (l *split) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	if !l.two {
		return m
	}
	side := o[1].MinSize()
	return fyne.NewSize(l.left(o[0])+columnGap+max(sideWide, side.Width), max(m.Height, side.Height))
}

func (l *split) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left := size.Width
	if l.two {
		left = l.left(o[0])
		x := left + columnGap
		o[1].Move(fyne.NewPos(x, 0))
		o[1].Resize(fyne.NewSize(size.Width-x, size.Height))
	}
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(left, size.Height))
}
