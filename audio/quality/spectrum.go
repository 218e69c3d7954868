package quality

import (
	"math"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/fft"
)

func sorted(x []float64) []float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x
}

// powers are the power spectra of the frames of a sound under a Hann window, one
// frame after the other; bin k is k times 48000/size Hz.
func powers(x []float64, frame, hop, size int) [][]float64 {
	t := fft.New[float64](size)
	w := make([]float64, frame)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(frame))
	}
	in := make([]float64, size)
	re, im := make([]float64, t.Bins()), make([]float64, t.Bins())
	var out [][]float64
	for at := 0; at+frame <= len(x); at += hop {
		for i, v := range w {
			in[i] = v * x[at+i]
		}
		t.Forward(re, im, in)
		p := make([]float64, t.Bins())
		for k := range p {
			p[k] = re[k]*re[k] + im[k]*im[k]
		}
		out = append(out, p)
	}
	return out
}

// LSD is the log-spectral distance in dB, the mean over the frames (32 ms, every
// 16 ms) in which the reference speaks of the root mean square difference of the
// two levels in each frequency up to 8 kHz. Levels more than 60 dB under the
// reference's loudest are as quiet as that. Both are at 48 kHz and in step; a gain
// counts.
func LSD(spoken, heard []float64) float64 {
	const frame, hop, size = audio.Rate * 32 / 1000, audio.Rate * 16 / 1000, 2048
	const bins = 8000 * size / audio.Rate
	n := min(len(spoken), len(heard))
	a, b := powers(spoken[:n], frame, hop, size), powers(heard[:n], frame, hop, size)
	loudest := 0.0
	for _, p := range a {
		loudest = max(loudest, slices.Max(p[:bins]))
	}
	floor := loudest*1e-6 + tiny
	speech := talking(a, bins)
	sum, count := 0.0, 0
	for i := range a {
		if !speech[i] {
			continue
		}
		d := 0.0
		for k := range bins {
			d += square(10 * math.Log10(max(a[i][k], floor)/max(b[i][k], floor)))
		}
		sum += math.Sqrt(d / bins)
		count++
	}
	return sum / float64(count)
}

// talking tells the frames within 40 dB of the loudest.
func talking(p [][]float64, bins int) []bool {
	energy := make([]float64, len(p))
	loudest := 0.0
	for i, f := range p {
		for _, v := range f[1:bins] {
			energy[i] += v
		}
		loudest = max(loudest, energy[i])
	}
	out := make([]bool, len(p))
	for i, e := range energy {
		out[i] = e > loudest*1e-4
	}
	return out
}

func square(x float64) float64 { return x * x }

// The auditory spectrogram of NSIM.
const (
	nsimBands = 32
	nsimLow   = 50.0   // Hz
	nsimHigh  = 8000.0 // Hz
	nsimRange = 45.0   // dB under the loudest at which nothing is heard
)

// NSIM is the neurogram similarity index of two sounds, 0 to 1, from their levels
// in 32 gammatone bands between 50 Hz and 8 kHz (80 ms windows, every 20 ms), each
// compared with its neighbours. Both are at 48 kHz and in step; the second is
// brought to the power of the first. Only where the reference speaks is compared,
// and its pauses up to 80 ms around.
func NSIM(spoken, heard []float64) float64 {
	n := min(len(spoken), len(heard))
	spoken, heard = spoken[:n], heard[:n]
	gain := (power(spoken) + tiny) / (power(heard) + tiny)
	a, speech := auditory(spoken, 1)
	b, _ := auditory(heard, gain)
	loudest := math.Inf(-1)
	for _, f := range a {
		loudest = max(loudest, slices.Max(f[:]))
	}
	for _, g := range [][][nsimBands]float64{a, b} {
		for i := range g {
			for k := range g[i] {
				g[i][k] = min(max(g[i][k]-loudest+nsimRange, 0), 2*nsimRange)
			}
		}
	}
	sum, count := 0.0, 0
	for i := 1; i+1 < len(a); i++ {
		if !speech[i] {
			continue
		}
		for k := 1; k+1 < nsimBands; k++ {
			sum += similar(a, b, i, k)
			count++
		}
	}
	return sum / float64(count)
}

