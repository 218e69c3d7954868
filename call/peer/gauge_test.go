package peer

import (
	"math"
	"testing"

	"nxphone/audio"
	"nxphone/audio/tone"
)

// TestGauge: a meter moves 20 times a second, and covers 200 ms.
func TestGauge(t *testing.T) {
	g := newGauge()
	if g.RMS() != audio.Silence {
		t.Errorf("%.1f dBFS before anything", g.RMS())
	}
	frame := make([]int16, audio.FrameLen)
	gen := tone.NewGenerator(steady(1000)) // -12 dBFS
	changes, last := 0, g.RMS()
	for range 20 {
		gen.Fill(frame)
		g.add(frame)
		if g.RMS() != last {
			changes++
			last = g.RMS()
		}
	}
	if changes != 4 || math.Abs(last+12) > 0.2 {
		t.Errorf("%d changes in 200 ms, %.1f dBFS in the end", changes, last)
	}
	clear(frame)
	for range 20 {
		g.add(frame)
	}
	if g.RMS() != audio.Silence {
		t.Errorf("%.1f dBFS after 200 ms of silence", g.RMS())
	}
	if n := testing.AllocsPerRun(100, func() { g.add(frame) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
