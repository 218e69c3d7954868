package scene

import (
	"context"
	"errors"
	"math"
	"os/exec"
	"slices"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/quality"
)

func TestRoom(t *testing.T) {
	r := Room{Seed: 1, Delay: 80 * time.Millisecond, RT60: 300 * time.Millisecond, Gain: -6}
	h := r.Response()
	first := samples(r.Delay)
	if i := slices.IndexFunc(h, func(v float64) bool { return v != 0 }); i != first {
		t.Errorf("the direct sound comes at sample %d, want %d", i, first)
	}
	energy := 0.0
	for _, v := range h {
		energy += v * v
	}
	if got := 10 * math.Log10(energy); math.Abs(got+6) > 0.01 {
		t.Errorf("the gain is %.2f dB, want -6", got)
	}
	// Schroeder's backward integral falls by 20 dB in a third of RT60.
	left, tail := 0.0, h[first+audio.Rate/500:]
	decay := make([]float64, len(tail))
	for i := len(tail) - 1; i >= 0; i-- {
		left += tail[i] * tail[i]
		decay[i] = 10 * math.Log10(left)
	}
	if got := decay[0] - decay[samples(100*time.Millisecond)]; math.Abs(got-20) > 2 {
		t.Errorf("the tail falls by %.1f dB in 0.1 s, want 20", got)
	}
}

func TestConvolve(t *testing.T) {
	x, h := make([]float64, 500), []float64{0, 1, 0.5, 0, 0, -0.25}
	for i := range x {
		x[i] = float64(i*i%17) - 8
	}
	got := Convolve(x, h)
	for n := range got {
		want := 0.0
		for k, v := range h {
			if n >= k {
				want += v * x[n-k]
			}
		}
		if math.Abs(got[n]-want) > 1e-9 {
			t.Fatalf("sample %d is %v, want %v", n, got[n], want)
		}
	}
}

func TestDrift(t *testing.T) {
	const hz, ppm = 440.0, 1000.0
	x := make([]float64, audio.Rate)
	for i := range x {
		x[i] = math.Sin(2 * math.Pi * hz * float64(i) / audio.Rate)
	}
	y := Drift(x, ppm)
	for i := 1000; i < len(y)-1000; i++ {
		want := math.Sin(2 * math.Pi * hz * float64(i) * (1 - ppm*1e-6) / audio.Rate)
		if math.Abs(y[i]-want) > 1e-3 {
			t.Fatalf("sample %d is %.4f, want %.4f", i, y[i], want)
		}
	}
}

func TestClip(t *testing.T) {
	y := Clip([]float64{10, -10, 30000, -30000}, -20)
	top := math.MaxInt16 / 10.0
	if math.Abs(y[0]-10) > 0.01 || math.Abs(y[1]+10) > 0.01 || y[2] > top || y[2] < 0.99*top || y[3] != -y[2] {
		t.Errorf("clipped at %.0f: %v", top, y)
	}
}

func TestAtSNR(t *testing.T) {
	speech, noise := audiotest.Voice(1, 3*time.Second, -26), Pink(1, 3*time.Second)
	for _, db := range []float64{-5, 0, 15} {
		n := AtSNR(speech, noise, db)
		if got := quality.ActiveLevel(speech) - quality.ActiveLevel(n); math.Abs(got-db) > 0.01 {
			t.Errorf("the noise is %.2f dB under the speech, want %.0f", got, db)
		}
	}
}

// share is the power of a sound between two frequencies, in dB of all of it.
func share(x []float64, low, high float64) float64 {
	const step = 7.0 // Hz
	in, all := 0.0, 0.0
	for f := step; f < 8000; f += step {
		// One frequency by Goertzel's recursion over a tenth of a second.
		w := 2 * math.Cos(2*math.Pi*f/audio.Rate)
		s1, s2 := 0.0, 0.0
		for _, v := range x[:audio.Rate/10] {
			s1, s2 = v+w*s1-s2, s1
		}
		p := s1*s1 + s2*s2 - w*s1*s2
		all += p
		if f >= low && f < high {
			in += p
		}
	}
	return 10 * math.Log10(in/all)
}

// TestNoises: each sounds as its name says, and the same every time.
func TestNoises(t *testing.T) {
	const d = 4 * time.Second
	pink, fan, keys := Pink(1, d), Fan(1, d), Keyboard(1, d)
	for name, x := range map[string][]float64{"pink": pink, "fan": fan, "keyboard": keys} {
		if len(x) != 4*audio.Rate || math.Abs(quality.ActiveLevel(x)-noiseLevel) > 0.01 {
			t.Errorf("%s: %d samples at %.1f dBFS", name, len(x), quality.ActiveLevel(x))
		}
	}
	if !slices.Equal(Pink(1, d), pink) || slices.Equal(Pink(2, d), pink) {
		t.Error("pink noise is not its seed's")
	}
	// Two octaves far apart are as loud as each other.
	low, high := share(pink, 250, 500), share(pink, 4000, 8000)
	if math.Abs(low-high) > 2.5 {
		t.Errorf("pink: %.1f dB from 250 Hz, %.1f dB from 4 kHz", low, high)
	}
	if got := share(fan, 0, 1000); got < -1 {
		t.Errorf("fan: %.1f dB under 1 kHz", got)
	}
	// Clicks: the loudest moments are far above the usual ones.
	levels := quality.Levels(keys, 10*time.Millisecond)
	if got := quality.Percentile(levels, 0.99) - quality.Percentile(levels, 0.5); got < 25 {
		t.Errorf("keyboard: clicks are %.1f dB above the rest", got)
	}
}

