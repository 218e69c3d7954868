// Package fft is a discrete Fourier transform of real samples, of a power of two
// in length, in single or double precision. It needs only the standard library.
//
// # Usage
//
//	t := fft.New[float32](1024)
//	re, im := make([]float32, t.Bins()), make([]float32, t.Bins())
//	t.Forward(re, im, samples) // 1024 samples, 513 bins
//	t.Inverse(samples, re, im) // the same samples again
//
// Bins are kept as two slices, real and imaginary parts, and not as complex
// numbers: Go's generic functions cannot take complex numbers apart, and loops over
// two slices of floats compile to simpler code.
//
// # Concurrency
//
// A [Transform] keeps room to compute in, so it belongs to one goroutine at a
// time. Nothing is allocated after New.
//
// # Models
//
// KISS FFT (small, one algorithm for every size), Ooura's fft4g (radix 4, a real
// transform by a complex one of half the length). Their shape is followed, not
// their code: decimation in time, radix 4 with one pass of radix 2 where the
// length asks for it, the real transform as in Press et al., Numerical Recipes,
// section 12.3. Different here: one source for both precisions.
package fft

import (
	"fmt"
	"math"
	"math/bits"
)

// Float is a precision.
type Float interface{ float32 | float64 }

// Transform is the transform of one length.
type Transform[F Float] struct {
	n      int
	re, im []F // n/2: the complex transform's values
	// cos and sin are those of -2 pi k/n, k up to n/2.
	cos, sin []F
	passes   []pass[F]
	swap     []int32 // the bit-reversed order
}

// pass is one pass of radix 4: groups of four quarters.
type pass[F Float] struct {
	quarter int
	// The twiddle factors of the second, third and fourth quarter.
	c1, s1, c2, s2, c3, s3 []F
}

// New makes a transform of n samples, a power of two of at least 8. Any other n
// is a mistake in the program, and it panics.
func New[F Float](n int) *Transform[F] {
	if n < 8 || n&(n-1) != 0 {
		panic(fmt.Sprintf("fft: %d samples, not a power of two of at least 8", n))
	}
	h := n / 2
	t := &Transform[F]{n: n, re: make([]F, h), im: make([]F, h), cos: make([]F, h+1), sin: make([]F, h+1), swap: make([]int32, h)}
	for k := range t.cos {
		t.cos[k], t.sin[k] = unit[F](k, n)
	}
	levels := bits.TrailingZeros(uint(h))
	for i := range t.swap {
		r := 0
		for b := range levels {
			r |= i >> b & 1 << (levels - 1 - b)
		}
		t.swap[i] = int32(r)
	}
	for q := 4 >> (levels & 1); 4*q <= h; q *= 4 {
		p := pass[F]{quarter: q}
		for k := range q {
			c1, s1 := unit[F](k, 4*q)
			c2, s2 := unit[F](2*k, 4*q)
			c3, s3 := unit[F](3*k, 4*q)
			p.c1, p.s1 = append(p.c1, c1), append(p.s1, s1)
			p.c2, p.s2 = append(p.c2, c2), append(p.s2, s2)
			p.c3, p.s3 = append(p.c3, c3), append(p.s3, s3)
		}
		t.passes = append(t.passes, p)
	}
	return t
}

// unit is exp(-2 pi i k/n).
func unit[F Float](k, n int) (cos, sin F) {
	a := -2 * math.Pi * float64(k) / float64(n)
	return F(math.Cos(a)), F(math.Sin(a))
}

// Len is the number of samples.
func (t *Transform[F]) Len() int { return t.n }

// Bins is the number of bins, Len()/2+1: bin k is the frequency k/Len() of the
// sample rate. The first and the last are real.
func (t *Transform[F]) Bins() int { return t.n/2 + 1 }

// Forward gives the bins of the samples x, not scaled: bin k is the sum of
// x[i] exp(-2 pi i k i/Len()). re and im hold at least Bins() values, x at least
// Len(); x stays as it is.
func (t *Transform[F]) Forward(re, im, x []F) {
	h := t.n / 2
	x = x[:2*h]
	zr, zi := t.re[:h], t.im[:h]
	for i, j := range t.swap {
		zr[i], zi[i] = x[2*j], x[2*j+1]
	}
	t.complex()
	re, im = re[:h+1], im[:h+1]
	re[0], im[0] = zr[0]+zi[0], 0
	re[h], im[h] = zr[0]-zi[0], 0
	cos, sin := t.cos[:h+1], t.sin[:h+1]
	for k, m := 1, h-1; k <= m; k, m = k+1, m-1 {
		ar, ai, br, bi := zr[k], zi[k], zr[m], zi[m]
		er, ei := 0.5*(ar+br), 0.5*(ai-bi) // of the even samples
		or, oi := 0.5*(ai+bi), 0.5*(br-ar) // of the odd ones
		c, s := cos[k], sin[k]
		tr, ti := or*c-oi*s, or*s+oi*c
		re[k], im[k] = er+tr, ei+ti
		re[m], im[m] = er-tr, ti-ei
	}
}

