package interop

import (
	"context"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The colours of a booth's buttons in daylight (ui/kiosk_look.go), which say
// what they do.
var (
	boothCall   = color.NRGBA{0x0d, 0x5a, 0x38, 0xff}
	boothUrgent = color.NRGBA{0x9c, 0x17, 0x10, 0xff}
	boothHangup = color.NRGBA{0x45, 0x40, 0x3a, 0xff}
	boothHear   = color.NRGBA{0x1a, 0x4c, 0x86, 0xff}
)

// escapes is every combination of keys that gets people out of programs
// somewhere, and some that do in ours.
var escapes = strings.Fields(`alt+F4 ctrl+q ctrl+w ctrl+F4 ctrl+shift+q ctrl+shift+w alt+q Escape shift+Escape ctrl+Escape alt+Escape
	F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 shift+F10 ctrl+F10 alt+F10 alt+F9 alt+space Menu Super_L super+q super+d super+l super+r
	alt+Tab alt+shift+Tab ctrl+Tab ctrl+n ctrl+t ctrl+o ctrl+s ctrl+p ctrl+c ctrl+x ctrl+v ctrl+a ctrl+z ctrl+y ctrl+Insert
	shift+Insert shift+Delete ctrl+comma ctrl+m ctrl+r ctrl+alt+t ctrl+alt+Delete ctrl+alt+BackSpace ctrl+alt+F1 ctrl+alt+F2
	Print Pause Help XF86Back XF86HomePage XF86AudioMute BackSpace Delete Home End Page_Up Page_Down Tab shift+Tab Left Right a z`)

// supervised is the booth under a supervisor that starts it again as often as
// it ends, as systemd's Restart=always does.
type supervised struct {
	t      *testing.T
	ctx    context.Context
	screen *Screen
	start  func(name string) (*Process, error)

	mu   sync.Mutex
	runs []*Process
	done chan struct{}
}

// supervise starts a program and keeps it running until the test ends.
func supervise(t *testing.T, ctx context.Context, s *Screen, start func(name string) (*Process, error)) *supervised {
	t.Helper()
	v := &supervised{t: t, ctx: ctx, screen: s, start: start, done: make(chan struct{})}
	if err := v.again(); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() {
		defer close(v.done)
		for {
			select {
			case <-v.run().Done():
			case <-stop:
				return
			}
			select {
			case <-stop:
				return
			default:
			}
			if err := v.again(); err != nil {
				return // the group has been stopped
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-v.done
		if t.Failed() {
			t.Logf("after %d starts:\n%s", v.starts(), v.run().tail(40))
		}
	})
	return v
}

func (v *supervised) again() error {
	p, err := v.start("booth" + strconv.Itoa(v.starts()+1))
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.runs = append(v.runs, p)
	return nil
}

func (v *supervised) run() *Process {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.runs[len(v.runs)-1]
}

func (v *supervised) starts() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.runs)
}

