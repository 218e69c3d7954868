package tone_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/audio/tone"
)

const keypad = "1234567890*#ABCD"

func digits(t *testing.T, s string, rate int, on, off time.Duration) []int16 {
	t.Helper()
	sig, err := tone.DTMF(s, on, off)
	if err != nil {
		t.Fatal(err)
	}
	return play(sig, rate, sig.Dur()+100*time.Millisecond)
}

func TestDTMFIsRecognised(t *testing.T) {
	for _, rate := range []int{8000, 16000, audio.Rate} {
		for _, c := range []struct{ on, off time.Duration }{
			{100 * time.Millisecond, 70 * time.Millisecond},
			{50 * time.Millisecond, 50 * time.Millisecond},
			{40 * time.Millisecond, 40 * time.Millisecond},
			{time.Second, 300 * time.Millisecond},
		} {
			// Repeated digits must be told apart by their pauses alone.
			want := keypad + "1100##"
			if got := tone.DetectDTMF(digits(t, want, rate, c.on, c.off), rate); got != want {
				t.Errorf("%d Hz, %v/%v: %q", rate, c.on, c.off, got)
			}
		}
	}
	if got := tone.DetectDTMF(digits(t, "abcd", 8000, 80*time.Millisecond, 80*time.Millisecond), 8000); got != "ABCD" {
		t.Errorf("small letters: %q", got)
	}
}

func TestDTMFSurvivesHarm(t *testing.T) {
	clean := digits(t, keypad, audio.Rate, 100*time.Millisecond, 70*time.Millisecond)
	rng := rand.New(rand.NewPCG(3, 4))
	for name, harm := range map[string]func(int16) int16{
		"20 dB quieter":    func(x int16) int16 { return x / 10 },
		"clipped":          func(x int16) int16 { return min(max(x, -9000), 9000) },
		"noise at -38 dB":  func(x int16) int16 { return x + int16(rng.NormFloat64()*400) },
		"offset":           func(x int16) int16 { return x + 1000 },
		"inverted":         func(x int16) int16 { return -x },
		"quantised 8 bits": func(x int16) int16 { return x &^ 0xff },
	} {
		pcm := make([]int16, len(clean))
		for i, x := range clean {
			pcm[i] = harm(x)
		}
		if got := tone.DetectDTMF(pcm, audio.Rate); got != keypad {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestDTMFThroughCodecs(t *testing.T) {
	pcm := digits(t, keypad, audio.Rate, 100*time.Millisecond, 70*time.Millisecond)
	for _, n := range codec.Names() {
		e, err := codec.NewEncoder(n, codec.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		d, err := codec.NewDecoder(n)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		det := tone.NewDetector(audio.Rate)
		packet, out := make([]byte, codec.MaxPacket), make([]int16, codec.MaxSamples)
		for p := pcm; len(p) >= codec.PacketLen; p = p[codec.PacketLen:] {
			k, err := e.Encode(p[:codec.PacketLen], packet)
			if err != nil {
				t.Fatal(err)
			}
			m, err := d.Decode(packet[:k], out)
			if err != nil {
				t.Fatal(err)
			}
			det.Add(out[:m])
		}
		if got := det.Digits(); got != keypad {
			t.Errorf("%s: %q", n, got)
		}
	}
}

func TestDTMFIsNotHeardInOtherSound(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	noise := make([]int16, 10*audio.Rate)
	for i := range noise {
		noise[i] = int16(rng.NormFloat64() * 5000)
	}
	buzz := make([]int16, 10*audio.Rate) // a gliding harmonic sound, as a voice is
	phase := 0.0
	for i := range buzz {
		phase += 2 * math.Pi * (120 + 60*math.Sin(float64(i)/30000)) / audio.Rate
		for k := 1.0; k < 20; k++ {
			buzz[i] += int16(3000 / k * math.Sin(k*phase))
		}
	}
	p := tone.Korea()
	for name, pcm := range map[string][]int16{
		"noise": noise, "voice-like": buzz,
		"ringback": play(p.Ringback, audio.Rate, 5*time.Second),
		"busy":     play(p.Busy, audio.Rate, 5*time.Second),
		"dial":     play(p.Dial, audio.Rate, 5*time.Second),
		"test":     play(tone.TwoTone(697, 1209), audio.Rate, 5*time.Second),
		"short":    digits(t, "123", audio.Rate, 15*time.Millisecond, 50*time.Millisecond),
	} {
		if got := tone.DetectDTMF(pcm, audio.Rate); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestDetectorStream(t *testing.T) {
	pcm := digits(t, "42", audio.Rate, 100*time.Millisecond, 100*time.Millisecond)
	d := tone.NewDetector(audio.Rate)
	rng := rand.New(rand.NewPCG(7, 8))
	var pressed strings.Builder
	for len(pcm) > 0 {
		n := min(len(pcm), 1+rng.IntN(300))
		d.Add(pcm[:n])
		pcm = pcm[n:]
		if r := d.Pressed(); r != 0 && !strings.HasSuffix(pressed.String(), string(r)) {
			pressed.WriteRune(r)
		}
	}
	if pressed.String() != "42" || d.Pressed() != 0 {
		t.Errorf("pressed %q, now %q", pressed.String(), d.Pressed())
	}
	if got := d.Digits(); got != "42" {
		t.Errorf("digits %q", got)
	}
	if got := d.Digits(); got != "" {
		t.Errorf("told twice: %q", got)
	}
	// A reader that never asks.
	many := digits(t, strings.Repeat("1", 100), 8000, 40*time.Millisecond, 40*time.Millisecond)
	if got := tone.DetectDTMF(many, 8000); len(got) != 64 {
		t.Errorf("%d digits kept", len(got))
	}
}

func BenchmarkGenerator(b *testing.B) {
	g := tone.NewGenerator(tone.Korea().Dial)
	frame := make([]int16, audio.FrameLen)
	for b.Loop() {
		g.Fill(frame)
	}
}

func BenchmarkDetector(b *testing.B) {
	d := tone.NewDetector(audio.Rate)
	frame := make([]int16, audio.FrameLen)
	tone.NewGenerator(tone.Korea().Dial).Fill(frame)
	for b.Loop() {
		d.Add(frame)
	}
}
