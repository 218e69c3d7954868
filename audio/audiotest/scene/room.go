package scene

import (
	"math"
	"math/rand/v2"
	"time"

	"nxphone/audio"
	"nxphone/audio/fft"
)

// Room is the way from a loudspeaker to a microphone.
type Room struct {
	Seed  uint64
	Delay time.Duration // to the direct sound, the devices' buffers included
	RT60  time.Duration // in which the tail falls by 60 dB
	Gain  float64       // dB, of white noise
}

// Response is the room's impulse response.
func (r Room) Response() []float64 {
	rng := rand.New(rand.NewPCG(r.Seed, 9))
	first, tail := samples(r.Delay), samples(r.RT60)
	h := make([]float64, first+tail+1)
	const before = audio.Rate / 500 // the first reflection comes 2 ms later
	low, energy := 0.0, 0.0
	for i := before; i < tail; i++ {
		age := float64(i) / float64(tail)
		// Air and walls take the high frequencies first.
		keep := 0.2 + 0.5*age
		low = keep*low + (1-keep)*rng.NormFloat64()
		v := low * math.Pow(10, -3*age)
		h[first+i] = v
		energy += v * v
	}
	const diffuse = 0.5 // of the energy of the direct sound
	for i := range h {
		h[i] *= math.Sqrt(diffuse / (energy + 1e-12))
	}
	h[first] = 1
	g := math.Pow(10, r.Gain/20) / math.Sqrt(1+diffuse)
	for i := range h {
		h[i] *= g
	}
	return h
}

// Through is a sound after the room, as long as it was.
func (r Room) Through(x []float64) []float64 { return Convolve(x, r.Response()) }

// Convolve is x after a filter of impulse response h, as long as x.
func Convolve(x, h []float64) []float64 {
	size := 8
	for size < 2*len(h) {
		size *= 2
	}
	step := size - len(h) + 1
	t := fft.New[float64](size)
	in := make([]float64, size)
	hr, hi := make([]float64, t.Bins()), make([]float64, t.Bins())
	xr, xi := make([]float64, t.Bins()), make([]float64, t.Bins())
	copy(in, h)
	t.Forward(hr, hi, in)
	out := make([]float64, len(x))
	for at := 0; at < len(x); at += step {
		clear(in)
		copy(in[:step], x[at:])
		t.Forward(xr, xi, in)
		for k := range xr {
			xr[k], xi[k] = xr[k]*hr[k]-xi[k]*hi[k], xr[k]*hi[k]+xi[k]*hr[k]
		}
		t.Inverse(in, xr, xi)
		for i := range min(size, len(x)-at) {
			out[at+i] += in[i]
		}
	}
	return out
}
