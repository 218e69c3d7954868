package kiosk

import (
	"context"
	"fmt"
	"time"
)

const (
	// retryTest is when a self-test is begun again that was in somebody's way,
	// was broken off, or has failed: the booth may have stood in a noise.
	retryTest = 10 * time.Minute
	// giveUpTest is how long after its time a night's self-test is given up.
	giveUpTest = 4 * time.Hour
	// testTries is how often one is repeated that fails.
	testTries = 3
	// clockStep is the longest wait in one piece: the wall clock may be put
	// right meanwhile.
	clockStep = time.Minute
	// deadNights of silent sound are worth a reboot of the machine. It is asked
	// for once; the nights after bring no other until the sound has been well.
	deadNights = 3
)

// Daily is a time of day, in local time.
type Daily struct{ Hour, Minute int }

// ParseDaily reads "HH:MM".
func ParseDaily(text string) (Daily, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return Daily{}, fmt.Errorf("kiosk: %q is no time of day such as 03:30", text)
	}
	return Daily{t.Hour(), t.Minute()}, nil
}

// after is the first such time after now. On the day on which a clock skips it,
// it is the moment after the gap (time.Date says so).
func (d Daily) after(now time.Time) time.Time {
	for day := 0; ; day++ {
		y, m, dd := now.Date()
		if t := time.Date(y, m, dd+day, d.Hour, d.Minute, 0, 0, now.Location()); t.After(now) {
			return t
		}
	}
}

// nightly runs the self-test once a night until ctx ends.
func (b *Booth) nightly(ctx context.Context) {
	for {
		due := b.opts.TestAt.after(time.Now())
		if !sleepUntil(ctx, due) {
			return
		}
		b.night(ctx, due)
		if ctx.Err() != nil {
			return
		}
	}
}

// sleepUntil waits for a moment of the wall clock.
func sleepUntil(ctx context.Context, at time.Time) bool {
	at = at.Round(0) // the wall clock's, not the monotonic one's
	for {
		left := time.Until(at)
		if left <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(min(left, clockStep))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// night is one night's self-test: tried again while it is in somebody's way,
// and a few times where it fails.
func (b *Booth) night(ctx context.Context, due time.Time) {
	failed := 0
	for time.Now().Before(due.Add(giveUpTest)) {
		if r, whole := b.test(ctx); whole {
			if !r.OK {
				failed++
			}
			if r.OK || failed >= testTries {
				b.found(ctx, r)
				return
			}
		}
		if !sleepUntil(ctx, time.Now().Add(retryTest)) {
			return
		}
	}
	if ctx.Err() == nil {
		b.log.Warn("no self-test tonight: the booth was in use")
	}
}

// test runs one self-test, where nobody is there. It is not whole where
// somebody came meanwhile.
func (b *Booth) test(ctx context.Context) (r Report, whole bool) {
	ctx2, breakOff := context.WithCancel(ctx)
	defer breakOff()
	free := false
	if !b.event(ctx, func(m *machine, _ time.Time) {
		if free = m.mayTest(); free {
			b.breakOff = breakOff
		}
	}) || !free {
		return r, false
	}
	r = b.opts.Test(ctx2)
	whole = ctx2.Err() == nil
	b.event(ctx, func(m *machine, now time.Time) {
		b.breakOff = nil
		m.testEnded(now)
	})
	return r, whole
}

// found takes a night's result.
func (b *Booth) found(ctx context.Context, r Report) {
	r.At = time.Now()
	b.event(ctx, func(m *machine, _ time.Time) {
		if r.Sound != FindingOK {
			r.DeadNights = m.status.Test.DeadNights + 1
		}
		m.status.Test = r
		if r.DeadNights == deadNights {
			b.log.Error("the sound has been dead for three nights: asking for a reboot")
			m.ends(Reboot)
		}
	})
	if !r.OK {
		b.log.Error("the self-test has failed", "sound", string(r.Sound), "line", string(r.Line), "nights", r.DeadNights)
	}
}
