package device

import (
	"fmt"
	"math"
	"testing"

	"nxphone/audio"
)

// wave is a sine of frequency freq at a rate, from sample number from on.
func wave(from, n int, freq, amplitude float64, rate int) []int16 {
	s := make([]int16, n)
	for i := range s {
		s[i] = int16(math.Round(amplitude * math.Sin(2*math.Pi*freq*float64(from+i)/float64(rate))))
	}
	return s
}

// interleave puts one slice into each channel; nil is silence.
func interleave(channels ...[]int16) []int16 {
	n := 0
	for _, c := range channels {
		n = max(n, len(c))
	}
	out := make([]int16, n*len(channels))
	for c, s := range channels {
		for i, x := range s {
			out[i*len(channels)+c] = x
		}
	}
	return out
}

// power is the part of a signal that is a sine of this frequency, and the rest,
// as mean squares.
func power(s []int16, freq float64, rate int) (tone, rest float64) {
	var re, im, all float64
	for i, x := range s {
		a := 2 * math.Pi * freq * float64(i) / float64(rate)
		re += float64(x) * math.Cos(a)
		im += float64(x) * math.Sin(a)
		all += float64(x) * float64(x)
	}
	n := float64(len(s))
	tone = 2 * (re*re + im*im) / n / n
	return tone, max(all/n-tone, 1e-9)
}

// TestMicrophoneOfAnyFormat: whatever channels and rate a device has, its sound
// arrives at the level that it has, as long as it is, and with nothing added.
func TestMicrophoneOfAnyFormat(t *testing.T) {
	const freq, amplitude, want = 1000.0, 8000.0, 8000.0 * 8000 / 2
	for _, rate := range []int{8000, 16000, 32000, 44100, 48000, 88200, 96000, 192000} {
		sound := wave(0, 2*rate, freq, amplitude, rate)
		against := make([]int16, len(sound))
		for i, x := range sound {
			against[i] = -x
		}
		for name, channels := range map[string][][]int16{
			"mono":          {sound},
			"both the same": {sound, sound},
			"left only":     {sound, nil},
			"right only":    {nil, sound},
			"balanced":      {sound, against},
			"one of four":   {nil, nil, sound, nil},
		} {
			if !fits(len(channels), rate) {
				t.Fatalf("%d channels at %d Hz do not fit", len(channels), rate)
			}
			dev := newGoLine()
			dev.channels = len(channels)
			l := fit(dev, Microphone, len(channels), rate)
			var heard []int16
			frame := make([]int16, audio.FrameLen)
			raw := interleave(channels...)
			block := rate / 100 * len(channels)
			for ; len(raw) > 0; raw = raw[min(block, len(raw)):] {
				dev.record(raw[:min(block, len(raw))])
				for l.queued() >= audio.FrameLen {
					if n := l.read(frame); n != audio.FrameLen {
						t.Fatalf("%s at %d Hz: read %d samples of those that waited", name, rate, n)
					}
					heard = append(heard, frame...)
				}
			}
			if n := len(heard); n < 2*audio.Rate-2*audio.FrameLen || n > 2*audio.Rate {
				t.Errorf("%s at %d Hz: %d samples of two seconds", name, rate, n)
			}
			// The first half second is for finding out which channels count.
			tone, rest := power(heard[audio.Rate:len(heard)/480*480], freq, audio.Rate)
			if d := 10 * math.Log10(tone/want); math.Abs(d) > 0.1 {
				t.Errorf("%s at %d Hz: %.2f dB", name, rate, d)
			}
			if d := 10 * math.Log10(tone/rest); d < 60 {
				t.Errorf("%s at %d Hz: %.0f dB above what was added", name, rate, d)
			}
		}
	}
}

