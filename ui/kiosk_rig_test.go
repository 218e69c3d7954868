package ui

import (
	"context"
	"fmt"
	"image/color"
	"iter"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"nxphone/call"
	"nxphone/call/kiosk"
)

// fakeBooth is a booth made of memory.
type fakeBooth struct {
	mu       sync.Mutex
	commands []string
	touches  int
	pin      string
	status   chan kiosk.Status
}

func (b *fakeBooth) note(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commands = append(b.commands, s)
}

func (b *fakeBooth) Watch(ctx context.Context) iter.Seq[kiosk.Status] {
	return func(yield func(kiosk.Status) bool) {
		for {
			select {
			case s := <-b.status:
				if !yield(s) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (b *fakeBooth) Press(_ context.Context, k kiosk.Button) error {
	b.note(fmt.Sprint("press ", int(k)))
	return nil
}

func (b *fakeBooth) Hangup(context.Context) error {
	b.note("hangup")
	return nil
}

func (b *fakeBooth) Touch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.touches++
}

func (b *fakeBooth) PIN(_ context.Context, digits string) (bool, time.Duration) {
	b.note("pin")
	return digits == b.pin, 0
}

func (b *fakeBooth) Spoken(id uint64) { b.note(fmt.Sprint("spoken ", id)) }

// boothRig is a booth's screen on the toolkit's test driver.
type boothRig struct {
	t     *testing.T
	d     *kioskDesk
	win   fyne.Window
	booth *fakeBooth
	now   time.Time
	quits int

	mu    sync.Mutex
	queue []func()
}

// boothStart is when tests of a booth begin.
func boothStart() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func newBoothRig(t *testing.T, opts KioskOptions, size fyne.Size) *boothRig {
	t.Helper()
	test.NewTempApp(t)
	r := &boothRig{t: t, booth: &fakeBooth{pin: "2580", status: make(chan kiosk.Status)}, now: boothStart()}
	opts.Booth = r.booth
	opts.Getenv = func(string) string { return "" }
	r.win = test.NewTempWindow(t, nil)
	r.win.SetPadded(false)
	r.d = newKioskDesk(t.Context(), r.win, kioskDefaults(opts), nil)
	r.d.pump.do = func(f func()) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.queue = append(r.queue, f)
	}
	r.d.now = func() time.Time { return r.now }
	r.d.quit = func() { r.quits++ }
	r.win.Resize(size)
	t.Cleanup(r.d.stop)
	return r
}

// settle waits for commands and runs what has crossed.
func (r *boothRig) settle() {
	for {
		synctest.Wait()
		r.mu.Lock()
		queue := r.queue
		r.queue = nil
		r.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, f := range queue {
			f()
		}
	}
}

// status hands a status over as the pump does.
func (r *boothRig) status(s kiosk.Status) {
	r.t.Helper()
	r.d.pump.run(func() { r.d.statusChanged(s) })
	r.settle()
}

// state hands over a state of boothStates.
func (r *boothRig) state(name string) {
	r.t.Helper()
	s, ok := boothState(name, r.now)
	if !ok {
		r.t.Fatalf("no state %q", name)
	}
	r.status(s)
}

// pass lets time pass, and shows what it brings.
func (r *boothRig) pass(d time.Duration) {
	r.now = r.now.Add(d)
	r.d.again()
	r.settle()
}

// tap presses a button of the booth as a finger does.
func (r *boothRig) tap(b *kioskButton) {
	r.t.Helper()
	if b.Hidden {
		r.t.Fatal("the button is not there")
	}
	b.MouseDown(nil)
	b.MouseUp(nil)
	b.Tapped(nil)
	r.settle()
}

// key presses a key with no button in focus.
func (r *boothRig) key(names ...fyne.KeyName) {
	for _, n := range names {
		r.d.keyed(&fyne.KeyEvent{Name: n}, nil)
		r.settle()
	}
}

func (r *boothRig) expect(want ...string) {
	r.t.Helper()
	r.booth.mu.Lock()
	defer r.booth.mu.Unlock()
	if got := r.booth.commands; fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("commands %q, want %q", got, want)
	}
}

// boothStates names every state that boothState makes.
func boothStates() []string {
	return []string{
		"ready", "ready-one", "network", "offline", "testing", "connecting", "ringing", "waiting", "urgent",
		"talking", "talking-urgent", "nosound", "held", "silence", "ending", "ended", "cancelled", "ended-silence",
		"busy", "noanswer", "lost", "failed", "urgent-ended", "urgent-failed", "closed", "dim",
	}
}

func boothState(name string, now time.Time) (kiosk.Status, bool) {
	s := kiosk.Status{
		Revision: 1, Since: now.Add(-4 * time.Second), Emergency: true, Bright: true, PIN: true,
		Network: kiosk.Network{State: kiosk.NetReady, Since: now.Add(-time.Hour)},
	}
	if boothReady(name, &s) || boothCall(name, now, &s) {
		return s, true
	}
	code, ok := map[string]call.Code{
		"ended": call.CodeRemoteHangup, "cancelled": call.CodeCancelled, "ended-silence": kiosk.CodeSilence,
		"busy": call.CodeLineBusy, "noanswer": call.CodeNoAnswer, "lost": call.CodeFlowLost, "failed": call.CodeMedia,
		"urgent-ended": call.CodeRemoteHangup, "urgent-failed": call.CodeLineBusy,
	}[name]
	s.Screen, s.Button, s.End = kiosk.Over, kiosk.Counsellor, call.Reason{Code: code}
	if strings.HasPrefix(name, "urgent-") {
		s.Button = kiosk.Emergency
	}
	return s, ok
}

func boothReady(name string, s *kiosk.Status) bool {
	switch name {
	case "ready":
	case "ready-one":
		s.Emergency = false
	case "network":
		s.Network.State = kiosk.NetConnecting
	case "offline":
		s.Network.State, s.Network.Code = kiosk.NetDown, call.CodeUnreachable
	case "testing":
		s.Testing = true
	case "dim":
		s.Bright = false
	case "closed":
		s.Screen, s.Fault, s.Missing = kiosk.Closed, kiosk.FaultPolicy, []string{"kiosk-number", "url"}
	default:
		return false
	}
	return true
}

func boothCall(name string, now time.Time, s *kiosk.Status) bool {
	s.Button, s.Screen = kiosk.Counsellor, kiosk.Talking
	s.Answered, s.Hears = now.Add(-time.Minute), true
	switch name {
	case "connecting":
		s.Screen = kiosk.Calling
	case "ringing":
		s.Screen, s.Ringing = kiosk.Calling, true
	case "waiting":
		s.Screen, s.Ringing, s.Since = kiosk.Calling, true, now.Add(-30*time.Second)
	case "urgent":
		s.Screen, s.Button = kiosk.Calling, kiosk.Emergency
	case "talking":
	case "talking-urgent":
		s.Button = kiosk.Emergency
	case "nosound":
		s.Hears = false
	case "held":
		s.Held = true
	case "silence":
		s.SilenceEnds = now.Add(24 * time.Second)
	case "ending":
		s.Screen = kiosk.Ending
	default:
		s.Answered, s.Hears = time.Time{}, false
		return false
	}
	if s.Screen == kiosk.Calling {
		s.Answered, s.Hears = time.Time{}, false
	}
	return true
}

// fakeVolume is a volume of five steps.
type fakeVolume struct{ level int }

func (v *fakeVolume) Level() (level, most int) { return v.level, 5 }
func (v *fakeVolume) SetLevel(level int)       { v.level = level }

// pointAt is a press of the mouse, or of a finger.
func pointAt(at fyne.Position) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at, AbsolutePosition: at}}
}

// contrast is that of WCAG 2.2 between two colours.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
