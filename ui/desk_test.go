package ui

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/uitest"
)

// window is a test with a rig on a line that is set up.
func window(t *testing.T, f func(r *rig)) {
	t.Helper()
	onWindow(t, func(t *testing.T) { f(newRig(t, Options{Lang: text.English}, testLine())) })
}

func TestDialByKeyboard(t *testing.T) {
	window(t, func(r *rig) {
		r.write("010-1234")
		r.key(fyne.KeyBackspace)
		r.write("5")
		if got := r.d.number.line.Text(); got != "010-1235" {
			t.Errorf("the number shows %q", got)
		}
		r.key(fyne.KeyReturn)
		r.expect("dial 0101235")
	})
}

// TestEraseIsInItsPlace: it comes with the first digit, and stands in the window
// as a whole.
func TestEraseIsInItsPlace(t *testing.T) {
	window(t, func(r *rig) {
		r.write("1")
		b := r.d.number.erase
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
		if end := at.X + b.Size().Width; !b.Visible() || end > startWidth-18 {
			t.Errorf("from %v to %v", at.X, end)
		}
	})
}

func TestDialByPad(t *testing.T) {
	window(t, func(r *rig) {
		for _, sign := range "60#*" {
			r.tap(r.d.pad.keys[sign])
		}
		r.tap(r.d.number.erase)
		r.tap(r.d.primary)
		r.expect("dial 60#")
	})
}

func TestHoldZeroForPlus(t *testing.T) {
	window(t, func(r *rig) {
		test.TapSecondary(r.d.pad.keys['0'])
		r.write("821012345678")
		if got := r.d.number.line.Text(); got != "+821012345678" {
			t.Errorf("the number shows %q", got)
		}
		r.key(fyne.KeyReturn)
		r.expect("dial 01012345678") // at home, in the national form
	})
}

// TestKeysReachTheNumber: the focus on any button does not swallow digits.
func TestKeysReachTheNumber(t *testing.T) {
	window(t, func(r *rig) {
		for range 6 {
			test.FocusNext(r.win.Canvas())
			f := r.win.Canvas().Focused()
			if f == nil {
				t.Fatal("nothing can be focused")
			}
			f.TypedRune('7')
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
			f.TypedRune('1')
		}
		r.settle()
		if got := r.d.facts.Number; got != "111111" {
			t.Errorf("the number is %q", got)
		}
	})
}

func TestRefusedCharacters(t *testing.T) {
	window(t, func(r *rig) {
		r.write("01ㅁ")
		if r.d.facts.Number != "01" || !r.d.view.Banner.Show {
			t.Errorf("Hangul gave %q and banner %v", r.d.facts.Number, r.d.view.Banner)
		}
		if want := "A number cannot hold Hangul"; r.d.banner.title.Text() != want {
			t.Errorf("the banner says %q", r.d.banner.title.Text())
		}
		r.write("0")
		if r.d.view.Banner.Show {
			t.Error("the refusal stays after the next digit")
		}
	})
}

func TestPasteAndCopy(t *testing.T) {
	window(t, func(r *rig) {
		clip := fyne.CurrentApp().Clipboard()
		c := r.win.Canvas().(interface{ TypedShortcut(fyne.Shortcut) })
		paste := func(s string) {
			clip.SetContent(s)
			c.TypedShortcut(&fyne.ShortcutPaste{})
			r.settle()
		}
		paste("+82 10-1234-5678")
		if r.d.facts.Number != "01012345678" {
			t.Errorf("pasted as %q", r.d.facts.Number)
		}
		paste("홍길동")
		if r.d.facts.Number != "01012345678" || r.d.facts.Notice.Code != call.CodeHangulTel {
			t.Errorf("after pasting a name: %q, %q", r.d.facts.Number, r.d.facts.Notice.Code)
		}
		paste("  ")
		if r.d.facts.Notice.Key != "error.clipboard.empty" {
			t.Errorf("after pasting nothing: %+v", r.d.facts.Notice)
		}
		c.TypedShortcut(&fyne.ShortcutCopy{})
		if got := clip.Content(); got != "01012345678" {
			t.Errorf("copied %q", got)
		}
	})
}

