package figures

import (
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// inked counts the pixels of a colour in a column of a picture, or in all.
func inked(t *testing.T, p Picture, ink color.RGBA, from, to int) int {
	t.Helper()
	m, n := p.Draw(), 0
	for x := from; x < to; x++ {
		for y := top; y < height-bottom; y++ {
			if m.RGBAAt(x, y) == ink {
				n++
			}
		}
	}
	return n
}

func TestLinesAreWhereTheirValuesAre(t *testing.T) {
	p := Picture{Title: "t", X: "s", Y: "ms", Top: 100, Lines: []Line{
		{"flat", []Point{{0, 50}, {10, 50}}},
		{"with a gap", []Point{{0, 20}, {4, 20}, {5, math.NaN()}, {6, 20}, {10, 20}}},
	}}
	m := p.Draw()
	middle := (top + height - bottom) / 2
	if m.RGBAAt(left+200, middle-1) != colors()[0] {
		t.Error("half of the axis is not in the middle")
	}
	at := left + (width-left-right)/2
	if n := inked(t, p, colors()[1], at-5, at+5); n != 0 {
		t.Errorf("%d pixels where there is no value", n)
	}
	if n := inked(t, p, colors()[1], left+100, left+110); n == 0 {
		t.Error("no pixels where there are values")
	}
}

func TestBarsAreAsHighAsTheirValues(t *testing.T) {
	p := Picture{Lines: []Line{{Name: "a"}, {Name: "b"}}, Top: 10, Bars: []Bar{{"one", []float64{10, 5}}, {"two", []float64{math.NaN(), 1}}}}
	a, b := inked(t, p, colors()[0], left, width/2), inked(t, p, colors()[1], left, width/2)
	if a < b*19/10 || a > b*21/10 {
		t.Errorf("%d and %d pixels for 10 and 5", a, b)
	}
	if n := inked(t, p, colors()[0], width/2+20, width); n != 0 {
		t.Errorf("%d pixels for a missing value", n)
	}
}

func TestPicturesOfNothingAndOfOddThings(t *testing.T) {
	for _, p := range []Picture{
		{}, {Lines: []Line{{"one point", []Point{{3, 3}}}}}, {Lines: []Line{{"none", []Point{{0, math.NaN()}, {1, math.Inf(1)}}}}},
		{Bars: []Bar{{"below", []float64{-3}}, {"a name that is far too long for its place in the picture and for any other", nil}}},
	} {
		file := filepath.Join(t.TempDir(), "new", "p.png")
		if err := p.Save(file); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(f)
		f.Close()
		if err != nil || m.Bounds().Dx() != width {
			t.Errorf("%v, %v", m.Bounds(), err)
		}
	}
}

func TestTicks(t *testing.T) {
	if got := ticks(-10, 70); !slices.Equal(got, []float64{-10, 0, 10, 20, 30, 40, 50, 60, 70}) {
		t.Error(got)
	}
	for _, to := range []float64{0.003, 1, 7, 99, 12345} {
		if n := len(ticks(0, to)); n < 4 || n > 9 {
			t.Errorf("%d ticks up to %v", n, to)
		}
	}
}
