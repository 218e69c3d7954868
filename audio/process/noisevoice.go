package process

import (
	"math"

	"nxphone/audio/fft"
)

// noiseVoice estimates the voice's power in each frequency, and the gains that
// leave it.
//
// The power over the noise is smoothed in the cepstrum (Breithaupt, Gerkmann and
// Martin, "A novel a priori SNR estimation approach based on selective
// cepstro-temporal smoothing", ICASSP 2008): what changes slowly over frequency
// is the mouth's shape and is let through, what changes fast is chance and is
// smoothed over time, but for the pitch and its neighbourhood, which are the
// voice's. So there is no musical noise, and harmonics stay that lie in the noise.
// The gain is Ephraim's and Malah's for the logarithm of the amplitude ("Speech
// enhancement using a minimum mean-square error log-spectral amplitude estimator",
// IEEE Trans. ASSP 33, 1985), and goes over to the floor where there is likely no
// voice (Cohen, "Optimal speech enhancement under signal presence uncertainty
// using log-spectral amplitude estimator", IEEE Signal Processing Letters 9,
// 2002).
type noiseVoice struct {
	fft    *fft.Transform[float32]
	log    [noiseBins]float32 // binary logarithm of the voice's power
	none   [noiseBins]float32 // an imaginary part of nothing, and room for one
	ceps   [noiseSize]float32
	smooth [noiseBins]float32 // the cepstrum over time
	keep   [noiseBins]float32 // how much of it stays from frame to frame
	speaks float32            // 0 to 1: whether somebody speaks
	lsa    [lsaSize + 1]float32
}

const (
	// Quefrencies in samples of 48 kHz. Under shape is the spectrum's rough form,
	// under fine what the mouth does; a pitch of 60 to 300 Hz lies between low and
	// high.
	cepsShape, cepsFine = 9, 60
	pitchLow, pitchHigh = 160, 800
	// voiced is the height of a peak that is a pitch, and pitchWide how wide it is.
	voiced    = 0.2
	pitchWide = 4
	// cepsBias makes up for the logarithm: the mean of it is under that of the
	// power.
	cepsBias = 0.7
	// present is the ratio of voice to noise at which there is as likely a voice as
	// none.
	present = 0.3

	// noiseDeep is by how much deeper the floor lies while somebody speaks, as a part
	// of it in dB: -36 dB for one of -18.
	noiseDeep = 1

	lsaSize = 256
)

func (v *noiseVoice) init() {
	v.fft = fft.New[float32](noiseSize)
	for i := range v.lsa {
		v.lsa[i] = float32(math.Exp(exponential(math.Exp2(float64(i)/16-8)) / 2))
	}
}

// gains are the gains for powers p, of which noise is the noise's part.
func (v *noiseVoice) gains(gain, p, noise *[noiseBins]float32, least float32) {
	v.estimate(p, noise)
	floor := v.deepen(log2(least), noise)
	least = exp2(floor)
	for k, l := range noise[:] {
		xi := max(exp2(v.log[k])/l, 0.01)
		share := xi / (1 + xi)
		g := min(share*v.over(share*p[k]/l), 1)
		there := xi * (1 / present)
		there *= there
		there /= 1 + there
		gain[k] = exp2(there*log2(max(g, least)) + (1-there)*floor)
	}
}

// deepen lowers the floor while somebody speaks: it is heard between the words,
// hardly beside them.
func (v *noiseVoice) deepen(floor float32, noise *[noiseBins]float32) float32 {
	sum, weights := float32(0), float32(0)
	// Up to 8 kHz, each octave alike.
	for k := 4; k < 340; k++ {
		w := 1 / float32(k)
		weights += w
		xi := exp2(v.log[k]) / noise[k]
		sum += w * xi / (0.5 + xi)
	}
	t := min(max((sum/weights-0.25)/0.1, 0), 1)
	if t > v.speaks {
		v.speaks += 0.7 * (t - v.speaks)
	} else {
		v.speaks += 0.05 * (t - v.speaks)
	}
	return floor * (1 + noiseDeep*v.speaks)
}

// over is the factor of the log-spectral amplitude estimator over Wiener's,
// exp(E1(v)/2).
func (v *noiseVoice) over(x float32) float32 {
	at := min(max((log2(x)+8)*16, 0), lsaSize-0.01)
	i := int(at)
	return v.lsa[i] + (at-float32(i))*(v.lsa[i+1]-v.lsa[i])
}

// estimate leaves the logarithm of the voice's power in log.
func (v *noiseVoice) estimate(p, noise *[noiseBins]float32) {
	for k, l := range noise[:] {
		v.log[k] = log2(max(p[k]-l, 0.03*l))
	}
	clear(v.none[:])
	v.fft.Inverse(v.ceps[:], v.log[:], v.none[:])
	peak, pitch := float32(0), 0
	for q, c := range v.ceps[pitchLow:pitchHigh] {
		if c > peak {
			peak, pitch = c, q+pitchLow
		}
	}
	for q := range v.smooth {
		keep := float32(0.9)
		switch {
		case q < cepsShape:
			keep = 0
		case q < cepsFine:
			keep = 0.3
		case peak > voiced && q >= pitch-pitchWide && q <= pitch+pitchWide:
			keep = 0.2
		}
		// A pitch that has gone is let go of slowly.
		if keep > v.keep[q] {
			keep = v.keep[q] + 0.15*(keep-v.keep[q])
		}
		v.keep[q] = keep
		v.smooth[q] = keep*v.smooth[q] + (1-keep)*v.ceps[q]
		v.ceps[q] = v.smooth[q]
		if q > 0 {
			v.ceps[noiseSize-q] = v.smooth[q]
		}
	}
	v.ceps[0] += cepsBias
	v.fft.Forward(v.log[:], v.none[:], v.ceps[:])
}

// exponential is the exponential integral E1, for x over 0: a series, and from 1
// on a continued fraction (Abramowitz and Stegun, 5.1.11 and 5.1.22).
func exponential(x float64) float64 {
	if x < 1 {
		sum, term := -0.5772156649015329-math.Log(x), 1.0
		for n := 1.0; n < 30; n++ {
			term *= -x / n
			sum -= term / n
		}
		return sum
	}
	f := 0.0
	for n := 60.0; n > 0; n-- {
		f = n / (1 + n/(x+f))
	}
	return math.Exp(-x) / (x + f)
}