func TestOptionsNumberIsFilledInNotDialled(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English, Number: "tel:+82-10-1234-5678"}, testLine())
		r.settle()
		if r.d.facts.Number != "01012345678" {
			t.Errorf("the number is %q", r.d.facts.Number)
		}
		r.expect()
		bad := newRig(t, Options{Lang: text.English, Number: "홍길동"}, testLine())
		if bad.d.facts.Number != "" || bad.d.facts.Notice.Code != call.CodeHangulTel {
			t.Errorf("a bad number gave %q, %+v", bad.d.facts.Number, bad.d.facts.Notice)
		}
	})
}

func TestRefusals(t *testing.T) {
	window(t, func(r *rig) {
		r.key(fyne.KeyReturn)
		if r.d.facts.Notice.Code != call.CodeEmptyTel {
			t.Errorf("dialling nothing: %+v", r.d.facts.Notice)
		}
		r.phone.Err = func(string) error { return call.ErrBusy }
		r.write("600")
		r.key(fyne.KeyReturn)
		if r.d.facts.Notice.Code != call.CodeBusy {
			t.Errorf("a refused dial: %+v", r.d.facts.Notice)
		}
		r.phone.Err = func(string) error { return errors.New("boom") }
		r.key(fyne.KeyReturn)
		if got := r.d.banner.title.Text(); got != "Something unexpected happened" {
			t.Errorf("an error without a code: %q", got)
		}
	})
}

func TestNotSetUp(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.Korean}, Values{})
		r.write("600")
		r.key(fyne.KeyReturn)
		r.expect()
		if !r.d.view.Banner.Settings {
			t.Errorf("no way to the settings in %+v", r.d.view.Banner)
		}
		r.tap(r.d.banner.settings)
		if r.d.page != pageFirst {
			t.Error("the first steps do not open")
		}
	})
}

func TestCallButtons(t *testing.T) {
	window(t, func(r *rig) {
		r.state("ringing")
		r.now = r.now.Add(longEnough)
		r.tap(r.d.primary)
		r.expect("hangup")
		r.state("incall")
		r.tap(r.d.mute)
		r.expect("hangup", "mute true")
		if r.d.mute.Face().Label != "Microphone on" {
			t.Error("mute is shown before it is confirmed")
		}
		r.state("muting")
		r.tap(r.d.mute)
		r.expect("hangup", "mute true") // nothing to ask for while one is under way
		r.state("muted")
		if f := r.d.mute.Face(); f.Label != "Muted" || f.Icon != "mic-off" || !f.Loud {
			t.Errorf("muted shows %+v", f)
		}
		r.tap(r.d.mute)
		r.expect("hangup", "mute true", "mute false")
	})
}

const longEnough = 2 * escapeTime

// TestFarEndIsFaster: whoever presses "hang up" in the moment the far end does
// must not call again.
func TestFarEndIsFaster(t *testing.T) {
	window(t, func(r *rig) {
		r.write("600")
		r.state("incall")
		r.now = r.now.Add(longEnough)
		r.state("remote")
		r.tap(r.d.primary)
		r.expect()
		r.now = r.now.Add(longEnough)
		r.tap(r.d.primary)
		r.expect("dial 600")
	})
}

func TestTones(t *testing.T) {
	window(t, func(r *rig) {
		r.state("ringing")
		r.write("1")
		r.expect()
		r.state("incall")
		r.write("1a #ㅁ５")
		r.tap(r.d.pad.keys['*'])
		test.TapSecondary(r.d.pad.keys['0'])
		r.settle()
		sent := ""
		for _, c := range r.phone.Commands() {
			sent += strings.TrimPrefix(c, "dtmf ")
		}
		if sent != "1#5*0" {
			t.Errorf("sent %q, commands %q", sent, r.phone.Commands())
		}
		r.state("digits")
		if got := r.d.sent.Text(); got != "Digits sent  1029384756#" {
			t.Errorf("sent digits: %q", got)
		}
	})
}

