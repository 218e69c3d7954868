package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"nxphone/call/interop"
	"nxphone/call/interop/usage"
)

// The working day: a call every five minutes for eight hours. What lies between
// the calls is an idle window, which is measured by itself, so the calls follow
// each other at once here.
const (
	shiftCalls = 8 * 60 / 5
	// shiftWarm is how many calls have gone by when the memory is first taken:
	// pools, caches and the sound system's buffers have their size then.
	shiftWarm = 8
)

// Shift is what a working day leaves behind in the window's program.
type Shift struct {
	Calls int `json:"calls"`
	// Before and After are PSS in megabytes, after the first calls and after the
	// last.
	Before float64 `json:"pss_before_mb"`
	After  float64 `json:"pss_after_mb"`
}

// windowShift places the calls of a working day with the keyboard; the far end
// hangs up.
func (b *bench) windowShift(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(b.dir, "shift"), 0o700); err != nil {
		return err
	}
	d, err := interop.StartDesktop(ctx, b.group, filepath.Join(b.dir, "shift"))
	if err != nil {
		return err
	}
	defer d.Close()
	to := b.targets[0]
	to.Number = "606" // hangs up 3 s after the answer
	r, err := b.phone.openWindow("shift", d.Env, to)
	if err != nil {
		return err
	}
	defer r.Kill()
	if _, err := typeNumber(ctx, d, to.Number); err != nil {
		return fmt.Errorf("%w\n%s", err, r.Log())
	}
	out := &b.report.Shift
	for out.Calls < shiftCalls {
		if err := b.shiftCall(ctx, d, to); err != nil {
			return fmt.Errorf("call %d: %w\n%s", out.Calls+1, err, r.Log())
		}
		out.Calls++
		if out.Calls != shiftWarm && out.Calls != shiftCalls {
			continue
		}
		pss, _, err := usage.Memory(r.PID())
		if err != nil {
			return err
		}
		if out.Calls == shiftWarm {
			out.Before = pss
		}
		out.After = pss
	}
	return nil
}

// shiftCall presses Enter until there is a call, as a person does who was too
// fast after the last one, and waits for its end.
func (b *bench) shiftCall(ctx context.Context, d *interop.Desktop, to target) error {
	ctx, cancel := context.WithTimeout(ctx, 2*answerTime)
	defer cancel()
	err := poll(ctx, time.Second, func() (bool, error) {
		if n, err := to.Calls(ctx); n > 0 || err != nil {
			return n > 0, err
		}
		_, err := d.Xdotool(ctx, "key", "Return")
		return false, err
	})
	if err != nil {
		return fmt.Errorf("no call from the window: %w", err)
	}
	return waitCalls(ctx, to, 0)
}
