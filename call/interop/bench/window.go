package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"nxphone/call/interop"
	"nxphone/call/interop/usage"
)

// openWindow starts the phone with its window on a desktop.
func (p *program) openWindow(kind string, env []string, to target, extra ...string) (*interop.PhoneRun, error) {
	return p.group.StartPhone(p.name(kind), p.path, env, append(settings(to), extra...)...)
}

// typeNumber waits for the window, gives it the keyboard and types the number.
func typeNumber(ctx context.Context, d *interop.Desktop, number string) (window string, err error) {
	out, err := d.Xdotool(ctx, "search", "--sync", "--onlyvisible", "--name", "nxphone")
	if err != nil {
		return "", err
	}
	window = firstLine(out)
	keys := []string{"windowactivate", "--sync", window, "key", "--delay", "50"}
	for _, digit := range number {
		keys = append(keys, string(digit))
	}
	_, err = d.Xdotool(ctx, keys...)
	return window, err
}

// measureWindow watches a call of some length with the window, on a desktop
// whose sound server it uses.
func (p *program) measureWindow(ctx context.Context, d *interop.Desktop, to target, length time.Duration) (usage.Usage, error) {
	r, err := p.openWindow("window", d.Env, to)
	if err != nil {
		return usage.Usage{}, err
	}
	defer r.Kill()
	window, err := typeNumber(ctx, d, to.Number)
	if err != nil {
		return usage.Usage{}, fmt.Errorf("%w\n%s", err, r.Log())
	}
	if _, err := d.Xdotool(ctx, "key", "Return"); err != nil {
		return usage.Usage{}, err
	}
	if err := waitCalls(ctx, to, 1); err != nil {
		return usage.Usage{}, fmt.Errorf("no call from the window: %w\n%s", err, r.Log())
	}
	u, err := usage.Watch(ctx, r.PID(), length)
	if err != nil {
		return u, err
	}
	// Escape, pressed twice, hangs up.
	_, err = d.Xdotool(ctx, "windowactivate", "--sync", window, "key", "--delay", "200", "Escape", "Escape")
	return u, errors.Join(err, waitCalls(ctx, to, 0))
}

// waitCalls waits until the SBC holds so many calls to be up.
func waitCalls(ctx context.Context, at target, want int) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return poll(ctx, 50*time.Millisecond, func() (bool, error) {
		n, err := at.Calls(ctx)
		return n == want, err
	})
}

// startToWindow is the time from the start of the program until its window
// shows its content, in milliseconds, n times on a screen without a window
// manager, the first (cold caches) left out.
func (p *program) startToWindow(ctx context.Context, n int) ([]float64, error) {
	dir := filepath.Join(p.dir, "screen")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s, err := startScreen(ctx, p.group, dir)
	if err != nil {
		return nil, err
	}
	env := append(interop.Home(p.dir), "DISPLAY="+s.display, "LIBGL_ALWAYS_SOFTWARE=1")
	var times []float64
	for i := range n + 1 {
		if err := s.waitUntil(ctx, func(colours int) bool { return colours <= 2 }); err != nil {
			return nil, fmt.Errorf("the screen is not empty: %w", err)
		}
		began := time.Now()
		r, err := p.openWindow("start", env, target{Number: "600", URL: "ws://localhost:1", Realm: "x", CA: os.DevNull}, "--audio", "null")
		if err != nil {
			return nil, err
		}
		err = s.waitUntil(ctx, func(colours int) bool { return colours > contentColours })
		took := time.Since(began)
		r.Kill()
		if err != nil {
			return nil, fmt.Errorf("no window: %w\n%s", err, r.Log())
		}
		if i > 0 {
			times = append(times, float64(took.Microseconds())/1000)
		}
	}
	return times, nil
}

// idleAfter is how long an open window may still be busy with its start.
const idleAfter = 5 * time.Second