func TestEscape(t *testing.T) {
	window(t, func(r *rig) {
		r.write("600")
		r.key(fyne.KeyEscape)
		if r.d.facts.Number != "" {
			t.Error("Escape leaves the number")
		}
		r.state("ringing")
		r.key(fyne.KeyEscape)
		r.expect("hangup") // before the answer at once
		r.state("incall")
		r.key(fyne.KeyEscape)
		r.expect("hangup")
		if r.d.card.sub.Text() == "" {
			t.Error("no hint that one more is needed")
		}
		r.now = r.now.Add(longEnough)
		r.key(fyne.KeyEscape) // too late for the first one
		r.expect("hangup")
		r.key(fyne.KeyEscape)
		r.expect("hangup", "hangup")
		r.state("ended")
		if got := r.d.banner.title.Text(); got != "You ended the call" {
			t.Errorf("after the call: %q", got)
		}
	})
}

// TestEscapeFromAPage: in a call one press closes whatever page is open, from
// wherever the focus is, and says how the call is ended; it takes two more to do
// that. What is edited is not lost.
func TestEscapeFromAPage(t *testing.T) {
	for name, open := range map[string]func(r *rig){
		"the list of keys": func(r *rig) { r.d.open(pageShortcuts) },
		"the settings":     func(r *rig) { r.d.open(pageSettings) },
		"a section":        func(r *rig) { r.openSection("window") },
		"a field": func(r *rig) {
			r.win.Canvas().Focus(r.openSection("calls").fields["presented-number"].entry)
		},
		"a part of a section": func(r *rig) { r.openSection("about").enter("all") },
	} {
		t.Run(name, func(t *testing.T) {
			window(t, func(r *rig) {
				r.state("incall")
				open(r)
				r.focused(fyne.KeyEscape)
				if r.d.page != pageNone {
					t.Error("the page stays open")
				}
				if got := r.d.card.sub.Text(); got != "To hang up, press Esc twice." {
					t.Errorf("told %q", got)
				}
				r.focused(fyne.KeyEscape)
				r.expect()
				r.focused(fyne.KeyEscape)
				r.expect("hangup")
			})
		})
	}
	window(t, func(r *rig) {
		r.state("incall")
		p := r.openSection("calls")
		p.fields["presented-number"].entry.SetText("1577")
		r.focused(fyne.KeyEscape)
		if r.d.settings != p || p.at != "" || !p.unsaved() {
			t.Errorf("what was edited is gone: page %d, section %q", r.d.page, p.at)
		}
	})
	window(t, func(r *rig) { // outside of a call a section leads to the list
		p := r.openSection("calls")
		r.focused(fyne.KeyEscape)
		if r.d.settings != p || p.at != "" || r.d.card.sub.Text() != "" {
			t.Errorf("page %d, section %q", r.d.page, p.at)
		}
	})
}

func TestEndOfCall(t *testing.T) {
	window(t, func(r *rig) {
		r.write("600")
		r.state("busy")
		if got := r.d.banner.title.Text(); got != "The line is busy" {
			t.Errorf("the banner says %q", got)
		}
		if r.d.facts.Number != "600" {
			t.Error("the number is gone: it cannot be called again")
		}
		r.tap(r.d.banner.detail)
		if got := r.d.banner.details.Text(); !strings.Contains(got, "486 Busy Here") {
			t.Errorf("details %q", got)
		}
		r.tap(r.d.banner.dismiss)
		if r.d.view.Banner.Show || r.d.banner.panel.Visible() {
			t.Error("the banner stays")
		}
		r.state("busy")
		if r.d.view.Banner.Show {
			t.Error("what was put away comes back")
		}
	})
}

func TestNoFocusIsCarriedIntoACall(t *testing.T) {
	window(t, func(r *rig) {
		r.d.open(pageSettings)
		r.d.close()
		r.win.Canvas().Focus(r.d.primary)
		r.state("ringing")
		if f := r.win.Canvas().Focused(); f != nil {
			t.Errorf("%T keeps the focus: Space would cancel the call", f)
		}
	})
}

