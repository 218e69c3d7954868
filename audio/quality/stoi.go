package quality

import (
	"math"

	"nxphone/audio/fft"
)

// The constants of the papers.
const (
	stoiRate  = 10000
	stoiFrame = 256
	stoiHop   = stoiFrame / 2
	stoiFFT   = 512
	stoiBands = 15
	stoiFirst = 150.0 // centre of the lowest third octave, Hz
	stoiSpan  = 30    // frames in a segment, 384 ms
	stoiBeta  = -15.0 // lowest signal to distortion ratio that counts, dB
	stoiRange = 40.0  // quieter frames of the reference than this are silence, dB
)

// STOI is the short-time objective intelligibility of heard, which once was
// spoken: up to 1, and about 0 for what has nothing in common with it. Both are
// at 48 kHz and in step; a gain does not matter. With less than 384 ms of speech
// it is NaN.
func STOI(spoken, heard []float64) float64 {
	x, y := stoiSpectra(spoken, heard)
	return stoiSegments(x, y, stoiCorrelation)
}

// ESTOI is the extended measure, which is more strict with noise that comes and
// goes. The rules of STOI hold.
func ESTOI(spoken, heard []float64) float64 {
	x, y := stoiSpectra(spoken, heard)
	return stoiSegments(x, y, estoiCorrelation)
}

type band = [stoiBands]float64

// stoiSpectra are the third-octave envelopes of the frames in which somebody
// speaks.
func stoiSpectra(spoken, heard []float64) (x, y []band) {
	n := min(len(spoken), len(heard))
	a := resample(spoken[:n], 5, 24)
	b := resample(heard[:n], 5, 24)
	a, b = stoiSpeech(a, b)
	return stoiEnvelopes(a), stoiEnvelopes(b)
}

// stoiWindow is a Hann window without its zeros.
func stoiWindow() []float64 {
	w := make([]float64, stoiFrame)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i+1)/(stoiFrame+1))
	}
	return w
}

// stoiSpeech leaves the frames out of both sounds in which the first is silent.
func stoiSpeech(a, b []float64) ([]float64, []float64) {
	w := stoiWindow()
	var energy []float64
	loudest := math.Inf(-1)
	for i := 0; i+stoiFrame <= len(a); i += stoiHop {
		sum := 0.0
		for j, v := range w {
			sum += v * a[i+j] * v * a[i+j]
		}
		e := 10 * math.Log10(sum+1e-18)
		energy = append(energy, e)
		loudest = max(loudest, e)
	}
	var keep []int
	for i, e := range energy {
		if e > loudest-stoiRange {
			keep = append(keep, i*stoiHop)
		}
	}
	if len(keep) == 0 {
		return nil, nil
	}
	n := (len(keep)-1)*stoiHop + stoiFrame
	outA, outB := make([]float64, n), make([]float64, n)
	for k, at := range keep {
		for j, v := range w {
			outA[k*stoiHop+j] += v * a[at+j]
			outB[k*stoiHop+j] += v * b[at+j]
		}
	}
	return outA, outB
}

// stoiEnvelopes are the root powers of each third octave in each frame.
func stoiEnvelopes(x []float64) []band {
	var edge [stoiBands][2]int // bins, from and to before
	for k := range edge {
		centre := stoiFirst * math.Pow(2, float64(k)/3)
		nearest := func(f float64) int { return int(math.Round(f * stoiFFT / stoiRate)) }
		edge[k] = [2]int{nearest(centre * math.Pow(2, -1.0/6)), nearest(centre * math.Pow(2, 1.0/6))}
	}
	t := fft.New[float64](stoiFFT)
	w := stoiWindow()
	in := make([]float64, stoiFFT)
	re, im := make([]float64, t.Bins()), make([]float64, t.Bins())
	var out []band
	for i := 0; i+stoiFrame <= len(x); i += stoiHop {
		for j, v := range w {
			in[j] = v * x[i+j]
		}
		t.Forward(re, im, in)
		var b band
		for k, e := range edge {
			sum := 0.0
			for f := e[0]; f < e[1]; f++ {
				sum += re[f]*re[f] + im[f]*im[f]
			}
			b[k] = math.Sqrt(sum)
		}
		out = append(out, b)
	}
	return out
}

// stoiSegments is the mean of a measure over all segments.
func stoiSegments(x, y []band, measure func(x, y *[stoiBands][stoiSpan]float64) float64) float64 {
	sum, n := 0.0, 0
	var a, b [stoiBands][stoiSpan]float64
	for at := 0; at+stoiSpan <= len(x); at++ {
		for k := range stoiBands {
			for i := range stoiSpan {
				a[k][i], b[k][i] = x[at+i][k], y[at+i][k]
			}
		}
		sum += measure(&a, &b)
		n++
	}
	return sum / float64(n)
}

// stoiCorrelation is the mean over the bands of the correlation of the envelopes,
// the second brought to the level of the first and clipped (Taal 2011, (3) to (5)).
func stoiCorrelation(x, y *[stoiBands][stoiSpan]float64) float64 {
	clip := 1 + math.Pow(10, -stoiBeta/20)
	sum := 0.0
	for k := range stoiBands {
		a, b := x[k], y[k]
		gain := math.Sqrt(power(a[:]) / (power(b[:]) + tiny))
		for i := range b {
			b[i] = min(gain*b[i], clip*a[i])
		}
		normalise(a[:])
		normalise(b[:])
		for i := range a {
			sum += a[i] * b[i]
		}
	}
	return sum / stoiBands
}

// estoiCorrelation is the mean over the frames of the correlation of the spectra,
// after each band has been normalised over time (Jensen 2016, (3) to (8)).
func estoiCorrelation(x, y *[stoiBands][stoiSpan]float64) float64 {
	a, b := *x, *y
	for k := range stoiBands {
		normalise(a[k][:])
		normalise(b[k][:])
	}
	sum := 0.0
	var p, q band
	for i := range stoiSpan {
		for k := range stoiBands {
			p[k], q[k] = a[k][i], b[k][i]
		}
		normalise(p[:])
		normalise(q[:])
		for k := range p {
			sum += p[k] * q[k]
		}
	}
	return sum / stoiSpan
}

// tiny keeps silence from being divided by.
const tiny = 1e-18

func power(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// normalise takes the mean away and brings the rest to the length 1.
func normalise(x []float64) {
	mean := 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for i := range x {
		x[i] -= mean
	}
	scale := 1 / (math.Sqrt(power(x)) + tiny)
	for i := range x {
		x[i] *= scale
	}
}
