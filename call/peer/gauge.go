package peer

import (
	"math"
	"sync/atomic"

	"nxphone/audio"
)

// gauge measures the loudness of one way: the last 200 ms for meters, and
// everything since a mark for statistics, so that no sound between two of them
// goes unseen. One goroutine adds, any other may read; neither waits.
type gauge struct {
	*audio.Meter
	energy  atomic.Uint64 // sum of squares; wraps after days of full scale
	samples atomic.Uint64
}

// mark is a moment of a gauge.
type mark struct{ energy, samples uint64 }

func newGauge() gauge { return gauge{Meter: audio.NewMeter(levelEvery)} }

func (g *gauge) add(pcm []int16) {
	g.Add(pcm)
	var sum uint64
	for _, x := range pcm {
		sum += uint64(int(x) * int(x))
	}
	g.energy.Add(sum)
	g.samples.Add(uint64(len(pcm)))
}

func (g *gauge) mark() mark { return mark{g.energy.Load(), g.samples.Load()} }

// level is the loudness between two marks, in dBFS.
func level(from, to mark) float64 {
	if to.samples == from.samples {
		return audio.Silence
	}
	mean := float64(to.energy-from.energy) / float64(to.samples-from.samples)
	return audio.DBFS(math.Sqrt(2 * mean))
}