func TestShortcuts(t *testing.T) {
	window(t, func(r *rig) {
		c := r.win.Canvas().(interface{ TypedShortcut(fyne.Shortcut) })
		press := func(key fyne.KeyName) {
			c.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
			r.settle()
		}
		press(fyne.KeyM)
		r.expect() // no call, no microphone
		r.state("incall")
		press(fyne.KeyM)
		r.expect("mute true")
		press(fyne.KeyComma)
		if r.d.page != pageSettings {
			t.Error("the settings do not open")
		}
		r.key(fyne.KeyEscape)
		if r.d.page != pageNone {
			t.Error("Escape does not close the settings")
		}
	})
}

func TestClosing(t *testing.T) {
	window(t, func(r *rig) {
		r.d.closeAsked()
		if r.quits != 1 {
			t.Error("an idle window does not close")
		}
		r.state("incall")
		r.d.closeAsked()
		r.settle()
		if r.quits != 1 || r.d.page != pageClose {
			t.Fatal("a window in a call closes unasked")
		}
		r.d.close()
		r.d.closeAsked()
		r.d.leave()
		r.d.pump.refresh()
		if r.quits != 1 {
			t.Error("closed before the call was cleared")
		}
		if r.d.view.Status != "Hanging up and closing" {
			t.Errorf("the status is %q", r.d.view.Status)
		}
		r.state("clearing")
		r.state("ended")
		if r.quits != 2 {
			t.Error("the call is cleared and the window stays")
		}
		r.expect("hangup")
	})
}

func TestCloseQuestionGoesWithTheCall(t *testing.T) {
	window(t, func(r *rig) {
		r.state("incall")
		r.d.closeAsked()
		r.state("remote")
		if r.d.page != pageNone || r.quits != 0 {
			t.Errorf("page %v, quits %d", r.d.page, r.quits)
		}
	})
}

func TestDemoNumbers(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.Korean, Demo: &Demo{Numbers: demoNumbers()}}, testLine())
		r.tap(r.d.banner.numbers)
		if r.d.page != pageNumbers {
			t.Fatal("the numbers do not open")
		}
		var rows []*look.Button
		eachButton(r.d.sheet, func(b *look.Button) {
			if b.Face().Sub != "" {
				rows = append(rows, b)
			}
		})
		if len(rows) != len(demoNumbers()) {
			t.Fatalf("%d rows", len(rows))
		}
		r.tap(rows[3])
		if r.d.page != pageNone || r.d.facts.Number != "603" {
			t.Errorf("page %v, number %q", r.d.page, r.d.facts.Number)
		}
		r.expect()
		// A call from elsewhere must not hide behind the list.
		r.d.open(pageNumbers)
		r.state("ringing")
		if r.d.page != pageNone || !r.d.card.panel.Visible() {
			t.Error("the list covers the call")
		}
	})
}

// TestCallControlsNeverHide: whatever page is open, a call can be muted and
// ended.
func TestCallControlsNeverHide(t *testing.T) {
	window(t, func(r *rig) {
		for _, state := range []string{"connecting", "ringing", "incall", "muted", "held", "clearing"} {
			r.state(state)
			for _, p := range []page{pageNone, pageSettings, pageClose} {
				r.d.putPageAway()
				r.d.open(p)
				r.settle()
				if !r.d.primary.Visible() || !r.d.mute.Visible() {
					t.Errorf("%s, page %d: hang up visible %v, mute %v", state, p, r.d.primary.Visible(), r.d.mute.Visible())
				}
				if head := r.d.header.title.Text(); p == pageSettings && head != r.d.view.Card.Title {
					t.Errorf("%s: the header does not tell of the call: %q", state, head)
				}
			}
		}
	})
}

// TestNothingIsDrawnTwice: measurements arrive every second and must not cost
// a frame when nothing that is shown has changed.
func TestNothingIsDrawnTwice(t *testing.T) {
	window(t, func(r *rig) {
		r.state("incall")
		r.measure(1, func(*call.Stats) {}) // from now on the quality has words
		r.now = r.now.Add(time.Millisecond)
		before := r.d.view
		s := r.d.facts.Snapshot
		s.Call.Stats.LevelIn = -3
		s.Call.Stats.PacketsReceived += 50
		n := testing.AllocsPerRun(10, func() { r.d.show(s) })
		if r.d.view != before {
			t.Error("a measurement changes the view")
		}
		t.Logf("%v allocations for a snapshot that shows nothing new", n)
	})
}

