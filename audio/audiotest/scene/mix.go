package scene

import (
	"math"

	"nxphone/audio"
	"nxphone/audio/quality"
)

// Scale brings a sound to an active level in dBFS. Silence stays silent.
func Scale(x []float64, level float64) []float64 {
	now := quality.ActiveLevel(x)
	if now <= audio.Silence {
		return Gain(x, 0)
	}
	return Gain(x, level-now)
}

// Gain is a sound so many dB louder.
func Gain(x []float64, db float64) []float64 {
	g := math.Pow(10, db/20)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = g * v
	}
	return out
}

// AtSNR is noise at so many dB under speech, both by their active levels: what is
// heard between the words, or between the keys, does not count.
func AtSNR(speech, noise []float64, db float64) []float64 {
	return Gain(noise, quality.ActiveLevel(speech)-db-quality.ActiveLevel(noise))
}

// Add is the sum of sounds, as long as the first.
func Add(first []float64, others ...[]float64) []float64 {
	out := append([]float64(nil), first...)
	for _, x := range others {
		for i := range min(len(out), len(x)) {
			out[i] += x[i]
		}
	}
	return out
}

// Later is a sound so many samples later, as long as it was.
func Later(x []float64, by int) []float64 {
	out := make([]float64, len(x))
	if by < len(x) {
		copy(out[by:], x)
	}
	return out
}

// Only is the sound between two samples, and silence around.
func Only(x []float64, from, to int) []float64 {
	out := make([]float64, len(x))
	from, to = min(max(from, 0), len(x)), min(max(to, 0), len(x))
	if from < to {
		copy(out[from:to], x[from:to])
	}
	return out
}

// Clip is a small loudspeaker that is driven too hard: tanh, with full excursion at
// an input of limit dBFS (peak). A sound far below comes out as it went in.
func Clip(x []float64, limit float64) []float64 {
	top := math.MaxInt16 * math.Pow(10, limit/20)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = top * math.Tanh(v/top)
	}
	return out
}

// Drift is a sound as a clock sees it that is so many parts per million faster:
// its sample i is what was at i (1 - ppm/1e6), between the samples by a windowed
// sinc of 16 crossings.
func Drift(x []float64, ppm float64) []float64 {
	const half = 16
	out := make([]float64, len(x))
	for i := range out {
		pos := float64(i) * (1 - ppm*1e-6)
		at := int(math.Floor(pos))
		frac := pos - float64(at)
		if frac == 0 {
			if at < len(x) {
				out[i] = x[at]
			}
			continue
		}
		sum := 0.0
		s := math.Sin(math.Pi*frac) / math.Pi // sin(pi (frac-j)) but for its sign
		for j := 1 - half; j <= half; j++ {
			k := at + j
			if k < 0 || k >= len(x) {
				continue
			}
			d := frac - float64(j)
			w := math.Cos(math.Pi * d / (2 * half))
			v := s / d * w * w
			if j%2 != 0 {
				v = -v
			}
			sum += v * x[k]
		}
		out[i] = sum
	}
	return out
}
