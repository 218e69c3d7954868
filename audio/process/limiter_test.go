package process

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/audio/audiotest"
)

// pcm is a sound as 16 bits hold it, clipped where it is too loud.
func pcm(x []float64) []int16 {
	out := make([]int16, len(x)/frameLen*frameLen)
	for i := range out {
		out[i] = rounded(x[i])
	}
	return out
}

// inFrames puts a sound through something, frame by frame, and takes a delay out
// again.
func inFrames(x []int16, delay int, f func([]int16)) []int16 {
	out := make([]int16, len(x))
	copy(out, x)
	for i := 0; i+frameLen <= len(out); i += frameLen {
		f(out[i : i+frameLen])
	}
	return out[delay:]
}

// sine is a tone of a level in dBFS.
func sine(hz, dbfs float64, d time.Duration) []float64 {
	out := make([]float64, at(d))
	a := math.MaxInt16 * amplitude(dbfs)
	for i := range out {
		out[i] = a * math.Sin(2*math.Pi*hz*float64(i)/rate)
	}
	return out
}

// after is one sound behind another.
func after(a, b []float64) []float64 { return append(append([]float64{}, a...), b...) }

// loudness of a stretch of samples in dBFS.
func loudness(x []int16) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return powerDB(sum / float64(len(x)))
}

func highest(x []int16) (most int) {
	for _, v := range x {
		most = max(most, int(v), -int(v))
	}
	return most
}

func TestLimiterNothingAboveTheCeiling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	square := make([]float64, 2*rate)
	for i := range square {
		square[i] = math.MinInt16
		if i/37%2 == 0 {
			square[i] = math.MaxInt16
		}
	}
	clicks := make([]float64, 2*rate)
	for range 400 {
		clicks[rng.IntN(len(clicks))] = math.MinInt16
	}
	noise := make([]float64, 2*rate)
	for i := range noise {
		noise[i] = 40000 * rng.NormFloat64()
	}
	for name, x := range map[string][]float64{
		"square": square, "clicks": clicks, "noise": noise, "tone": sine(2100, 0, 2*time.Second),
		"voice":   audiotest.Voice(1, 2*time.Second, 0),
		"shrieks": after(audiotest.Voice(1, 2*time.Second, -50), square),
	} {
		for _, ceiling := range []float64{0, -3, -6, -30} {
			l := NewLimiter(ceiling)
			out := inFrames(pcm(x), 0, l.Process)
			most := int(math.MaxInt16 * amplitude(ceiling))
			if got := highest(out); got > most {
				t.Errorf("%s under %v dBFS: a sample of %d, more than %d", name, ceiling, got, most)
			}
			if ceiling == -30 && l.Events().All() == 0 {
				t.Errorf("%s under %v dBFS: no event was counted", name, ceiling)
			}
		}
	}
}

func TestLimiterLeavesAVoiceAlone(t *testing.T) {
	for _, c := range []struct {
		level   float64 // dBFS
		changed float64 // at most this share of the samples
	}{{-45, 0}, {-35, 0}, {-26, 0}, {-20, 0.4}} {
		for seed := range uint64(2) {
			in := pcm(audiotest.Scale(audiotest.Voice(seed, 4*time.Second, -26), c.level))
			l := NewLimiter(-6)
			out := inFrames(in, LimiterDelay, l.Process)
			changed := 0
			for i, y := range out {
				if y != in[i] {
					changed++
				}
			}
			if got := float64(changed) / float64(len(out)); got > c.changed || l.Events().All() > 0 {
				t.Errorf("voice %d at %v dBFS: %.1f %% of the samples changed, events %+v", seed, c.level, 100*got, l.Events())
			}
		}
	}
}

// tones are what is ducked: faxes (calling, answering), modems, whistles.
var tones = []float64{1100, 1650, 2100, 3000, 7000}

func TestLimiterDucksTones(t *testing.T) {
	const before = 3 * time.Second
	for _, voice := range []float64{-26, -44} {
		spoken := audiotest.Voice(3, before, voice)
		for _, hz := range tones {
			for _, tone := range []float64{-16, 0} {
				in := pcm(after(spoken, sine(hz, tone, time.Second/2)))
				l := NewLimiter(-6)
				begin := at(before) + at(10*time.Millisecond)
				out := inFrames(in, LimiterDelay, l.Process)
				early := loudness(out[begin : begin+at(10*time.Millisecond)])
				late := loudness(out[begin+at(100*time.Millisecond) : begin+at(400*time.Millisecond)])
				if early > -25 || late > -25 || late < voice-8 {
					t.Errorf("%v Hz of %v dBFS in a voice of %v: %.1f dBFS from 10 to 20 ms, then %.1f", hz, tone, voice, early, late)
				}
				if got, want := l.Events(), (Events{Tones: 1}); got != want {
					t.Errorf("%v Hz of %v dBFS in a voice of %v: events %+v, want %+v", hz, tone, voice, got, want)
				}
			}
		}
	}
}