func TestBabbleOf(t *testing.T) {
	var voices [][]float64
	for i := range uint64(4) {
		voices = append(voices, audiotest.Voice(i, 3*time.Second, -26))
	}
	babble := BabbleOf(voices...)
	// Many voices leave fewer holes than one.
	spread := func(x []float64) float64 {
		l := quality.Levels(x, 50*time.Millisecond)
		return quality.Percentile(l, 0.9) - quality.Percentile(l, 0.1)
	}
	if one, many := spread(voices[0]), spread(babble); many > one-10 {
		t.Errorf("one voice's level spreads over %.1f dB, a babble's over %.1f dB", one, many)
	}
	if BabbleOf() != nil {
		t.Error("nobody babbles")
	}
}

// TestEchoCases: what every scenario promises of its parts.
func TestEchoCases(t *testing.T) {
	const part = 2 * time.Second
	far, near := audiotest.Voice(1, 3*part, -26), audiotest.Voice(5, 3*part, -26)
	names := map[string]bool{}
	for _, c := range EchoCases() {
		if names[c.Name] {
			t.Errorf("two are named %q", c.Name)
		}
		names[c.Name] = true
		take := c.Make(far, near)
		if take.Part != part || len(take.Mic) != len(far) {
			t.Fatalf("%s: parts of %v, %d samples", c.Name, take.Part, len(take.Mic))
		}
		for i, v := range take.Mic {
			if math.Abs(v-take.Echo[i]-take.Near[i]-take.Noise[i]) > 1e-9 {
				t.Fatalf("%s: sample %d is not the sum", c.Name, i)
			}
		}
		if l := quality.Level(quality.Part(take.Near, 0, part)); l != audio.Silence {
			t.Errorf("%s: the near end speaks at once, %.1f dBFS", c.Name, l)
		}
		if l := quality.Level(quality.Part(take.Echo, 2*part+time.Second, 3*part)); l > -100 {
			t.Errorf("%s: there is an echo of nobody, %.1f dBFS", c.Name, l)
		}
		if c.Clip == 0 && c.Then == nil && c.Jump == 0 {
			want := c.Room.Gain
			got := quality.Level(quality.Part(take.Echo, 0, 2*part)) - quality.Level(quality.Part(take.Far, 0, 2*part))
			if math.Abs(got-want) > 2.5 {
				t.Errorf("%s: the echo is at %.1f dB, want %.0f", c.Name, got, want)
			}
		}
	}
}

// TestChange: the path before a change is the first room's, after it another.
func TestChange(t *testing.T) {
	const part = 2 * time.Second
	far, near := audiotest.Voice(1, 3*part, -26), make([]float64, samples(3*part))
	base := EchoCases()[0].Make(far, near)
	for _, c := range EchoCases() {
		if c.Change == 0 {
			continue
		}
		take := c.Make(far, near)
		at := time.Duration(c.Change * float64(part))
		if !slices.Equal(quality.Part(take.Echo, 0, at), quality.Part(base.Echo, 0, at)) {
			t.Errorf("%s: the echo is another before the change", c.Name)
		}
		if s := quality.SISDR(quality.Part(base.Echo, at, part), quality.Part(take.Echo, at, part)); s > 10 {
			t.Errorf("%s: the echo is the same after the change, %.1f dB", c.Name, s)
		}
	}
}

// TestSpeak runs the real program, which packaging/deps installs for the tests.
func TestSpeak(t *testing.T) {
	const d = 8 * time.Second
	male, err := Speak(t.Context(), Male(), d, -26)
	if err != nil {
		t.Fatal(err)
	}
	female, err := Speak(t.Context(), Female(), d, -26)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Speak(t.Context(), Male(), d, -26)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(male, again) {
		t.Error("the same speech twice is not the same sound")
	}
	for name, x := range map[string][]float64{"male": male, "female": female} {
		if len(x) != samples(d) || math.Abs(quality.ActiveLevel(x)+26) > 0.01 {
			t.Errorf("%s: %d samples at %.2f dBFS", name, len(x), quality.ActiveLevel(x))
		}
	}
	if s := quality.SISDR(male, female); s > -10 {
		t.Errorf("both say the same, SI-SDR %.1f dB", s)
	}
}

func TestSpeakWithoutTheProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Speak(t.Context(), Male(), time.Second, -26)
	if !errors.Is(err, ErrNoSpeech) || !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestSpeakEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Speak(ctx, Male(), time.Second, -26); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
