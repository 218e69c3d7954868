package session

import (
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/windows/registry"

	"nxphone/call/profile/hotkey"
)

// These run on Windows, and under Wine by packaging/windows/test.

// patience is for a desktop that starts with the first window, as Wine's does.
const patience = time.Minute

func next[T any](t *testing.T, what string, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatalf("no %s", what)
	}
	return v
}

// running runs a part until the test ends.
func running(t *testing.T, run func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
}

// childVar makes the test binary a second instance that hands a number over.
const childVar = "NXPHONE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		first, err := Enter(context.Background(), Env{}, dir, "w", "01012345678")
		if first != nil || err != nil {
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestInstance(t *testing.T) {
	// Not t.TempDir: old versions of Wine cannot remove it.
	dir, err := os.MkdirTemp("", "nxphone")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	f, err := Claim(Env{}, dir, "w")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Claim(Env{}, dir, "w"); !errors.Is(err, ErrTaken) {
		t.Errorf("claimed twice: %v", err)
	}
	shown := make(chan string, 4)
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(func(n string) bool { shown <- n; return n != "no" }) })
	f.Opened()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), childVar+"="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("the second process: %v\n%s", err, out)
	}
	if got := next(t, "number", shown); got != "01012345678" {
		t.Errorf("the number arrives as %q", got)
	}
	if err := HandOver(t.Context(), dir, "w", "no"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("a refusal: %v", err)
	}
	<-shown
	other, err := Enter(t.Context(), Env{}, dir, "other", "")
	if err != nil || other == nil {
		t.Fatalf("another phone: %v, %v", other, err)
	}
	other.Close()
	f.Close()
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, "*.port")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	again, err := Enter(t.Context(), Env{}, dir, "w", "600")
	if err != nil || again == nil {
		t.Fatalf("after the first has ended: %v, %v", again, err)
	}
	again.Close()
}

func TestAwake(t *testing.T) {
	a := NewAwake(Env{}, "nxphone", func() string { return "a call" })
	a.held = make(chan []string, 1)
	running(t, a.Run)
	a.Hold(true)
	if taken := next(t, "hold", a.held); len(taken) != 1 {
		t.Errorf("held by %v", taken)
	}
	a.Hold(false)
}

func TestAutostart(t *testing.T) {
	a := Autostart{Path: "nxphone-test", Exec: `C:\Program Files\nxphone\nxphone.exe`, Args: []string{"--config", `C:\a "b"\c.json`}}
	t.Cleanup(func() { _ = a.Set(false) })
	read := func() string {
		k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
		if err != nil {
			return ""
		}
		defer k.Close()
		line, _, _ := k.GetStringValue(a.Path)
		return line
	}
	if err := a.Follow(true); err != nil {
		t.Fatal(err)
	}
	if got, want := read(), `"C:\Program Files\nxphone\nxphone.exe" --config "C:\a \"b\"\c.json"`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if err := errors.Join(a.Set(false), a.Set(false)); err != nil || read() != "" {
		t.Errorf("off: %v, %q", err, read())
	}
	a.Exec = `C:\nxphone\nxphone.exe`
	if err := a.Set(true); err != nil || !strings.HasPrefix(read(), `"C:\nxphone\nxphone.exe" --config`) {
		t.Errorf("without a blank: %v, %q", err, read())
	}
	k, _, err := registry.CreateKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if err := k.SetBinaryValue(a.Path, []byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.DeleteValue(a.Path) }()
	if err := errors.Join(a.Set(false), a.Follow(true)); err != nil || read() != "" {
		t.Errorf("switched off by the task manager: %v, %q", err, read())
	}
}

