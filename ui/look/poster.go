package look

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Poster is words as large as their room allows, for screens that are read
// from a distance: the largest size up to a limit at which no line is too long,
// no word is broken and all lines fit. It takes any room it is given.
type Poster struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	most  float32
	style fyne.TextStyle
	align fyne.TextAlign
	// sink puts the lines at the bottom of the room, or in the middle, instead
	// of at the top.
	sink PosterAt

	asked posterRoom // of the answer in lines and size
	lines []string
	size  float32
}

// posterRoom is what lines and size follow from.
type posterRoom struct {
	text string
	room fyne.Size
	most float32
}

// PosterAt is where a Poster's lines stand in a room that is higher.
type PosterAt int

// The places.
const (
	AtTop    PosterAt = 0
	AtMiddle PosterAt = 1
	AtBottom PosterAt = 2
)

// leastPoster is the size below which words are not shrunk any further; a test
// of the layout holds every text to more than that.
const leastPoster = 9

// NewPoster makes a poster without words.
func NewPoster(color fyne.ThemeColorName, align fyne.TextAlign, at PosterAt, bold bool) *Poster {
	p := &Poster{color: color, align: align, sink: at, most: 40, style: fyne.TextStyle{Bold: bold}}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes words, colour and the largest size that they may have; the same
// ones again draw nothing.
func (p *Poster) Set(text string, color fyne.ThemeColorName, most float32) {
	if p.text == text && p.color == color && p.most == most {
		return
	}
	p.text, p.color, p.most = text, color, most
	p.Refresh()
}

// SetAlign changes how the lines stand.
func (p *Poster) SetAlign(align fyne.TextAlign, at PosterAt) {
	if p.align != align || p.sink != at {
		p.align, p.sink = align, at
		p.Refresh()
	}
}

// Text is what the poster says.
func (p *Poster) Text() string { return p.text }

// Fit is the size that the words get in a room, and whether they fit into it.
func (p *Poster) Fit(room fyne.Size) (size float32, ok bool) {
	lines, size := p.lay(room)
	return size, p.fits(lines, size, room)
}

// Width is how wide the longest line is in a room.
func (p *Poster) Width(room fyne.Size) (wide float32) {
	lines, size := p.lay(room)
	for _, l := range lines {
		wide = max(wide, measure(l, size, p.style).Width)
	}
	return wide
}

// Height is how high the lines are in a room.
func (p *Poster) Height(room fyne.Size) float32 {
	lines, size := p.lay(room)
	return p.height(size) * float32(len(lines))
}

// lay chooses size and lines for a room, and keeps the last answer: measuring
// words is the dearest part of drawing a screen.
func (p *Poster) lay(room fyne.Size) (lines []string, size float32) {
	q := posterRoom{p.text, room, p.most}
	if q != p.asked {
		p.asked = q
		p.lines, p.size = p.search(room)
	}
	return p.lines, p.size
}

// posterStep is how finely sizes are tried.
const posterStep = 0.5

// search halves the sizes until it knows the largest that fits.
func (p *Poster) search(room fyne.Size) (lines []string, size float32) {
	try := func(size float32) ([]string, bool) {
		width := func(s string) float32 { return measure(s, size, p.style).Width }
		lines := wrap(p.text, room.Width, width)
		return lines, p.fits(lines, size, room)
	}
	size = max(p.most, leastPoster)
	lines, ok := try(size)
	if !ok {
		// Whole steps, so that the toolkit has measured most words before.
		low, high := 0, int((size-leastPoster)/posterStep)
		size = leastPoster
		lines, _ = try(size)
		for low < high {
			mid := (low + high + 1) / 2
			at := leastPoster + float32(mid)*posterStep
			if l, ok := try(at); ok {
				lines, size, low = l, at, mid
			} else {
				high = mid - 1
			}
		}
	}
	if len(lines) > 1 {
		lines = balance(lines, room.Width, func(s string) float32 { return measure(s, size, p.style).Width })
	}
	return lines, size
}

func (p *Poster) fits(lines []string, size float32, room fyne.Size) bool {
	// A word that was broken is one that is not in the text.
	if strings.Join(lines, " ") != strings.Join(strings.Fields(p.text), " ") {
		return false
	}
	for _, l := range lines {
		if measure(l, size, p.style).Width > room.Width {
			return false
		}
	}
	return p.height(size)*float32(len(lines)) <= room.Height
}

func (p *Poster) height(size float32) float32 {
	return measure("가", size, p.style).Height * leading
}

// CreateRenderer is called by the toolkit.
func (p *Poster) CreateRenderer() fyne.WidgetRenderer {
	r := &posterRenderer{p: p}
	r.Layout(p.Size())
	return r
}

type posterRenderer struct {
	p     *Poster
	lines []fyne.CanvasObject
}

func (r *posterRenderer) Destroy()                     {}
func (r *posterRenderer) Objects() []fyne.CanvasObject { return r.lines }
func (r *posterRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, 1) }

func (r *posterRenderer) Layout(room fyne.Size) {
	r.lines = r.lines[:0]
	if r.p.text == "" || room.Width <= 0 {
		return
	}
	lines, size := r.p.lay(room)
	h := r.p.height(size)
	y := float32(0)
	switch r.p.sink {
	case AtMiddle:
		y = max((room.Height-h*float32(len(lines)))/2, 0)
	case AtBottom:
		y = max(room.Height-h*float32(len(lines)), 0)
	}
	for i, l := range lines {
		t := &canvas.Text{Text: l, TextSize: size, TextStyle: r.p.style, FontSource: face(r.p.style), Alignment: r.p.align, Color: theme.Color(r.p.color)}
		t.Resize(fyne.NewSize(room.Width, h))
		t.Move(fyne.NewPos(0, y+h*float32(i)))
		r.lines = append(r.lines, t)
	}
}

func (r *posterRenderer) Refresh() {
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}
