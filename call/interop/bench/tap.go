package main

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/jezek/xgb" // the X protocol in Go: a click without a program that has to be started for it
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"nxphone/call/interop"
)

// still is how long a picture must not change to be a finished one.
const still = 250 * time.Millisecond

// finger taps on a screen and looks at what becomes of it.
type finger struct {
	screen screen
	conn   *xgb.Conn
	root   xproto.Window
	seed   maphash.Seed
}

func newFinger(s screen) (*finger, error) {
	xgb.Logger.SetOutput(io.Discard) // a display without authority is what we have made
	conn, err := xgb.NewConnDisplay(s.display)
	if err != nil {
		return nil, err
	}
	if err := xtest.Init(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return &finger{screen: s, conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, seed: maphash.MakeSeed()}, nil
}

// event hands one input event to the X server, which has taken it on return.
func (f *finger) event(kind, detail byte, x, y int) error {
	return xtest.FakeInputChecked(f.conn, kind, detail, 0, f.root, int16(x), int16(y), 0).Check()
}

// picture is a number that changes with the picture.
func (f *finger) picture() (uint64, error) {
	data, err := os.ReadFile(f.screen.file)
	return maphash.Bytes(f.seed, data), err
}

// settle waits for a picture that does not change any more.
func (f *finger) settle(ctx context.Context) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	last, since := uint64(0), time.Now()
	err := poll(ctx, 10*time.Millisecond, func() (bool, error) {
		p, err := f.picture()
		if p != last {
			last, since = p, time.Now()
		}
		return time.Since(since) >= still, err
	})
	return last, err
}

// tap presses and releases at a point and gives the time from the press until
// the picture was another one; 0 when it stayed as it was for a time.
func (f *finger) tap(ctx context.Context, x, y int) (time.Duration, error) {
	if err := f.event(xproto.MotionNotify, 0, x, y); err != nil {
		return 0, err
	}
	before, err := f.settle(ctx) // what the pointer alone does is not counted
	if err != nil {
		return 0, err
	}
	// A loop that looks at fixed moments must not always be met at the same.
	pause := time.NewTimer(time.Duration(rand.IntN(200)) * time.Millisecond)
	select {
	case <-pause.C:
	case <-ctx.Done():
		pause.Stop()
		return 0, context.Cause(ctx)
	}
	began := time.Now()
	if err := f.event(xproto.ButtonPress, 1, 0, 0); err != nil {
		return 0, err
	}
	limit, cancel := context.WithTimeout(ctx, still)
	defer cancel()
	var took time.Duration
	err = poll(limit, time.Millisecond, func() (bool, error) {
		p, err := f.picture()
		took = time.Since(began)
		return p != before, err
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		took, err = 0, nil
	}
	return took, errors.Join(err, f.event(xproto.ButtonRelease, 1, 0, 0))
}

// tapsToPicture is the time from pressing a key of the dial pad until the
// window shows that, in milliseconds, n times.
func (p *program) tapsToPicture(ctx context.Context, n int) ([]float64, error) {
	dir := filepath.Join(p.dir, "taps")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s, err := startScreen(ctx, p.group, dir)
	if err != nil {
		return nil, err
	}
	env := append(interop.Home(p.dir), "DISPLAY="+s.display, "LIBGL_ALWAYS_SOFTWARE=1")
	r, err := p.openWindow("taps", env, target{Number: "1", URL: "ws://localhost:1", Realm: "x", CA: os.DevNull}, "--audio", "null")
	if err != nil {
		return nil, err
	}
	defer r.Kill()
	if err := s.waitUntil(ctx, func(colours int) bool { return colours > contentColours }); err != nil {
		return nil, fmt.Errorf("no window: %w\n%s", err, r.Log())
	}
	f, err := newFinger(s)
	if err != nil {
		return nil, err
	}
	defer f.conn.Close()
	x, y, err := f.find(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, r.Log())
	}
	var times []float64
	for range n {
		took, err := f.tap(ctx, x, y)
		if err == nil && took == 0 {
			err = errors.New("a tap changed nothing")
		}
		if err != nil {
			return nil, err
		}
		times = append(times, float64(took.Microseconds())/1000)
	}
	return times, nil
}

// find gives a point that answers a tap, whatever the window looks like: it goes
// down the middle of a window that stands in the screen's corner.
func (f *finger) find(ctx context.Context) (x, y int, err error) {
	for y := 300; y < 700; y += 24 {
		answers := 0
		for range 3 { // what answers once may be something that is put away
			took, err := f.tap(ctx, 190, y)
			if err != nil {
				return 0, 0, err
			}
			if took == 0 {
				break
			}
			answers++
		}
		if answers == 3 {
			return 190, y, nil
		}
	}
	return 0, 0, errors.New("nothing in the window answers a tap")
}
