package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// busyWindow is a test with a rig in which every part has something to show.
func busyWindow(t *testing.T, f func(r *rig)) {
	t.Helper()
	onWindow(t, func(t *testing.T) {
		f(newRig(t, Options{Lang: text.English, Shift: &uitest.Shift{}}, busyValues(testLine())))
	})
}

// control presses a key together with Ctrl.
func (r *rig) control(key fyne.KeyName) {
	r.win.Canvas().(fyne.Shortcutable).TypedShortcut(
		&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
	r.settle()
}

func TestCallActions(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.state("incall")
		r.tap(r.d.actions.deaf)
		r.tap(r.d.actions.hold)
		r.expect("deafen true", "hold true")
		if r.d.actions.deaf.Face().Loud || r.d.actions.hold.Face().Loud {
			t.Error("a switch is shown before it is confirmed")
		}
		r.state("deaf")
		if f := r.d.actions.deaf.Face(); !f.Loud || f.Icon != "speaker-off" || f.Label != "Hearing off" {
			t.Errorf("deaf shows %+v", f)
		}
		r.control(fyne.KeyD)
		r.state("hold")
		r.control(fyne.KeyP)
		r.expect("deafen true", "hold true", "deafen false", "hold false")
	})
}

// TestHoldRefused: the far end's no is told in words.
func TestHoldRefused(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.state("incall")
		r.phone.Err = func(string) error { return &call.Error{Code: call.CodeHoldRefused} }
		r.tap(r.d.actions.hold)
		if got := r.d.card.sub.Text(); !strings.Contains(got, ".") || r.d.facts.Notice.Code == "" {
			t.Errorf("the card says %q", got)
		}
	})
}

// TestFarewellWithoutANotice: the key says what is missing and where it is set.
func TestFarewellWithoutANotice(t *testing.T) {
	for _, tt := range []struct {
		state  string
		locked bool
		want   string
	}{
		{"incall", false, "No notice for a lawful ending is set. Choose its file in the settings, under “Breaks and care”."},
		{"incall", true, "Your organisation has set no notice for a lawful ending. Ask your administrator for one."},
		{"idle", false, "No notice for a lawful ending is set. Choose its file in the settings, under “Breaks and care”."},
	} {
		onWindow(t, func(t *testing.T) {
			v := testLine()
			v.NoticeFile = ""
			if tt.locked {
				v.Keys = map[string]present.Setting{"notice-file": {From: present.FromOrganisation, Locked: true}}
			}
			r := newRig(t, Options{Lang: text.English}, v)
			r.state(tt.state)
			r.control(fyne.KeyE)
			got := r.d.card.sub.Text()
			if tt.state == "idle" {
				got = r.d.banner.title.Text()
				if !r.d.view.Banner.Settings {
					t.Error("no way to the settings")
				}
			}
			if got != tt.want {
				t.Errorf("%s, locked %v: told %q", tt.state, tt.locked, got)
			}
			r.expect()
		})
	}
}

// TestFarewellTakesOneTouch, and a second one within two seconds takes it back.
func TestFarewellTakesOneTouch(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.state("incall")
		r.tap(r.d.actions.farewell)
		r.expect() // not yet
		if f := r.d.actions.farewell.Face(); f.Label != "Cancel" || !f.Loud {
			t.Errorf("waiting shows %+v", f)
		}
		r.tap(r.d.actions.farewell)
		r.now = r.now.Add(present.FarewellTime)
		r.d.again()
		r.expect()
		r.control(fyne.KeyE)
		r.key(fyne.KeyEscape) // takes it back, and hangs up nothing
		r.now = r.now.Add(present.FarewellTime)
		r.d.again()
		r.settle()
		r.expect()
		r.tap(r.d.actions.farewell)
		r.now = r.now.Add(present.FarewellTime)
		r.d.again()
		r.settle()
		r.expect("farewell")
		r.state("farewell")
		if !r.d.primary.Visible() || !r.d.view.Primary.Enabled || r.d.view.Mute.Icon != "mic-off" {
			t.Error("while the notice plays the call cannot be ended, or seems to be heard")
		}
	})
}

// TestFarewellGoesWithTheCall: a call that ends in the two seconds takes the
// lawful ending with it.
func TestFarewellGoesWithTheCall(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.state("incall")
		r.tap(r.d.actions.farewell)
		r.state("remote")
		r.now = r.now.Add(time.Minute)
		r.state("incall")
		r.expect()
	})
}

