package quality

import (
	"math"
	"time"

	"nxphone/audio"
)

// Floats are the samples of PCM as numbers, in the same scale.
func Floats(pcm []int16) []float64 {
	x := make([]float64, len(pcm))
	for i, v := range pcm {
		x[i] = float64(v)
	}
	return x
}

// PCM are numbers as samples, rounded and, where they are too loud, clipped.
func PCM(x []float64) []int16 {
	pcm := make([]int16, len(x))
	for i, v := range x {
		pcm[i] = int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return pcm
}

// Part is the stretch of a sound between two times, cut to what there is of it.
func Part(x []float64, from, to time.Duration) []float64 {
	a, b := samples(from), samples(to)
	a = min(max(a, 0), len(x))
	return x[a:min(max(a, b), len(x))]
}

func samples(d time.Duration) int { return int(d * audio.Rate / time.Second) }

// Level is the RMS level of a sound in dBFS, by audio.DBFS's scale: a sinusoid of
// full scale has 0.
func Level(x []float64) float64 {
	if len(x) == 0 {
		return audio.Silence
	}
	return audio.DBFS(math.Sqrt(2 * power(x) / float64(len(x))))
}

// ActiveLevel is the level of the loud parts of a sound, in dBFS: the RMS of the
// frames of 20 ms that are within 30 dB of the loudest. Pauses do not count, which
// makes the level of speech one of its words (as ITU-T P.56 wants it, with a
// simpler rule for what is a pause).
func ActiveLevel(x []float64) float64 {
	const frame = audio.Rate / 50
	var powers []float64
	loudest := 0.0
	for i := 0; i+frame <= len(x); i += frame {
		p := power(x[i : i+frame])
		powers = append(powers, p)
		loudest = max(loudest, p)
	}
	sum, n := 0.0, 0
	for _, p := range powers {
		if p > loudest/1000 {
			sum += p
			n += frame
		}
	}
	if n == 0 {
		return audio.Silence
	}
	return audio.DBFS(math.Sqrt(2 * sum / float64(n)))
}

// Floor is the level, in dBFS, that a tenth of a sound's frames of 20 ms stay
// under: what is heard between words.
func Floor(x []float64) float64 { return Percentile(Levels(x, 20*time.Millisecond), 0.1) }

// Levels are the RMS levels, in dBFS, of the stretches of a sound one after the
// other; what remains at the end does not count.
func Levels(x []float64, each time.Duration) []float64 {
	n := samples(each)
	var out []float64
	for i := 0; i+n <= len(x) && n > 0; i += n {
		out = append(out, Level(x[i:i+n]))
	}
	return out
}

// Percentile is the value that a share (0 to 1) of the values stay under, between
// two of them by a straight line; NaN of none.
func Percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	v := sorted(values)
	at := min(max(share, 0), 1) * float64(len(v)-1)
	i := int(at)
	j := min(i+1, len(v)-1)
	return v[i] + (at-float64(i))*(v[j]-v[i])
}

// ERLE is the echo return loss enhancement over time: for each stretch, by how
// many dB out is quieter than echo, which both begin at the same moment and hold
// the far end only. Where echo is silent (60 dB under its loudest stretch) the
// value is NaN. At most 100 dB are told.
func ERLE(echo, out []float64, each time.Duration) []float64 {
	n := min(len(echo), len(out))
	before, after := Levels(echo[:n], each), Levels(out[:n], each)
	loudest := float64(audio.Silence)
	for _, l := range before {
		loudest = max(loudest, l)
	}
	loss := make([]float64, len(before))
	for i := range loss {
		if before[i] < loudest-60 {
			loss[i] = math.NaN()
			continue
		}
		loss[i] = min(before[i]-after[i], 100)
	}
	return loss
}

// SISDR is the scale-invariant signal to distortion ratio, in dB: the power of
// what is the reference, whatever its gain, against the power of all else. Both
// are in step. Two of the same sound have 100 dB, the most that is told.
func SISDR(spoken, heard []float64) float64 {
	n := min(len(spoken), len(heard))
	dot, own := 0.0, 0.0
	for i, v := range spoken[:n] {
		dot += v * heard[i]
		own += v * v
	}
	gain := dot / (own + tiny)
	target, rest := gain*gain*own, 0.0
	for i, v := range spoken[:n] {
		d := heard[i] - gain*v
		rest += d * d
	}
	return min(max(10*math.Log10((target+tiny)/(rest+tiny)), -100), 100)
}
