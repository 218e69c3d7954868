package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// TestFetchedNumbersStayMasked: what a list shows with stars is not written out
// by being chosen from it.
func TestFetchedNumbersStayMasked(t *testing.T) {
	const number, masked = "01012345678", "***-****-****"
	for name, fetch := range map[string]func(d *desk){
		"recent calls": func(d *desk) { d.callAgain(number) },
		"speed dial":   func(d *desk) { d.speedDial(number) },
		"written in groups": func(d *desk) {
			d.speedDial("010-1234-5678")
		},
		"redial": func(d *desk) {
			d.facts.Redial = number
			d.redial()
		},
	} {
		t.Run(name, func(t *testing.T) {
			onWindow(t, func(t *testing.T) {
				r := newDeskRig(t, func(v *Values) { v.MaskNumbers = "all" })
				fetch(r.d)
				r.settle()
				if got := r.d.view.Number; got.Text != masked || !got.Reveal {
					t.Errorf("the entry shows %q", got.Text)
				}
				r.d.clear()
				for _, c := range "01012349999" {
					r.d.write(c)
				}
				if got := r.d.view.Number.Text; strings.Contains(got, "*") {
					t.Errorf("what is typed is hidden from who types it: %q", got)
				}
			})
		})
	}
}

// TestMaskedNumberStaysWhole: no key writes a part of a masked number out, or
// carries it away, whether it came out of a list or has been called.
func TestMaskedNumberStaysWhole(t *testing.T) {
	const number = "01012345678"
	begins := map[string]func(r *rig){
		"out of a list": func(r *rig) { r.d.callAgain(number) },
		"called": func(r *rig) {
			r.write(number)
			r.d.place()
			r.settle()
			r.state("clearing")
			r.state("busy")
			r.d.dismiss()
		},
	}
	keys := map[string]struct {
		press func(r *rig)
		want  string
	}{
		"backspace":  {func(r *rig) { r.key(fyne.KeyBackspace) }, ""},
		"a digit":    {func(r *rig) { r.write("7") }, "7"},
		"no digit":   {func(r *rig) { r.write("한") }, "***-****-****"},
		"a dash":     {func(r *rig) { r.write("-") }, "***-****-****"},
		"copied":     {func(r *rig) { r.d.copy() }, "***-****-****"},
		"while held": {func(r *rig) { r.d.reveal(true); r.d.copy(); r.d.reveal(false) }, "***-****-****"},
	}
	for how, begin := range begins {
		for name, k := range keys {
			t.Run(how+", "+name, func(t *testing.T) {
				onWindow(t, func(t *testing.T) {
					r := newDeskRig(t, func(v *Values) { v.MaskNumbers = "all" }).rig
					fyne.CurrentApp().Clipboard().SetContent("before")
					begin(r)
					r.settle()
					if got := r.d.view.Number.Text; got != "***-****-****" {
						t.Fatalf("the entry begins with %q", got)
					}
					if !r.d.numberMenu().Items[1].Disabled {
						t.Error("the menu offers to copy it")
					}
					k.press(r)
					r.settle()
					if got := r.d.view.Number.Text; got != k.want {
						t.Errorf("the entry shows %q, want %q", got, k.want)
					}
					if got := fyne.CurrentApp().Clipboard().Content(); got != "before" {
						t.Errorf("copied: %q", got)
					}
				})
			})
		}
	}
}

// TestTypedNumberIsTheUsers: a number equal to the last one, typed anew, is
// written and erased digit by digit.
func TestTypedNumberIsTheUsers(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, func(v *Values) { v.MaskNumbers = "all" }).rig
		r.d.callAgain("600")
		r.d.clear()
		r.write("6001")
		r.key(fyne.KeyBackspace)
		if got := r.d.view.Number.Text; got != "600" {
			t.Errorf("the entry shows %q", got)
		}
		r.d.copy()
		if got := fyne.CurrentApp().Clipboard().Content(); got != "600" {
			t.Errorf("copied: %q", got)
		}
	})
}

// TestRevealEnds: a press whose end goes elsewhere does not leave the number
// open for all to see.
func TestRevealEnds(t *testing.T) {
	ends := map[string]func(r *rig){
		"time has passed": func(r *rig) {
			next := r.d.show(r.d.facts.Snapshot)
			if next.IsZero() || next.After(r.now.Add(revealTime)) {
				t.Errorf("nobody looks before %v", next)
			}
			r.now = r.now.Add(revealTime)
			r.d.again()
		},
		"the window is left": func(r *rig) {
			r.d.front(true)
			r.d.front(false)
		},
	}
	begins := map[string]func(d *desk){
		"key": func(d *desk) { d.heldKey(&fyne.KeyEvent{Name: fyne.KeyF8}, true) },
		"mouse": func(d *desk) {
			d.card.hold.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
		},
	}
	for how, begin := range begins {
		for why, end := range ends {
			t.Run(how+", "+why, func(t *testing.T) {
				busyWindow(t, func(r *rig) {
					r.state("incall")
					begin(r.d)
					if got := r.d.card.number.Text(); got != "010-0000-1234" {
						t.Fatalf("held, the card shows %q", got)
					}
					r.now = r.now.Add(time.Second)
					end(r)
					if got := r.d.card.number.Text(); got != "***-****-1234" {
						t.Errorf("the card shows %q", got)
					}
				})
			})
		}
	}
}
