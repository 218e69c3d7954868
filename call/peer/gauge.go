package peer

import (
	"math"
	"sync/atomic"

	"nxphone/audio"
)

// levelSpan is how many intervals a meter's reading covers: 200 ms, which moves
// with the syllables and not with the waves.
const levelSpan = 4

// gauge measures the loudness of one way: the last 200 ms for meters, renewed
// 20 times a second, and everything since a mark for statistics, so that no
// sound between two of them goes unseen. One goroutine adds, any other may read;
// neither waits.
type gauge struct {
	energy  atomic.Uint64 // sum of squares; wraps after days of full scale
	samples atomic.Uint64

	rms atomic.Uint64 // bits of a float64, dBFS
	// The adding goroutine's own: the running interval and those before it.
	n    int
	sum  uint64
	past [levelSpan]uint64
	next int
}

// mark is a moment of a gauge.
type mark struct{ energy, samples uint64 }

func newGauge() *gauge {
	g := &gauge{}
	g.rms.Store(math.Float64bits(audio.Silence))
	return g
}

// RMS is the loudness of the last 200 ms in dBFS, 0 for a full-scale sinusoid.
func (g *gauge) RMS() float64 { return math.Float64frombits(g.rms.Load()) }

func (g *gauge) add(pcm []int16) {
	var all uint64
	for _, x := range pcm {
		square := uint64(int(x) * int(x))
		all += square
		g.sum += square
		if g.n++; g.n == levelEvery {
			g.renew()
		}
	}
	g.energy.Add(all)
	g.samples.Add(uint64(len(pcm)))
}

// renew ends an interval.
func (g *gauge) renew() {
	g.past[g.next] = g.sum
	g.next = (g.next + 1) % levelSpan
	g.n, g.sum = 0, 0
	var span uint64
	for _, s := range g.past {
		span += s
	}
	mean := float64(span) / (levelSpan * levelEvery)
	g.rms.Store(math.Float64bits(audio.DBFS(math.Sqrt(2 * mean))))
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
