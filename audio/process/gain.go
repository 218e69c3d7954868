package process

import (
	"math"
	"sync/atomic"
)

// Gain brings a voice to an even level: a whisper up, a loud talker down. It
// listens to frames in which somebody speaks and to no others, so that neither
// noise nor silence is lifted: what is there between words stays under
// loudestFloor, and the gain does not move while nobody speaks. Behind it a
// limiter holds samples at -1 dBFS. It is [GainDelay] late. Process belongs to one
// goroutine and neither locks nor allocates.
type Gain struct {
	floor floorTracker
	// power is the mean square of the frames that spoke of late, of which there
	// were so many.
	power float64
	spoke int
	gain  float64 // dB
	last  float32 // the factor at the end of the frame before
	peak  peakLimiter
	block [frameLen]float32
	deaf  bool          // what comes is no voice, see Deafen
	now   atomic.Uint64 // gain, as bits of a float64
}

const (
	// GainDelay is how much later than its input a Gain's output is, in samples:
	// 1 ms.
	GainDelay = 48
	// wanted is the level that a voice is brought to, in dBFS, within an
	// uncertainty of about.
	wanted = -20
	about  = 1
	// mostGain and leastGain are the gain's range in dB.
	mostGain, leastGain = 30, -14
	// up and down are its steps in dB for each frame that speaks (6 dB and 30 dB
	// a second), back the one for any frame while a background is too loud.
	up, down, back = 0.06, 0.3, 0.02
	// loudestFloor is what a background may be lifted to, in dBFS.
	loudestFloor = -52
	// memory is over how many frames that speak the level is taken.
	memory = 150
	// peakLevel is what no sample is above, in dBFS.
	peakLevel = -1
	frameLen  = hop
)

// NewGain makes a gain of 1.
func NewGain() *Gain {
	g := &Gain{last: 1}
	g.peak.init(GainDelay)
	return g
}

// DB is the gain of this moment, in dB. Any goroutine may ask.
func (g *Gain) DB() float64 { return math.Float64frombits(g.now.Load()) }

// Deafen says whether what is processed from now on is known to be no voice of the
// user: what is left of an echo or of noise must not be taken for a faint voice
// and lifted. It belongs to Process' goroutine.
func (g *Gain) Deafen(on bool) { g.deaf = on }

// soon is the factor by which the limiter's gain rises with each sample: 60 dB a
// second.
var soon = float32(math.Pow(10, 60.0/20/rate))

// Process changes a frame in place.
func (g *Gain) Process(frame []int16) {
	block := g.block[:len(frame)]
	for i, x := range frame {
		block[i] = float32(x)
	}
	if power := energy(block) / float64(len(block)); power > 0 {
		g.learn(power) // exact silence is a microphone that is shut
	}
	g.now.Store(math.Float64bits(g.gain))
	next := float32(amplitude(g.gain))
	step := (next - g.last) / float32(len(block))
	for i := range block {
		g.last += step
		block[i] *= g.last
	}
	g.last = next
	most := float32(math.MaxInt16 * amplitude(peakLevel))
	g.peak.step(frame, block, bounds{soft: most, most: most, gain: 1, hold: rate / 100, up: soon})
}

// learn follows the voice.
func (g *Gain) learn(power float64) {
	level := powerDB(power)
	g.floor.take(level)
	// A background is never lifted, whoever speaks.
	limit := min(mostGain, max(0, loudestFloor-g.floor.floor))
	if g.gain > limit {
		g.gain = max(limit, g.gain-back)
	}
	if g.deaf || !g.floor.spoken(level) {
		return
	}
	g.spoke = min(g.spoke+1, memory)
	g.power += (power - g.power) / float64(g.spoke)
	want := min(max(wanted-powerDB(g.power), leastGain), limit)
	switch {
	case want > g.gain+about:
		g.gain += up
	case want < g.gain-about:
		g.gain -= down
	}
}