func TestRevealWhileHeld(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.state("incall")
		shown := func(want string) {
			t.Helper()
			if got := r.d.card.number.Text(); got != want {
				t.Errorf("the card shows %q, want %q", got, want)
			}
		}
		const whole, hidden = "010-0000-1234", "***-****-1234"
		shown(hidden)
		h := r.d.card.hold
		press := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
		h.MouseDown(press)
		shown(whole)
		h.MouseUp(press)
		shown(hidden)
		h.MouseDown(press)
		h.MouseOut() // who lets go elsewhere has let go
		shown(hidden)
		space := &fyne.KeyEvent{Name: fyne.KeySpace}
		h.KeyDown(space)
		shown(whole)
		h.FocusLost() // the key may come up in another window
		shown(hidden)
		r.d.heldKey(&fyne.KeyEvent{Name: fyne.KeyF8}, true)
		shown(whole)
		r.state("remote")
		if r.d.facts.Reveal {
			t.Error("it stays revealed when the call is over")
		}
	})
}

func TestKeypadInACall(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.state("incall")
		if r.d.pad.root.Visible() {
			t.Error("the pad is open unasked")
		}
		r.write("12") // works all the same
		r.control(fyne.KeyK)
		if !r.d.pad.root.Visible() {
			t.Fatal("the pad does not open")
		}
		r.tap(r.d.pad.keys['3'])
		r.expect("dtmf 123")
		r.state("digits")
		if !r.d.sent.Visible() || !strings.Contains(r.d.sent.Text(), "1029384756#") {
			t.Errorf("sent: %q", r.d.sent.Text())
		}
		r.tap(r.d.actions.keypad)
		if r.d.pad.root.Visible() {
			t.Error("the pad does not close")
		}
	})
}

func TestRedial(t *testing.T) {
	for _, tt := range []struct {
		mode         string
		kept, putOff bool
	}{{"memory", true, true}, {"off", true, false}} {
		onWindow(t, func(t *testing.T) {
			v := testLine()
			v.RecentCalls = tt.mode
			r := newRig(t, Options{Lang: text.English}, v)
			r.control(fyne.KeyR)
			if r.d.facts.Number != "" {
				t.Error("a number comes out of nowhere")
			}
			r.state("busy")
			if got := r.d.primary.Face().Label; (got == "Last number again") != tt.kept {
				t.Errorf("%s: the button says %q", tt.mode, got)
			}
			r.tap(r.d.banner.dismiss)
			r.control(fyne.KeyR)
			if got := r.d.facts.Number == "01000001234"; got != tt.putOff {
				t.Errorf("%s: after the end was put away: %q", tt.mode, r.d.facts.Number)
			}
			r.expect() // nothing is dialled
		})
	}
}

func TestSpeedDialsCall(t *testing.T) {
	busyWindow(t, func(r *rig) {
		if n := len(r.d.dials.buttons); n != dialsInRow {
			t.Fatalf("%d buttons", n)
		}
		r.tap(r.d.dials.buttons[1])
		r.expect("dial 100")
		r.tap(r.d.dials.buttons[2]) // more
		if r.d.page != pageDials {
			t.Fatal("the list does not open")
		}
		var rows []*look.Button
		eachButton(r.d.sheet, func(b *look.Button) {
			if b.Face().Sub != "" {
				rows = append(rows, b)
			}
		})
		r.tap(rows[3])
		r.expect("dial 100", "dial 300")
		v := r.d.values
		v.SpeedDials = nil
		r.d.adopt(v)
		if len(r.d.dials.buttons) != 0 {
			t.Error("what the settings took away stays")
		}
	})
}

func TestPasteOutOfWords(t *testing.T) {
	window(t, func(r *rig) {
		paste := func(s string) {
			fyne.CurrentApp().Clipboard().SetContent(s)
			r.d.paste()
			r.settle()
		}
		paste("전화: 02-123-4567 (내선 3)")
		if r.d.facts.Number != "021234567" {
			t.Errorf("pasted as %q", r.d.facts.Number)
		}
		paste("010-1234-5678, 010-8765-4321")
		if r.d.facts.Number != "021234567" || r.d.facts.Notice.Key != "error.clipboard.ambiguous" {
			t.Errorf("two numbers gave %q, %+v", r.d.facts.Number, r.d.facts.Notice)
		}
	})
}

