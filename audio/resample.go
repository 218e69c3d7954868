package audio

import (
	"fmt"
	"math"
)

// The prototype filter of every Resampler. Flat to passEdge of the lower
// Nyquist frequency (3.4 kHz at 8 kHz, 6.8 kHz at 16 kHz) and closed by the
// Nyquist frequency itself, so that nothing at all folds back into the band.
const (
	resamplePassEdge = 0.85
	// resampleStopDB is what the window is designed for; 84 leaves room for
	// the rounding to 16 bits in a promise of 80.
	resampleStopDB = 84
	// resampleBlock is how many input samples are filtered at once.
	resampleBlock = 960
	// maxPhases bounds the coefficient table: 44.1 kHz to 48 kHz needs 160.
	maxPhases = 640
)

// Resampler converts a stream of samples from one rate to another by a
// polyphase FIR filter (linear phase, Kaiser window): at least 80 dB of alias
// and image rejection, flat within 0.1 dB to 85 % of the lower Nyquist
// frequency. Where the rates divide each other (48 kHz to 8 or 16 kHz and
// back) a block whose length is a multiple of the ratio gives exactly the
// proportional number of samples.
//
// A Resampler keeps the tail of its stream and is for one goroutine at a time.
// Process does not allocate.
type Resampler struct {
	up, down int // the ratio in lowest terms: out = in * up / down
	taps     int // per phase
	// coef holds the phases one after the other, each reversed, so that one
	// output sample is a dot product of two contiguous slices.
	coef []float32
	// buf holds taps-1 samples of the past, then the current block.
	buf []float32
	// next is the newest input sample that the next output needs, as an index
	// into the coming block; it may lie beyond it. phase is the filter phase
	// of that output.
	next, phase int
}

// NewResampler makes a resampler from one rate to another, both in Hz. Rates
// whose ratio needs more than 640 filter phases are refused.
func NewResampler(from, to int) (*Resampler, error) {
	if from <= 0 || to <= 0 {
		return nil, fmt.Errorf("audio: cannot resample from %d Hz to %d Hz", from, to)
	}
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	if r.up > maxPhases || r.down > maxPhases {
		return nil, fmt.Errorf("audio: cannot resample from %d Hz to %d Hz: the ratio %d:%d is too fine", from, to, r.up, r.down)
	}
	if r.up == r.down {
		return r, nil
	}
	r.design(from, to)
	return r, nil
}

// design computes the windowed sinc at the common rate and deals it out to the
// phases.
func (r *Resampler) design(from, to int) {
	nyquist := float64(min(from, to)) / 2
	common := float64(from) * float64(r.up)
	transition := nyquist * (1 - resamplePassEdge)
	// Kaiser's estimates of length and beta for a wanted attenuation (Kaiser
	// 1974; Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5.3).
	n := int(math.Ceil((resampleStopDB-7.95)/(2.285*2*math.Pi*transition/common))) + 1
	beta := 0.1102 * (resampleStopDB - 8.7)
	r.taps = (n + r.up - 1) / r.up
	n = r.taps * r.up
	cut := 2 * (nyquist - transition/2) / common // of the common Nyquist frequency
	mid := float64(n-1) / 2
	r.coef = make([]float32, n)
	for i := range n {
		x := float64(i) - mid
		h := KaiserSinc(x, cut, mid, beta)
		phase, tap := i%r.up, i/r.up
		r.coef[phase*r.taps+r.taps-1-tap] = float32(h * float64(r.up))
	}
	r.buf = make([]float32, r.taps-1+resampleBlock)
}

// OutLen is the most samples that Process can give for n input samples.
func (r *Resampler) OutLen(n int) int { return (n*r.up+r.down-1)/r.down + 1 }

// Delay is how many samples, at the output's rate, the filter holds back.
func (r *Resampler) Delay() int {
	if r.coef == nil {
		return 0
	}
	return (r.taps*r.up - 1) / 2 / r.down
}

// Process converts src into dst and returns how many samples it wrote. All of
// src is taken. It stops writing, and so loses sound, only where dst is
// shorter than the stream needs; OutLen(len(src)) is always enough.
func (r *Resampler) Process(dst, src []int16) int {
	if r.coef == nil {
		return copy(dst, src)
	}
	n := 0
	for len(src) > 0 {
		block := src[:min(len(src), resampleBlock)]
		src = src[len(block):]
		n += r.block(dst[n:], block)
	}
	return n
}

// block filters one block and moves the tail of the stream to the front.
func (r *Resampler) block(dst, src []int16) int {
	past := r.taps - 1
	for i, s := range src {
		r.buf[past+i] = float32(s)
	}
	n := 0
	for ; r.next < len(src); n++ {
		if n < len(dst) {
			c := r.coef[r.phase*r.taps : (r.phase+1)*r.taps]
			dst[n] = Saturate(dot(c, r.buf[r.next:r.next+r.taps]))
		}
		r.phase += r.down
		r.next += r.phase / r.up
		r.phase %= r.up
	}
	r.next -= len(src)
	copy(r.buf, r.buf[len(src):len(src)+past])
	return min(n, len(dst))
}

// Reset forgets the stream: the next sample is the first.
func (r *Resampler) Reset() {
	clear(r.buf)
	r.next, r.phase = 0, 0
}

// dot is the inner product of two slices of the same length. Four sums let the
// processor overlap the additions.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
