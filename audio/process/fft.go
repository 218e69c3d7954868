package process

import (
	"math"

	"nxphone/audio/fft"
)

// transform is audio/fft's with complex numbers.
type transform struct {
	*fft.Transform[float64]
	re, im []float64
}

func newTransform(n int) *transform {
	return &transform{fft.New[float64](n), make([]float64, n/2+1), make([]float64, n/2+1)}
}

func (t *transform) forward(bins []complex128, samples []float64) {
	t.Forward(t.re, t.im, samples)
	for k := range bins {
		bins[k] = complex(t.re[k], t.im[k])
	}
}

func (t *transform) backward(samples []float64, bins []complex128) {
	for k := range bins {
		t.re[k], t.im[k] = real(bins[k]), imag(bins[k])
	}
	t.Inverse(samples, t.re, t.im)
}

func unit(angle float64) complex128 { return complex(math.Cos(angle), math.Sin(angle)) }

func conj(c complex128) complex128 { return complex(real(c), -imag(c)) }
