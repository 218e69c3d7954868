package process

import "math"

// HighPass takes out what lies under the voice: rumble, the hum of the mains,
// breath on a microphone. It is a Butterworth filter of the fourth order at
// 80 Hz: -3 dB there, -16 dB at 50 Hz, -0.2 dB at 120 Hz. It has no delay to
// speak of. One goroutine uses it, and nothing allocates.
type HighPass struct{ stages [2]biquad }

// corner is where the high-pass is 3 dB down, in Hz.
const corner = 80

// NewHighPass makes a filter at rest.
func NewHighPass() *HighPass {
	h := &HighPass{}
	// The poles of a Butterworth filter of the fourth order come in two pairs.
	for i, q := range [2]float64{1 / (2 * math.Cos(math.Pi/8)), 1 / (2 * math.Cos(3*math.Pi/8))} {
		h.stages[i] = highPass(corner, q)
	}
	return h
}

// Process filters a frame in place.
func (h *HighPass) Process(frame []int16) {
	for i, x := range frame {
		y := h.stages[1].next(h.stages[0].next(float64(x)))
		frame[i] = rounded(y)
	}
	h.stages[0].settle()
	h.stages[1].settle()
}

// biquad is a filter of the second order, in the transposed direct form II.
type biquad struct{ b0, b1, b2, a1, a2, s1, s2 float64 }

// highPass is a high-pass by the bilinear transform.
func highPass(hz, q float64) biquad {
	w := 2 * math.Pi * hz / rate
	alpha := math.Sin(w) / (2 * q)
	cos, a0 := math.Cos(w), 1+alpha
	return biquad{
		b0: (1 + cos) / 2 / a0, b1: -(1 + cos) / a0, b2: (1 + cos) / 2 / a0,
		a1: -2 * cos / a0, a2: (1 - alpha) / a0,
	}
}

func (b *biquad) next(x float64) float64 {
	y := b.b0*x + b.s1
	b.s1 = b.b1*x - b.a1*y + b.s2
	b.s2 = b.b2*x - b.a2*y
	return y
}

// settle forgets what is far too small to be heard: numbers next to nought are
// slow on many processors.
func (b *biquad) settle() {
	if math.Abs(b.s1) < 1e-12 && math.Abs(b.s2) < 1e-12 {
		b.s1, b.s2 = 0, 0
	}
}

// rounded is a sample as 16 bits hold it.
func rounded(y float64) int16 {
	return int16(math.RoundToEven(min(max(y, math.MinInt16), math.MaxInt16)))
}