// filled waits until the booth covers the screen and has drawn itself: the big
// button is there, in full or darkened. It gives the covering window.
func (v *supervised) filled() (window uint32) {
	v.t.Helper()
	err := WaitFor(v.ctx, "the booth on the whole screen", func() (bool, error) {
		if window = v.screen.Filling(); window == 0 {
			return false, nil
		}
		c, err := v.screen.At(v.main())
		return err == nil && (near(c, boothCall, 255) || near(c, boothCall, 51)), err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return window
}

// near reports whether a pixel has a colour, darkened to a part of 255.
func near(got, want color.NRGBA, part int) bool {
	for _, p := range [][2]uint8{{got.R, want.R}, {got.G, want.G}, {got.B, want.B}} {
		if d := int(p[0]) - int(p[1])*part/255; d < -2 || d > 2 {
			return false
		}
	}
	return true
}

// main and apart are points of the big button and of the other one beside their
// words, in a screen that is wider than high.
func (v *supervised) main() (x, y int) {
	return v.screen.Height * 7 / 100, v.screen.Height * 62 / 100
}

func (v *supervised) apart() (x, y int) {
	return v.screen.Width - v.screen.Height*7/100, v.screen.Height * 62 / 100
}

// shows waits until a point has a colour.
func (v *supervised) shows(what string, at func() (x, y int), want color.NRGBA) {
	v.t.Helper()
	x, y := at()
	var got color.NRGBA
	err := WaitFor(v.ctx, what, func() (ok bool, err error) {
		got, err = v.screen.At(x, y)
		return near(got, want, 255), err
	})
	if err != nil {
		v.t.Fatalf("%v: there is %v", err, got)
	}
}

func (v *supervised) xdotool(args ...string) {
	v.t.Helper()
	if err := v.screen.Xdotool(v.ctx, args...); err != nil {
		v.t.Fatal(err)
	}
}

func (v *supervised) click(at func() (x, y int)) {
	v.t.Helper()
	x, y := at()
	v.xdotool("mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// boothSettle is how long a button of a booth takes no press after it has got
// another meaning (ui/kiosk_button.go), and a little.
const boothSettle = 1200 * time.Millisecond

// until does something again and again, never twice within boothSettle, until a
// point of the screen has a colour. A second press in the moment of the change
// is not taken, so what it does is done once.
func (v *supervised) until(what string, look func() (x, y int), want color.NRGBA, do ...string) {
	v.t.Helper()
	x, y := look()
	var last time.Time
	var got color.NRGBA
	err := WaitFor(v.ctx, what, func() (ok bool, err error) {
		if got, err = v.screen.At(x, y); err != nil || near(got, want, 255) {
			return err == nil, err
		}
		if time.Since(last) < boothSettle {
			return false, nil
		}
		last = time.Now()
		return false, v.screen.Xdotool(v.ctx, do...)
	})
	if err != nil {
		v.t.Fatalf("%v: there is %v", err, got)
	}
}

// press clicks on a point until another one has a colour.
func (v *supervised) press(what string, at, look func() (x, y int), want color.NRGBA) {
	v.t.Helper()
	x, y := at()
	v.until(what, look, want, "mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// wake touches the dark screen, which does nothing but light up.
func (v *supervised) wake() {
	v.t.Helper()
	v.click(v.main)
	v.shows("the woken screen", v.main, boothCall)
	v.shows("the emergency button", v.apart, boothUrgent)
}

// cannotLeave presses every key that gets one out of programs, then has the
// booth do something: what came before has been taken by then, and the same
// process and window are there.
func (v *supervised) cannotLeave(window uint32) {
	v.t.Helper()
	starts := v.starts()
	for _, k := range escapes {
		v.xdotool("key", "--clearmodifiers", k)
	}
	v.fence()
	if v.starts() != starts {
		v.t.Fatalf("the booth has been left, and started again: %d starts", v.starts())
	}
	if got := v.screen.Filling(); got != window {
		v.t.Errorf("the screen is covered by window %#x, before by %#x", got, window)
	}
}

// fence has the booth ask about the emergency number, by the key that a
// physical button sends, and go back.
func (v *supervised) fence() {
	v.t.Helper()
	v.until("the question about the emergency number", v.main, boothUrgent, "key", "2")
	v.until("the way back", v.main, boothCall, "key", "1")
}

// shrunk has a window manager take the booth out of full screen, and waits until
// it fills the screen again.
func (v *supervised) shrunk(window uint32) {
	v.t.Helper()
	if err := v.screen.Shrink(window); err != nil {
		v.t.Fatal(err)
	}
	for _, full := range []bool{false, true} {
		err := WaitFor(v.ctx, fmt.Sprintf("a window that fills the screen: %v", full), func() (bool, error) {
			return (v.screen.Filling() == window) == full, nil
		})
		if err != nil {
			v.t.Fatal(err)
		}
	}
	v.fence()
}

// killed ends the phone as a crash does and measures how long the screen is
// without a booth.
func (v *supervised) killed(pid int) time.Duration {
	v.t.Helper()
	starts := v.starts()
	before := v.screen.Filling()
	began := time.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		v.t.Fatal(err)
	}
	err := WaitFor(v.ctx, "another window", func() (bool, error) {
		w := v.screen.Filling()
		return v.starts() > starts && w != 0 && (w != before || v.run().PID() != pid), nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.filled()
	return time.Since(began)
}

func startScreen(t *testing.T, ctx context.Context, g *Group, width, height int) *Screen {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := StartScreen(ctx, g, dir, width, height)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	t.Cleanup(g.Stop) // before Close
	return s
}

// kioskArgs is a booth on the demo SBC that opens no sound device.
func kioskArgs() []string {
	return []string{"--kiosk", "--demo", "--audio", "null", "--lang", "ko", "--log-level", "info"}
}

// TestKioskAlone is a booth on a display with nothing else: it covers all of
// it, no key leaves it, a window manager's wish to close it is not heard, and
// after a crash it is back. Then the same with a window manager.
func TestKioskAlone(t *testing.T) {
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	for _, managed := range []bool{false, true} {
		t.Run(fmt.Sprintf("window manager %v", managed), func(t *testing.T) {
			g := startGroup(t)
			ctx := within(t, 2*time.Minute)
			s := startScreen(t, ctx, g, 1024, 600)
			if managed {
				if err := s.Manage(ctx); err != nil {
					t.Fatal(err)
				}
			}
			v := supervise(t, ctx, s, func(name string) (*Process, error) {
				return g.Start(Spec{Name: name, Path: bin, Args: kioskArgs(), Env: s.Env, MayEnd: true})
			})
			window := v.filled()
			v.wake()
			v.cannotLeave(window)
			if err := s.AskToClose(window); err != nil {
				t.Fatal(err)
			}
			v.fence()
			if s.Filling() != window || v.starts() != 1 {
				t.Errorf("asked to close: window %#x, %d starts", s.Filling(), v.starts())
			}
			if managed {
				v.shrunk(window)
			}
			t.Logf("after kill -9 the booth was back in %v", v.killed(v.run().PID()).Round(time.Millisecond))
		})
	}
}

// TestKioskCage is a booth as it is installed: as a user with no rights, under
// a compositor for one program. It covers the output, no key leaves it, a call
// is placed and ended by touch, and after a crash all of it is back.
func TestKioskCage(t *testing.T) {
	built, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	g := startGroup(t)
	ctx := within(t, 2*time.Minute)
	s := startScreen(t, ctx, g, 1024, 768) // the size of a nested output
	visitor, err := MakeVisitor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := visitor.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(g.Stop) // before the visitor goes
	bin := copyProgram(t, built, visitor.Dir)
	env := append(append([]string(nil), s.Env...), Home(visitor.Dir)...)
	env = append(env, "DISPLAY="+s.Display, "XDG_RUNTIME_DIR="+visitor.Run, "WLR_BACKENDS=x11", "WLR_RENDERER=pixman")
	cage, err := findPrograms(cageParts())
	if err != nil {
		t.Fatal(err)
	}
	v := supervise(t, ctx, s, func(name string) (*Process, error) {
		path, args := visitor.Command(cage["cage"], append([]string{"-d", "--", bin}, kioskArgs()...)...)
		return g.Start(Spec{Name: name, Path: path, Args: args, Env: env, Dir: visitor.Dir, MayEnd: true})
	})
	window := v.filled()
	v.wake()
	v.cannotLeave(window)

	v.press("the answered call", v.main, v.apart, boothHear)
	v.shows("the hang-up button", v.main, boothHangup)
	for _, k := range escapes { // nor in a call
		v.xdotool("key", "--clearmodifiers", k)
	}
	v.press("the end of the call", v.main, v.main, boothCall)
	if v.starts() != 1 {
		t.Errorf("%d starts", v.starts())
	}

	pid, err := childOf(v.run().PID(), filepath.Base(bin))
	if err != nil {
		t.Fatal(err)
	}
	if uid, err := ownerOf(pid); err != nil || uid == 0 {
		t.Errorf("the booth runs as user %d (%v)", uid, err)
	}
	t.Logf("after kill -9 compositor and booth were back in %v", v.killed(pid).Round(time.Millisecond))
}

// copyProgram puts the phone where the visitor can run it: the tests' own
// folders may be closed to others.
func copyProgram(t *testing.T, bin, dir string) string {
	t.Helper()
	data, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "nxphone")
	if err := os.WriteFile(out, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return out
}

// childOf finds a process by its parent and its name (proc(5), stat).
func childOf(parent int, name string) (int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		stat, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended meanwhile
		}
		pid, rest, ok1 := strings.Cut(string(stat), " (")
		comm, rest, ok2 := strings.Cut(rest, ") ")
		fields := strings.Fields(rest)
		if ok1 && ok2 && comm == name && len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			return strconv.Atoi(pid)
		}
	}
	return 0, fmt.Errorf("interop: process %d has no child %s", parent, name)
}

func ownerOf(pid int) (uint32, error) {
	var st syscall.Stat_t
	err := syscall.Stat(fmt.Sprintf("/proc/%d", pid), &st)
	return st.Uid, err
}

// TestKioskSpeaks: whoever touches the booth is told what to do, by the speaker;
// before, it is silent, and the call's own sound takes the speaker over.
func TestKioskSpeaks(t *testing.T) {
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	g := startGroup(t)
	d := startDesktop(t, g)
	ctx := within(t, 2*time.Minute)
	heard := filepath.Join(t.TempDir(), "heard")
	if _, err := d.Listen("listen", heard); err != nil {
		t.Fatal(err)
	}
	p, err := g.Start(Spec{Name: "booth", Path: bin, Env: d.Env, MayEnd: true,
		Args: []string{"--kiosk", "--demo", "--lang", "ko", "--log-level", "info"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.Log())
		}
	})
	err = waitReady(ctx, p, func() (bool, error) { return strings.Contains(p.Log(), "the booth is shown"), nil })
	if err != nil {
		t.Fatal(err)
	}
	hear(t, ctx, heard, time.Second)
	if got := readRaw(t, heard); loudest(got) > -60 {
		t.Errorf("an untouched booth is heard with %.0f dBFS", loudest(got))
	}
	if _, err := d.Xdotool(ctx, "mousemove", "640", "200", "click", "1"); err != nil {
		t.Fatal(err)
	}
	err = WaitFor(ctx, "the booth's voice", func() (bool, error) {
		pcm := readRaw(t, heard)
		return len(pcm) > 48000 && loudest(pcm[len(pcm)-48000:]) > -30, nil
	})
	if err != nil {
		t.Fatalf("%v; the loudest second has %.0f dBFS", err, loudest(readRaw(t, heard)))
	}
}

// loudest is the level of the loudest tenth of a second, in dBFS.
func loudest(pcm []int16) float64 {
	most := 0.0
	for ; len(pcm) >= 4800; pcm = pcm[4800:] {
		sum := 0.0
		for _, x := range pcm[:4800] {
			sum += float64(x) * float64(x)
		}
		most = max(most, sum/4800)
	}
	return 10 * math.Log10(most/(1<<30)+1e-12)
}
