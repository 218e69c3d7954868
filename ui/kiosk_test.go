package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/call/kiosk"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// onBooth runs a test with a booth of 1024 by 600.
func onBooth(t *testing.T, opts KioskOptions, f func(r *boothRig)) {
	t.Helper()
	onWindow(t, func(t *testing.T) {
		if opts.Lang == "" {
			opts.Lang = text.Korean
		}
		r := newBoothRig(t, opts, fyne.NewSize(1024, 600))
		r.state("ready")
		r.pass(time.Minute)
		f(r)
	})
}

func TestBoothCalls(t *testing.T) {
	onBooth(t, KioskOptions{}, func(r *boothRig) {
		r.tap(r.d.stage.main)
		r.expect("press 1")
		r.state("connecting")
		// Whoever presses again and again does not cancel the call.
		r.tap(r.d.stage.main)
		r.expect("press 1")
		r.pass(kioskSettle)
		r.tap(r.d.stage.main)
		r.expect("press 1", "hangup")
	})
}

// TestBoothEmergency: one press asks, the yes is elsewhere, and the question
// goes by itself.
func TestBoothEmergency(t *testing.T) {
	onBooth(t, KioskOptions{Label: "119"}, func(r *boothRig) {
		r.tap(r.d.stage.apart)
		r.expect()
		if got := r.d.view.Title; !strings.Contains(got, "119") {
			t.Errorf("asks %q", got)
		}
		r.tap(r.d.stage.apart) // twice on the same place
		r.pass(kioskSettle)
		r.tap(r.d.stage.apart)
		if r.d.facts.Asking {
			t.Error("still asks after going back")
		}
		r.expect()
		r.pass(kioskSettle)
		r.tap(r.d.stage.apart)
		r.pass(kioskSettle)
		r.tap(r.d.stage.main)
		r.expect("press 2")

		r.pass(kioskSettle)
		r.tap(r.d.stage.apart)
		r.pass(kioskAskTime)
		if r.d.facts.Asking || r.d.view.Main.Do != present.KioskCall {
			t.Error("the question does not go by itself")
		}
	})
}

// TestBoothKeys: physical buttons send 1 and 2, the focus is pressed by Space
// and Enter, and every other key does nothing at all.
func TestBoothKeys(t *testing.T) {
	onBooth(t, KioskOptions{}, func(r *boothRig) {
		for _, n := range []fyne.KeyName{fyne.KeyEscape, fyne.KeyF4, fyne.KeyF11, fyne.KeyQ, fyne.KeyW, fyne.KeyBackspace,
			fyne.KeyDelete, fyne.KeySpace, fyne.KeyReturn, fyne.KeyUp, "3", "9"} {
			r.key(n)
		}
		r.expect()
		r.key("2")
		if !r.d.facts.Asking {
			t.Fatal("key 2 does not ask")
		}
		r.pass(kioskSettle)
		r.key("1")
		if r.d.facts.Asking {
			t.Fatal("key 1 does not go back")
		}
		r.pass(kioskSettle)
		r.key("2")
		r.pass(kioskSettle)
		r.key("2")
		r.expect("press 2")
		r.pass(kioskSettle)
		r.key("1")
		r.expect("press 2", "press 1")
		r.state("talking")
		r.pass(kioskSettle)
		test.FocusNext(r.win.Canvas())
		b, ok := r.win.Canvas().Focused().(*kioskButton)
		if !ok || b != r.d.stage.main {
			t.Fatalf("Tab goes to %v", r.win.Canvas().Focused())
		}
		b.KeyDown(&fyne.KeyEvent{Name: fyne.KeySpace})
		r.settle()
		r.expect("press 2", "press 1", "hangup")
	})
}

// TestBoothDark: the touch that wakes the screen does not dial, nor does a key.
func TestBoothDark(t *testing.T) {
	onBooth(t, KioskOptions{}, func(r *boothRig) {
		r.state("dim")
		if r.d.stage.dim.Hidden {
			t.Fatal("the screen is not dark")
		}
		before := r.booth.touches
		r.d.stage.dim.MouseDown(pointAt(fyne.NewPos(300, 300)))
		r.key("1", "2")
		test.FocusNext(r.win.Canvas())
		r.d.stage.main.KeyDown(&fyne.KeyEvent{Name: fyne.KeySpace})
		r.settle()
		r.expect()
		if r.booth.touches-before != 4 {
			t.Errorf("%d touches were told", r.booth.touches-before)
		}
		// A call that comes while it is dark is never dark.
		s, _ := boothState("talking", r.now)
		s.Bright = false
		r.status(s)
		if !r.d.stage.dim.Hidden {
			t.Error("a call is dark")
		}
	})
}

