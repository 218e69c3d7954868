package look

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/present"
)

// Graph draws the last minute of a call: the round trip as a line, lost packets
// as bars from below. It is one picture, drawn once a second at most.
type Graph struct {
	widget.BaseWidget
	data present.Graph
}

// NewGraph makes an empty graph.
func NewGraph() *Graph {
	g := &Graph{}
	g.ExtendBaseWidget(g)
	return g
}

// Set shows other measurements; the same ones again draw nothing.
func (g *Graph) Set(data present.Graph) {
	if data == g.data {
		return
	}
	g.data = data
	g.Refresh()
}

// CreateRenderer is called by the toolkit.
func (g *Graph) CreateRenderer() fyne.WidgetRenderer {
	r := &graphRenderer{g: g, ground: &canvas.Rectangle{CornerRadius: 8}}
	r.raster = canvas.NewRaster(r.draw)
	r.Refresh()
	return r
}

type graphRenderer struct {
	g      *Graph
	ground *canvas.Rectangle
	raster *canvas.Raster
	line   color.Color
	bar    color.Color
}

func (r *graphRenderer) Destroy() {}

func (r *graphRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.raster}
}

func (r *graphRenderer) MinSize() fyne.Size { return fyne.NewSize(120, 44) }

func (r *graphRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.raster.Move(fyne.NewPos(6, 4))
	r.raster.Resize(fyne.NewSize(max(size.Width-12, 0), max(size.Height-8, 0)))
}

func (r *graphRenderer) Refresh() {
	r.ground.FillColor = theme.Color(KeyHover)
	r.line = theme.Color(RoleColor(present.Accent, Ink))
	r.bar = theme.Color(RoleColor(present.Bad, Solid))
	r.Layout(r.g.Size())
	canvas.Refresh(r.g)
}

// The full height: a round trip and a loss that are bad.
const (
	graphRTT  = 500 // ms
	graphLoss = 10  // per cent
)

func (r *graphRenderer) draw(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	if w < 2 || h < 2 {
		return img
	}
	n := len(r.g.data.Samples)
	step := float64(w) / float64(n)
	pen := max(h/24, 1)
	height := func(v, full float32) int { return min(int(v/full*float32(h-1)+0.5), h-1) }
	last := -1
	for i := n - r.g.data.N; i < n; i++ {
		s := r.g.data.Samples[i]
		x0, x1 := int(float64(i)*step), int(float64(i+1)*step)
		if loss := height(s.Loss, graphLoss); loss > 0 {
			fillRect(img, x0, h-loss, max(x1-1, x0+1), h, r.bar)
		}
		if s.RTT <= 0 {
			last = -1
			continue
		}
		y := h - 1 - height(s.RTT, graphRTT)
		top, bottom := y, y
		if last >= 0 {
			top, bottom = min(y, last), max(y, last)
		}
		fillRect(img, x0, y, x1, y+pen, r.line)
		fillRect(img, x0, top, x0+pen, bottom+pen, r.line)
		last = y
	}
	return img
}

func fillRect(img *image.NRGBA, x0, y0, x1, y1 int, c color.Color) {
	area := image.Rect(x0, y0, x1, y1).Intersect(img.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			img.Set(x, y, c)
		}
	}
}
