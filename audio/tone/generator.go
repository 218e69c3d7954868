package tone

import (
	"math"
	"time"

	"nxphone/audio"
)

// edge is the length of the raised-cosine ramp at both ends of a sound: long
// enough not to click, short enough not to blur a cadence.
const edge = 8 * time.Millisecond

// Generator plays a Signal. It is for one goroutine at a time and does not
// allocate per frame.
type Generator struct {
	sig  Signal // without the segments that have no length
	rate int
	edge int // samples

	seg, pass int // where in the signal
	at, end   int // samples into the segment, and its length
	// up and down: the segment begins, ends with a ramp.
	up, down bool
	a, b     oscillator
	// release counts down the samples of the final ramp; -1 when none runs.
	release int
	done    bool
}

// NewGenerator makes a generator at the phone's rate.
func NewGenerator(s Signal) *Generator { return NewGeneratorAt(s, audio.Rate) }

// NewGeneratorAt makes a generator at another rate, in Hz; there Fill takes
// any number of samples, as it does at the phone's.
func NewGeneratorAt(s Signal, rate int) *Generator {
	g := &Generator{sig: Signal{Times: s.Times}, rate: rate, edge: samples(edge, rate), release: -1}
	for _, seg := range s.Segments {
		if samples(seg.Dur, rate) > 0 {
			g.sig.Segments = append(g.sig.Segments, seg)
		}
	}
	g.done = len(g.sig.Segments) == 0
	if !g.done {
		g.enter(0)
	}
	return g
}

// Fill overwrites pcm with the next samples, silence after the end, and
// reports whether there is more to come.
func (g *Generator) Fill(pcm []int16) bool {
	for i := range pcm {
		pcm[i] = g.next()
	}
	return !g.done
}

// MixInto adds the next samples to pcm and reports whether there is more to
// come.
func (g *Generator) MixInto(pcm []int16) bool {
	for i, x := range pcm {
		pcm[i] = int16(min(max(int(x)+int(g.next()), math.MinInt16), math.MaxInt16))
	}
	return !g.done
}

// Release ends the signal early, with a ramp instead of a click: go on with
// Fill until it reports false, 8 ms later at most.
func (g *Generator) Release() {
	if !g.done && g.release < 0 {
		g.release = g.edge
	}
}

// Done reports whether everything has been played.
func (g *Generator) Done() bool { return g.done }

func (g *Generator) next() int16 {
	if g.done {
		return 0
	}
	x := (g.a.next() + g.b.next()) * g.envelope()
	g.advance()
	return int16(math.Round(min(max(x, math.MinInt16), math.MaxInt16)))
}

// envelope is the ramp's factor at the current sample, 1 between the ramps.
func (g *Generator) envelope() float64 {
	v := 1.0
	if g.up && g.at < g.edge {
		v = ramp(g.at, g.edge)
	}
	if left := g.end - 1 - g.at; g.down && left < g.edge {
		v *= ramp(left, g.edge)
	}
	if g.release >= 0 {
		v *= ramp(g.release, g.edge)
	}
	return v
}

func (g *Generator) advance() {
	if g.release >= 0 {
		if g.release--; g.release < 0 {
			g.done = true
			return
		}
	}
	if g.at++; g.at < g.end {
		return
	}
	next, pass := g.seg+1, g.pass
	if next == len(g.sig.Segments) {
		next, pass = 0, pass+1
	}
	if g.sig.Times > 0 && pass >= g.sig.Times {
		g.done = true
		return
	}
	g.pass = pass
	g.enter(next)
}

// enter begins a segment. Two neighbours of the same sound become one: no
// ramp, and the phase goes on.
func (g *Generator) enter(i int) {
	segs := g.sig.Segments
	s := segs[i]
	first := g.end == 0
	joined := !first && sameSound(segs[g.seg], s)
	g.seg, g.at, g.end = i, 0, samples(s.Dur, g.rate)
	last := g.sig.Times > 0 && g.pass == g.sig.Times-1 && i == len(segs)-1
	g.up = !joined
	g.down = last || !sameSound(s, segs[(i+1)%len(segs)])
	if !joined {
		g.a = newOscillator(s.F1, s.DB, g.rate)
		g.b = newOscillator(s.F2, s.DB+s.Twist, g.rate)
	}
}

func sameSound(a, b Segment) bool {
	return a.F1 == b.F1 && a.F2 == b.F2 && a.DB == b.DB && a.Twist == b.Twist
}

// ramp rises from just above 0 at i=0 to just below 1 at i=n-1.
func ramp(i, n int) float64 {
	return 0.5 - 0.5*math.Cos(math.Pi*(float64(i)+0.5)/float64(n))
}

func samples(d time.Duration, rate int) int {
	return int((int64(d)*int64(rate) + int64(time.Second)/2) / int64(time.Second))
}

// oscillator is a sinusoid as a rotating vector: one complex multiplication a
// sample. In double precision its length drifts by less than 1e-9 in a day.
type oscillator struct{ re, im, cos, sin float64 }

func newOscillator(freq, db float64, rate int) oscillator {
	if freq <= 0 {
		return oscillator{}
	}
	sin, cos := math.Sincos(2 * math.Pi * freq / float64(rate))
	return oscillator{re: amplitude(db), cos: cos, sin: sin}
}

func (o *oscillator) next() float64 {
	x := o.im
	o.re, o.im = o.re*o.cos-o.im*o.sin, o.re*o.sin+o.im*o.cos
	return x
}
