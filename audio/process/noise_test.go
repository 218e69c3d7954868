package process

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	sounds "nxphone/audio/audiotest/scene"
	"nxphone/audio/quality"
)

// quieted is a sound after a suppressor, its delay taken out.
func quieted(n *Noise, x []float64) []float64 {
	out := make([]float64, 0, len(x)+frameLen)
	for i := 0; i+frameLen <= len(x); i += frameLen {
		frame := quality.PCM(x[i : i+frameLen])
		n.Process(frame)
		out = append(out, quality.Floats(frame)...)
	}
	return append(out[NoiseDelay:], make([]float64, NoiseDelay)...)
}

func pinkNoise(seed uint64, d time.Duration, level float64) []float64 {
	return sounds.Scale(sounds.Pink(seed, d), level)
}

func TestNoiseDelay(t *testing.T) {
	x := make([]float64, 2*audio.Rate)
	for i := range audio.Rate {
		at := 2 * math.Pi * float64(i) / audio.Rate
		x[audio.Rate+i] = 4000 * math.Sin(at/4) * (math.Sin(700*at) + math.Sin(1000*at))
	}
	y := quieted(NewNoise(), x)
	if d := quality.SISDR(x[:len(x)-NoiseDelay], y); d < 25 {
		t.Errorf("tones to distortion %.1f dB, NoiseDelay samples late", d)
	}
}

// TestNoiseClean holds that a voice without noise comes out as it went in.
func TestNoiseClean(t *testing.T) {
	x := append(make([]float64, audio.Rate), audiotest.Voice(3, 8*time.Second, -26)...)
	y := quieted(NewNoise(), x)
	if s := quality.STOI(x, y); s < 0.99 {
		t.Errorf("STOI %.4f", s)
	}
	if s := quality.NSIM(x, y); s < 0.97 {
		t.Errorf("NSIM %.3f", s)
	}
}

// TestNoiseFirst holds that a voice that speaks from the first sample on is not
// taken for the noise.
func TestNoiseFirst(t *testing.T) {
	for seed := range uint64(3) {
		x := audiotest.Voice(seed+1, 2*time.Second, -26)
		y := quieted(NewNoise(), sounds.Add(x, pinkNoise(seed, 2*time.Second, -65)))
		if s := quality.STOI(x, y); s < 0.98 {
			t.Errorf("voice %d: STOI %.4f", seed+1, s)
		}
		if s := quality.NSIM(x, y); s < 0.89 {
			t.Errorf("voice %d: NSIM %.3f", seed+1, s)
		}
	}
}

// TestNoiseIsLeft holds that noise is reduced to the floor, and not beyond it.
func TestNoiseIsLeft(t *testing.T) {
	const level = -40.0
	for _, floor := range []float64{0, -12, NoiseFloor} {
		n := NewNoise()
		n.SetFloor(floor)
		y := quieted(n, pinkNoise(1, 3*time.Second, level))
		got := quality.Level(quality.Part(y, 2*time.Second, 2900*time.Millisecond)) - level
		// A little comes through above the floor, and it is lower where chance looks
		// like a voice.
		if got < floor-3 || got > floor*0.6+0.1 {
			t.Errorf("floor %.0f dB: %.1f dB", floor, got)
		}
		if floor < 0 && math.Abs(n.Reduction()-got) > 5 {
			t.Errorf("floor %.0f dB: Reduction says %.1f, is %.1f", floor, n.Reduction(), got)
		}
	}
}

// TestNoiseNoDeadSilence holds that between the words there is noise, evenly.
func TestNoiseNoDeadSilence(t *testing.T) {
	voice := append(make([]float64, 4*audio.Rate), audiotest.Voice(5, 2*time.Second, -26)...)
	voice = append(voice, make([]float64, 2*audio.Rate)...)
	noise := pinkNoise(2, 8*time.Second, -40)
	y := quieted(NewNoise(), sounds.Add(voice, noise))
	for _, part := range [][2]time.Duration{{3 * second, 4 * second}, {6300 * time.Millisecond, 7900 * time.Millisecond}} {
		for _, l := range quality.Levels(quality.Part(y, part[0], part[1]), 50*time.Millisecond) {
			if l < -40+NoiseFloor-6 || l > -45 {
				t.Errorf("noise of -40 dBFS is %.1f in a pause", l)
			}
		}
	}
}

