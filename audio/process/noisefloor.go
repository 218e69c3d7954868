package process

// noiseFloor follows the power of the noise in each frequency, voice or none.
//
// How likely a frequency holds a voice comes from how far it is over the noise as
// known, and as much as it holds none the noise is learnt from it (Gerkmann and
// Hendriks, "Unbiased MMSE-based noise power estimation with low complexity and
// low tracking delay", IEEE Trans. ASLP 20, 2012). Here a frequency is also judged
// by its neighbours in a frame in which somebody speaks, so that the weak ends of a
// voice are not learnt as noise; and a noise that has become louder is found by the
// quietest of the last 1.2 s (Martin, "Noise power spectral density estimation based
// on optimal smoothing and minimum statistics", IEEE Trans. SAP 9, 2001).
//
// What is learnt so while somebody speaks comes out too low in a noise that is as
// loud as the voice, so the mean of the frames in which nobody speaks is kept
// beside it, with a memory of a second of them, and the noise is the more of both.
// Those frames are told by their energy, which is near the least of two seconds.
type noiseFloor struct {
	level  [noiseBins]float32 // the more of learnt and pause
	learnt [noiseBins]float32
	pause  [noiseBins]float32 // mean power of frames in which nobody speaks
	quick  [noiseBins]float32 // power with its neighbours', smoothed over 20 ms
	slow   [noiseBins]float32 // the same over 50 ms
	low    [noiseBins]float32 // the quietest of slow in a while
	lows   [noiseLows][noiseBins]float32
	louder float32 // the share of frequencies that were louder in the frame before
	frames int

	leasts [noiseLeasts]float32 // energies of frames, the least of some time each
}

const (
	// noiseLows pieces of noiseLow frames are the time whose quietest is kept.
	noiseLows = 6
	noiseLow  = 20
	// noiseFull is how many frames it takes until a block holds nothing but sound.
	noiseFull = noiseSize/frameLen + 2
	// noiseTaught is how many frames the first estimate is taken from the quietest, of
	// noiseAround bins (280 Hz) to both sides: if this is a voice from the first moment
	// on, there is little of it between its harmonics.
	noiseTaught = 60
	noiseAround = 12
	// noiseMost is by how much the noise can be over its quietest.
	noiseMost = 3
	// noiseLeasts pieces of noiseEach frames, two seconds, are the time of the least
	// energy. A frame whose energy is noisePause octaves of power over it is somebody's
	// surely; half an octave under that, nobody's.
	noiseLeasts = 5
	noiseEach   = 40
	noisePause  = 0.6
	// noiseRecall is what a frame in which nobody speaks adds to their mean, and
	// noisePeak by how much it can seem to be over that.
	noiseRecall = 0.01
	noisePeak   = 10
	// noiseLearn is the part of a frame that is new, 200 ms.
	noiseLearn = 0.05
	// noiseBias is the mean over the quietest.
	noiseBias = 1.7
	// noiseFrame is how far, in octaves of power, a frame is over the noise in the
	// mean of its frequencies when somebody surely speaks.
	noiseFrame = 0.6
	// noiseFar is by how much a single frame can seem to be over the noise: what
	// is louder teaches no more than that.
	noiseFar = 4
	// The level follows a noise that has become louder by a factor in each frame,
	// quickly (20 dB a second) when it has in most frequencies at once, and else, for
	// it may be somebody's tone, slowly (1.3 dB a second).
	noiseUp, noiseUpAll = 1.003, 0.045
)

