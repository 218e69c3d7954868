package scene

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"nxphone/audio"
)

// noiseLevel is the active level of every noise as it is made, dBFS.
const noiseLevel = -40

// Pink is noise whose power falls by 3 dB an octave from 20 Hz on.
func Pink(seed uint64, d time.Duration) []float64 {
	rng := rand.New(rand.NewPCG(seed, 21))
	out := make([]float64, samples(d))
	// A sum of one-pole filters, a decade in three (as Kellet's filter).
	const poles = 12
	var keep, gain, state [poles]float64
	for k := range poles {
		f := 10 * math.Pow(2, float64(k))
		if f > audio.Rate/2 {
			f = audio.Rate / 2
		}
		keep[k] = math.Exp(-2 * math.Pi * f / audio.Rate)
		// White noise through it has as much power in each octave as its neighbours.
		gain[k] = math.Sqrt(1 - keep[k]*keep[k])
	}
	for i := range out {
		white := rng.NormFloat64()
		sum := 0.0
		for k := range poles {
			state[k] = keep[k]*state[k] + gain[k]*rng.NormFloat64()
			sum += state[k]
		}
		out[i] = sum + 0.1*white
	}
	return Scale(highpass(out, 20), noiseLevel)
}

// Fan is a computer's fan: a broad rush under 1 kHz that swells slowly, and the
// blades' tone with its harmonics.
func Fan(seed uint64, d time.Duration) []float64 {
	rng := rand.New(rand.NewPCG(seed, 22))
	out := make([]float64, samples(d))
	const blades = 118.0 // Hz
	low, lower, wobble, phase := 0.0, 0.0, 0.0, 0.0
	keep := math.Exp(-2 * math.Pi * 700 / audio.Rate)
	for i := range out {
		white := rng.NormFloat64()
		low = keep*low + (1-keep)*white
		lower = keep*lower + (1-keep)*low
		wobble += (rng.NormFloat64() - wobble) * 1e-4
		swell := 1 + 0.15*math.Sin(2*math.Pi*0.4*float64(i)/audio.Rate)
		phase += 2 * math.Pi * blades * (1 + 0.3*wobble) / audio.Rate
		tone := 0.03*math.Sin(phase) + 0.015*math.Sin(2*phase) + 0.008*math.Sin(3*phase) + 0.004*math.Sin(5*phase)
		out[i] = swell * (lower + tone + 0.004*white)
	}
	return Scale(highpass(out, 30), noiseLevel)
}

// Keyboard is somebody who types beside the microphone, four keys a second with
// pauses to think: each key a click as it goes down, a duller one as it comes up,
// and the desk under both.
func Keyboard(seed uint64, d time.Duration) []float64 {
	rng := rand.New(rand.NewPCG(seed, 23))
	out := make([]float64, samples(d))
	for at := 0.1; at < d.Seconds(); {
		loud := 0.6 + 0.8*rng.Float64()
		click(rng, out, at, loud, 2500+2500*rng.Float64())
		click(rng, out, at+0.06+0.05*rng.Float64(), loud*0.25, 1800+1500*rng.Float64())
		at += 0.13 + 0.2*rng.Float64()
		if rng.IntN(7) == 0 {
			at += 0.3 + 1.2*rng.Float64()
		}
	}
	return Scale(out, noiseLevel)
}

// click adds a burst of noise of 5 ms around a frequency, and a thump.
func click(rng *rand.Rand, out []float64, at, loud, hz float64) {
	first := int(at * audio.Rate)
	// A resonator of two poles, ringing for some milliseconds.
	const r = 0.985
	a1, a2 := 2*r*math.Cos(2*math.Pi*hz/audio.Rate), -r*r
	y1, y2 := 0.0, 0.0
	for i := range audio.Rate / 25 {
		if first+i >= len(out) {
			return
		}
		t := float64(i) / audio.Rate
		x := rng.NormFloat64() * math.Exp(-t/0.0015)
		y := x + a1*y1 + a2*y2
		y1, y2 = y, y1
		thump := 3 * math.Exp(-t/0.008) * math.Sin(2*math.Pi*170*t)
		out[first+i] += loud * (0.25*y + x + 0.1*thump)
	}
}

// Babble is a room with eight others who talk, by espeak-ng; the rules of Speak
// hold.
func Babble(ctx context.Context, d time.Duration) ([]float64, error) {
	var voices [][]float64
	for i, v := range []string{"en-us+m1", "en-gb+m5", "en-us+m7", "en-gb+m2", "en-us+f1", "en-gb+f2", "en-us+f4", "en-gb+f5"} {
		x, err := Speak(ctx, Talker{Voice: v, Speed: 150 + 7*i, Pitch: 35 + 5*i, First: 3 * i}, d, -26)
		if err != nil {
			return nil, err
		}
		voices = append(voices, x)
	}
	return BabbleOf(voices...), nil
}

// BabbleOf is the sound of some voices from all over a room: each at a loudness of
// its own, after a reverberation of half a second.
func BabbleOf(voices ...[]float64) []float64 {
	if len(voices) == 0 {
		return nil
	}
	sum := make([]float64, len(voices[0]))
	for i, x := range voices {
		r := Room{Seed: uint64(i + 1), RT60: 500 * time.Millisecond, Gain: -float64(i%4) * 1.5}
		sum = Add(sum, r.Through(x))
	}
	return Scale(sum, noiseLevel)
}

// highpass takes what is slower than hz away, 6 dB an octave.
func highpass(x []float64, hz float64) []float64 {
	keep := math.Exp(-2 * math.Pi * hz / audio.Rate)
	low := 0.0
	for i, v := range x {
		low = keep*low + (1-keep)*v
		x[i] = v - low
	}
	return x
}
