package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// boothScreen is one picture of a booth.
type boothScreen struct {
	name, state string
	act         func(*boothRig)
}

func boothScreens() []boothScreen {
	var all []boothScreen
	for _, s := range boothStates() {
		all = append(all, boothScreen{name: s, state: s})
	}
	return append(all,
		boothScreen{"ask", "ready", func(r *boothRig) { r.tap(r.d.stage.apart) }},
		boothScreen{"hear", "talking", func(r *boothRig) { r.tap(r.d.stage.apart) }},
		boothScreen{"focus", "ready", func(r *boothRig) { r.win.Canvas().Focus(r.d.stage.main) }},
		boothScreen{"contrast", "ready", func(r *boothRig) { r.contrast() }},
		boothScreen{"contrast-call", "talking", func(r *boothRig) {
			r.contrast()
			r.tap(r.d.stage.apart)
		}},
		boothScreen{"contrast-ask", "ready", func(r *boothRig) {
			r.contrast()
			r.tap(r.d.stage.apart)
			r.win.Canvas().Focus(r.d.stage.apart)
		}},
		boothScreen{"pin", "ready", func(r *boothRig) {
			r.d.openPIN()
			r.d.again()
			r.key("2", "5", "8")
		}},
		boothScreen{"pin-wrong", "ready", func(r *boothRig) {
			r.d.openPIN()
			r.d.again()
			r.key("1", "2", fyne.KeyReturn)
		}},
		boothScreen{"pin-wait", "ready", func(r *boothRig) {
			s, _ := boothState("ready", r.now)
			s.PINAgain = r.now.Add(42e9)
			r.status(s)
			r.d.openPIN()
			r.d.again()
		}},
	)
}

// contrast presses the button for high contrast; in the low layout another one
// stands in its place.
func (r *boothRig) contrast() {
	for _, b := range r.d.stage.service {
		if b.face.Do == present.KioskContrast {
			r.tap(b)
			return
		}
	}
}

// boothSizes are screens that booths have, from the widest to the highest.
func boothSizes() []fyne.Size {
	return []fyne.Size{
		{Width: 1024, Height: 600}, {Width: 1024, Height: 768}, {Width: 1920, Height: 1080}, {Width: 800, Height: 1280},
		{Width: 1080, Height: 1920},
	}
}

// TestBoothScreens lays out every screen of a booth in both languages, both
// layouts and all sizes: no word is cut off, broken or too small, nothing lies
// on anything else or outside, and in the low layout nothing that can be
// touched lies above the line. With -screens it draws them.
func TestBoothScreens(t *testing.T) {
	for _, size := range boothSizes() {
		for _, low := range []bool{false, true} {
			for _, lang := range text.Langs() {
				name := fmt.Sprintf("%vx%v/low=%v/%s", size.Width, size.Height, low, lang)
				t.Run(name, func(t *testing.T) {
					onWindow(t, func(t *testing.T) {
						opts := KioskOptions{Lang: lang, Theme: look.Light, Low: low, Label: "119", Volume: &fakeVolume{3}}
						r := newBoothRig(t, opts, size)
						for _, s := range boothScreens() {
							if strings.HasPrefix(s.name, "contrast") && size != boothSizes()[0] {
								continue // colours move no word
							}
							drawBooth(t, r, s)
						}
					})
				})
			}
		}
	}
}

func drawBooth(t *testing.T, r *boothRig, s boothScreen) {
	r.d.reset()
	r.pass(time.Hour) // no button still settles
	r.state(s.state)
	if s.act != nil {
		r.pass(kioskSettle)
		s.act(r)
	}
	r.settle()
	for _, fault := range append(boothMisfits(r), nameless(r.win.Content())...) {
		t.Errorf("%s: %s", s.name, fault)
	}
	size, low, lang := r.win.Canvas().Size(), r.d.facts.LowFixed, r.d.texts.Lang()
	if *screensDir == "" || !drawn3(size) {
		return
	}
	layout := "high"
	if low {
		layout = "low"
	}
	name := fmt.Sprintf("kiosk-%s-%vx%v-%s-%s.png", layout, size.Width, size.Height, s.name, lang)
	savePicture(t, name, r.win.Canvas())
}