// TestCompactShowsWhatCounts: the strip never hides that one is muted, and
// grows for questions, errors and alarms.
func TestCompactShowsWhatCounts(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.control(fyne.Key3)
		low := r.win.Canvas().Size().Height
		if r.d.facts.Size != present.Compact || low > 120 {
			t.Fatalf("the strip is %v high", low)
		}
		r.state("muted")
		if f := r.d.compact.mute.Face(); !r.d.compact.mute.Visible() || f.Icon != "mic-off" || !f.Loud || f.Label != "Muted" {
			t.Errorf("muted shows %+v", f)
		}
		r.tap(r.d.compact.mute)
		r.expect("mute false")
		r.state("leak")
		if h := r.win.Canvas().Size().Height; !r.d.alarm.panel.Visible() || h <= low {
			t.Errorf("the alarm is not seen: the strip is %v high", h)
		}
		r.state("incall")
		if h := r.win.Canvas().Size().Height; h != low {
			t.Errorf("the strip stays %v high, was %v", h, low)
		}
		r.now = r.now.Add(longEnough)
		r.tap(r.d.compact.primary)
		r.expect("mute false", "hangup")
		r.state("busy")
		if !r.d.banner.panel.Visible() {
			t.Error("the end of the call is not told")
		}
		r.d.handed("600")
		r.settle()
		if !r.d.ask.panel.Visible() {
			t.Error("a question is not seen")
		}
		r.d.refuse()
		r.tap(r.d.compact.grow)
		if r.d.facts.Size != present.Phone {
			t.Errorf("it grows to %v", r.d.facts.Size)
		}
	})
}

func TestSizesAndPages(t *testing.T) {
	busyWindow(t, func(r *rig) {
		r.control(fyne.Key1)
		if r.d.facts.Size != present.Full || r.d.stage.side.Hidden {
			t.Error("the full window does not come")
		}
		r.control(fyne.Key3)
		r.control(fyne.KeyComma)
		if r.d.facts.Size != present.Full || r.d.page != pageSettings {
			t.Errorf("settings out of the strip: size %v, page %v", r.d.facts.Size, r.d.page)
		}
		r.key(fyne.KeyEscape)
		r.tap(r.d.header.columns)
		if r.d.facts.Size != present.Phone {
			t.Errorf("the columns stay: %v", r.d.facts.Size)
		}
		r.key(fyne.KeyF1)
		if r.d.page != pageShortcuts {
			t.Error("F1 does not show the keys")
		}
	})
}

// TestHitAreas: whatever can be pressed is at least 44 by 44.
func TestHitAreas(t *testing.T) {
	for _, size := range present.Sizes() {
		for _, state := range []string{"idle", "ringing", "incall", "muted", "busy", "leak"} {
			busyWindow(t, func(r *rig) {
				r.d.resize(size)
				r.state(state)
				eachPressable(r.win.Content(), func(o fyne.CanvasObject) {
					if s := o.Size(); s.Width < 44 || s.Height < 44 {
						name := ""
						if b, ok := o.(*look.Button); ok {
							name = b.Face().Label
						}
						t.Errorf("%v, %s: %T %q is %v", size, state, o, name, s)
					}
				})
			})
		}
	}
}

// eachPressable visits what is seen and can be pressed.
func eachPressable(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			eachPressable(c, visit)
		}
	case *container.Scroll:
		eachPressable(o.Content, visit)
	case *look.Button, *look.Toggle:
		visit(o)
	case *canvas.Text, *canvas.Rectangle:
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			eachPressable(c, visit)
		}
	}
}

// TestHangingUpIsNeverScrolledAway: with text of twice the size in the least
// window, the big button and the microphone are on the screen.
func TestHangingUpIsNeverScrolledAway(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		v := busyValues(testLine())
		v.TextSize = 200
		r := newRig(t, Options{Lang: text.Korean, Shift: &uitest.Shift{}}, v)
		for _, state := range []string{"ringing", "incall", "muted", "leak"} {
			r.state(state)
			r.win.Resize(fyne.NewSize(r.d.windowSize().Width, leastHeight))
			r.settle()
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.d.primary)
			if end := at.Y + r.d.primary.Size().Height; !r.d.primary.Visible() || end > r.win.Canvas().Size().Height {
				t.Errorf("%s: hanging up ends at %v of %v", state, end, r.win.Canvas().Size().Height)
			}
		}
	})
}

// TestHintAndSpeedDials: on the practice server the speed dials are there from
// the start, and all of it has room.
func TestHintAndSpeedDials(t *testing.T) {
	for _, web := range []bool{false, true} {
		onWindow(t, func(t *testing.T) {
			v := busyValues(testLine())
			v.WebAPI = web
			opts := Options{Lang: text.Korean, Demo: &Demo{}, Shift: &uitest.Shift{}}
			if web {
				opts.Web = uitest.NewWeb()
			}
			r := newRig(t, opts, v)
			r.state("idle")
			if !r.d.banner.panel.Visible() || !r.d.dials.root.Visible() || len(r.d.dials.buttons) == 0 {
				t.Errorf("web %v: hint %v, speed dials %v", web, r.d.banner.panel.Visible(), r.d.dials.root.Visible())
			}
			if m := r.d.stage.needs(); m > startHeight-32 {
				t.Errorf("web %v: it is scrolled: %v", web, m)
			}
		})
	}
}
