package audio_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
)

// call is a handler that counts, and plays a number in each frame.
type call struct {
	heard  []int16 // the first sample of each captured frame
	played int
	order  []byte
}

func (c *call) Capture(frame []int16) {
	c.heard = append(c.heard, frame[0])
	c.order = append(c.order, 'c')
}

func (c *call) Playout(frame []int16) {
	c.played++
	for i := range frame {
		frame[i] = int16(c.played)
	}
	c.order = append(c.order, 'p')
}

var errOver = errors.New("over")

// runFor runs a device for so long inside a bubble of its own.
func runFor(t *testing.T, d time.Duration, use func(card *audiotest.Device, c *call)) {
	synctest.Test(t, func(t *testing.T) {
		card := audiotest.NewDevice(time.Now)
		speech := make([]int16, 10*audio.Rate)
		for i := range speech {
			speech[i] = int16(i / audio.FrameLen)
		}
		card.Speak(speech)
		c := &call{}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(d, func() { cancel(errOver) })
		if err := audio.Run(ctx, card, card, c); !errors.Is(err, errOver) {
			t.Errorf("Run returned %v", err)
		}
		use(card, c)
	})
}

func TestRunMovesEverything(t *testing.T) {
	runFor(t, 3*time.Second, func(card *audiotest.Device, c *call) {
		if n := len(c.heard); n < 299 || n > 300 {
			t.Errorf("captured %d frames in 3 s", n)
		}
		for i, x := range c.heard {
			if x != int16(i) {
				t.Fatalf("frame %d begins with %d", i, x)
			}
		}
		played := card.Played()
		if card.Missing() != 0 || len(played) != 3*audio.Rate {
			t.Errorf("played %d samples, %d missing", len(played), card.Missing())
		}
		for i, x := range played {
			if x != int16(1+i/audio.FrameLen) {
				t.Fatalf("sample %d is of frame %d", i, x)
			}
		}
		if c.order[0] != 'p' {
			t.Error("the speaker waited for the microphone")
		}
	})
}

// greedy has always room and always a frame: a broken device.
type greedy struct{ written int }

func (*greedy) Read([]int16) bool { return true }
func (*greedy) Room() bool        { return true }
func (g *greedy) Write([]int16)   { g.written++ }

func TestRunEndsWithAGreedyDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		g, c := &greedy{}, &call{}
		if err := audio.Run(ctx, g, g, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run returned %v", err)
		}
		// At most 200 ms of sound in every tick of 5 ms.
		if g.written == 0 || g.written > 20*12 || len(c.heard) > 20*12 {
			t.Errorf("%d frames written, %d captured in 50 ms", g.written, len(c.heard))
		}
	})
}

func TestRunOutlivesALostDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card, c := audiotest.NewDevice(time.Now), &call{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		time.AfterFunc(500*time.Millisecond, card.Unplug)
		if err := audio.Run(ctx, card, card, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run returned %v", err)
		}
		if n := len(c.heard); n < 48 || n > 50 {
			t.Errorf("captured %d frames of a device that lived half a second", n)
		}
	})
}

func TestRunDoesNotAllocatePerFrame(t *testing.T) {
	// A second of frames against one: the difference is what a frame costs.
	cost := func(d time.Duration) float64 {
		return testing.AllocsPerRun(3, func() {
			in, out := audio.NewNullInput(nil), audio.NewNullOutput(nil)
			ctx, cancel := context.WithTimeout(context.Background(), d)
			defer cancel()
			_ = audio.Run(ctx, in, out, silent{})
		})
	}
	short, long := cost(10*time.Millisecond), cost(300*time.Millisecond)
	if long-short > 10 {
		t.Errorf("%v allocations in 10 ms, %v in 300 ms", short, long)
	}
}

type silent struct{}

func (silent) Capture([]int16)       {}
func (silent) Playout(frame []int16) { clear(frame) }
