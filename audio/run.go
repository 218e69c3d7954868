package audio

import (
	"context"
	"time"
)

// tick is how often Run looks at the device. Half a frame: a frame waits at
// most this long after the device has finished it, and a speaker that keeps
// 20 ms queued survives three late ticks.
const tick = FrameDur / 2

// maxBurst bounds the frames that one tick moves in each direction (200 ms),
// so that a device that claims endless room cannot keep Run from ctx.
const maxBurst = 20

// Run moves frames between a device and a call until ctx ends, and returns the
// cause. It runs on the caller's goroutine and does not allocate per frame.
// It does not close the device.
func Run(ctx context.Context, in Input, out Output, h Handler) error {
	var frame [FrameLen]int16
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		turn(frame[:], in, out, h)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
	}
}

// turn is one look at the device. The microphone comes first: what it heard is
// already late.
func turn(frame []int16, in Input, out Output, h Handler) {
	for n := 0; n < maxBurst && in.Read(frame); n++ {
		h.Capture(frame)
	}
	for n := 0; n < maxBurst && out.Room(); n++ {
		h.Playout(frame)
		out.Write(frame)
	}
}
