package audio

import "math"

// KaiserSinc is the impulse response of a low-pass, x samples from its middle: the
// ideal one's (a sinc; cut is where it ends, as a share of the Nyquist frequency)
// under a Kaiser window of the parameter beta, which reaches half samples to either
// side. What is further away is not part of the filter. It is for designing filters,
// not for the way of the sound.
func KaiserSinc(x, cut, half, beta float64) float64 {
	r := x / half
	return cut * sinc(cut*x) * bessel0(beta*math.Sqrt(1-r*r)) / bessel0(beta)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel0 is the modified Bessel function of the first kind, order zero, by
// its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}