func TestHotkeys(t *testing.T) {
	pressed, told := make(chan string, 4), make(chan map[string]error, 4)
	h := NewHotkeys(Env{}, nil, func(id string) { pressed <- id }, func(f map[string]error) { told <- f })
	running(t, h.Run)
	key := func(text string) hotkey.Key {
		k, err := hotkey.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	h.Set(map[string]hotkey.Key{"mute": key("Ctrl+Shift+F9"), "none": key("MicMute")})
	faults := next(t, "word", told)
	if len(faults) != 1 || !errors.Is(faults["none"], ErrKeyMissing) {
		t.Errorf("%v", faults)
	}
	taken := make(chan map[string]error, 1)
	second := NewHotkeys(Env{}, nil, func(string) {}, func(f map[string]error) { taken <- f })
	running(t, second.Run)
	second.Set(map[string]hotkey.Key{"mute": key("Ctrl+Shift+F9")})
	if faults := next(t, "word of the second", taken); !errors.Is(faults["mute"], ErrKeyTaken) {
		t.Errorf("taken twice: %v", faults)
	}
	press := user32.NewProc("keybd_event")
	const up = 2
	for _, k := range []struct{ vk, flags uintptr }{{0x11, 0}, {0x10, 0}, {0x78, 0}, {0x78, up}, {0x10, up}, {0x11, up}} {
		_, _, _ = press.Call(k.vk, 0, k.flags, 0)
	}
	if got := next(t, "key", pressed); got != "mute" {
		t.Errorf("%q", got)
	}
	h.Set(nil)
	next(t, "word of the end", told)
	second.Set(nil)
	next(t, "word of the end of the second", taken)
	second.Set(map[string]hotkey.Key{"mute": key("Ctrl+Shift+F9")})
	if faults := next(t, "word of the second", taken); len(faults) != 0 {
		t.Errorf("after the first has let go: %v", faults)
	}
}

func TestTrayAndNotes(t *testing.T) {
	clicked := make(chan string, 4)
	tray := NewTray(Env{}, "nxphone", func(id string) { clicked <- id })
	running(t, tray.Run)
	picture := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	item := func(tip string) *Item {
		return &Item{Title: "nxphone", Tip: tip, Icons: []image.Image{picture}, Menu: []Entry{{ID: "show", Label: "A && B"}, {}, {ID: "quit", Label: "끝내기"}}}
	}
	tray.Set(item(strings.Repeat("통화 중 ", 60))) // longer than there is room
	await(t, "icon", tray.Shown)
	tray.area.mu.Lock()
	win := tray.area.win
	tray.area.mu.Unlock()
	post := func(what uintptr) {
		_, _, _ = user32.NewProc("PostMessageW").Call(win.hwnd, wmIcon, 0, what)
	}
	post(ninSelect)
	if got := next(t, "click", clicked); got != ShowID {
		t.Errorf("%q", got)
	}
	noted := make(chan string, 4)
	notes := NewNotes(NotesOptions{Name: "nxphone", Tray: tray, Clicked: func(kind string) { noted <- kind }})
	running(t, notes.Run)
	notes.Show("call", Note{Title: "통화가 끝났습니다"})
	await(t, "note at the icon", func() bool {
		tray.area.mu.Lock()
		defer tray.area.mu.Unlock()
		return tray.area.told != nil
	})
	post(ninNoteClicked)
	if got := next(t, "click on the note", noted); got != "call" {
		t.Errorf("%q", got)
	}
	await(t, "end of the note", func() bool { return len(notes.wish.get()) == 0 })
	tray.Set(nil)
	await(t, "end of the icon", func() bool { return !tray.Shown() })
	alone := NewNotes(NotesOptions{Name: "nxphone", Tray: tray})
	running(t, alone.Run)
	alone.Show("question", Note{Title: "Title", Body: "Body", Urgent: true})
	alone.Withdraw("question")
	await(t, "end", func() bool { return len(alone.wish.get()) == 0 })
}

// await polls what no event tells of.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("no %s", what)
		}
	}
}

func TestPlaces(t *testing.T) {
	win, err := newHidden(func(uint32, uintptr, uintptr) (uintptr, bool) { return 0, false })
	if err != nil {
		t.Fatal(err)
	}
	defer win.close()
	w := NewWindows(Env{})
	defer w.Close()
	hwnd := uint32(win.hwnd)
	if _, err := w.Place(hwnd); !errors.Is(err, ErrNoPlace) {
		t.Errorf("a hidden window: %v", err)
	}
	win.do(func() {
		_, _, _ = user32.NewProc("SetWindowPos").Call(win.hwnd, 0, 50, 60, 300, 200, swpNoZOrder)
		_, _, _ = user32.NewProc("ShowWindow").Call(win.hwnd, 5)
	})
	monitors, err := w.Monitors()
	if err != nil || len(monitors) == 0 {
		t.Fatalf("monitors: %v, %v", monitors, err)
	}
	before, err := w.Place(hwnd)
	if err != nil || before.Empty() {
		t.Fatalf("%v, %v", before, err)
	}
	to := before.Min.Add(image.Pt(40, 30))
	if err := w.Move(hwnd, to); err != nil {
		t.Fatal(err)
	}
	if after, err := w.Place(hwnd); err != nil || after.Min != to {
		t.Errorf("moved to %v, %v; want %v", after, err, to)
	}
	if err := w.Move(hwnd, image.Pt(30000, 30000)); !errors.Is(err, ErrNoPlace) {
		t.Errorf("out of sight: %v", err)
	}
	for _, on := range []bool{true, false} {
		if err := w.Above(hwnd, on); err != nil {
			t.Errorf("above %v: %v", on, err)
		}
	}
	if err := w.Raise(hwnd); err != nil {
		t.Errorf("raise: %v", err)
	}
}
