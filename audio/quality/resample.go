package quality

import (
	"math"

	"nxphone/audio"
)

// resample converts a whole sound by a rational ratio, to times up over down, with
// a windowed sinc of 32 zero crossings on either side. The result begins where the
// sound begins: it has no delay.
func resample(x []float64, up, down int) []float64 {
	const crossings, beta = 32, 8.0
	cut := 1.0 // of the slower Nyquist frequency, as a share of the source's
	if down > up {
		cut = float64(up) / float64(down)
	}
	cut *= 0.96
	half := int(math.Ceil(crossings / cut))
	// One filter for each place between two samples.
	filters := make([][]float64, up)
	for p := range filters {
		f := make([]float64, 2*half)
		for i := range f {
			d := float64(i-half+1) - float64(p)/float64(up)
			if math.Abs(d) < float64(half) {
				f[i] = audio.KaiserSinc(d, cut, float64(half), beta)
			}
		}
		filters[p] = f
	}
	out := make([]float64, len(x)*up/down)
	for n := range out {
		at := n * down / up
		f := filters[n*down%up]
		first := at - half + 1
		lo, hi := max(0, -first), min(len(f), len(x)-first)
		sum := 0.0
		for i := lo; i < hi; i++ {
			sum += f[i] * x[first+i]
		}
		out[n] = sum
	}
	return out
}
