package audiotest

import (
	"context"
	"errors"
	"testing"
	"time"

	"nxphone/audio"
)

const (
	// prompt is how long a call that never blocks may take. On a busy machine
	// the scheduler may put a long pause into any of them, so that a few may
	// take longer: one in tolerance.
	prompt    = 250 * time.Millisecond
	tolerance = 20
	// attempts is how often a second of sound may be looked at, for the same
	// reason. A device that is slow is slow each time.
	attempts = 10
	// warmUp is how long a device may take until sound flows.
	warmUp = time.Minute
	// patience bounds each test of the suite.
	patience = time.Minute
	// closing is how long Close may take: it does not wait for ever.
	closing = 20 * time.Second
	// untouched marks a frame that nobody has written to.
	untouched = -12345
)

var errEnough = errors.New("the suite has seen enough")

// RunDeviceSuite holds a device to the words of audio.Input, Output and
// Duplex. Open gives a fresh device that runs in real time; the suite closes
// it. It takes about five seconds, and what is played is silence.
func RunDeviceSuite(t *testing.T, open func() audio.Duplex) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, d audio.Duplex)
	}{
		{"Read gives whole frames at the pace of time", testRead},
		{"Room and Write go at the pace of time", testWrite},
		{"both halves run together", testRun},
		{"nothing allocates", testAllocs},
		{"Close is bounded and may be repeated", testClose},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open()
			defer func() {
				if err := d.Close(); err != nil {
					t.Errorf("Close at the end: %v", err)
				}
			}()
			c.test(t, d)
		})
	}
}

// poll calls f every 2 ms until it is content, and fails the test when it
// never is. It reports how long it took.
func poll(t *testing.T, limit time.Duration, what string, f func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		if time.Since(begin) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		<-tick.C
	}
	return time.Since(begin)
}

// quick runs calls that must not block.
type quick struct{ calls, slow int }

func (q *quick) run(f func()) {
	begin := time.Now()
	f()
	q.calls++
	if time.Since(begin) > prompt {
		q.slow++
	}
}

func (q *quick) check(t *testing.T, what string) {
	t.Helper()
	if q.slow > 1+q.calls/tolerance {
		t.Errorf("%s must not block; %d of %d calls took more than %v", what, q.slow, q.calls, prompt)
	}
}

func testRead(t *testing.T, d audio.Duplex) {
	frame := make([]int16, audio.FrameLen)
	var calls quick
	defer func() { calls.check(t, "Read") }()
	read := func() bool {
		for i := range frame {
			frame[i] = untouched
		}
		var ok bool
		calls.run(func() { ok = d.Read(frame) })
		left := 0
		for _, x := range frame {
			if x == untouched {
				left++
			}
		}
		// By chance a recording may hold the mark, but not everywhere.
		if ok && left > audio.FrameLen/2 {
			t.Fatalf("Read said true and left %d of %d samples alone", left, audio.FrameLen)
		}
		if !ok && left != audio.FrameLen {
			t.Fatalf("Read said false and wrote %d samples", audio.FrameLen-left)
		}
		return ok
	}
	poll(t, warmUp, "a frame of the microphone", read)
	// What has been recorded meanwhile is old; then time is measured.
	for range plenty {
		if !read() {
			break
		}
	}
	checkPace(t, "the microphone", func() (n int, took time.Duration) {
		took = poll(t, patience, "a second of the microphone", func() bool {
			for read() {
				n++
			}
			return n >= second
		})
		return n, took
	})
	more := 0
	for more < plenty && read() {
		more++
	}
	if more == plenty {
		t.Error("there is always one more frame: the microphone does not wait for time")
	}
}

func testWrite(t *testing.T, d audio.Duplex) {
	frame := make([]int16, audio.FrameLen)
	var rooms, writes quick
	defer func() { rooms.check(t, "Room"); writes.check(t, "Write") }()
	room := func() (ok bool) {
		rooms.run(func() { ok = d.Room() })
		return ok
	}
	write := func() bool {
		if !room() {
			return false
		}
		writes.run(func() { d.Write(frame) })
		return true
	}
	poll(t, warmUp, "room for a frame at the speaker", write)
	// Fill the queue until the speaker has enough, as it must at some time.
	poll(t, warmUp, "a speaker that has enough", func() bool {
		for range 50 {
			if !write() {
				return true
			}
		}
		return false
	})
	checkPace(t, "the speaker", func() (n int, took time.Duration) {
		took = poll(t, patience, "a second of the speaker", func() bool {
			for range 50 {
				if !write() {
					break
				}
				n++
			}
			return n >= second
		})
		return n, took
	})
}

const (
	second = 100 // frames
	plenty = 500 // frames, more than any queue holds
)

// checkPace compares sound with time. The bounds are wide: a device moves
// sound in periods. A busy machine loses some of it.
func checkPace(t *testing.T, what string, move func() (frames int, took time.Duration)) {
	t.Helper()
	var sound, took time.Duration
	for range attempts {
		n, d := move()
		sound, took = time.Duration(n)*audio.FrameDur, d
		if took < sound*6/10 {
			t.Errorf("%s moved %v of sound in only %v", what, sound, took)
			return
		}
		if took <= sound*25/10 {
			return
		}
	}
	t.Errorf("%s moved only %v of sound in %v", what, sound, took)
}

// counting is a call that ends the loop when it has seen enough.
type counting struct {
	captured, played int
	enough           context.CancelCauseFunc
}

func (c *counting) Capture([]int16) { c.captured++; c.check() }
func (c *counting) Playout(frame []int16) {
	clear(frame)
	c.played++
	c.check()
}

func (c *counting) check() {
	if c.captured >= 60 && c.played >= 60 {
		c.enough(errEnough)
	}
}

func testRun(t *testing.T, d audio.Duplex) {
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ctx, enough := context.WithCancelCause(ctx)
	defer enough(nil)
	c := &counting{enough: enough}
	if err := audio.Run(ctx, d, d, c); !errors.Is(err, errEnough) {
		t.Errorf("after %d frames captured and %d played: %v", c.captured, c.played, err)
	}
}

func testAllocs(t *testing.T, d audio.Duplex) {
	frame := make([]int16, audio.FrameLen)
	moved := false
	poll(t, warmUp, "a frame in either direction", func() bool {
		if d.Room() {
			d.Write(frame)
			moved = true
		}
		return d.Read(frame) && moved
	})
	if n := testing.AllocsPerRun(200, func() {
		d.Read(frame)
		if d.Room() {
			clear(frame)
			d.Write(frame)
		}
	}); n >= 1 {
		t.Errorf("%v allocations a turn", n)
	}
}

func testClose(t *testing.T, d audio.Duplex) {
	for i := range 3 {
		begin := time.Now()
		if err := d.Close(); err != nil {
			t.Errorf("Close number %d: %v", i+1, err)
		}
		if took := time.Since(begin); took > closing {
			t.Errorf("Close number %d took %v", i+1, took)
		}
	}
	// A loop that has not noticed yet must come to no harm.
	frame := make([]int16, audio.FrameLen)
	var after quick
	for range tolerance {
		after.run(func() { d.Read(frame) })
		var room bool
		after.run(func() { room = d.Room() })
		if room {
			after.run(func() { d.Write(frame) })
		}
	}
	after.check(t, "what is called after Close")
}
