package process

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/audio/audiotest"
)

// hiss is white noise of a level in dBFS.
func hiss(seed uint64, dbfs float64, d time.Duration) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]float64, at(d))
	for i := range out {
		out[i] = math.MaxInt16 * amplitude(dbfs) / math.Sqrt2 * rng.NormFloat64()
	}
	return out
}

func plus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = a[i] + b[i]
	}
	return out
}

// spoken is the level of those frames of a sound in which somebody speaks.
func spoken(x []int16) float64 {
	loud, n := 0.0, 0
	for i := 0; i+frameLen <= len(x); i += frameLen {
		if l := loudness(x[i : i+frameLen]); l > loudness(x)-15 {
			loud += math.Pow(10, l/10)
			n++
		}
	}
	return 10 * math.Log10(loud/float64(n))
}

func TestGain(t *testing.T) {
	for name, c := range map[string]struct {
		in         []float64
		least, max float64 // dBFS of what speaks, from 10 s on
	}{
		"faint":            {audiotest.Voice(1, 14*time.Second, -44), -23, -17},
		"faint, some hiss": {plus(audiotest.Voice(2, 14*time.Second, -44), hiss(1, -78, 14*time.Second)), -23, -17},
		"usual":            {audiotest.Voice(3, 14*time.Second, -22), -23, -17},
		"loud":             {audiotest.Voice(4, 14*time.Second, -8), -23, -17},
		// As far as the gain goes.
		"very faint": {audiotest.Voice(1, 14*time.Second, -56), -30, -22},
	} {
		g := NewGain()
		out := inFrames(pcm(c.in), GainDelay, g.Process)
		if got := spoken(out[at(10*time.Second):]); got < c.least || got > c.max {
			t.Errorf("%s: %.1f dBFS after 10 s, want %v to %v (gain %.1f dB)", name, got, c.least, c.max, g.DB())
		}
		if got, most := highest(out), int(math.MaxInt16*amplitude(peakLevel)); got > most {
			t.Errorf("%s: a sample of %d, more than %d", name, got, most)
		}
	}
}

func TestGainNeverLiftsNoise(t *testing.T) {
	silent := make([]float64, at(2*time.Second))
	for name, x := range map[string][]float64{
		"hiss":         hiss(1, -45, 20*time.Second),
		"faint hiss":   hiss(2, -70, 20*time.Second),
		"a fan starts": after(silent, hiss(3, -45, 20*time.Second)),
		"silence":      make([]float64, at(5*time.Second)),
	} {
		g, most := NewGain(), 0.0
		out := inFrames(pcm(x), GainDelay, func(frame []int16) {
			g.Process(frame)
			most = max(most, g.DB())
		})
		if most > 6 || name != "a fan starts" && most > 0 {
			t.Errorf("%s: lifted by %.1f dB", name, most)
		}
		if name == "silence" && highest(out) != 0 {
			t.Error("silence is not silent")
		}
	}
}

// A voice in noise is lifted no further than the noise allows.
func TestGainKeepsTheBackgroundDown(t *testing.T) {
	x := plus(audiotest.Voice(1, 20*time.Second, -40), hiss(1, -60, 20*time.Second))
	g := NewGain()
	inFrames(pcm(x), GainDelay, g.Process)
	if got := g.DB(); got < 4 || got > 10 {
		t.Errorf("lifted by %.1f dB, with a hiss of -60 dBFS", got)
	}
}

func TestGainRisesSlowly(t *testing.T) {
	g := NewGain()
	last, worst := 0.0, 0.0
	inFrames(pcm(audiotest.Voice(1, 5*time.Second, -44)), GainDelay, func(frame []int16) {
		g.Process(frame)
		worst = max(worst, g.DB()-last)
		last = g.DB()
	})
	if worst*100 > 6.01 || last < 8 {
		t.Errorf("it rises by %.1f dB a second, to %.1f in 5 s", worst*100, last)
	}
}

func TestGainPeaks(t *testing.T) {
	// A faint voice is lifted, and then somebody shouts.
	in := pcm(after(audiotest.Voice(1, 8*time.Second, -44), audiotest.Voice(2, 2*time.Second, -4)))
	out := inFrames(in, 0, NewGain().Process)
	if got, most := highest(out), int(math.MaxInt16*amplitude(peakLevel)); got > most {
		t.Errorf("a sample of %d, more than %d", got, most)
	}
}

func BenchmarkGain(b *testing.B) {
	benchmark(b, audiotest.Voice(1, 2*time.Second, -44), NewGain().Process)
}

func TestHighPass(t *testing.T) {
	for _, c := range []struct{ hz, least, most float64 }{
		{20, -60, -44}, {50, -17.5, -15.5}, {60, -12, -9.5}, {80, -3.2, -2.8}, {120, -0.3, 0}, {300, -0.02, 0.02}, {3400, -0.02, 0.02}, {15000, -0.02, 0.02},
	} {
		out := inFrames(pcm(sine(c.hz, -6, 2*time.Second)), 0, NewHighPass().Process)
		if got := loudness(out[rate:]) + 6; got < c.least || got > c.most {
			t.Errorf("%v Hz comes out at %.2f dB, want %v to %v", c.hz, got, c.least, c.most)
		}
	}
}

func TestHighPassIsSilentInTheEnd(t *testing.T) {
	h := NewHighPass()
	x := pcm(after(sine(60, 0, time.Second), make([]float64, rate)))
	out := inFrames(x, 0, h.Process)
	if highest(out[len(out)-frameLen:]) != 0 {
		t.Error("it rings on")
	}
	for range 100 {
		h.Process(make([]int16, frameLen))
	}
	if h.stages[0].s1 != 0 || h.stages[1].s2 != 0 {
		t.Error("it computes with numbers next to nought")
	}
}

func BenchmarkHighPass(b *testing.B) {
	benchmark(b, audiotest.Voice(1, 2*time.Second, -26), NewHighPass().Process)
}
