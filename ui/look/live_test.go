package look

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/present"
)

// TestMeterDrawsSteps: a level that does not reach another step is no frame.
func TestMeterDrawsSteps(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	m := NewMeter("mic")
	for _, tt := range []struct {
		level float64
		step  int
	}{{-127, 0}, {-54, 0}, {-30, 10}, {-29.5, 10}, {-6, 20}, {0, 20}} {
		m.Set(tt.level)
		if m.Step() != tt.step {
			t.Errorf("%v dBFS is step %d, want %d", tt.level, m.Step(), tt.step)
		}
	}
	m.Resize(fyne.NewSize(120, 20))
	r := test.WidgetRenderer(m).(*meterRenderer)
	if r.bar.Size().Width != r.track.Size().Width || r.bar.FillColor != theme.Color(RoleColor(present.Warn, Solid)) {
		t.Error("the loudest voice does not fill the bar in the colour of a warning")
	}
}

// TestHoldEndsByItself: whatever takes the pointer or the focus away ends it.
func TestHoldEndsByItself(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	held := 0
	h := NewHold(NewLine(theme.ColorNameForeground, SizeKey, fyne.TextAlignCenter, false), func(on bool) {
		if on {
			held++
		} else {
			held--
		}
	}, nil)
	down := func() { h.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary}) }
	down()
	if held != 0 {
		t.Error("there is nothing to look into")
	}
	h.SetLive(true)
	for name, end := range map[string]func(){
		"up": func() { h.MouseUp(nil) }, "out": h.MouseOut, "focus": h.FocusLost,
		"nothing more to see": func() { h.SetLive(false); h.SetLive(true) },
	} {
		down()
		down() // repeated, as keys are
		if held != 1 {
			t.Errorf("%s: held %d", name, held)
		}
		end()
		if held != 0 {
			t.Errorf("%s does not end it", name)
		}
	}
	h.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
	if held != 0 {
		t.Error("the second button reveals")
	}
	if h.MinSize().Height < 44 {
		t.Errorf("it is %v high", h.MinSize().Height)
	}
}

// TestGraph: lost packets are bars from below, the round trip is a line, and a
// second without a round trip is a gap.
func TestGraph(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(Light))
	g := NewGraph()
	var data present.Graph
	data.N = 3
	data.Samples[present.GraphLen-3] = present.Sample{RTT: 250}
	data.Samples[present.GraphLen-2] = present.Sample{Loss: 5}
	data.Samples[present.GraphLen-1] = present.Sample{RTT: 1e6, Loss: 1e6} // stays inside
	g.Set(data)
	r := test.WidgetRenderer(g).(*graphRenderer)
	const w, h = 600, 100
	img := r.draw(w, h)
	at := func(second, y int) color.Color { return img.At(w-10*second+5, y) }
	none := color.NRGBA{}
	if at(3, h/2) == none || at(3, h-1) != none {
		t.Error("the round trip is not half way up")
	}
	if at(2, h-2) != color.NRGBAModel.Convert(r.bar) || at(2, h/4) != none {
		t.Error("the loss is no bar from below")
	}
	if at(1, 0) == none {
		t.Error("the worst does not reach the top")
	}
	if r.draw(0, 0) == nil || r.draw(1, 1) == nil {
		t.Error("no picture for no room")
	}
}
