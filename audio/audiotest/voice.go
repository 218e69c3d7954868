package audiotest

import (
	"math"
	"math/rand/v2"
	"time"

	"nxphone/audio"
)

// Voice is a speech-like sound at 48 kHz, of an RMS level in dBFS: syllables of
// 120 to 350 ms with pauses, voiced ones as harmonics under moving formants,
// others as noise. The same seed gives the same sound, two seeds two speakers.
func Voice(seed uint64, d time.Duration, level float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	n := int(d * audio.Rate / time.Second)
	out := make([]float64, n)
	base := 90 + 60*rng.Float64()
	for i := 0; i < n; {
		length := int((0.12 + 0.23*rng.Float64()) * audio.Rate)
		pause := int(0.05 * audio.Rate * rng.Float64())
		if rng.IntN(7) == 0 {
			pause += audio.Rate / 3
		}
		s := syllable{voiced: rng.IntN(4) > 0, f1: 300 + 500*rng.Float64(), f2: 900 + 1500*rng.Float64(), pitch: base * (0.9 + 0.3*rng.Float64())}
		s.fill(rng, out[i:min(i+length, n)], length)
		i += length + pause
	}
	return Scale(out, level)
}

// syllable is one sound of a voice: its formants and pitch in Hz.
type syllable struct {
	voiced        bool
	f1, f2, pitch float64
}

// fill makes as much of a syllable of length samples as out has room for.
func (s syllable) fill(rng *rand.Rand, out []float64, length int) {
	var loud []float64 // of each harmonic
	for f := s.pitch; f < 6000 && len(loud) < 39; f += s.pitch {
		loud = append(loud, 1/(1+square((f-s.f1)/150))+0.6/(1+square((f-s.f2)/250))+0.02)
	}
	phase, low, wobble := 0.0, 0.0, 0.0
	for j := range out {
		x := 0.0
		if s.voiced {
			phase += 2 * math.Pi * s.pitch * (1 + 0.15*math.Sin(3*float64(j)/float64(length)) + 0.01*wobble) / audio.Rate
			wobble += 0.01 * (rng.NormFloat64() - wobble)
			// sin(n a) = 2 cos(a) sin((n-1) a) - sin((n-2) a)
			twice, sine, before := 2*math.Cos(phase), math.Sin(phase), 0.0
			for _, a := range loud {
				x += a * sine
				sine, before = twice*sine-before, sine
			}
			x += 0.1 * rng.NormFloat64() // breath
		} else {
			white := rng.NormFloat64()
			x, low = 0.7*(white-low), white
		}
		out[j] = x * math.Sin(math.Pi*float64(j)/float64(length))
	}
}

func square(x float64) float64 { return x * x }

// Scale brings a sound to an RMS level in dBFS.
func Scale(x []float64, level float64) []float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	g := math.MaxInt16 * math.Pow(10, level/20) / math.Sqrt(2*sum/float64(len(x))+1e-9)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v * g
	}
	return out
}