// TestNoiseStep holds that a noise that becomes louder, or quieter, is that much
// noise within two seconds.
func TestNoiseStep(t *testing.T) {
	x := pinkNoise(1, 12*time.Second, -50)
	copy(x[4*audio.Rate:], pinkNoise(2, 4*time.Second, -35))
	y := quieted(NewNoise(), x)
	for _, c := range []struct {
		from, to time.Duration
		most     float64
	}{{3 * second, 4 * second, -60}, {6 * second, 8 * second, -43}, {8200 * time.Millisecond, 11 * second, -59}} {
		if l := quality.Level(quality.Part(y, c.from, c.to)); l > c.most {
			t.Errorf("from %v: %.1f dBFS, want %.0f", c.from, l, c.most)
		}
	}
}

// whisper is a voice without a pitch: noise through the formants of syllables.
func whisper(seed uint64, d time.Duration, level float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 77))
	out := make([]float64, int(d*audio.Rate/time.Second))
	for i := 0; i < len(out); {
		n := int((0.15 + 0.2*rng.Float64()) * audio.Rate)
		f := [2]float64{400 + 500*rng.Float64(), 1200 + 1800*rng.Float64()}
		var y [2][2]float64
		for j := 0; j < n && i+j < len(out); j++ {
			w, x := rng.NormFloat64(), 0.0
			for k := range f {
				const r = 0.985
				v := w + 2*r*math.Cos(2*math.Pi*f[k]/audio.Rate)*y[k][0] - r*r*y[k][1]
				y[k][0], y[k][1] = v, y[k][0]
				x += v
			}
			out[i+j] = x * math.Sin(math.Pi*float64(j)/float64(n))
		}
		i += n + int(0.08*audio.Rate)
	}
	return sounds.Scale(out, level)
}

// TestNoiseWhisper holds that a whisper, quiet and without a pitch, stays: in a
// quiet room, and 12 dB over a noise.
func TestNoiseWhisper(t *testing.T) {
	w := append(make([]float64, 2*audio.Rate), whisper(1, 8*time.Second, -48)...)
	for _, noise := range []float64{-75, -60} {
		y := quieted(NewNoise(), sounds.Add(w, pinkNoise(3, 10*time.Second, noise)))
		a, b := quality.Part(w, 2*second, 10*second), quality.Part(y, 2*second, 10*second)
		if lost := quality.Level(a) - quality.Level(b); lost > 1.5 {
			t.Errorf("noise %.0f dBFS: the whisper is %.1f dB quieter", noise, lost)
		}
		if s := quality.STOI(a, b); s < 0.93 {
			t.Errorf("noise %.0f dBFS: STOI %.3f", noise, s)
		}
	}
}

// TestNoiseTones holds that the tones of keys and a held note are not noise.
func TestNoiseTones(t *testing.T) {
	x := pinkNoise(1, 6*time.Second, -60)
	tone := func(from, to, a, b float64) {
		for i := int(from * audio.Rate); i < int(to*audio.Rate); i++ {
			at := 2 * math.Pi * float64(i) / audio.Rate
			x[i] += 2000 * (math.Sin(a*at) + math.Sin(b*at))
		}
	}
	for i := range 5 {
		from := 1 + 0.2*float64(i)
		tone(from, from+0.1, 770, 1336)
	}
	tone(3, 5, 440, 660)
	y := quieted(NewNoise(), x)
	for _, at := range []time.Duration{1020 * time.Millisecond, 1420 * time.Millisecond, 3200 * time.Millisecond, 4800 * time.Millisecond} {
		a, b := quality.Part(x, at, at+60*time.Millisecond), quality.Part(y, at, at+60*time.Millisecond)
		if lost := quality.Level(a) - quality.Level(b); math.Abs(lost) > 1.5 {
			t.Errorf("tone at %v: %.1f dB quieter", at, lost)
		}
	}
}

