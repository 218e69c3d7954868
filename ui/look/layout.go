package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Column stacks its children from top to bottom with Gap between the visible
// ones. The child at Stretch takes the room that is left; -1 leaves it empty
// at the bottom.
type Column struct {
	Gap     float32
	Stretch int
}

// MinSize is the children's, stacked.
func (c Column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
		n++
	}
	size.Height += c.Gap * float32(max(n-1, 0))
	return size
}

// Layout gives every child the whole width. The widths are set before the
// heights are asked for: how high a sentence is depends on how wide it may be.
// Hidden ones get theirs too, so that their height is right when they appear.
func (c Column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(size.Width, max(o.MinSize().Height, o.Size().Height)))
	}
	spare := max(size.Height-c.MinSize(objects).Height, 0)
	y := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		if i == c.Stretch {
			h += spare
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + c.Gap
	}
}

// Grid lays keys out in rows of Columns. Keys are as high as there is room for,
// between Least and Most; the grid stands at the bottom.
type Grid struct {
	Columns          int
	Gap, Least, Most float32
}

// least is the least height of a key: large text needs more than Least.
func (g Grid) least(objects []fyne.CanvasObject) float32 {
	h := g.Least
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return h
}

// MinSize is the keys' least size.
func (g Grid) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var cell fyne.Size
	for _, o := range objects {
		cell = cell.Max(o.MinSize())
	}
	cell.Height = g.least(objects)
	cols, rows := float32(g.Columns), float32(g.rows(objects))
	return fyne.NewSize(cols*cell.Width+(cols-1)*g.Gap, rows*cell.Height+(rows-1)*g.Gap)
}

// Layout places the keys.
func (g Grid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	cols, rows := float32(g.Columns), float32(g.rows(objects))
	w := (size.Width - (cols-1)*g.Gap) / cols
	h := min((size.Height-(rows-1)*g.Gap)/rows, max(g.Most, g.least(objects)))
	top := size.Height - rows*h - (rows-1)*g.Gap
	for i, o := range objects {
		col, row := float32(i%g.Columns), float32(i/g.Columns)
		o.Move(fyne.NewPos(col*(w+g.Gap), top+row*(h+g.Gap)))
		o.Resize(fyne.NewSize(w, h))
	}
}

func (g Grid) rows(objects []fyne.CanvasObject) int {
	return (len(objects) + g.Columns - 1) / g.Columns
}

// Beside stands its children side by side, each as wide as it needs and as high
// as there is room for.
type Beside struct{ Gap float32 }

// MinSize is the children's, in a row.
func (b Beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width += m.Width
		size.Height = max(size.Height, m.Height)
		n++
	}
	size.Width += b.Gap * float32(max(n-1, 0))
	return size
}

// Layout places the children from left to right.
func (b Beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w + b.Gap
	}
}

// Even gives its visible children the same width, side by side, as far as each
// has what it needs.
type Even struct{ Gap float32 }

// MinSize is the children's, in a row.
func (e Even) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return Beside(e).MinSize(objects)
}

// Layout places the children from left to right.
func (e Even) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var widest, n float32
	for _, o := range objects {
		if o.Visible() {
			widest = max(widest, o.MinSize().Width)
			n++
		}
	}
	room := size.Width - e.Gap*max(n-1, 0)
	same := room / max(n, 1)
	spare := (size.Width - e.MinSize(objects).Width) / max(n, 1)
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		w := same
		if widest > same {
			w = o.MinSize().Width + spare
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w + e.Gap
	}
}

// Thirds gives each child a third of the width, as many rows as it takes.
type Thirds struct{ Gap float32 }

// MinSize is the children's height; their words shrink.
func (l Thirds) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	rows := float32((len(objects) + 2) / 3)
	return fyne.NewSize(0, rows*h+max(rows-1, 0)*l.Gap)
}

// Layout places the children row by row.
func (l Thirds) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	Grid{Columns: 3, Gap: l.Gap, Most: size.Height}.Layout(objects, size)
}

// Inset puts a margin around its children, which all get the same room.
type Inset struct{ X, Y float32 }

// MinSize is the largest child's and the margin.
func (m Inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			size = size.Max(o.MinSize())
		}
	}
	return fyne.NewSize(size.Width+2*m.X, size.Height+2*m.Y)
}

// Layout gives every child the room inside the margin.
func (m Inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(m.X, m.Y))
		o.Resize(fyne.NewSize(size.Width-2*m.X, size.Height-2*m.Y))
	}
}

// Middle gives its one child the whole width and the height it needs, half way
// down.
type Middle struct{}

// MinSize is the child's.
func (Middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return Inset{}.MinSize(objects)
}

// Layout centres the child from top to bottom.
func (Middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, max((size.Height-h)/2, 0)))
	}
}

// barRoom is what a scroller's bar needs beside the content.
const barRoom = 10

// Bar keeps the room of a scroller's bar free beside the scroller's content.
// Inside a Beyond the content is as wide as all else in the column.
type Bar struct{}

// MinSize is the largest child's and the bar's.
func (Bar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := Inset{}.MinSize(objects)
	return fyne.NewSize(size.Width+barRoom, size.Height)
}

// Layout gives every child the room beside the bar.
func (Bar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	Inset{}.Layout(objects, fyne.NewSize(size.Width-barRoom, size.Height))
}

// Beyond gives a scroller a margin above and below of Y, and lets its bar stand
// in the window's margin at the right: what is scrolled then ends where the
// buttons under it do.
type Beyond struct{ Y float32 }

// MinSize is the largest child's without its bar, and the margin.
func (m Beyond) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := Inset{Y: m.Y}.MinSize(objects)
	return fyne.NewSize(max(size.Width-barRoom, 0), size.Height)
}

// Layout makes every child wider by the bar.
func (m Beyond) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	Inset{Y: m.Y}.Layout(objects, fyne.NewSize(size.Width+barRoom, size.Height))
}

// NewReach makes a room whose content is reached by scrolling where the window
// is too low for it, and has all the room otherwise. Large text on a small
// screen is then moved, not cut. The room is at least so high.
func NewReach(content fyne.CanvasObject, least float32) *container.Scroll {
	s := container.NewVScroll(content)
	s.SetMinSize(fyne.NewSize(0, least))
	return s
}

// Reveal scrolls until o, which is somewhere in the scroller's content, is in
// sight with a little room around it. Widgets that get the focus by the
// keyboard are to be seen.
func Reveal(s *container.Scroll, o fyne.CanvasObject) {
	const room = 12
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s.Content).Y - room
	bottom := top + o.Size().Height + 2*room
	offset := s.Offset
	switch {
	case top < offset.Y:
		offset.Y = max(top, 0)
	case bottom > offset.Y+s.Size().Height:
		offset.Y = min(bottom-s.Size().Height, max(s.Content.Size().Height-s.Size().Height, 0))
	default:
		return
	}
	s.ScrollToOffset(offset)
}