// TestBoothPIN walks through the administrator's pad.
func TestBoothPIN(t *testing.T) {
	onBooth(t, KioskOptions{}, func(r *boothRig) {
		corner := fyne.NewPos(4, 590)
		hold := func(d time.Duration) {
			r.d.stage.ground.MouseDown(pointAt(corner))
			r.pass(d)
			r.d.stage.ground.MouseUp(nil)
			r.settle()
		}
		hold(kioskCorner - time.Millisecond)
		r.pass(time.Minute)
		if r.d.facts.PIN.Open {
			t.Fatal("the pad opens too early")
		}
		hold(kioskCorner)
		if !r.d.view.PIN.Open {
			t.Fatal("the pad does not open")
		}
		// Untouched it closes, and each touch gives it another while.
		r.pass(kioskPINTime - time.Second)
		r.key("1")
		r.pass(kioskPINTime - time.Second)
		if !r.d.view.PIN.Open || r.d.view.PIN.Dots != "●" {
			t.Fatalf("after a key: %+v", r.d.view.PIN)
		}
		r.pass(time.Second)
		if r.d.view.PIN.Open || r.d.digits != "" {
			t.Fatal("the pad stays open")
		}
		hold(kioskCorner)
		r.key("1", "2", "3", fyne.KeyBackspace, fyne.KeyReturn)
		r.expect("pin")
		if v := r.d.view.PIN; v.Help != r.d.texts.Text("kiosk.pin.wrong") || v.Dots != "" || r.quits != 0 {
			t.Errorf("after a wrong one: %+v, %d quits", v, r.quits)
		}
		for _, k := range "2580" {
			r.tap(r.d.stage.pad.keys[k])
		}
		r.tap(r.d.stage.pad.keys[padEnter])
		if r.quits != 1 || !r.d.left {
			t.Errorf("the right PIN: %d quits, left %v", r.quits, r.d.left)
		}
	})
}

// TestBoothPINWaits: while no PIN is looked at, none can be typed.
func TestBoothPINWaits(t *testing.T) {
	onBooth(t, KioskOptions{}, func(r *boothRig) {
		s, _ := boothState("ready", r.now)
		s.PINAgain = r.now.Add(3 * time.Second)
		r.status(s)
		r.d.openPIN()
		r.d.again()
		r.key("2", "5", "8", "0", fyne.KeyReturn)
		r.expect()
		if !strings.Contains(r.d.view.PIN.Help, "3초") {
			t.Errorf("says %q", r.d.view.PIN.Help)
		}
		r.pass(time.Second)
		if !strings.Contains(r.d.view.PIN.Help, "2초") {
			t.Errorf("a second later: %q", r.d.view.PIN.Help)
		}
		r.pass(2 * time.Second)
		r.key("2", "5", "8", "0", fyne.KeyReturn)
		r.expect("pin")
	})
}

// TestBoothPINNeverInACall: a call closes the pad, and none opens in one.
func TestBoothPINNeverInACall(t *testing.T) {
	onBooth(t, KioskOptions{}, func(r *boothRig) {
		r.d.openPIN()
		r.d.again()
		r.key("2", "5")
		r.state("ringing")
		if r.d.view.PIN.Open || r.d.digits != "" {
			t.Error("the pad stays over a call")
		}
		for _, s := range []string{"connecting", "ringing", "talking", "silence", "ending"} {
			r.state(s)
			r.d.openPIN()
			r.d.again()
			if r.d.view.PIN.Open {
				t.Errorf("the pad opens in %s", s)
			}
		}
		s, _ := boothState("ready", r.now)
		s.PIN = false
		r.status(s)
		r.d.openPIN()
		r.d.again()
		if r.d.view.PIN.Open {
			t.Error("the pad opens where there is no PIN")
		}
	})
}

// TestBoothResets: when the visitor has gone, everything is as at the start.
func TestBoothResets(t *testing.T) {
	volume := &fakeVolume{3}
	onBooth(t, KioskOptions{Volume: volume}, func(r *boothRig) {
		for _, b := range r.d.stage.service {
			r.tap(b)
		}
		if f := r.d.facts; !f.Low || !f.Contrast || r.d.texts.Lang() != text.English {
			t.Fatalf("the small buttons: low %v, contrast %v, %s", f.Low, f.Contrast, r.d.texts.Lang())
		}
		r.state("talking")
		r.pass(kioskSettle)
		r.tap(r.d.stage.apart)
		if volume.level != 4 || !r.d.facts.Helping {
			t.Errorf("\"I can't hear\": volume %d", volume.level)
		}
		r.pass(kioskSettle)
		r.tap(r.d.stage.apart)
		r.tap(r.d.stage.apart)
		r.tap(r.d.stage.pair)
		if volume.level != 4 {
			t.Errorf("louder to the end and quieter: %d", volume.level)
		}
		r.pass(kioskHelpTime)
		if r.d.facts.Helping {
			t.Error("the volume's buttons stay")
		}
		s, _ := boothState("ready", r.now)
		s.Resets = 1
		r.status(s)
		if f := r.d.facts; f.Low || f.Contrast || r.d.texts.Lang() != text.Korean || volume.level != 3 {
			t.Errorf("after a reset: low %v, contrast %v, %s, volume %d", f.Low, f.Contrast, r.d.texts.Lang(), volume.level)
		}
	})
}