func TestLimiterHoldsASuddenShriek(t *testing.T) {
	// A whisper, and then as loud as can be.
	shriek := audiotest.Voice(5, time.Second, 0)
	in := pcm(after(audiotest.Voice(4, 8*time.Second, -48), shriek))
	l := NewLimiter(-6)
	out := inFrames(in, LimiterDelay, l.Process)
	begin := at(8 * time.Second)
	most := int(math.MaxInt16 * amplitude(leastSpeech+headroom+4))
	if got := highest(out[begin : begin+at(300*time.Millisecond)]); got > most {
		t.Errorf("the shriek comes out with %d, more than %d", got, most)
	}
	if e := l.Events(); e.Jumps != 1 || e.All() != 1 {
		t.Errorf("events %+v, want one jump", e)
	}
	if l.Deepest() > -15 {
		t.Errorf("the event took %.1f dB away", l.Deepest())
	}
}

// Somebody who goes on louder is let through after some seconds.
func TestLimiterFollowsALouderVoice(t *testing.T) {
	in := pcm(after(audiotest.Voice(4, 8*time.Second, -40), audiotest.Voice(4, 10*time.Second, -24)))
	l := NewLimiter(-6)
	out := inFrames(in, LimiterDelay, l.Process)
	from, to := at(15*time.Second), at(17*time.Second)
	if got, want := loudness(out[from:to]), loudness(in[from:to]); got < want-1 {
		t.Errorf("after seven seconds it is at %.1f dBFS, it was %.1f", got, want)
	}
}

// Tones of exchanges are meant to be heard, and no event.
func TestLimiterKeepsSignals(t *testing.T) {
	ringback := sine(440, -19, 2*time.Second)
	for i, x := range sine(480, -19, 2*time.Second) {
		ringback[i] += x
	}
	in := pcm(ringback)
	l := NewLimiter(-6)
	out := inFrames(in, LimiterDelay, l.Process)
	for i, y := range out {
		if y != in[i] {
			t.Fatalf("sample %d is %d, was %d", i, y, in[i])
		}
	}
}

func TestLimiterCountsEvents(t *testing.T) {
	quiet := make([]float64, at(900*time.Millisecond))
	x := audiotest.Voice(3, 3*time.Second, -26)
	for range 3 {
		x = after(x, sine(2100, -6, 300*time.Millisecond))
		x = after(x, quiet)
	}
	l := NewLimiter(-6)
	inFrames(pcm(x), LimiterDelay, l.Process)
	if got, want := l.Events(), (Events{Tones: 3}); got != want {
		t.Errorf("events %+v, want %+v", got, want)
	}
}

func TestStagesDoNotAllocate(t *testing.T) {
	in := pcm(after(audiotest.Voice(3, time.Second, -10), sine(2100, 0, time.Second)))
	c := NewChain(everything)
	frame := make([]int16, frameLen)
	i := 0
	if got := testing.AllocsPerRun(100, func() {
		copy(frame, in[i:])
		c.Far(frame)
		copy(frame, in[i:])
		c.Near(frame)
		i = (i + frameLen) % len(in)
	}); got != 0 {
		t.Errorf("%v allocations a frame", got)
	}
}

func BenchmarkLimiter(b *testing.B) {
	for name, x := range map[string][]float64{
		"voice": audiotest.Voice(1, 2*time.Second, -26), "loud": audiotest.Voice(1, 2*time.Second, -6), "tone": sine(2100, 0, 2*time.Second),
	} {
		b.Run(name, func(b *testing.B) { benchmark(b, x, NewLimiter(-6).Process) })
	}
}

// benchmark is the time that one frame takes.
func benchmark(b *testing.B, x []float64, f func([]int16)) {
	in, frame := pcm(x), make([]int16, frameLen)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		copy(frame, in[i:])
		f(frame)
		i = (i + frameLen) % len(in)
	}
}
