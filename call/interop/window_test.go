package interop

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// realWindow is the phone's window on a desktop, worked with mouse and
// keyboard as a person does.
type realWindow struct {
	*PhoneRun
	t       *testing.T
	ctx     context.Context
	desktop *Desktop
	id      string
	dir     string
}

// openWindow starts the phone with its window and waits until that is shown.
func openWindow(t *testing.T, ctx context.Context, g *Group, d *Desktop, args ...string) *realWindow {
	t.Helper()
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	w := &realWindow{t: t, ctx: ctx, desktop: d, dir: t.TempDir()}
	if w.PhoneRun, err = g.StartPhone("window", bin, d.Env, append(args, "--log-level", "info")...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the phone's standard error:\n%s", w.Log())
		}
	})
	err = waitReady(ctx, w.Process, func() (bool, error) {
		select {
		case <-w.Done():
			return false, fmt.Errorf("exit status %d", w.ExitStatus())
		default:
		}
		ids, err := d.Xdotool(ctx, "search", "--onlyvisible", "--pid", strconv.Itoa(w.PID()))
		w.id = strings.TrimSpace(ids)
		return err == nil && w.id != "" && strings.Contains(w.Log(), "the window is shown"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Xdotool(ctx, "windowactivate", "--sync", w.id); err != nil {
		t.Fatal(err)
	}
	return w
}

// keys presses keys, one after the other.
func (w *realWindow) keys(names ...string) {
	w.t.Helper()
	if _, err := w.desktop.Xdotool(w.ctx, append([]string{"key", "--clearmodifiers", "--delay", "30"}, names...)...); err != nil {
		w.t.Fatal(err)
	}
}

// click presses the mouse button at a point of the window.
func (w *realWindow) click(p image.Point) {
	w.t.Helper()
	w.mouse(p, "click", "1")
}

// mouse moves the mouse and does something there. (With --sync xdotool waits
// for ever when the mouse is there already; the server keeps the order.)
func (w *realWindow) mouse(p image.Point, action ...string) {
	w.t.Helper()
	move := []string{"mousemove", "--window", w.id, strconv.Itoa(p.X), strconv.Itoa(p.Y)}
	if _, err := w.desktop.Xdotool(w.ctx, append(move, action...)...); err != nil {
		w.t.Fatal(err)
	}
}

// look takes a picture of the window.
func (w *realWindow) look() image.Image {
	w.t.Helper()
	file := filepath.Join(w.dir, "window.png")
	if err := w.desktop.Screenshot(w.ctx, w.id, file); err != nil {
		w.t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return img
}

// bands are the rows of controls that the window shows, from the bottom up:
// the stretches of its column that are not background. The window is one
// column; the big button is the lowest band, and in a call the two rows of what
// else can be done are above it, and the microphone's switch above those.
func (w *realWindow) bands() []image.Rectangle {
	w.t.Helper()
	img := w.look()
	all := img.Bounds()
	x := all.Min.X + all.Dx()/8 // in the pad's first column, beside its digits
	ground := img.At(all.Min.X+2, all.Max.Y-3)
	var bands []image.Rectangle
	bottom := -1
	for y := all.Max.Y - 1; y >= all.Min.Y; y-- {
		on := !same(img.At(x, y), ground)
		switch {
		case on && bottom < 0:
			bottom = y
		case !on && bottom >= 0:
			if bottom-y > 20 { // thinner ones are lines and shadows
				bands = append(bands, image.Rect(all.Min.X, y+1, all.Max.X, bottom+1))
			}
			bottom = -1
		}
	}
	return bands
}

func same(a, b color.Color) bool {
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	return r1 == r2 && g1 == g2 && b1 == b2
}

// The places of bands, from the bottom.
const (
	bandPrimary = 0
	bandMute    = 3
)

// primary is the colour of the big button, which tells what it does.
func (w *realWindow) primary() color.Color {
	w.t.Helper()
	w.mouse(image.Pt(2, 2)) // away: under the mouse it has another shade
	all := w.bands()
	if len(all) == 0 {
		w.t.Fatal("the window shows no controls")
	}
	b := all[bandPrimary]
	return w.look().At(b.Min.X+b.Dx()/8, (b.Min.Y+b.Max.Y)/2)
}

// await waits until the window shows something.
func (w *realWindow) await(what string, shown func() bool) {
	w.t.Helper()
	if err := WaitFor(w.ctx, what, func() (bool, error) { return shown(), nil }); err != nil {
		w.t.Fatal(err)
	}
}

// pressLike clicks on the button of a colour inside a band.
func (w *realWindow) pressLike(c color.Color, band int) {
	w.t.Helper()
	all, img := w.bands(), w.look()
	if len(all) <= band {
		w.t.Fatalf("the window shows %d bands", len(all))
	}
	var button image.Rectangle
	for y := all[band].Min.Y; y < all[band].Max.Y; y++ {
		for x := all[band].Min.X; x < all[band].Max.X; x++ {
			if same(img.At(x, y), c) {
				button = button.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if button.Empty() {
		w.t.Fatalf("no button of the colour %v in %v", c, all[band])
	}
	w.click(image.Pt((button.Min.X+button.Max.X)/2, (button.Min.Y+button.Max.Y)/2))
}

// press clicks on a band.
func (w *realWindow) press(band int) time.Time {
	w.t.Helper()
	all := w.bands()
	if len(all) <= band {
		w.t.Fatalf("the window shows %d bands, the %d. is wanted: %v", len(all), band+1, all)
	}
	b := all[band]
	w.click(image.Pt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2))
	return time.Now()
}

// hear waits until the virtual speaker has been recorded for d more. The sound
// card is the clock of this test.
func hear(t *testing.T, ctx context.Context, file string, d time.Duration) {
	t.Helper()
	size := func() int64 {
		st, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return st.Size()
	}
	until := size() + int64(2*samples(d, 48000))
	if err := WaitFor(ctx, "sound", func() (bool, error) { return size() >= until, nil }); err != nil {
		t.Fatal(err)
	}
}

// TestWindow is a call with nothing simulated between the ears: keys and mouse
// on the real window, a sound card's microphone and speaker, Kamailio, and a
// phone of another make. What is said into the microphone is found at the PBX,
// the PBX's sound at the speaker; the mute button silences, and the hang-up
// button ends the call on both sides.
func TestWindow(t *testing.T) {
	l := Start(t, Config{Agents: []string{"answer"}})
	g := startGroup(t)
	d := startDesktop(t, g)
	ctx := within(t, 2*time.Minute)
	dir := t.TempDir()
	t.Cleanup(func() {
		if t.Failed() {
			shot, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			file := filepath.Join(l.Dir, "screen.png") // kept with the logs
			t.Logf("the screen is in %s: %v", filepath.Base(file), d.Screenshot(shot, "root", file))
		}
	})
	said, heard := filepath.Join(dir, "said"), filepath.Join(dir, "heard")
	if err := MicSignal().WriteRaw(said, 48000, 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Speak("speak", said); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Listen("listen", heard); err != nil {
		t.Fatal(err)
	}
	const dn = "1001"
	w := openWindow(t, ctx, g, d, "--realm", l.Realm, "--dn", dn, "--url", l.URL("wss"), "--ca", l.CA)

	noNumber := w.primary()
	w.keys(strings.Split(NumberBaresip, "")...)
	w.await("the call button", func() bool { return !same(w.primary(), noNumber) })
	callButton := w.primary()
	w.press(bandPrimary)
	call, err := l.Trace.Wait(ctx, dn, NumberBaresip, "the ACK", func(m Message) bool { return m.Method() == "ACK" })
	if err != nil {
		t.Fatal(err)
	}
	id := call[0].CallID()
	if n, err := l.Kamailio.Dialogs(ctx); n != 1 || err != nil {
		t.Errorf("the SBC counts %d calls (%v)", n, err)
	}
	err = WaitFor(ctx, "the PBX's signal at the virtual speaker", func() (bool, error) {
		r := PBXSignal().Check(readRaw(t, heard), 48000)
		return r.OK() && r.Span > 3*time.Second, nil
	})
	if err != nil {
		t.Fatalf("%v%s", err, PBXSignal().Timeline(readRaw(t, heard), 48000))
	}

	muted := w.press(bandMute)
	hear(t, ctx, heard, 2500*time.Millisecond)
	unmuting := time.Now()
	unmuted := w.press(bandMute)
	hear(t, ctx, heard, 2500*time.Millisecond)
	hungUp := w.press(bandPrimary)

	if _, err := l.Baresip.Wait(ctx, id, "CALL_CLOSED"); err != nil {
		t.Fatalf("after the hang-up button: %v", err)
	}
	if err := WaitFor(ctx, "the end of the call at the SBC", func() (bool, error) {
		n, err := l.Kamailio.Dialogs(ctx)
		return n == 0, err
	}); err != nil {
		t.Error(err)
	}
	checkWindowSound(t, ctx, l, id, [4]time.Time{muted, unmuting, unmuted, hungUp})

	closeInCall(w, l, dn, callButton)
}

// closeInCall makes a second call in the window, which stays for that, and
// closes the window in it: that is asked about, and ends the call. The colour
// is the big button's with a number to call.
func closeInCall(w *realWindow, l *Lab, dn string, callButton color.Color) {
	t, ctx := w.t, w.ctx
	t.Helper()
	w.await("the call button again", func() bool { return same(w.primary(), callButton) })
	w.keys("Delete")                                                                  // the number of the last one
	w.await("an empty number", func() bool { return !same(w.primary(), callButton) }) // redial now
	w.keys(strings.Split(NumberAnswer, "")...)
	w.await("another number", func() bool { return same(w.primary(), callButton) })
	w.keys("Return") // the button settles after a change
	second := func(what string, cond func(Message) bool) {
		t.Helper()
		if _, err := l.Trace.Wait(ctx, dn, NumberAnswer, what, cond); err != nil {
			t.Fatal(err)
		}
	}
	second("the ACK of the second call", isRequest("ACK"))
	w.await("the hang-up button", func() bool { return !same(w.primary(), callButton) })
	hangUp := w.primary()
	w.keys("alt+F4")
	const bandQuestion = 2 // above big button and microphone; the pad has made room
	w.await("the question", func() bool { return len(w.bands()) == bandQuestion+1 })
	w.pressLike(hangUp, bandQuestion)
	second("the BYE of the second call", func(m Message) bool { return m.Received && m.WebSocket() && m.Method() == "BYE" })
	if status, err := w.Wait(ctx); status != 0 || err != nil {
		t.Errorf("after closing the window: exit status %d, %v", status, err)
	}
}

// checkWindowSound looks at what the PBX was sent before, while and after the
// microphone was muted.
func checkWindowSound(t *testing.T, ctx context.Context, l *Lab, id string, at [4]time.Time) {
	t.Helper()
	muted, unmuting, unmuted, hungUp := at[0], at[1], at[2], at[3]
	rec, err := l.Relay.Recording(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	sent := l.FromPhone(rec)
	// The sound card, the encoder and the click itself take their time.
	const settle = 400 * time.Millisecond
	for _, part := range []struct {
		what     string
		from, to time.Time
		signal   bool
	}{
		{"before the mute button", time.Time{}, muted.Add(-settle), true},
		{"after the mute button", muted.Add(settle), unmuting, false},
		{"after the second press", unmuted.Add(settle), hungUp, true},
	} {
		pcm := DecodeG711(Between(sent, part.from, part.to))
		r := MicSignal().Check(pcm, 8000)
		if part.signal && (!r.OK() || r.Span < 1500*time.Millisecond) || !part.signal && (r.Heard || r.Unclear > 0 || r.Length < 1500*time.Millisecond) {
			t.Errorf("%s the PBX was sent %+v%s", part.what, r, MicSignal().Timeline(pcm, 8000))
		}
	}
	file, err := l.Baresip.Heard()
	if err != nil {
		t.Fatal(err)
	}
	pcm, rate, err := ReadWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	r := MicSignal().Check(pcm, rate)
	if gap := r.LongestGap(); gap < unmuting.Sub(muted)-settle || r.Foreign > 0 || r.F1 == 0 || r.F2 == 0 {
		t.Errorf("baresip's longest silence is %v: %+v%s", gap, r, MicSignal().Timeline(pcm, rate))
	}
}
