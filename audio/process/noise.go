package process

import (
	"math"
	"sync/atomic"

	"nxphone/audio"
	"nxphone/audio/fft"
)

// NoiseDelay is by how many samples Noise's output is later than its input
// (10 ms).
const NoiseDelay = noiseOverlap + clickAhead

// NoiseFloor is how loud what is left of the noise is, in dB of what it was,
// unless SetFloor says otherwise.
const NoiseFloor = -18

const (
	// noiseSize is the length of the transform, 43 ms: long enough to tell the
	// harmonics of a voice from what lies between them.
	noiseSize = 2048
	noiseBins = noiseSize/2 + 1
	// noiseOverlap is by how much two blocks overlap, 5 ms, which is their delay. The
	// look ahead for clicks takes the other 5 ms.
	noiseOverlap = frameLen / 2
	// noiseStart is how many frames at least a suppressor listens before it takes
	// anything away: what is there in the first moments may as well be a voice.
	noiseStart = 8
)

// Noise takes the background out of what a microphone hears, and leaves a voice
// as it is. What it leaves of the background is the background, only quieter:
// silence between the words would sound like a line that is dead.
//
// Process belongs to one goroutine; SetFloor and Reduction may be called from any.
type Noise struct {
	fft *fft.Transform[float32]

	// The windows. The analysis rises over the whole length and falls over one
	// frame, the synthesis covers the last two frames only: the resolution of 43 ms
	// for a delay of 10 (Mauler and Martin, "A low delay, variable resolution,
	// perfect reconstruction spectral analysis-synthesis system for speech
	// enhancement", EUSIPCO 2007). Their product is a Hann window of two frames.
	analysis  [noiseSize]float32
	synthesis [frameLen + noiseOverlap]float32

	in    [noiseSize]float32    // the newest samples
	tail  [noiseOverlap]float32 // the end of the last block
	block [noiseSize]float32
	re    [noiseBins]float32
	im    [noiseBins]float32
	power [noiseBins]float32
	gain  [noiseBins]float32

	click noiseClicks
	floor noiseFloor
	voice noiseVoice

	left    float32       // of the background's power, a mean over 0.2 s
	least   atomic.Uint32 // the smallest gain, as the bits of a float32
	reduced atomic.Uint32 // the mean of the noise's gain, likewise
}

// NewNoise makes a suppressor that has heard nothing yet.
func NewNoise() *Noise {
	n := &Noise{fft: fft.New[float32](noiseSize), left: 1}
	const rise = noiseSize - noiseOverlap
	for i := range rise {
		n.analysis[i] = float32(math.Sin(math.Pi / 2 * (float64(i) + 0.5) / rise))
	}
	for i := range noiseOverlap {
		n.analysis[rise+i] = float32(math.Cos(math.Pi / 2 * (float64(i) + 0.5) / noiseOverlap))
	}
	for i := range n.synthesis {
		s := 1.0
		if i < noiseOverlap {
			s = math.Sin(math.Pi / 2 * (float64(i) + 0.5) / noiseOverlap)
		} else if i >= frameLen {
			s = math.Cos(math.Pi / 2 * (float64(i-frameLen) + 0.5) / noiseOverlap)
		}
		n.synthesis[i] = float32(s*s) / n.analysis[noiseSize-len(n.synthesis)+i]
	}
	n.click.init()
	n.voice.init()
	n.SetFloor(NoiseFloor)
	n.reduced.Store(math.Float32bits(1))
	return n
}

// SetFloor sets how loud what is left of the noise is, in dB of what it was: from
// 0, nothing is done, to -40.
func (n *Noise) SetFloor(db float64) {
	n.least.Store(math.Float32bits(float32(amplitude(min(max(db, -40), 0)))))
}

// Reduction is by how much the background is made quieter, in dB (0 or less), over
// the last 0.2 s.
func (n *Noise) Reduction() float64 {
	return 20 * math.Log10(float64(math.Float32frombits(n.reduced.Load())))
}

// Process takes the noise out of a frame of 10 ms in place. What it gives is
// NoiseDelay late.
func (n *Noise) Process(frame []int16) {
	copy(n.in[:], n.in[frameLen:])
	n.click.pass(n.in[noiseSize-frameLen:], frame)
	for i, x := range n.in[:] {
		n.block[i] = x * n.analysis[i]
	}
	n.fft.Forward(n.re[:], n.im[:], n.block[:])
	for k := range n.power {
		// One is less than the rounding to 16 bits adds; it keeps logarithms sane.
		n.power[k] = n.re[k]*n.re[k] + n.im[k]*n.im[k] + 1
	}
	n.floor.follow(&n.power)
	n.voice.gains(&n.gain, &n.power, &n.floor.level, math.Float32frombits(n.least.Load()))
	if n.floor.frames < noiseStart {
		for k := range n.gain {
			n.gain[k] = 1
		}
	}
	n.tell()
	for k, g := range n.gain[:] {
		n.re[k] *= g
		n.im[k] *= g
	}
	n.fft.Inverse(n.block[:], n.re[:], n.im[:])
	last := n.block[noiseSize-len(n.synthesis):]
	for i, w := range n.synthesis[:] {
		last[i] *= w
	}
	for i := range n.tail {
		last[i] += n.tail[i]
	}
	copy(n.tail[:], last[frameLen:])
	for i := range frame {
		frame[i] = audio.Saturate(last[i])
	}
}

// tell notes by how much the noise is reduced: the mean gain, weighted by the
// noise's power.
func (n *Noise) tell() {
	var before, after float32 = 1, 1
	for k, l := range n.floor.level[:] {
		before += l
		after += l * n.gain[k] * n.gain[k]
	}
	n.left += 0.05 * (after/before - n.left)
	n.reduced.Store(math.Float32bits(float32(math.Sqrt(float64(n.left)))))
}
