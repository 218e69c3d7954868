package process

import "math"

// transform is a real Fourier transform of a fixed power of two, by a complex
// one of half the size (Press et al., Numerical Recipes, section 12.3). It keeps
// its tables and room, so it belongs to one goroutine.
type transform struct {
	n       int
	z       []complex128 // n/2
	twiddle []complex128 // of the complex transform, n/4
	real    []complex128 // exp(-2 pi i k/n), k up to n/2
	swap    []int32      // the bit-reversed order
}

func newTransform(n int) *transform {
	h := n / 2
	t := &transform{n: n, z: make([]complex128, h), twiddle: make([]complex128, h/2), real: make([]complex128, h+1), swap: make([]int32, h)}
	for k := range t.twiddle {
		t.twiddle[k] = unit(-2 * math.Pi * float64(k) / float64(h))
	}
	for k := range t.real {
		t.real[k] = unit(-2 * math.Pi * float64(k) / float64(n))
	}
	bits := 0
	for 1<<bits < h {
		bits++
	}
	for i := range t.swap {
		r := 0
		for b := range bits {
			r |= i >> b & 1 << (bits - 1 - b)
		}
		t.swap[i] = int32(r)
	}
	return t
}

func unit(angle float64) complex128 { return complex(math.Cos(angle), math.Sin(angle)) }

// forward gives the n/2+1 bins of n samples.
func (t *transform) forward(bins []complex128, samples []float64) {
	h := t.n / 2
	for i := range h {
		t.z[i] = complex(samples[2*i], samples[2*i+1])
	}
	t.complex()
	bins[0] = complex(real(t.z[0])+imag(t.z[0]), 0)
	bins[h] = complex(real(t.z[0])-imag(t.z[0]), 0)
	for k := 1; k < h; k++ {
		a, b := t.z[k], conj(t.z[h-k])
		even, odd := (a+b)/2, (a-b)/2
		bins[k] = even + complex(imag(odd), -real(odd))*t.real[k]
	}
}

// backward is the inverse of forward. bins stay as they were.
func (t *transform) backward(samples []float64, bins []complex128) {
	h := t.n / 2
	for k := range h {
		a, b := bins[k], conj(bins[h-k])
		even, odd := (a+b)/2, (a-b)/2*conj(t.real[k])
		// conj, for an inverse by the forward transform
		t.z[k] = conj(even + complex(-imag(odd), real(odd)))
	}
	t.complex()
	scale := 1 / float64(h)
	for i := range h {
		samples[2*i], samples[2*i+1] = real(t.z[i])*scale, -imag(t.z[i])*scale
	}
}

func conj(c complex128) complex128 { return complex(real(c), -imag(c)) }

// complex is the transform of z in place, radix 2.
func (t *transform) complex() {
	z := t.z
	for i, j := range t.swap {
		if int(j) > i {
			z[i], z[j] = z[j], z[i]
		}
	}
	for half, step := 1, len(z)/2; half < len(z); half, step = half*2, step/2 {
		for start := 0; start < len(z); start += 2 * half {
			lo, hi := z[start:start+half], z[start+half:start+2*half]
			for k := range lo {
				x := hi[k] * t.twiddle[k*step]
				lo[k], hi[k] = lo[k]+x, lo[k]-x
			}
		}
	}
}
