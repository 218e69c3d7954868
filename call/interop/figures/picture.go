package figures

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont" // a bitmap font without a file; the module is Fyne's already
	"golang.org/x/image/math/fixed"
)

// Picture is a plot: lines over X, or bars beside each other where Bars is set.
type Picture struct {
	Title, X, Y string
	Lines       []Line
	Bars        []Bar
	// Top, when set, is the upper end of the Y axis; else it fits the values.
	Top float64
}

// Line is a curve. Points are in the order of X; a NaN or an infinity interrupts it.
type Line struct {
	Name   string
	Points []Point
}

// Point is one value.
type Point struct{ X, Y float64 }

// Bar is a group of bars, one for each of the names of the picture's Lines
// (which then have no points); a NaN leaves one out.
type Bar struct {
	Name   string
	Values []float64
}

// The size of a picture, and its margins for the words, in pixels.
const (
	width, height            = 960, 360
	left, right, top, bottom = 64, 16, 44, 44
)

// colors are of lines and bars, in turn; told apart by people who do not see
// red and green apart as well (Okabe and Ito, Color Universal Design, 2008).
func colors() []color.RGBA {
	return []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {86, 180, 233, 255}, {100, 100, 100, 255}}
}

// Save draws the picture into a PNG file; its folder is made.
func (p Picture) Save(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, p.Draw()); err != nil {
		f.Close()
		return fmt.Errorf("figures: %s: %w", file, err)
	}
	return f.Close()
}

// Draw makes the image.
func (p Picture) Draw() *image.RGBA {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, width, height))}
	draw.Draw(c, c.Bounds(), image.White, image.Point{}, draw.Src)
	a := p.axes()
	c.text(left, 16, p.Title, color.RGBA{0, 0, 0, 255})
	c.text(4, 36, p.Y, color.RGBA{90, 90, 90, 255})
	c.text(width-right-7*len(p.X), height-8, p.X, color.RGBA{90, 90, 90, 255})
	at := left
	for i, l := range p.Lines {
		ink := colors()[i%len(colors())]
		c.fill(image.Rect(at, 26, at+14, 34), ink)
		c.text(at+18, 35, l.Name, color.RGBA{60, 60, 60, 255})
		at += 18 + 7*len(l.Name) + 18
	}
	grey := color.RGBA{225, 225, 225, 255}
	for _, v := range ticks(a.y0, a.y1) {
		y := a.y(v)
		c.fill(image.Rect(left, y, width-right, y+1), grey)
		label := fmt.Sprintf("%.6g", v)
		c.text(left-6-7*len(label), y+4, label, color.RGBA{90, 90, 90, 255})
	}
	if len(p.Bars) > 0 {
		p.drawBars(c, a)
	} else {
		p.drawLines(c, a)
	}
	c.fill(image.Rect(left, top, left+1, height-bottom), color.RGBA{120, 120, 120, 255})
	c.fill(image.Rect(left, a.y(0), width-right, a.y(0)+1), color.RGBA{120, 120, 120, 255})
	return c.RGBA
}

// axes map values to pixels.
type axes struct{ x0, x1, y0, y1 float64 }

func (a axes) x(v float64) int {
	return left + int(math.Round((v-a.x0)/(a.x1-a.x0)*float64(width-left-right)))
}

func (a axes) y(v float64) int {
	return height - bottom - int(math.Round((v-a.y0)/(a.y1-a.y0)*float64(height-top-bottom)))
}

// axes fits all values, and zero.
func (p Picture) axes() axes {
	a := axes{math.Inf(1), math.Inf(-1), 0, 0}
	put := func(y float64) {
		if finite(y) {
			a.y0, a.y1 = math.Min(a.y0, y), math.Max(a.y1, y)
		}
	}
	for _, l := range p.Lines {
		for _, v := range l.Points {
			a.x0, a.x1 = math.Min(a.x0, v.X), math.Max(a.x1, v.X)
			put(v.Y)
		}
	}
	for _, b := range p.Bars {
		for _, v := range b.Values {
			put(v)
		}
	}
	a.y1 *= 1.05
	if p.Top > 0 {
		a.y1 = p.Top
	}
	if !(a.y1 > a.y0) {
		a.y1 = a.y0 + 1
	}
	if !(a.x1 > a.x0) {
		a.x0, a.x1 = 0, 1
	}
	return a
}

func (p Picture) drawLines(c *canvas, a axes) {
	for _, v := range ticks(a.x0, a.x1) {
		label := fmt.Sprintf("%.6g", v)
		c.text(a.x(v)-7*len(label)/2, height-bottom+16, label, color.RGBA{90, 90, 90, 255})
	}
	for i, l := range p.Lines {
		ink := colors()[i%len(colors())]
		for j := 1; j < len(l.Points); j++ {
			from, to := l.Points[j-1], l.Points[j]
			if finite(from.Y) && finite(to.Y) {
				c.line(a.x(from.X), a.y(math.Min(from.Y, a.y1)), a.x(to.X), a.y(math.Min(to.Y, a.y1)), ink)
			}
		}
	}
}

func (p Picture) drawBars(c *canvas, a axes) {
	room := float64(width-left-right) / float64(len(p.Bars))
	for i, b := range p.Bars {
		each := 0.8 * room / float64(max(1, len(b.Values)))
		for j, v := range b.Values {
			if !finite(v) {
				continue
			}
			x := float64(left) + room*(float64(i)+0.1) + each*float64(j)
			v = math.Min(v, a.y1)
			c.fill(image.Rect(int(x), a.y(math.Max(v, 0)), int(x+math.Max(each-1, 1)), a.y(math.Min(v, 0))), colors()[j%len(colors())])
		}
		// Words that have no room take turns on two lines.
		name := b.Name
		if most := int(2 * room / 7); len(name) > most {
			name = name[:max(1, most)]
		}
		down := 14
		if i%2 == 1 && 7*len(name) > int(room) || len(p.Bars) > 8 && i%2 == 1 {
			down = 28
		}
		c.text(int(float64(left)+room*(float64(i)+0.5))-7*len(name)/2, height-bottom+down, name, color.RGBA{60, 60, 60, 255})
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// ticks are round numbers within an axis, four to nine of them.
func ticks(from, to float64) []float64 {
	step := math.Pow(10, math.Floor(math.Log10(to-from)))
	for (to-from)/step > 8 {
		step *= 2
	}
	for (to-from)/step < 4 {
		step /= 2
	}
	var all []float64
	for k := math.Ceil(from / step); k*step <= to+step*1e-9; k++ {
		all = append(all, k*step)
	}
	return all
}

// canvas draws into an image.
type canvas struct{ *image.RGBA }

func (c *canvas) fill(r image.Rectangle, ink color.RGBA) {
	draw.Draw(c, r, image.NewUniform(ink), image.Point{}, draw.Src)
}

func (c *canvas) text(x, y int, s string, ink color.RGBA) {
	d := font.Drawer{Dst: c, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	d.DrawString(s)
}

// line steps along the longer direction, two pixels thick.
func (c *canvas) line(x0, y0, x1, y1 int, ink color.RGBA) {
	n := max(x1-x0, x0-x1, y1-y0, y0-y1, 1)
	for i := range n + 1 {
		x, y := x0+(x1-x0)*i/n, y0+(y1-y0)*i/n
		c.fill(image.Rect(x, y-1, x+1, y+1), ink)
		if y1-y0 > x1-x0 || y0-y1 > x1-x0 {
			c.fill(image.Rect(x-1, y, x+1, y+1), ink)
		}
	}
}
