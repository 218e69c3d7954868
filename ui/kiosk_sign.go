package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// signMarks is how many dots or bars a sign can have.
const signMarks = 6

// kioskSign is the picture that says how it stands: an icon on a disc, dots
// under it while something is on its way, bars for how loud it is.
type kioskSign struct {
	widget.BaseWidget
	sign present.Sign
}

func newKioskSign() *kioskSign {
	s := &kioskSign{}
	s.ExtendBaseWidget(s)
	return s
}

func (s *kioskSign) set(sign present.Sign) {
	if sign != s.sign {
		s.sign = sign
		s.Refresh()
	}
}

// CreateRenderer is called by the toolkit.
func (s *kioskSign) CreateRenderer() fyne.WidgetRenderer {
	r := &kioskSignRenderer{s: s, disc: &canvas.Circle{}, icon: &canvas.Image{FillMode: canvas.ImageFillContain}}
	r.all = []fyne.CanvasObject{r.disc, r.icon}
	for range signMarks {
		m := &canvas.Rectangle{}
		r.marks = append(r.marks, m)
		r.all = append(r.all, m)
	}
	r.Refresh()
	return r
}

type kioskSignRenderer struct {
	s     *kioskSign
	disc  *canvas.Circle
	icon  *canvas.Image
	marks []*canvas.Rectangle
	all   []fyne.CanvasObject
}

func (r *kioskSignRenderer) Destroy()                     {}
func (r *kioskSignRenderer) Objects() []fyne.CanvasObject { return r.all }
func (r *kioskSignRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }

func (r *kioskSignRenderer) Refresh() {
	s := r.s.sign
	r.disc.FillColor = theme.Color(look.RoleColor(s.Role, look.Solid))
	r.icon.Hidden = s.Icon == ""
	if !r.icon.Hidden {
		r.icon.Resource = look.Icon(s.Icon, look.RoleColor(s.Role, look.On))
		r.icon.Refresh()
	}
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

// count is how many marks there are.
func (r *kioskSignRenderer) count() int {
	switch s := r.s.sign; {
	case s.Most > 0:
		return min(s.Most, signMarks)
	case s.Step > 0:
		return 3
	}
	return 0
}

func (r *kioskSignRenderer) Layout(size fyne.Size) {
	side := min(size.Width, size.Height)
	n := r.count()
	disc := side
	if n > 0 {
		disc = side * 0.8
	}
	x, y := (size.Width-disc)/2, (size.Height-side)/2
	room{x, y, disc, disc}.place(r.disc)
	room{x + disc*0.24, y + disc*0.24, disc * 0.52, disc * 0.52}.place(r.icon)
	mark := side * 0.12
	gap := mark * 0.7
	left := (size.Width - float32(n)*mark - float32(max(n-1, 0))*gap) / 2
	for i, m := range r.marks {
		if m.Hidden = i >= n; m.Hidden {
			continue
		}
		at := room{left + float32(i)*(mark+gap), y + side - mark, mark, mark}
		lit := i == r.s.sign.Step-1
		m.CornerRadius = mark / 2
		if r.s.sign.Most > 0 { // bars that grow
			lit = i < r.s.sign.Level
			at.h = mark * (0.6 + 0.16*float32(i))
			at.y = y + side - at.h
			m.CornerRadius = mark * 0.2
		}
		at.place(m)
		m.StrokeWidth, m.StrokeColor = mark*0.16, theme.Color(look.RoleColor(r.s.sign.Role, look.Ink))
		m.FillColor = theme.Color(theme.ColorNameBackground)
		if lit {
			m.FillColor = theme.Color(look.RoleColor(r.s.sign.Role, look.Ink))
		}
	}
}
