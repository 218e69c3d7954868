package device

import (
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
)

// TestGapAtLoss: the sound of a call is away for half a second at most when its
// device goes, whether the system says so or the device just falls silent.
func TestGapAtLoss(t *testing.T) {
	for name, gone := range map[string]bool{"unplugged": true, "silent, still listed": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := usual()
				f.mics = append(f.mics, Info{ID: "head", Name: "Headset"})
				h := f.host(t)
				defer h.Close()
				c := openCall(t, h, Choice{Microphone: "head"})
				c.run(5 * time.Second)
				f.stream(0).unplug(true)
				if gone {
					f.set(func() { f.mics = f.mics[:1] })
				}
				start := time.Now()
				for before := c.d.Stats().Microphone.Frames; c.d.Stats().Microphone.Frames < before+3; {
					c.run(10 * time.Millisecond)
					if time.Since(start) > time.Minute {
						t.Fatal("no sound any more")
					}
				}
				gap, most := time.Since(start), 500*time.Millisecond
				if gone {
					most = 350 * time.Millisecond
				}
				if t.Logf("%v without sound", gap); gap > most {
					t.Errorf("%v without sound", gap)
				}
				if s := c.d.Stats().Microphone; s.Lost != 1 || s.Reopened != 1 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestLateMomentIsNoLoss: a busy machine on which a device is late does not make
// it count as lost.
func TestLateMomentIsNoLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := usualCall(t)
		c.run(5 * time.Second)
		for range 5 {
			f.stream(0).unplug(true)
			c.run(300 * time.Millisecond)
			f.stream(0).unplug(false)
			c.run(time.Second)
		}
		if s := c.d.Stats().Microphone; s.Lost != 0 || f.opened() != 2 {
			t.Errorf("%+v, %d opened", s, f.opened())
		}
	})
}

// TestLateCallbacksGetMorePeriods: often late, a device is opened again with
// more of them, without a gap; after a quiet time it gets back what is usual.
func TestLateCallbacksGetMorePeriods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := usualCall(t)
		c.run(5 * time.Second)
		late := func(i int) { f.stream(i).behind.Add(int64(20 * time.Millisecond)) }
		late(1)
		c.run(time.Second)
		late(1)
		c.run(time.Second)
		if f.opened() != 2 {
			t.Fatalf("%d opened after two late moments", f.opened())
		}
		late(1)
		c.run(time.Second)
		if f.opened() != 3 || f.stream(2).periods != morePeriods || f.stream(2).dir != Speaker || !f.stream(1).isClosed() {
			t.Fatalf("%d opened after three", f.opened())
		}
		s := c.d.Stats().Speaker
		if s.Underruns < 3*960 || s.Lost != 0 || s.Silent > 0 {
			t.Errorf("%+v", s)
		}
		c.run(calmAfter + startGrace + time.Second)
		if f.opened() != 4 || f.stream(3).periods != usualPeriods || !f.stream(2).isClosed() {
			t.Errorf("%d opened when it was calm again", f.opened())
		}
	})
}

// TestHasteKeepsWhatWorks: where the system lets nobody open the device twice,
// it goes on as it is.
func TestHasteKeepsWhatWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := usualCall(t)
		c.run(5 * time.Second)
		f.set(func() { f.openErr = ErrBusy })
		for range 10 {
			f.stream(1).behind.Add(int64(20 * time.Millisecond))
			c.run(time.Second)
		}
		if s := c.d.Stats().Speaker; s.Lost != 0 || !s.Live || s.Silent > 0 || f.opened() != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// TestQueueGrowsWithSilence: each moment in which the speaker had nothing makes
// the queue longer, to a bound, and calm makes it short again.
func TestQueueGrowsWithSilence(t *testing.T) {
	s := &fakeStream{goLine: newGoLine()}
	o := &opened{stream: s}
	q := queue{most: speakerQueue}
	now := startGrace
	look := func(every time.Duration) int {
		now += every
		return q.limit(o, now)
	}
	if n := look(time.Second); n != speakerQueue {
		t.Errorf("%d samples at first", n)
	}
	s.holes.Add(100)
	if n := look(time.Millisecond); n != speakerQueue+audio.FrameLen {
		t.Errorf("%d samples after silence", n)
	}
	for range 20 {
		s.holes.Add(100)
		look(time.Millisecond)
	}
	if q.most != mostQueue {
		t.Errorf("%d samples at most", q.most)
	}
	if n := look(queueCalm + time.Second); n != mostQueue-audio.FrameLen {
		t.Errorf("%d samples after a calm time", n)
	}
	for range 20 {
		look(queueCalm + time.Second)
	}
	if q.most != speakerQueue {
		t.Errorf("%d samples in the end", q.most)
	}
	if n := testing.AllocsPerRun(100, func() { q.limit(o, now) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
