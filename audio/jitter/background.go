package jitter

import (
	"math"
	"math/rand/v2"
)

const (
	block = 10 * ms
	// loudest is the mean square (-42 dBFS) over which nothing is taken for
	// background: a dial tone is steady too.
	loudest = 260 * 260
	// rise lets the floor follow a background that grows: 1.5 dB in a second.
	rise = 1.0035
	// spread is how far over the floor a block may be and still be background,
	// 4 dB.
	spread = 2.5
	// dark is the mean square (-76 dBFS) under which all is silence.
	dark = 5 * 5

	samplesLen  = 2 * block // a sample of the background
	sampleSlots = 4
	grain       = block // comfort noise is made of pieces of this length,
	hop         = grain / 2
)

// background knows what is heard at the far end while nobody speaks, and makes
// noise like it: pieces of the last quiet moments, overlapped at random places,
// which keeps level and colour and has no rhythm.
type background struct {
	floor   float64 // mean square
	heard   bool    // anything at all
	quiet   bool    // the last block was background
	bank    [sampleSlots][samplesLen]int16
	banked  int
	next    int
	partial [block]int16
	filled  int
	window  [grain]float32
	ready   bool
	rng     rand.PCG

	made [hop]int16 // the second half of the last piece
	tail [hop]float32
	left int // of made
}

// listen takes sound that was decoded.
func (g *background) listen(pcm []int16) {
	for len(pcm) > 0 {
		n := copy(g.partial[g.filled:], pcm)
		pcm = pcm[n:]
		if g.filled += n; g.filled == block {
			g.filled = 0
			g.judge(g.partial[:])
		}
	}
}

// judge takes 10 ms of sound.
func (g *background) judge(pcm []int16) {
	p := power(pcm)
	if !g.heard {
		g.heard, g.floor = true, loudest
	}
	g.floor = min(max(g.floor, 1)*rise, loudest)
	before := g.quiet
	g.quiet = p <= g.floor*spread && p < loudest
	if p < g.floor {
		g.floor = p
	}
	slot := g.next % sampleSlots
	switch {
	case !g.quiet:
	case !before:
		copy(g.bank[slot][:block], pcm)
	default:
		copy(g.bank[slot][block:], pcm)
		g.next++
		g.banked = min(g.banked+1, sampleSlots)
		g.quiet = false // the next sample is one of its own
	}
}

// hushed reports whether sound of this power is no louder than the background
// nearly is, so that nobody hears a cut.
func (g *background) hushed(p float64) bool {
	return p < dark || p < 2*spread*g.floor && p < loudest
}

// forget begins to listen anew: another far end, another room.
func (g *background) forget() {
	*g = background{}
}

// fill makes comfort noise; silence, where no background is known.
func (g *background) fill(pcm []int16) {
	if g.banked == 0 {
		clear(pcm)
		return
	}
	for len(pcm) > 0 {
		if g.left == 0 {
			g.piece()
		}
		n := copy(pcm, g.made[hop-g.left:])
		g.left -= n
		pcm = pcm[n:]
	}
}

// piece makes the next half piece: the end of one and the beginning of another.
func (g *background) piece() {
	if !g.ready {
		for i := range g.window { // its square and that of its other half are 1 together
			g.window[i] = float32(math.Sin(math.Pi * (float64(i) + 0.5) / grain))
		}
		g.rng.Seed(1, 2)
		g.ready = true
	}
	dice := g.rng.Uint64()
	from := g.bank[dice%uint64(g.banked)][:]
	start := int(dice>>8) & 0xffff % (samplesLen - grain)
	sign := float32(1)
	if dice>>63 == 1 {
		sign = -1
	}
	for i := range hop {
		g.made[i] = int16(g.tail[i] + sign*g.window[i]*float32(from[start+i]))
		g.tail[i] = sign * g.window[hop+i] * float32(from[start+hop+i])
	}
	g.left = hop
}
