package quality

import (
	"math"
	"testing"

	"nxphone/audio"
)

// uniform is noise between -1 and 1 of a linear congruential generator (Press et
// al., Numerical Recipes, section 7.1), which any language has in a line.
func uniform(n int, seed uint32) []float64 {
	out := make([]float64, n)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = float64(seed)/(1<<31) - 1
	}
	return out
}

// vowels is a sound of 30 harmonics under a moving formant, each with a rhythm of
// its own, and half a second of silence in the second half of the first second.
func vowels(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		t := float64(i) / audio.Rate
		formant := 600 + 300*math.Sin(2*math.Pi*0.7*t)
		for k := 1.0; k <= 30; k++ {
			f := 131 * k
			x[i] += 3000 * math.Sin(2*math.Pi*f*t+k*k) / (1 + square((f-formant)/400)) * max(0, math.Sin(2*math.Pi*(2.3+0.05*k)*t+0.3*k))
		}
	}
	clear(x[audio.Rate/2 : audio.Rate])
	return x
}

// TestReference compares with what an independent program gave for the same
// sounds: the papers' formulas written in numpy 1.24, with a resampling by one
// transform of the whole sound, which is what the last digits differ by.
func TestReference(t *testing.T) {
	const n = 3 * audio.Rate
	x := vowels(n)
	noisy := func(gain float64) []float64 {
		y := uniform(n, 1)
		for i := range y {
			y[i] = x[i] + gain*y[i]
		}
		return y
	}
	gaps := append([]float64(nil), x...)
	turned := append([]float64(nil), x...)
	for i := range x {
		if i/4800%3 == 1 {
			gaps[i] = 0
		}
		turned[i] = x[i/960*960+959-i%960]
	}
	for _, c := range []struct {
		name                          string
		y                             []float64
		stoi, estoi, sisdr, lsd, nsim float64
	}{
		{"a little noise", noisy(300), 0.9749, 0.9751, 21.364, 9.0036, 0.7918},
		{"noise", noisy(1500), 0.8713, 0.8462, 7.381, 20.6939, 0.5724},
		{"much noise", noisy(5000), 0.7780, 0.6927, -3.089, 30.0809, 0.4300},
		{"a third is missing", gaps, 0.6147, 0.7468, 4.028, 5.6278, 0.6861},
		{"turned round every 20 ms", turned, 0.8774, 0.8819, -33.431, 11.9446, 0.6507},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range []struct {
				name              string
				got, want, within float64
			}{
				{"STOI", STOI(x, c.y), c.stoi, 0.003},
				{"ESTOI", ESTOI(x, c.y), c.estoi, 0.003},
				{"SI-SDR", SISDR(x, c.y), c.sisdr, 0.001},
				{"LSD", LSD(x, c.y), c.lsd, 0.001},
				{"NSIM", NSIM(x, c.y), c.nsim, 0.0002},
			} {
				if math.Abs(m.got-m.want) > m.within {
					t.Errorf("%s is %.4f, want %.4f", m.name, m.got, m.want)
				}
			}
		})
	}
}
