package main

import (
	"math"
	"os"
	"sync"
	"time"

	"nxphone/audio"
)

// A gap is looked for in a steady tone, in stretches of 2.5 ms: it is one when the
// level falls by 12 dB and more for 5 ms and more. A tone hides nothing, so what
// is not found in it is not heard in speech.
const (
	gapStretch = audio.Rate / 400
	gapDepth   = 0.25
	gapLeast   = 2 // stretches
	// gapSettle is when the tone's level is known, counted from its beginning.
	gapSettle = 2 * audio.Rate / gapStretch
)

// gap is one hole in the tone.
type gap struct {
	At, Length time.Duration // from the beginning of the tone
}

// gapEar finds the gaps of a tone while it is recorded, and keeps nothing else.
type gapEar struct {
	from *os.File
	done sync.WaitGroup

	stretch float64 // sum of squares of the one that is being filled
	filled  int
	n       int     // stretches since the tone began
	level   float64 // the tone's RMS, by a slow mean
	quiet   int     // stretches in a row

	mu    sync.Mutex
	gaps  []gap
	heard time.Duration
}

// listenForGaps reads a pipe of a desktop until stop.
func listenForGaps(from *os.File) *gapEar {
	g := &gapEar{from: from}
	g.done.Go(g.read)
	return g
}

func (g *gapEar) read() {
	eachPiece(g.from, func(pcm []int16, _ time.Time) {
		for _, x := range pcm {
			g.take(x)
		}
	})
}

// take hears one sample.
func (g *gapEar) take(x int16) {
	g.stretch += float64(x) * float64(x)
	if g.filled++; g.filled < gapStretch {
		return
	}
	rms := math.Sqrt(g.stretch / gapStretch)
	g.stretch, g.filled = 0, 0
	if g.n == 0 && rms < 100 {
		return // the tone has not begun
	}
	g.n++
	loud := rms >= gapDepth*g.level
	if loud {
		g.level += (rms - g.level) / min(float64(g.n), 400)
	}
	if g.n < gapSettle {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heard = stretches(g.n)
	if !loud {
		g.quiet++
		return
	}
	if g.quiet >= gapLeast {
		g.gaps = append(g.gaps, gap{stretches(g.n - g.quiet - 1), stretches(g.quiet)})
	}
	g.quiet = 0
}

func stretches(n int) time.Duration { return time.Duration(n) * 2500 * time.Microsecond }

// length is how long the tone has been heard.
func (g *gapEar) length() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.heard
}

// stop ends the listening. A gap that goes on is the end of the tone and counts
// for nothing.
func (g *gapEar) stop() []gap {
	g.from.Close()
	g.done.Wait()
	return g.gaps
}