// TestBoothSpeaks: each prompt once, in the visitor's language, a newer one
// before an older one has ended.
func TestBoothSpeaks(t *testing.T) {
	var spoken []string
	cut := 0
	opts := KioskOptions{
		Voice: func(l text.Lang, p kiosk.Prompt) ([]int16, error) {
			spoken = append(spoken, string(l)+" "+string(p))
			return make([]int16, 48000), nil
		},
		Play: func(ctx context.Context, pcm []int16) error {
			timer := time.NewTimer(time.Duration(len(pcm)) * time.Second / 48000)
			defer timer.Stop()
			select {
			case <-timer.C:
				return nil
			case <-ctx.Done():
				cut++
				return ctx.Err()
			}
		},
	}
	onBooth(t, opts, func(r *boothRig) {
		prompt := func(p kiosk.Prompt, id uint64) {
			s, _ := boothState("ready", r.now)
			s.Prompt, s.PromptID = p, id
			r.status(s)
		}
		prompt(kiosk.PromptWelcome, 1)
		prompt(kiosk.PromptWelcome, 1)
		prompt(kiosk.PromptCalling, 2)
		time.Sleep(2 * time.Second) // the bubble's
		synctest.Wait()
		prompt(kiosk.PromptWait, 3)
		prompt(kiosk.PromptNone, 4)
		synctest.Wait()
		if got := strings.Join(spoken, ", "); got != "ko welcome, ko calling, ko wait" || cut != 2 {
			t.Errorf("spoken: %s; %d cut", got, cut)
		}
		r.expect("spoken 2", "spoken 4")
		// Another language says it anew.
		prompt(kiosk.PromptHeld, 5)
		synctest.Wait()
		r.tap(r.d.stage.service[2])
		if last := spoken[len(spoken)-1]; last != "en welcome" {
			t.Errorf("in the other language: %s", last)
		}
	})
}

// TestBoothAwake: the screen saver is held off in a call, and let be after it.
func TestBoothAwake(t *testing.T) {
	var said []bool
	onBooth(t, KioskOptions{Awake: func(on bool) { said = append(said, on) }}, func(r *boothRig) {
		for _, s := range []string{"connecting", "talking", "ending", "ended", "ready"} {
			r.state(s)
		}
		if len(said) != 2 || !said[0] || said[1] {
			t.Errorf("said %v", said)
		}
	})
}

// TestBoothBeat: the watchdog's round trip is over when the UI goroutine has
// run, not before, and says so when it never will.
func TestBoothBeat(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newBoothRig(t, KioskOptions{}, fyne.NewSize(1024, 600))
		r.d.start(t.Context())
		answer := make(chan error, 1)
		beat := func(ctx context.Context) { go func() { answer <- r.d.beat(ctx) }() }
		beat(t.Context())
		synctest.Wait()
		select {
		case err := <-answer:
			t.Fatalf("answers (%v) although nothing has run", err)
		default:
		}
		r.settle()
		if err := <-answer; err != nil {
			t.Error(err)
		}
		late, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		beat(late)
		if err := <-answer; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a goroutine that hangs gives %v", err)
		}
		beat(t.Context())
		synctest.Wait()
		r.d.stop()
		if err := <-answer; !errors.Is(err, ErrKioskClosed) {
			t.Errorf("a closed screen gives %v", err)
		}
	})
}

// TestBoothFollows: what Watch gives is shown.
func TestBoothFollows(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newBoothRig(t, KioskOptions{}, fyne.NewSize(1024, 600))
		r.d.start(t.Context())
		s, _ := boothState("talking", r.now)
		r.booth.status <- s
		r.settle()
		if r.d.view.Main.Do != present.KioskHangup {
			t.Errorf("shows %+v", r.d.view)
		}
	})
}

// TestBoothContrast holds every pair of words and ground to 7 to 1.
func TestBoothContrast(t *testing.T) {
	base := look.NewTheme(look.Light)
	for name, th := range map[string]kioskTheme{
		"day": newKioskTheme(base, look.Light, false), "night": newKioskTheme(base, look.Dark, false),
		"contrast": newKioskTheme(base, look.Light, true),
	} {
		pairs := [][2]fyne.ThemeColorName{
			{theme.ColorNameForeground, theme.ColorNameBackground}, {look.Muted, theme.ColorNameBackground},
			{theme.ColorNameForeground, look.Surface}, {look.Faint, look.Surface},
		}
		for _, r := range []present.Role{present.Neutral, present.Accent, present.Good, present.Warn, present.Bad} {
			on := look.RoleColor(r, look.On)
			pairs = append(pairs, [2]fyne.ThemeColorName{on, look.RoleColor(r, look.Solid)},
				[2]fyne.ThemeColorName{on, look.RoleColor(r, look.Down)},
				[2]fyne.ThemeColorName{look.RoleColor(r, look.Ink), theme.ColorNameBackground})
		}
		for _, p := range pairs {
			a, b := th.Color(p[0], theme.VariantLight), th.Color(p[1], theme.VariantLight)
			if c := contrast(a, b); c < 7 {
				t.Errorf("%s: %s on %s has %.1f to 1", name, p[0], p[1], c)
			}
		}
	}
}
