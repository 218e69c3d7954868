package quality

import (
	"math"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
)

// talk is two seconds of the voice that stands in for speech.
func talk() []float64 { return audiotest.Voice(1, 2*time.Second, -26) }

// noisy is a sound with white noise of so many dB under it.
func noisy(x []float64, snr float64) []float64 {
	z := uniform(len(x), 7)
	gain := math.Sqrt(power(x)/power(z)) * math.Pow(10, -snr/20)
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i] + gain*z[i]
	}
	return out
}

func scaled(x []float64, g float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = g * v
	}
	return out
}

// TestTheSameSound: nothing is better than what was spoken, and where a measure
// says so, loudness does not matter.
func TestTheSameSound(t *testing.T) {
	x := talk()
	for _, c := range []struct {
		name    string
		measure func(a, b []float64) float64
		best    float64
		gain    bool // counts
	}{
		{"STOI", STOI, 1, false}, {"ESTOI", ESTOI, 1, false}, {"NSIM", NSIM, 1, false}, {"LSD", LSD, 0, true}, {"SI-SDR", SISDR, 100, false},
	} {
		if got := c.measure(x, x); math.Abs(got-c.best) > 1e-9 {
			t.Errorf("%s of the same sound is %v, want %v", c.name, got, c.best)
		}
		got := c.measure(x, scaled(x, 0.5))
		if same := math.Abs(got-c.best) < 1e-6; same == c.gain {
			t.Errorf("%s of a sound half as loud is %v", c.name, got)
		}
	}
	if got := LSD(x, scaled(x, 0.5)); math.Abs(got-6.02) > 0.6 {
		t.Errorf("half as loud is a distance of %.2f dB, want 6.02 but for what is under the floor", got)
	}
}

// TestMoreHarm: every measure falls as noise grows.
func TestMoreHarm(t *testing.T) {
	x := talk()
	before := Score{STOI: 1, ESTOI: 1, NSIM: 1, LSD: 0, SISDR: 100}
	for _, snr := range []float64{30, 20, 10, 0, -10} {
		y := noisy(x, snr)
		now := Score{STOI: STOI(x, y), ESTOI: ESTOI(x, y), NSIM: NSIM(x, y), LSD: LSD(x, y), SISDR: SISDR(x, y)}
		if now.STOI >= before.STOI || now.ESTOI >= before.ESTOI || now.NSIM >= before.NSIM || now.LSD <= before.LSD || now.SISDR >= before.SISDR {
			t.Errorf("with noise at %.0f dB: %+v, before %+v", snr, now, before)
		}
		if math.Abs(now.SISDR-snr) > 0.3 {
			t.Errorf("SI-SDR is %.2f dB with noise at %.0f dB", now.SISDR, snr)
		}
		before = now
	}
}

// TestTooLittleSpeech: there is no figure where there is nothing to measure.
func TestTooLittleSpeech(t *testing.T) {
	for _, n := range []int{0, 100, audio.Rate / 5} {
		x := talk()[:n]
		if got := STOI(x, x); !math.IsNaN(got) {
			t.Errorf("STOI of %d samples is %v", n, got)
		}
	}
	if got := NSIM(nil, nil); !math.IsNaN(got) {
		t.Errorf("NSIM of nothing is %v", got)
	}
	if got := SISDR(nil, nil); got != 0 {
		t.Errorf("SI-SDR of nothing is %v", got)
	}
}

func TestLevels(t *testing.T) {
	const hz = 1000
	x := make([]float64, audio.Rate)
	for i := range x {
		x[i] = math.MaxInt16 * math.Sin(2*math.Pi*hz*float64(i)/audio.Rate)
	}
	if got := Level(x); math.Abs(got) > 0.01 {
		t.Errorf("a tone of full scale has %.3f dBFS", got)
	}
	half := append(append([]float64(nil), x...), make([]float64, len(x))...)
	if got := Level(half); math.Abs(got+3.01) > 0.01 {
		t.Errorf("with as much silence it has %.3f dBFS", got)
	}
	if got := ActiveLevel(half); math.Abs(got) > 0.01 {
		t.Errorf("its active level is %.3f dBFS", got)
	}
	if got := Floor(half); got != audio.Silence {
		t.Errorf("its floor is %.1f dBFS", got)
	}
	if got := len(Part(half, 500*time.Millisecond, 1500*time.Millisecond)); got != audio.Rate {
		t.Errorf("a second of it has %d samples", got)
	}
	if got := len(Part(half, 3*time.Second, 4*time.Second)); got != 0 {
		t.Errorf("behind the end are %d samples", got)
	}
	if back := Floats(PCM([]float64{-40000, -1.4, 0, 1.6, 40000})); back[0] != -32768 || back[1] != -1 || back[3] != 2 || back[4] != 32767 {
		t.Errorf("rounded and clipped: %v", back)
	}
}