// Inverse gives back the Len() samples of Forward's bins, scaled by 1/Len(), so
// that the two undo one another. re and im stay as they are; the imaginary parts
// of the first and the last bin do not count.
func (t *Transform[F]) Inverse(x, re, im []F) {
	h := t.n / 2
	x, re, im = x[:2*h], re[:h+1], im[:h+1]
	zr, zi := t.re[:h], t.im[:h]
	cos, sin := t.cos[:h+1], t.sin[:h+1]
	scale := 1 / F(h)
	half := scale / 2
	// The complex transform is undone by the forward one of the conjugates, so
	// the imaginary parts are stored negated.
	zr[0], zi[0] = half*(re[0]+re[h]), -half*(re[0]-re[h])
	for k, m := 1, h-1; k <= m; k, m = k+1, m-1 {
		ar, ai, br, bi := re[k], im[k], re[m], im[m]
		er, ei := half*(ar+br), half*(ai-bi)
		dr, di := half*(ar-br), half*(ai+bi)
		c, s := cos[k], sin[k]
		or, oi := dr*c+di*s, di*c-dr*s
		i, j := t.swap[k], t.swap[m]
		zr[i], zi[i] = er-oi, -(ei + or)
		zr[j], zi[j] = er+oi, ei-or
	}
	t.complex()
	for i := range zr {
		x[2*i], x[2*i+1] = zr[i], -zi[i]
	}
}

// complex is the transform of re and im in place, of values in bit-reversed order.
func (t *Transform[F]) complex() {
	re, im := t.re, t.im
	if bits.TrailingZeros(uint(len(re)))%2 == 1 { // half the length is an odd power of two
		for i := 0; i+1 < len(re); i += 2 {
			re[i], re[i+1] = re[i]+re[i+1], re[i]-re[i+1]
			im[i], im[i+1] = im[i]+im[i+1], im[i]-im[i+1]
		}
	} else {
		for i := 0; i+3 < len(re); i += 4 {
			first(re[i:i+4:i+4], im[i:i+4:i+4])
		}
	}
	for i := range t.passes {
		p := &t.passes[i]
		q := p.quarter
		for at := 0; at < len(re); at += 4 * q {
			p.butterflies(re[at:at+4*q], im[at:at+4*q])
		}
	}
}

// first is a transform of four values.
func first[F Float](re, im []F) {
	ar, ai := re[0]+re[1], im[0]+im[1]
	br, bi := re[0]-re[1], im[0]-im[1]
	cr, ci := re[2]+re[3], im[2]+im[3]
	dr, di := re[2]-re[3], im[2]-im[3]
	re[0], im[0] = ar+cr, ai+ci
	re[1], im[1] = br+di, bi-dr
	re[2], im[2] = ar-cr, ai-ci
	re[3], im[3] = br-di, bi+dr
}

// butterflies joins four transforms into one of four times the length. The order
// is bit-reversed, so the second quarter holds what is even and not divisible by
// four.
func (p *pass[F]) butterflies(re, im []F) {
	q := p.quarter
	r0, r2, r1, r3 := re[:q], re[q:2*q], re[2*q:3*q], re[3*q:4*q]
	i0, i2, i1, i3 := im[:q], im[q:2*q], im[2*q:3*q], im[3*q:4*q]
	c1, s1, c2, s2, c3, s3 := p.c1[:q], p.s1[:q], p.c2[:q], p.s2[:q], p.c3[:q], p.s3[:q]
	for k := range q {
		xr, xi := r0[k], i0[k]
		ar, ai := r1[k]*c1[k]-i1[k]*s1[k], r1[k]*s1[k]+i1[k]*c1[k]
		br, bi := r2[k]*c2[k]-i2[k]*s2[k], r2[k]*s2[k]+i2[k]*c2[k]
		cr, ci := r3[k]*c3[k]-i3[k]*s3[k], r3[k]*s3[k]+i3[k]*c3[k]
		er, ei, fr, fi := xr+br, xi+bi, xr-br, xi-bi
		gr, gi, hr, hi := ar+cr, ai+ci, ar-cr, ai-ci
		r0[k], i0[k] = er+gr, ei+gi
		r2[k], i2[k] = fr+hi, fi-hr // the second quarter of the result
		r1[k], i1[k] = er-gr, ei-gi // the third
		r3[k], i3[k] = fr-hi, fi+hr
	}
}
