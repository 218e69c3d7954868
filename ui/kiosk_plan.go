package ui

import "fyne.io/fyne/v2"

// room is a rectangle of the screen.
type room struct{ x, y, w, h float32 }

func (r room) place(o fyne.CanvasObject) {
	o.Move(fyne.NewPos(r.x, r.y))
	o.Resize(fyne.NewSize(r.w, r.h))
}

func (r room) has(p fyne.Position) bool {
	return p.X >= r.x && p.X < r.x+r.w && p.Y >= r.y && p.Y < r.y+r.h
}

func (r room) bottom() float32 { return r.y + r.h }

// What part of the screen, from its bottom, holds everything that can be
// touched in the low layout. An organisation mounts the screen so that this
// line is at most 1220 mm above the floor, and the screen's lower edge at least
// 400 mm (the reach of a wheelchair user, Korean rules for barrier-free kiosks).
const (
	lowLandscape = 0.52
	lowPortrait  = 0.45
)

// What part the touchable buttons take in the ordinary layout.
const (
	highLandscape = 0.60
	highPortrait  = 0.60
)

// kioskPlan is where everything on a booth's screen stands. It follows from
// the size of the screen alone, whatever the density: sizes are parts of the
// shorter side.
type kioskPlan struct {
	portrait bool
	unit     float32 // a hundredth of the shorter side

	sign, title, help, note room
	main, apart             room
	pair                    [2]room // apart in two
	whole                   room    // main where there is nothing apart
	service                 [3]room // the small buttons, from the left
	corner                  room    // holding it opens the administrator's pad
	pad                     room
	padText                 room // over the pad
}

// kioskShape is what decides the places beside the size of the screen.
type kioskShape struct {
	low   bool // the low layout
	bare  bool // no big buttons: the words have all the room above the bottom line
	noted bool // there is a note
	small int  // how many small buttons there are, up to three
}

// planKiosk lays a screen out.
func planKiosk(size fyne.Size, shape kioskShape) kioskPlan {
	p := kioskPlan{portrait: size.Height > size.Width, unit: min(size.Width, size.Height) / 100}
	u := p.unit
	margin, gap := 4*u, 3*u
	line := room{margin, size.Height - 3*u - 10.5*u, size.Width - 2*margin, 10.5 * u}
	part := float32(highLandscape)
	switch {
	case shape.low && p.portrait:
		part = lowPortrait
	case shape.low:
		part = lowLandscape
	case p.portrait:
		part = highPortrait
	}
	top := size.Height * (1 - part)
	touch := room{margin, top, size.Width - 2*margin, line.y - gap - top}
	p.bottom(line, size, shape.small)
	p.buttons(touch)
	above := room{margin, margin, size.Width - 2*margin, top - margin - gap}
	p.padText = above
	if shape.bare {
		above.h = line.y - gap - above.y
	}
	p.words(above, shape)
	p.pad = room{margin, top, size.Width - 2*margin, size.Height - margin - top}
	return p
}

// bottom is the line of n small buttons, flush right, with the administrator's
// corner left of them.
func (p *kioskPlan) bottom(line room, size fyne.Size, n int) {
	u := p.unit
	wide := float32(17) * u
	if p.portrait {
		wide = 12 * u
	}
	p.corner = room{0, line.y - u, line.x + wide, size.Height - line.y + u}
	const gap = 2
	each := min((line.w-wide-float32(n-1)*gap*u)/float32(n), 44*u)
	x := line.x + line.w
	for i := n - 1; i >= 0; i-- {
		x -= each
		p.service[i] = room{x, line.y, each, line.h}
		x -= gap * u
	}
}

// buttons cuts the touchable part up. The other button keeps a distance of at
// least 7 units from the big one.
func (p *kioskPlan) buttons(touch room) {
	u := p.unit
	p.whole = touch
	if p.portrait {
		apart := touch.h * 0.3
		p.main = room{touch.x, touch.y, touch.w, touch.h - apart - 7*u}
		p.apart = room{touch.x, touch.bottom() - apart, touch.w, apart}
		half := (touch.w - 3*u) / 2
		p.pair = [2]room{{p.apart.x, p.apart.y, half, apart}, {p.apart.x + half + 3*u, p.apart.y, half, apart}}
		p.whole.h = min(touch.h, touch.w*0.75)
		p.whole.y = touch.bottom() - p.whole.h
		return
	}
	apart := touch.w * 0.3
	p.main = room{touch.x, touch.y, touch.w - apart - 8*u, touch.h}
	p.apart = room{touch.x + touch.w - apart, touch.y, apart, touch.h}
	half := (touch.h - 3*u) / 2
	p.pair = [2]room{{p.apart.x, p.apart.y, apart, half}, {p.apart.x, p.apart.y + half + 3*u, apart, half}}
}

// words cuts the part above the buttons up: the sign, a title, a sentence and a
// line for those who look closely.
func (p *kioskPlan) words(r room, shape kioskShape) {
	u := p.unit
	if shape.noted {
		note := 5.5 * u
		if shape.bare { // there is room for two lines
			note = 11 * u
		}
		p.note = room{r.x, r.bottom() - note, r.w, note}
		r.h -= note + u
	}
	if p.portrait {
		side := min(r.h*0.36, r.w*0.4)
		p.sign = room{r.x + (r.w-side)/2, r.y, side, side}
		text := r.h - side - 3*u
		y := r.y + side + 3*u
		p.title = room{r.x, y, r.w, text * 0.55}
		p.help = room{r.x, y + text*0.58, r.w, text * 0.42}
		return
	}
	side := min(r.h, r.w*0.22)
	p.sign = room{r.x, r.y + (r.h-side)/2, side, side}
	x := r.x + side + 5*u
	p.title = room{x, r.y, r.x + r.w - x, r.h * 0.5}
	p.help = room{x, r.y + r.h*0.53, r.x + r.w - x, r.h * 0.47}
	p.note.x, p.note.w = x, r.x+r.w-x
}
