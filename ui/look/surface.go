package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Panel is a rounded surface around one content.
type Panel struct {
	widget.BaseWidget
	content      fyne.CanvasObject
	ground, line fyne.ThemeColorName
	pad          float32
}

// NewPanel makes a surface with its padding, in the colour of ground.
func NewPanel(ground, line fyne.ThemeColorName, pad float32, content fyne.CanvasObject) *Panel {
	p := &Panel{content: content, ground: ground, line: line, pad: pad}
	p.ExtendBaseWidget(p)
	return p
}

// SetColors changes ground and outline; the same ones again draw nothing.
func (p *Panel) SetColors(ground, line fyne.ThemeColorName) {
	if p.ground == ground && p.line == line {
		return
	}
	p.ground, p.line = ground, line
	p.Refresh()
}

// CreateRenderer is called by the toolkit.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, ground: &canvas.Rectangle{CornerRadius: 18, StrokeWidth: 1}}
	r.paint()
	return r
}

type panelRenderer struct {
	p      *Panel
	ground *canvas.Rectangle
}

func (r *panelRenderer) Destroy() {}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.p.content}
}

func (r *panelRenderer) MinSize() fyne.Size {
	m := r.p.content.MinSize()
	return fyne.NewSize(m.Width+2*r.p.pad, m.Height+2*r.p.pad)
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.p.content.Move(fyne.NewPos(r.p.pad, r.p.pad))
	r.p.content.Resize(fyne.NewSize(size.Width-2*r.p.pad, size.Height-2*r.p.pad))
}

func (r *panelRenderer) paint() {
	r.ground.FillColor = theme.Color(r.p.ground)
	r.ground.StrokeColor = theme.Color(r.p.line)
}

func (r *panelRenderer) Refresh() {
	r.paint()
	r.ground.Refresh()
	r.Layout(r.p.Size())
	// A container of unchanged size does not arrange itself anew by Resize, and
	// other words need other heights.
	r.p.content.Refresh()
	canvas.Refresh(r.p)
}

// Frame is a rounded outline of input fields, without a ground.
type Frame struct {
	widget.BaseWidget
	color fyne.ThemeColorName
	width float32
}

// NewFrame makes an outline in a colour of the theme.
func NewFrame(color fyne.ThemeColorName) *Frame {
	f := &Frame{color: color, width: 1}
	f.ExtendBaseWidget(f)
	return f
}

// Set changes colour and width of the line; the same ones again draw nothing.
func (f *Frame) Set(color fyne.ThemeColorName, width float32) {
	if f.color == color && f.width == width {
		return
	}
	f.color, f.width = color, width
	f.Refresh()
}

// Width is the width of the line.
func (f *Frame) Width() float32 { return f.width }

// CreateRenderer is called by the toolkit.
func (f *Frame) CreateRenderer() fyne.WidgetRenderer {
	r := &frameRenderer{f: f, line: &canvas.Rectangle{FillColor: color.Transparent, StrokeWidth: 1}}
	r.paint()
	return r
}

type frameRenderer struct {
	f    *Frame
	line *canvas.Rectangle
}

func (r *frameRenderer) Destroy()                     {}
func (r *frameRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }
func (r *frameRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *frameRenderer) Layout(size fyne.Size)        { r.line.Resize(size) }

func (r *frameRenderer) paint() {
	r.line.StrokeColor, r.line.StrokeWidth = theme.Color(r.f.color), r.f.width
	r.line.CornerRadius = theme.Size(theme.SizeNameInputRadius)
}

func (r *frameRenderer) Refresh() {
	r.paint()
	r.line.Refresh()
}

// Emblem is an icon on a round ground.
type Emblem struct {
	widget.BaseWidget
	icon         string
	ground, mark fyne.ThemeColorName
	side         float32
}

// NewEmblem makes an emblem of a side length.
func NewEmblem(side float32) *Emblem {
	e := &Emblem{side: side}
	e.ExtendBaseWidget(e)
	return e
}

// Set changes icon and colours; the same ones again draw nothing.
func (e *Emblem) Set(icon string, ground, mark fyne.ThemeColorName) {
	if e.icon == icon && e.ground == ground && e.mark == mark {
		return
	}
	e.icon, e.ground, e.mark = icon, ground, mark
	e.Refresh()
}

// CreateRenderer is called by the toolkit.
func (e *Emblem) CreateRenderer() fyne.WidgetRenderer {
	r := &emblemRenderer{e: e, disc: &canvas.Circle{}, icon: picture()}
	r.Refresh()
	return r
}

type emblemRenderer struct {
	e    *Emblem
	disc *canvas.Circle
	icon *canvas.Image
}

func (r *emblemRenderer) Destroy()                     {}
func (r *emblemRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.disc, r.icon} }
func (r *emblemRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(r.e.side) }

func (r *emblemRenderer) Layout(size fyne.Size) {
	d := r.e.side
	x, y := (size.Width-d)/2, (size.Height-d)/2
	r.disc.Move(fyne.NewPos(x, y))
	r.disc.Resize(fyne.NewSquareSize(d))
	i := d * 0.52
	r.icon.Move(fyne.NewPos(x+(d-i)/2, y+(d-i)/2))
	r.icon.Resize(fyne.NewSquareSize(i))
}

func (r *emblemRenderer) Refresh() {
	r.disc.FillColor = theme.Color(r.e.ground)
	setPicture(r.icon, r.e.icon, r.e.mark)
	r.Layout(r.e.Size())
	canvas.Refresh(r.e)
}