// auditory is the level of each band in each frame, in dB, and in which frames
// somebody speaks.
func auditory(x []float64, gain float64) ([][nsimBands]float64, []bool) {
	const frame, hop, size = audio.Rate * 80 / 1000, audio.Rate / 50, 4096
	p := powers(x, frame, hop, size)
	weights := gammatones(size)
	out := make([][nsimBands]float64, len(p))
	for i, f := range p {
		for k, w := range weights {
			sum := 0.0
			for j, v := range w {
				sum += v * f[j]
			}
			out[i][k] = 10 * math.Log10(gain*sum+tiny)
		}
	}
	return out, talking(p, 8000*size/audio.Rate)
}

// gammatones are the power responses of filters of fourth order, spaced and as
// wide as the ear's (Glasberg and Moore, "Derivation of auditory filter shapes from
// notched-noise data", Hearing Research 47, 1990).
func gammatones(size int) [nsimBands][]float64 {
	rate := func(f float64) float64 { return 21.4 * math.Log10(1+0.00437*f) }
	low, high := rate(nsimLow), rate(nsimHigh)
	var w [nsimBands][]float64
	for k := range w {
		e := low + (high-low)*float64(k)/(nsimBands-1)
		centre := (math.Pow(10, e/21.4) - 1) / 0.00437
		width := 1.019 * 24.7 * (1 + 0.00437*centre)
		w[k] = make([]float64, size/2+1)
		for j := range w[k] {
			f := float64(j) * audio.Rate / float64(size)
			w[k][j] = math.Pow(1+square((f-centre)/width), -4)
		}
	}
	return w
}

// similar compares a place of two spectrograms with its eight neighbours: the
// product of the likeness of their means and of their structure (Hines and Harte
// 2012, (2), with a 3 by 3 Gaussian window).
func similar(a, b [][nsimBands]float64, i, k int) float64 {
	const corner, side, middle = 0.0113, 0.0838, 0.6193
	window := [3][3]float64{{corner, side, corner}, {side, middle, side}, {corner, side, corner}}
	c1, c3 := square(0.01*nsimRange), square(0.03*nsimRange)/2
	var ma, mb, aa, bb, ab float64
	for y, row := range window {
		for x, w := range row {
			p, q := a[i+y-1][k+x-1], b[i+y-1][k+x-1]
			ma += w * p
			mb += w * q
			aa += w * p * p
			bb += w * q * q
			ab += w * p * q
		}
	}
	va, vb := max(aa-ma*ma, 0), max(bb-mb*mb, 0)
	mean := (2*ma*mb + c1) / (ma*ma + mb*mb + c1)
	structure := (ab - ma*mb + c3) / (math.Sqrt(va*vb) + c3)
	return mean * structure
}

// Score is all that is measured of speech against its reference.
type Score struct {
	STOI, ESTOI, NSIM float64 // 0 to 1
	LSD, SISDR        float64 // dB
	// Delay is the mean place of what was heard behind what was spoken.
	Delay time.Duration
}

// Compare brings heard into step with spoken, at most a second away and piece by
// piece (Align), and measures it. Both are at 48 kHz.
func Compare(spoken, heard []float64) Score {
	aligned, segments := Align(spoken, heard, time.Second)
	s := Score{
		STOI: STOI(spoken, aligned), ESTOI: ESTOI(spoken, aligned), NSIM: NSIM(spoken, aligned),
		LSD: LSD(spoken, aligned), SISDR: SISDR(spoken, aligned),
	}
	sum := 0.0
	for _, g := range segments {
		sum += float64(g.Lag)
	}
	if len(segments) > 0 {
		s.Delay = time.Duration(sum / float64(len(segments)) * float64(time.Second) / audio.Rate)
	}
	return s
}