// drawn3 picks the sizes that pictures are made of.
func drawn3(s fyne.Size) bool {
	return s.Width == 1024 && s.Height == 600 || s.Width == 800 && s.Height == 1280 || s.Width == 1920
}

// boothMisfits lists what is wrong with a booth's screen.
func boothMisfits(r *boothRig) []string {
	w := &boothWalker{r: r, size: r.win.Canvas().Size()}
	w.walk(r.win.Content(), fyne.Position{}, false)
	for i, a := range w.lines {
		for _, b := range w.lines[i+1:] {
			if a.min.X < b.max.X-1 && b.min.X < a.max.X-1 && a.min.Y < b.max.Y-1 && b.min.Y < a.max.Y-1 {
				w.faults = append(w.faults, fmt.Sprintf("%q lies on %q", a.text, b.text))
			}
		}
	}
	return w.faults
}

type boothWalker struct {
	r      *boothRig
	size   fyne.Size
	lines  []drawn
	faults []string
}

func (w *boothWalker) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *boothWalker) walk(o fyne.CanvasObject, at fyne.Position, inButton bool) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	end := at.AddXY(o.Size().Width, o.Size().Height)
	switch o := o.(type) {
	case *canvas.Text:
		size := o.MinSize()
		if size.Width > o.Size().Width+1 {
			w.fault("%q is %v wide in %v", o.Text, size.Width, o.Size().Width)
		}
		x := at.X
		if o.Alignment == fyne.TextAlignCenter {
			x += (o.Size().Width - size.Width) / 2
		}
		w.lines = append(w.lines, drawn{o.Text, fyne.NewPos(x, at.Y), fyne.NewPos(x+size.Width, at.Y+size.Height)})
	case *fyne.Container:
		for _, c := range o.Objects {
			w.walk(c, at, inButton)
		}
	case *look.Poster:
		w.poster(o, inButton)
	case *kioskButton:
		w.button(o, at, end)
		inButton = true
	}
	if at.X < -1 || at.Y < -1 || end.X > w.size.Width+1 || end.Y > w.size.Height+1 {
		w.fault("%T %v to %v leaves the screen", o, at, end)
	}
	if wid, ok := o.(fyne.Widget); ok {
		for _, c := range test.WidgetRenderer(wid).Objects() {
			if _, ring := c.(*canvas.Rectangle); !ring { // the focus ring stands outside on purpose
				w.walk(c, at, inButton)
			}
		}
	}
}

// poster holds words to being whole and large: at least 3 % of the shorter side,
// which is 4.8 mm (the Korean rule's least) on a screen that is 16 cm high.
func (w *boothWalker) poster(p *look.Poster, _ bool) {
	if p.Text() == "" {
		return
	}
	size, ok := p.Fit(p.Size())
	if !ok {
		w.fault("%q does not fit into %v", p.Text(), p.Size())
	}
	if least := 3 * w.r.d.stage.plan.unit; size < least {
		w.fault("%q has %v, less than %v", p.Text(), size, least)
	}
}

// button holds everything that can be touched to its size and, in the low
// layout, to its part of the screen.
func (w *boothWalker) button(b *kioskButton, at, end fyne.Position) {
	u := w.r.d.stage.plan.unit
	if end.X-at.X < 9*u || end.Y-at.Y < 9*u {
		w.fault("%q is only %v large", b.face.Label, b.Size())
	}
	part := float32(lowLandscape)
	if w.size.Height > w.size.Width {
		part = lowPortrait
	}
	if w.r.d.view.LowLayout && at.Y < w.size.Height*(1-part)-1 {
		w.fault("%q begins at %v, above the low part", strings.TrimSpace(b.face.Label), at.Y)
	}
}