func TestExplain(t *testing.T) {
	for _, l := range text.Langs() {
		c := text.For(l)
		for _, err := range []error{ErrNoDisplay, ErrNoOpenGL} {
			if title, help := Explain(err, c); title == err.Error() || help == "" {
				t.Errorf("%s: %v explained as %q, %q", l, err, title, help)
			}
		}
		if title, help := Explain(errors.New("boom"), c); title != "boom" || help != "" {
			t.Errorf("another error: %q, %q", title, help)
		}
	}
}

func TestNoDisplay(t *testing.T) {
	opts := Options{Getenv: func(string) string { return "" }, Settings: &fakeSettings{}}
	if err := Run(t.Context(), opts); !errors.Is(err, ErrNoDisplay) {
		t.Errorf("got %v", err)
	}
}

// TestQuietStart: the toolkit's complaint about the locale C is not ours to
// make at the start of every command.
func TestQuietStart(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "LC_ALL=C", "LANGUAGE=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimPrefix(stderr.String(), "testing: warning: no tests to run\n"); got != "" {
		t.Errorf("standard error: %s", got)
	}
}

// eachButton visits the buttons below o.
func eachButton(o fyne.CanvasObject, visit func(*look.Button)) {
	eachButtonOf(o, func(fyne.CanvasObject) bool { return true }, visit)
}

// eachVisible is eachButton for those that can be seen.
func eachVisible(o fyne.CanvasObject, visit func(*look.Button)) {
	eachButtonOf(o, fyne.CanvasObject.Visible, visit)
}

// eachButtonOf is eachButton below what enter lets in.
func eachButtonOf(o fyne.CanvasObject, enter func(fyne.CanvasObject) bool, visit func(*look.Button)) {
	if !enter(o) {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			eachButtonOf(c, enter, visit)
		}
	case *look.Button:
		visit(o)
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			eachButtonOf(c, enter, visit)
		}
	}
}

// TestOneLoudButton: where one thing is asked, one button is loud, and the keyboard
// is on it unless something is to be typed.
func TestOneLoudButton(t *testing.T) {
	loud := map[string]string{
		"allow": "No", "revoke": "Keep", "handed": "Not now", "check-heard": "Yes, I did", "check": "Start the check", "check-bad": "Check again", "first-test": "",
	}
	for _, s := range screens() {
		want, ok := loud[s.name]
		if !ok {
			continue
		}
		delete(loud, s.name)
		t.Run(s.name, func(t *testing.T) {
			onWindow(t, func(t *testing.T) {
				opts := Options{Lang: text.English}
				if s.web {
					opts.Web = uitest.NewWeb()
				}
				r := newRig(t, opts, s.values)
				r.state(s.state)
				s.act(r)
				r.settle()
				var found []string
				eachVisible(r.win.Content(), func(b *look.Button) {
					if b.Loud() && !b.Face().Disabled {
						found = append(found, b.Face().Label)
					}
				})
				if got := strings.Join(found, ", "); got != want {
					t.Errorf("loud: %q, want %q", got, want)
				}
			})
		})
	}
	if len(loud) > 0 {
		t.Errorf("no screens: %v", loud)
	}
}

// TestHanded: a number from another program is filled in and asked about, and
// nothing more.
func TestHanded(t *testing.T) {
	window(t, func(r *rig) {
		shown := func(want string) {
			t.Helper()
			if got := r.d.number.line.Text(); got != want {
				t.Errorf("the number shows %q, want %q", got, want)
			}
		}
		r.d.handed("010 1234 5678")
		shown("010-1234-5678")
		r.d.handed("") // only to the front
		shown("010-1234-5678")
		r.d.handed("\ud64d\uae38\ub3d9")
		shown("010-1234-5678")
		if r.d.facts.Notice.Code != call.CodeHangulTel {
			t.Errorf("notice %+v", r.d.facts.Notice)
		}
		r.state("incall")
		r.d.handed("600")
		if r.d.facts.Number == "600" || r.d.facts.Notice.Key != "handed.busy" {
			t.Errorf("in a call: number %q, notice %+v", r.d.facts.Number, r.d.facts.Notice)
		}
		r.expect() // no command at all
	})
}