// TestNoiseClicks holds that what is typed beside a voice is made quieter, and
// what is said is not.
func TestNoiseClicks(t *testing.T) {
	voice := append(make([]float64, 2*audio.Rate), audiotest.Voice(4, 3*time.Second, -26)...)
	keys := sounds.Scale(sounds.Keyboard(1, 5*time.Second), -40)
	room := pinkNoise(1, 5*time.Second, -70)
	y := quieted(NewNoise(), sounds.Add(voice, keys, room))
	before, after := quality.Part(keys, 400*time.Millisecond, 2*second), quality.Part(y, 400*time.Millisecond, 2*second)
	if less := quality.Level(before) - quality.Level(after); less < 8 {
		t.Errorf("clicks are %.1f dB quieter", less)
	}
	a, b := quality.Part(voice, 2*second, 5*second), quality.Part(y, 2*second, 5*second)
	if s := quality.STOI(a, b); s < 0.97 {
		t.Errorf("STOI %.3f", s)
	}
}

// TestNoiseConsonant holds that the burst of a consonant before a voice is no click.
func TestNoiseConsonant(t *testing.T) {
	x := pinkNoise(1, 3*time.Second, -65)
	rng := rand.New(rand.NewPCG(1, 1))
	const at, burst = 2 * audio.Rate, audio.Rate / 100
	for i := range burst {
		x[at+i] += 4000 * math.Exp(-float64(i)/(0.0026*audio.Rate)) * rng.NormFloat64()
	}
	for i, v := range audiotest.Voice(4, 500*time.Millisecond, -26) {
		x[at+burst+i] += v
	}
	y := quieted(NewNoise(), x)
	a, b := x[at:at+burst/2], y[at:at+burst/2]
	if lost := quality.Level(a) - quality.Level(b); lost > 3 {
		t.Errorf("the burst is %.1f dB quieter", lost)
	}
}

func TestNoiseAllocatesNothing(t *testing.T) {
	n := NewNoise()
	frame := quality.PCM(pinkNoise(1, audio.FrameDur, -40))
	if a := testing.AllocsPerRun(100, func() { n.Process(frame) }); a != 0 {
		t.Errorf("%v allocations a frame", a)
	}
}

func TestLog2(t *testing.T) {
	for x := 1e-6; x < 1e12; x *= 1.0007 {
		if d := float64(log2(float32(x))) - math.Log2(float64(float32(x))); math.Abs(d) > 2e-4 {
			t.Fatalf("log2(%g) is %g off", x, d)
		}
	}
	for x := -40.0; x < 60; x += 0.013 {
		if r := float64(exp2(float32(x))) / math.Exp2(float64(float32(x))); math.Abs(r-1) > 1e-4 {
			t.Fatalf("exp2(%g) is %g times right", x, r)
		}
	}
}

func TestExponential(t *testing.T) {
	// Abramowitz and Stegun, table 5.1.
	for x, want := range map[float64]float64{0.1: 1.8229239584, 0.5: 0.5597735948, 1: 0.2193839344, 2: 0.0489005107} {
		if got := exponential(x); math.Abs(got-want) > 1e-9 {
			t.Errorf("E1(%g) = %.10f, want %.10f", x, got, want)
		}
	}
}

func BenchmarkNoise(b *testing.B) {
	x := quality.PCM(sounds.Add(audiotest.Voice(1, 2*time.Second, -26), pinkNoise(1, 2*time.Second, -40)))
	n := NewNoise()
	frame := make([]int16, frameLen)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := i % (len(x) / frameLen) * frameLen
		copy(frame, x[at:])
		n.Process(frame)
	}
}