// TestSpeakerOfAnyRate is the other direction.
func TestSpeakerOfAnyRate(t *testing.T) {
	for _, rate := range []int{16000, 32000, 44100, 48000, 96000} {
		dev := newGoLine()
		l := fit(dev, Speaker, 1, rate)
		var heard []int16
		out := make([]int16, rate/100)
		for i := range 200 {
			l.write(wave(i*audio.FrameLen, audio.FrameLen, 1000, 8000, audio.Rate))
			if q := l.queued(); q < audio.FrameLen/2 || q > 3*audio.FrameLen {
				t.Errorf("%d Hz: %d samples queued after frame %d", rate, q, i)
			}
			dev.fill(out)
			heard = append(heard, out...)
		}
		if n := l.missed(); n > 96 {
			t.Errorf("%d Hz: %d samples were missed", rate, n)
		}
		tone, rest := power(heard[rate:rate+rate/2], 1000, rate)
		if d := 10 * math.Log10(tone/(8000*8000/2)); math.Abs(d) > 0.1 || tone/rest < 1e6 {
			t.Errorf("%d Hz: %.2f dB, %.0f dB above the rest", rate, d, 10*math.Log10(tone/rest))
		}
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		channels, rate int
		want           bool
	}{{1, 48000, true}, {2, 44100, true}, {8, 48000, false}, {0, 48000, false}, {1, 0, false}, {1, 44056, false}, {1, 768000, false}} {
		if got := fits(c.channels, c.rate); got != c.want {
			t.Errorf("%d channels at %d Hz: %v", c.channels, c.rate, got)
		}
	}
}

// TestMixdownDoesNotPump: pauses and noise move nothing, and a voice that
// changes its side is followed.
func TestMixdownFollows(t *testing.T) {
	m := newMixdown(2, audio.Rate)
	out := make([]int16, audio.FrameLen)
	say := func(seconds float64, left, right float64) float64 {
		tone := 0.0
		for i := range int(100 * seconds) {
			l := wave(i*audio.FrameLen, audio.FrameLen, 1000, left, audio.Rate)
			r := wave(i*audio.FrameLen, audio.FrameLen, 1000, right, audio.Rate)
			m.mix(out, interleave(l, r))
			tone, _ = power(out, 1000, audio.Rate)
		}
		return math.Sqrt(2 * tone)
	}
	if got := say(3, 8000, 0); got < 7900 {
		t.Errorf("left: %.0f", got)
	}
	if say(10, 0, 0); m.weight[0] != 1 || m.weight[1] != 0 {
		t.Errorf("after a pause: %v", m.weight)
	}
	if got := say(3, 0, 8000); got < 7900 {
		t.Errorf("right: %.0f", got)
	}
	if got := say(3, 6000, 4000); got < 4900 || got > 5100 {
		t.Errorf("both: %.0f", got)
	}
}

// TestFullRingKeepsChannels: what does not fit is dropped by whole frames.
func TestFullRingKeepsChannels(t *testing.T) {
	dev := newGoLine()
	dev.channels = 3
	l := fit(dev, Microphone, 3, audio.Rate)
	block := interleave(wave(0, 480, 1000, 8000, audio.Rate), nil, nil)
	for range ringLen/len(block) + 3 {
		dev.record(block)
	}
	if dev.queued()%3 != 0 || l.dropped() == 0 {
		t.Errorf("%d samples wait, %d frames were dropped", dev.queued(), l.dropped())
	}
	if n := l.discard(1 << 20); n != ringLen/3 || l.queued() != 0 {
		t.Errorf("discarded %d, %d are left", n, l.queued())
	}
}

func TestFittedDoesNotAllocate(t *testing.T) {
	for _, rate := range []int{44100, 48000} {
		mic, spk := newGoLine(), newGoLine()
		mic.channels = 2
		in, out := fit(mic, Microphone, 2, rate), fit(spk, Speaker, 1, rate)
		raw, frame, heard := make([]int16, rate/50), make([]int16, audio.FrameLen), make([]int16, rate/100)
		if n := testing.AllocsPerRun(100, func() {
			mic.record(raw)
			if in.queued() >= audio.FrameLen {
				in.read(frame)
			}
			out.write(frame)
			spk.fill(heard)
		}); n != 0 {
			t.Errorf("%d Hz: %v allocations a frame", rate, n)
		}
	}
}

// BenchmarkFitted is 10 ms of a two-channel microphone.
func BenchmarkFitted(b *testing.B) {
	for _, rate := range []int{44100, 48000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			dev := newGoLine()
			dev.channels = 2
			l := fit(dev, Microphone, 2, rate)
			raw, frame := make([]int16, rate/50), make([]int16, audio.FrameLen)
			b.ReportAllocs()
			for b.Loop() {
				dev.record(raw)
				l.read(frame)
			}
		})
	}
}
