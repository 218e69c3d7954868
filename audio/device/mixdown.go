package device

import (
	"math"

	"nxphone/audio"
)

// How a microphone's channels become one.
const (
	// A channel that is so much quieter than the loudest one (as energy: 26 dB)
	// carries nothing and is left out; it counts again at 20 dB. An average
	// with a dead channel would cost 6 dB and add its noise.
	deadBelow, aliveFrom = 1.0 / 400, 1.0 / 100
	// Two channels that are each other's opposite, as a balanced microphone in
	// a stereo socket gives, would cancel out: then one of them does.
	opposite = -0.5
	// energyTime is the time constant of the energies, in seconds.
	energyTime = 0.3
	// hushed is the mean square below which nothing is decided: about -80 dBFS.
	hushed = 10
)

// mixdown makes one channel of several that belong together: the average of
// those that carry sound. Which those are follows the sound slowly, and slides.
// It is for one goroutine at a time and does not allocate per block.
type mixdown struct {
	window  float32 // energyTime in frames
	weight  []float32
	target  []float32
	energy  []float32
	product float32 // of the first two channels
	alive   []bool
}

func newMixdown(channels, rate int) *mixdown {
	m := &mixdown{
		window: energyTime * float32(rate),
		weight: make([]float32, channels), target: make([]float32, channels),
		energy: make([]float32, channels), alive: make([]bool, channels),
	}
	for c := range m.weight {
		m.weight[c], m.alive[c] = 1/float32(channels), true
	}
	return m
}

// mix writes len(dst) samples of the interleaved frames in src.
func (m *mixdown) mix(dst, src []int16) {
	channels := len(m.weight)
	frames := min(len(dst), len(src)/channels)
	if frames == 0 {
		return
	}
	m.measure(src, frames)
	m.choose()
	step := 1 / float32(frames)
	for i := range frames {
		frame := src[i*channels : (i+1)*channels]
		slide := float32(i+1) * step
		sum := float32(0)
		for c, x := range frame {
			sum += float32(x) * (m.weight[c] + (m.target[c]-m.weight[c])*slide)
		}
		dst[i] = audio.Saturate(sum)
	}
	copy(m.weight, m.target)
}

// measure takes a block into the energies.
func (m *mixdown) measure(src []int16, frames int) {
	channels := len(m.weight)
	share := float32(frames) / (float32(frames) + m.window)
	for c := range channels {
		sum := float32(0)
		for i := c; i < frames*channels; i += channels {
			sum += float32(src[i]) * float32(src[i])
		}
		m.energy[c] += (sum/float32(frames) - m.energy[c]) * share
	}
	if channels == 2 {
		sum := float32(0)
		for i := 0; i < 2*frames; i += 2 {
			sum += float32(src[i]) * float32(src[i+1])
		}
		m.product += (sum/float32(frames) - m.product) * share
	}
}

// choose says which channels count.
func (m *mixdown) choose() {
	loudest := 0
	for c, e := range m.energy {
		if e > m.energy[loudest] {
			loudest = c
		}
	}
	most := m.energy[loudest]
	if most < hushed {
		copy(m.target, m.weight)
		return
	}
	n := 0
	for c, e := range m.energy {
		m.alive[c] = e >= most*aliveFrom || m.alive[c] && e >= most*deadBelow
		if m.alive[c] {
			n++
		}
	}
	alone := len(m.energy) == 2 && n == 2 &&
		m.product < opposite*float32(math.Sqrt(float64(m.energy[0])*float64(m.energy[1])))
	for c := range m.target {
		switch {
		case alone && c == loudest:
			m.target[c] = 1
		case alone || !m.alive[c]:
			m.target[c] = 0
		default:
			m.target[c] = 1 / float32(n)
		}
	}
}