// follow takes the powers of a frame.
func (f *noiseFloor) follow(p *[noiseBins]float32) {
	f.smooth(p)
	f.frames++
	piece := &f.lows[f.frames/noiseLow%noiseLows]
	if f.frames%noiseLow == 0 {
		*piece = f.slow
	}
	up := noiseUp + noiseUpAll*f.louder*f.louder
	f.louder = 0
	learn := max(noiseLearn, 4/float32(f.frames+4))
	for k, s := range f.slow[:] {
		piece[k] = min(piece[k], s)
		low := piece[k]
		for i := range f.lows {
			low = min(low, f.lows[i][k])
		}
		f.low[k] = low
	}
	if f.frames < noiseTaught {
		f.first()
	}
	speech, pause := f.speech(), f.nobody()
	for k, low := range f.low[:] {
		l := f.learnt[k]
		// The quietest lies under the mean, by so much: a level under it is wrong, and
		// must not make everything a voice.
		q := max(alone(p[k]/l), among(f.quick[k]/max(l, noiseBias*low))*speech)
		l += learn * (1 - q) * (min(p[k], noiseFar*l) - l)
		if 1.5*l < low {
			f.louder += 1. / noiseBins
			l *= up
		}
		l = min(l, noiseMost*low)
		m := f.pause[k]
		m += noiseRecall * pause * (min(p[k], noisePeak*m) - m)
		f.learnt[k], f.pause[k], f.level[k] = l, m, max(l, m)
	}
}

// first is the estimate of the first frames. It lies under the mean of a noise.
func (f *noiseFloor) first() {
	for k := range f.learnt {
		l := f.low[k]
		for _, near := range f.low[max(k-noiseAround, 0):min(k+noiseAround+1, noiseBins)] {
			l = min(l, near)
		}
		f.learnt[k], f.pause[k] = 0.5*l, 0.5*l
	}
}

// nobody is how likely nobody speaks in this frame.
func (f *noiseFloor) nobody() float32 {
	sum, weights := float32(0), float32(0)
	// Up to 8 kHz, each octave alike.
	for k := 4; k < 340; k++ {
		w := 1 / float32(k)
		weights += w
		sum += w * log2(f.quick[k])
	}
	energy := sum / weights
	if f.frames < noiseFull {
		for i := range f.leasts {
			f.leasts[i] = energy
		}
	}
	now := &f.leasts[f.frames/noiseEach%noiseLeasts]
	if f.frames%noiseEach == 0 {
		*now = energy
	}
	*now = min(*now, energy)
	least := energy
	for _, l := range f.leasts {
		least = min(least, l)
	}
	return min(max(2*(noisePause-(energy-least)), 0), 1)
}

// alone is how likely a frequency of so many times the noise's power holds a
// voice, by itself: the odds of two exponential distributions, the voice's being
// 15 dB over the noise.
func alone(over float32) float32 {
	const xi, log2e = 31.6, 1.442695
	return 1 / (1 + (1+xi)*exp2(-min(over, 60)*(xi/(1+xi)*log2e)))
}

// among is the same with its neighbours in frequency and time: noise is hardly
// ever twice as loud in all of them.
func among(over float32) float32 {
	r := min(over*0.5, 100)
	r *= r * r
	r *= r
	return r / (1 + r)
}

// speech is how likely somebody speaks in this frame: how far most of it is over
// the noise.
func (f *noiseFloor) speech() float32 {
	sum, weights := float32(0), float32(0)
	// Up to 8 kHz, each octave alike.
	for k := 4; k < 340; k++ {
		w := 1 / float32(k)
		weights += w
		sum += w * log2(f.quick[k]/max(f.level[k], noiseBias*f.low[k]))
	}
	return min(max(sum/weights/noiseFrame, 0), 1)
}

// smooth averages the powers over neighbours and frames.
func (f *noiseFloor) smooth(p *[noiseBins]float32) {
	const last = noiseBins - 1
	for k := range f.quick {
		s := 0.26*p[k] + 0.22*(p[max(k-1, 0)]+p[min(k+1, last)]) + 0.15*(p[max(k-2, 0)]+p[min(k+2, last)])
		if f.frames < noiseFull {
			f.quick[k], f.slow[k] = s, s
			for i := range f.lows {
				f.lows[i][k] = s
			}
		}
		f.quick[k] += 0.5 * (s - f.quick[k])
		f.slow[k] += 0.2 * (s - f.slow[k])
	}
}
