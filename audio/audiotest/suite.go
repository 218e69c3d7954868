package audiotest

import (
	"context"
	"errors"
	"testing"
	"time"

	"nxphone/audio"
)

const (
	// prompt is how long a call that never blocks may take on a machine that
	// is busy with other tests.
	prompt = 250 * time.Millisecond
	// warmUp is how long a device may take until sound flows.
	warmUp = 5 * time.Second
	// patience bounds each test of the suite.
	patience = 20 * time.Second
	// closing is how long Close may take.
	closing = 5 * time.Second
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

// quick runs a call that must not block.
func quick(t *testing.T, what string, f func()) {
	t.Helper()
	begin := time.Now()
	f()
	if d := time.Since(begin); d > prompt {
		t.Errorf("%s took %v, but must not block", what, d)
	}
}

func testRead(t *testing.T, d audio.Duplex) {
	frame := make([]int16, audio.FrameLen)
	read := func() bool {
		for i := range frame {
			frame[i] = untouched
		}
		var ok bool
		quick(t, "Read", func() { ok = d.Read(frame) })
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
	for range 500 {
		if !read() {
			break
		}
	}
	const frames = 100
	n := 0
	took := poll(t, patience, "a second of the microphone", func() bool {
		for read() {
			n++
		}
		return n >= frames
	})
	checkPace(t, "the microphone", time.Duration(n)*audio.FrameDur, took)
	if read() && read() && read() && read() {
		t.Error("there is always one more frame: the microphone does not wait for time")
	}
}

func testWrite(t *testing.T, d audio.Duplex) {
	frame := make([]int16, audio.FrameLen)
	room := func() (ok bool) {
		quick(t, "Room", func() { ok = d.Room() })
		return ok
	}
	write := func() bool {
		if !room() {
			return false
		}
		quick(t, "Write", func() { d.Write(frame) })
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
	const frames = 100
	n := 0
	took := poll(t, patience, "a second of the speaker", func() bool {
		for range 50 {
			if !write() {
				break
			}
			n++
		}
		return n >= frames
	})
	checkPace(t, "the speaker", time.Duration(n)*audio.FrameDur, took)
}

// checkPace compares sound with time. The bounds are wide: a device moves
// sound in periods, and the machine may be busy.
func checkPace(t *testing.T, what string, sound, took time.Duration) {
	t.Helper()
	if took < sound*6/10 {
		t.Errorf("%s moved %v of sound in only %v", what, sound, took)
	}
	if took > sound*25/10 {
		t.Errorf("%s moved only %v of sound in %v", what, sound, took)
	}
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
	quick(t, "Read after Close", func() { d.Read(frame) })
	var room bool
	quick(t, "Room after Close", func() { room = d.Room() })
	if room {
		quick(t, "Write after Close", func() { d.Write(frame) })
	}
}
