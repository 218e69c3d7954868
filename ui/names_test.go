package ui

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/ui/look"
)

// nameless lists what can take the keyboard and cannot say in words what it is.
func nameless(root fyne.CanvasObject) (faults []string) {
	if !root.Visible() {
		return nil
	}
	if f, ok := root.(fyne.Focusable); ok && takesKeyboard(f) {
		n, ok := f.(look.Named)
		if !ok || strings.TrimSpace(n.AccessibilityLabel()) == "" {
			faults = append(faults, fmt.Sprintf("a %T at %v has no name", f, root.Position()))
		}
	}
	var inside []fyne.CanvasObject
	switch o := root.(type) {
	case *fyne.Container:
		inside = o.Objects
	case *container.Scroll:
		inside = []fyne.CanvasObject{o.Content}
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, o := range inside {
		faults = append(faults, nameless(o)...)
	}
	return faults
}

// takesKeyboard: a place for a number is nothing while there is none.
func takesKeyboard(f fyne.Focusable) bool {
	h, ok := f.(*look.Hold)
	return !ok || h.Live()
}

// TestNameless: it finds what has none, wherever it stands.
func TestNameless(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.NewTheme(look.Light))
	named, bare := look.NewButton(look.Bare, nil), look.NewButton(look.Bare, nil)
	named.Set(look.Face{Label: "Close", Icon: "close"})
	bare.Set(look.Face{Icon: "close"})
	line := look.NewLine(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, false)
	empty := look.NewHold(line, func(bool) {}, nil)
	empty.SetLive(true)
	hidden := look.NewButton(look.Bare, nil)
	hidden.Hide()
	got := nameless(container.NewVBox(named, hidden, container.NewVScroll(container.NewStack(bare)),
		newEntry(" ", false, nil), newSelection("Language", nil), empty))
	if len(got) != 3 {
		t.Errorf("found %q, want the icon, the entry and the empty number", got)
	}
}

// TestFocusIsSeen: wherever Tab goes, something in the window shows it, also on
// what cannot be pressed now.
func TestFocusIsSeen(t *testing.T) {
	for _, state := range []string{"idle", "incall"} {
		onWindow(t, func(t *testing.T) {
			r := newRig(t, Options{Lang: text.English}, testLine())
			r.state(state)
			c := r.win.Canvas()
			without := c.Capture()
			stops := map[fyne.Focusable]bool{}
			for c.FocusNext(); !stops[c.Focused()]; c.FocusNext() {
				f := c.Focused()
				stops[f] = true
				if samePicture(without, c.Capture()) {
					t.Errorf("%s: nothing shows the focus on %q", state, f.(look.Named).AccessibilityLabel())
				}
			}
			if len(stops) < 8 {
				t.Errorf("%s: %d places to go to", state, len(stops))
			}
		})
	}
}

func samePicture(a, b image.Image) bool {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return a.Bounds() == b.Bounds()
}