// measureIdle watches a window in which nothing happens.
func (p *program) measureIdle(ctx context.Context, length time.Duration) (usage.Usage, error) {
	dir := filepath.Join(p.dir, "idle")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usage.Usage{}, err
	}
	s, err := startScreen(ctx, p.group, dir)
	if err != nil {
		return usage.Usage{}, err
	}
	env := append(interop.Home(p.dir), "DISPLAY="+s.display, "LIBGL_ALWAYS_SOFTWARE=1")
	r, err := p.openWindow("idle", env, target{Number: "600", URL: "ws://localhost:1", Realm: "x", CA: os.DevNull}, "--audio", "null")
	if err != nil {
		return usage.Usage{}, err
	}
	defer r.Kill()
	if err := s.waitUntil(ctx, func(colours int) bool { return colours > contentColours }); err != nil {
		return usage.Usage{}, fmt.Errorf("no window: %w\n%s", err, r.Log())
	}
	if _, err := usage.Watch(ctx, r.PID(), idleAfter); err != nil {
		return usage.Usage{}, err
	}
	return usage.Watch(ctx, r.PID(), length)
}

// contentColours is more than a window has before its first frame (background
// and border), and less than the edges of any text give.
const contentColours = 12

// screen is an X server whose picture is a file, so that looking at it costs
// neither the server nor the program anything.
type screen struct {
	display string
	file    string
}

func startScreen(ctx context.Context, g *interop.Group, dir string) (screen, error) {
	told, tell, err := os.Pipe()
	if err != nil {
		return screen{}, err
	}
	defer told.Close()
	p, err := g.Start(interop.Spec{Name: "bench-xvfb", Path: "Xvfb", Extra: []*os.File{tell},
		Args: []string{"-displayfd", "3", "-screen", "0", "800x800x24", "-fbdir", dir, "-nolisten", "tcp", "-noreset"}})
	tell.Close()
	if err != nil {
		return screen{}, err
	}
	if err := told.SetReadDeadline(time.Now().Add(answerTime)); err != nil {
		return screen{}, err
	}
	var number int
	if _, err := fmt.Fscan(told, &number); err != nil {
		return screen{}, fmt.Errorf("Xvfb tells no display: %w\n%s", err, p.Log())
	}
	s := screen{display: fmt.Sprintf(":%d", number), file: filepath.Join(dir, "Xvfb_screen0")}
	return s, poll(ctx, 10*time.Millisecond, func() (bool, error) {
		_, err := os.Stat(s.file)
		return err == nil, nil
	})
}

// waitUntil looks at the picture every 2 ms until the number of its colours is
// right, at most for answerTime.
func (s screen) waitUntil(ctx context.Context, right func(colours int) bool) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return poll(ctx, 2*time.Millisecond, func() (bool, error) {
		picture, err := os.ReadFile(s.file)
		if err != nil {
			return false, err
		}
		n, err := colours(picture, contentColours+1)
		return err == nil && right(n), err
	})
}

// colours counts the different colours of an XWD picture (X11/XWDFile.h) with
// 32 bits a pixel, up to limit.
func colours(xwd []byte, limit int) (int, error) {
	const fields = 25 // of the header, 32 bits each, big-endian
	if len(xwd) < 4*fields {
		return 0, errors.New("no XWD picture")
	}
	field := func(i int) int { return int(binary.BigEndian.Uint32(xwd[4*i:])) }
	header, bits, entries := field(0), field(11), field(19)
	// The colour map's entries have 12 bytes each.
	start := header + 12*entries
	if bits != 32 || start > len(xwd) {
		return 0, errors.New("an XWD picture of an unexpected form")
	}
	seen := map[uint32]struct{}{}
	last := uint32(0)
	for at := start; at+4 <= len(xwd) && len(seen) < limit; at += 4 {
		// The fourth byte is padding. Most pixels equal their neighbour.
		if c := binary.LittleEndian.Uint32(xwd[at:]) & 0xffffff; c != last || len(seen) == 0 {
			seen[c] = struct{}{}
			last = c
		}
	}
	return len(seen), nil
}

// poll looks again and again until cond holds or ctx ends: X servers and SBCs
// tell nobody.
func poll(ctx context.Context, every time.Duration, cond func() (bool, error)) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		ok, err := cond()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' {
			return s[:i]
		}
	}
	return s
}