func TestERLE(t *testing.T) {
	echo := audiotest.Voice(1, 4*time.Second, -26)
	clear(echo[2*audio.Rate : 3*audio.Rate])
	out := scaled(echo, 0.1)
	copy(out[audio.Rate:2*audio.Rate], scaled(echo[audio.Rate:2*audio.Rate], 0.01))
	loss := ERLE(echo, out, time.Second)
	if len(loss) != 4 || math.Abs(loss[0]-20) > 0.01 || math.Abs(loss[1]-40) > 0.01 || !math.IsNaN(loss[2]) || math.Abs(loss[3]-20) > 0.01 {
		t.Errorf("ERLE %v, want 20, 40, none, 20", loss)
	}
}

// TestAlignFollows: pieces are found where a buffer has put them, early and late.
func TestAlignFollows(t *testing.T) {
	x := audiotest.Voice(1, 6*time.Second, -26)
	for _, c := range []struct {
		name string
		lags []int // of each quarter of the sound
		stoi float64
	}{
		{"in step", []int{0, 0, 0, 0}, 0.95},
		{"late", []int{12345, 12345, 12345, 12345}, 0.95},
		{"early", []int{-9000, -9000, -9000, -9000}, 0.95},
		{"stretched", []int{2000, 2480, 3100, 4321}, 0.95},
		{"jumping", []int{2000, 20000, 2000, 9999}, 0.85},
	} {
		t.Run(c.name, func(t *testing.T) {
			const room = 30000
			heard := make([]float64, len(x)+2*room)
			part := len(x) / len(c.lags)
			for i, lag := range c.lags {
				copy(heard[room+i*part+lag:], x[i*part:(i+1)*part])
			}
			heard = heard[room:]
			aligned, segments := Align(x, heard, time.Second)
			wrong := 0
			for _, g := range segments {
				middle := g.At + alignPiece/2
				// Around a border a piece holds both, or is gone.
				const border = audio.Rate / 2
				if middle%part > border && middle%part < part-border && g.Lag != c.lags[middle/part] {
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d pieces are in the wrong place: %v", wrong, len(segments), segments)
			}
			// Where pieces jump to and fro, some of the sound is gone.
			if got := STOI(x, aligned); got < c.stoi {
				t.Errorf("STOI in step is %.3f", got)
			}
		})
	}
}

// TestAlignSilence: nothing to find is no reason to fail.
func TestAlignSilence(t *testing.T) {
	for _, x := range [][]float64{nil, make([]float64, 10), make([]float64, audio.Rate)} {
		aligned, _ := Align(x, talk(), time.Second)
		if len(aligned) != len(x) {
			t.Errorf("%d samples become %d", len(x), len(aligned))
		}
	}
	x := talk()
	aligned, segments := Align(x, nil, time.Second)
	if len(aligned) != len(x) || power(aligned) != 0 || len(segments) == 0 {
		t.Errorf("of nothing came %d samples in %d pieces", len(aligned), len(segments))
	}
}

// TestCompareThroughADelay: a delay alone is no harm, and is told.
func TestCompareThroughADelay(t *testing.T) {
	x := talk()
	late := append(make([]float64, 4800), x...)
	s := Compare(x, late)
	if s.STOI < 0.9999 || s.NSIM < 0.9999 || s.Delay != 100*time.Millisecond {
		t.Errorf("%+v", s)
	}
}

func BenchmarkCompare(b *testing.B) {
	x := talk()
	y := noisy(x, 20)
	for b.Loop() {
		Compare(x, y)
	}
}
