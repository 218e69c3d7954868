package kiosk

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestDaily(t *testing.T) {
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	berlin, _ := time.LoadLocation("Europe/Berlin")
	for _, tt := range []struct {
		at        Daily
		now, want string
		in        *time.Location
	}{
		{Daily{3, 30}, "2026-05-05 01:00", "2026-05-05 03:30", seoul},
		{Daily{3, 30}, "2026-05-05 03:30", "2026-05-06 03:30", seoul},
		{Daily{0, 0}, "2026-12-31 23:59", "2027-01-01 00:00", seoul},
		{Daily{2, 30}, "2026-03-29 01:00", "2026-03-29 03:30", berlin}, // does not exist that night
		{Daily{2, 30}, "2026-10-25 01:00", "2026-10-25 02:30", berlin}, // exists twice
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", tt.now, tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.at.after(now).Format("2006-01-02 15:04"); got != tt.want {
			t.Errorf("%v after %s: %s, want %s", tt.at, tt.now, got, tt.want)
		}
	}
	for _, bad := range []string{"", "3", "25:00", "03:60", "-1:00", "noon"} {
		if _, err := ParseDaily(bad); err == nil {
			t.Errorf("%q is a time of day", bad)
		}
	}
	if d, err := ParseDaily("03:05"); err != nil || d != (Daily{3, 5}) {
		t.Error(d, err)
	}
}

// tests stands in for the self-test.
type tests struct {
	mu     sync.Mutex
	report Report
	takes  time.Duration
	times  []time.Time
	broken int
}

func (x *tests) run(ctx context.Context) Report {
	x.mu.Lock()
	x.times = append(x.times, time.Now())
	r, d := x.report, x.takes
	x.mu.Unlock()
	select {
	case <-time.After(d):
	case <-ctx.Done():
		x.mu.Lock()
		x.broken++
		x.mu.Unlock()
	}
	return r
}

func (x *tests) count() int { x.mu.Lock(); defer x.mu.Unlock(); return len(x.times) }

func (x *tests) result(r Report) { x.mu.Lock(); defer x.mu.Unlock(); x.report = r }

// Bubbles begin at midnight UTC of the first of January 2000.
func nightly(t *testing.T, x *tests, opts Options, test func(r *rig)) {
	t.Helper()
	local := time.Local
	time.Local = time.UTC
	defer func() { time.Local = local }()
	opts.Test, opts.TestAt = x.run, Daily{3, 0}
	booth(t, opts, test)
}

func TestNightly(t *testing.T) {
	x := &tests{report: Report{OK: true, Sound: FindingOK}, takes: 10 * time.Second}
	nightly(t, x, Options{}, func(r *rig) {
		pass(3*time.Hour - time.Second)
		if x.count() != 0 {
			t.Error("too early")
		}
		pass(2 * time.Second)
		if s := r.Status(); x.count() != 1 || !s.Testing || s.Bright {
			t.Errorf("%d tests, %+v", x.count(), s)
		}
		pass(10 * time.Second)
		if s := r.Status(); s.Testing || !s.Test.OK || s.Test.At.IsZero() {
			t.Errorf("%+v", s)
		}
		pass(7 * 24 * time.Hour)
		if x.count() != 8 {
			t.Errorf("%d tests in a week", x.count()-1)
		}
	})
}

// Somebody who presses is put through, and the test is made up for.
func TestNightlyGivesWay(t *testing.T) {
	x := &tests{report: Report{OK: true, Sound: FindingOK}, takes: 10 * time.Second}
	nightly(t, x, Options{}, func(r *rig) {
		pass(3*time.Hour + time.Second)
		r.press(Counsellor)
		r.screen(Calling)
		r.dials(theCounsellor)
		if s := r.Status(); s.Testing || x.broken != 1 {
			t.Errorf("%+v", s)
		}
		r.phone.answer()
		pass(time.Hour) // in a call no test begins
		if x.count() != 1 {
			t.Error("a test in a call")
		}
		r.phone.end("remote-hangup")
		pass(15 * time.Minute)
		if s := r.Status(); x.count() != 2 || !s.Test.OK {
			t.Errorf("%d tests, %+v", x.count(), s.Test)
		}
	})
}

func TestNightlyGivesUp(t *testing.T) {
	x := &tests{report: Report{OK: true}, takes: time.Second}
	nightly(t, x, Options{}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		pass(12 * time.Hour)
		r.phone.end("remote-hangup")
		pass(8 * time.Hour)
		if x.count() != 0 {
			t.Error("a test in the middle of the day")
		}
		pass(8 * time.Hour)
		if x.count() != 1 {
			t.Errorf("%d tests the night after", x.count())
		}
	})
}

// A failure is repeated, and three dead nights ask for a reboot, once.
func TestDeadNights(t *testing.T) {
	x := &tests{report: Report{Sound: FindingUnheard}, takes: time.Second}
	nightly(t, x, Options{}, func(r *rig) {
		pass(6 * time.Hour)
		if s := r.Status(); x.count() != testTries || s.Test.DeadNights != 1 || s.Test.OK {
			t.Errorf("%d tests, %+v", x.count(), s.Test)
		}
		pass(24 * time.Hour)
		select {
		case o := <-r.outcome:
			t.Fatal("the end after two nights:", o)
		default:
		}
		pass(24 * time.Hour)
		if o := <-r.outcome; o != Reboot {
			t.Error(o)
		}
	})
	// The machine has been started again, and it did not help.
	x = &tests{report: Report{Sound: FindingUnheard}, takes: time.Second}
	nightly(t, x, Options{Before: Report{Sound: FindingUnheard, DeadNights: 3}}, func(r *rig) {
		pass(5 * 24 * time.Hour)
		if s := r.Status(); s.Test.DeadNights != 8 {
			t.Errorf("%+v", s.Test)
		}
		x.result(Report{Sound: FindingOK, OK: true})
		pass(24 * time.Hour)
		if s := r.Status(); s.Test.DeadNights != 0 {
			t.Errorf("%+v", s.Test)
		}
	})
}

// A failure of the line alone is no dead night.
func TestLineAloneIsNoDeadNight(t *testing.T) {
	x := &tests{report: Report{Sound: FindingOK, Line: FindingNoCall}, takes: time.Second}
	nightly(t, x, Options{}, func(r *rig) {
		pass(10 * 24 * time.Hour)
		synctest.Wait()
		if s := r.Status(); s.Test.DeadNights != 0 || s.Test.OK || s.Test.Line != FindingNoCall {
			t.Errorf("%+v", s.Test)
		}
	})
}
