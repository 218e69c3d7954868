package process

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/fft"
)

// room is an impulse response: a delay, a direct sound and a decay of 60 dB in
// rt.
func room(seed uint64, delay, rt time.Duration, gain float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 9))
	first := int(delay * audio.Rate / time.Second)
	n := int(rt * audio.Rate / time.Second)
	h := make([]float64, first+n)
	for i := range n {
		h[first+i] = rng.NormFloat64() * 0.05 * math.Pow(10, -3*float64(i)/float64(n))
	}
	h[first] = 0.7
	energy := 0.0
	for _, v := range h {
		energy += v * v
	}
	for i := range h {
		h[i] *= gain / math.Sqrt(energy)
	}
	return h
}

// heard is a sound through a room (by transforms: a second of it takes
// milliseconds).
func heard(x, h []float64) []float64 {
	n := 8
	for n < len(x)+len(h) {
		n *= 2
	}
	t := fft.New[float64](n)
	ar, ai, br, bi := make([]float64, n/2+1), make([]float64, n/2+1), make([]float64, n/2+1), make([]float64, n/2+1)
	pad := make([]float64, n)
	copy(pad, x)
	t.Forward(ar, ai, pad)
	clear(pad)
	copy(pad, h)
	t.Forward(br, bi, pad)
	for k, a := range ar {
		ar[k], ai[k] = a*br[k]-ai[k]*bi[k], a*bi[k]+ai[k]*br[k]
	}
	t.Inverse(pad, ar, ai)
	return pad[:len(x)]
}

// scene is what goes into a canceller, and what came out.
type scene struct {
	far, echo, near []float64
	noise           float64 // dBFS
	out             []float64
}

// run plays the scene through a canceller, frame by frame; its 10 ms of delay
// are taken out again.
func (s *scene) run() *Echo {
	e := NewEcho()
	rng := rand.New(rand.NewPCG(3, 3))
	hiss := math.MaxInt16 * math.Pow(10, s.noise/20) / math.Sqrt2
	far, mic := make([]int16, hop), make([]int16, hop)
	n := len(s.far) / hop * hop
	s.out = make([]float64, n)
	for i := 0; i+hop <= n; i += hop {
		for j := range hop {
			far[j] = int16(s.far[i+j])
			x := s.echo[i+j] + hiss*rng.NormFloat64()
			if s.near != nil {
				x += s.near[i+j]
			}
			mic[j] = int16(math.Round(min(max(x, math.MinInt16), math.MaxInt16)))
		}
		e.Far(far)
		e.Near(mic)
		for j, v := range mic {
			if i+j >= hop {
				s.out[i+j-hop] = float64(v)
			}
		}
	}
	return e
}

func at(d time.Duration) int { return int(d * audio.Rate / time.Second) }

// level is the RMS level of a stretch in dBFS.
func level(x []float64, from, to time.Duration) float64 {
	sum := 0.0
	for _, v := range x[at(from):min(at(to), len(x))] {
		sum += v * v
	}
	return audio.DBFS(math.Sqrt(2 * sum / float64(at(to)-at(from))))
}

// returnLoss is how much quieter the echo comes out than it went in, in dB.
func (s *scene) returnLoss(from, to time.Duration) float64 {
	return level(s.echo, from, to) - level(s.out, from, to)
}

// harm is how far the near voice is from what came out: the level of the
// difference against the voice's, in dB; negative is good.
func (s *scene) harm(from, to time.Duration) float64 {
	d := make([]float64, len(s.out))
	for i := range d {
		d[i] = s.out[i] - s.near[i]
	}
	return level(d, from, to) - level(s.near, from, to)
}

const second = time.Second

func TestEcho(t *testing.T) {
	far := audiotest.Voice(1, 10*second, -26)
	for _, c := range []struct {
		name        string
		delay, rt   time.Duration
		gain        float64
		early, late float64 // the least return loss after 2 s, and in the end
	}{
		{"a desk", 60 * time.Millisecond, 200 * time.Millisecond, 1, 40, 45},
		{"a booth, loud", 100 * time.Millisecond, 120 * time.Millisecond, 2, 45, 50},
		{"a large room", 150 * time.Millisecond, 350 * time.Millisecond, 1, 33, 36},
		{"a slow sound server", 300 * time.Millisecond, 200 * time.Millisecond, 1, 40, 45},
		{"hardly any echo", 60 * time.Millisecond, 200 * time.Millisecond, 0.05, 20, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &scene{far: far, echo: heard(far, room(2, c.delay, c.rt, c.gain)), noise: -75}
			s.run()
			early, late := s.returnLoss(2*second, 5*second), s.returnLoss(6*second, 10*second)
			t.Logf("return loss %.1f dB at 0.5 to 2 s, %.1f dB after 2 s, %.1f dB in the end", s.returnLoss(second/2, 2*second), early, late)
			if early < c.early || late < c.late {
				t.Errorf("want %.0f and %.0f dB", c.early, c.late)
			}
		})
	}
}

// TestBothTalk: a voice at the microphone comes through while the far end talks,
// and what has been learnt of the room is not lost by it.
func TestBothTalk(t *testing.T) {
	far := audiotest.Voice(1, 20*second, -26)
	near := audiotest.Voice(5, 20*second, -28)
	clear(near[:at(8*second)])
	clear(near[at(14*second):])
	s := &scene{far: far, echo: heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, 0.5)), near: near, noise: -75}
	s.run()
	harm := s.harm(8*second, 14*second)
	quiet := level(s.out, 8*second, 14*second) - level(near, 8*second, 14*second)
	after := s.returnLoss(16*second, 20*second)
	t.Logf("both: harm %.1f dB, voice at %.1f dB, return loss after it %.1f dB", harm, quiet, after)
	if harm > -9 || quiet < -2 || after < 35 {
		t.Error("the near voice suffers, or the room was forgotten")
	}
}

// TestNearAlone: without an echo nothing is taken from a voice.
func TestNearAlone(t *testing.T) {
	near := audiotest.Voice(5, 6*second, -32)
	s := &scene{far: make([]float64, len(near)), echo: make([]float64, len(near)), near: near, noise: -90}
	s.run()
	if harm := s.harm(second, 5*second); harm > -40 {
		t.Errorf("a voice alone is changed by %.1f dB", harm)
	}
}

// TestRoomChanges: somebody opens the door, or moves the speaker.
func TestRoomChanges(t *testing.T) {
	far := audiotest.Voice(1, 20*second, -26)
	a, b := heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, 1)), heard(far, room(8, 95*time.Millisecond, 250*time.Millisecond, 1))
	echo := append(append([]float64(nil), a[:at(10*second)]...), b[at(10*second):]...)
	s := &scene{far: far, echo: echo, noise: -75}
	s.run()
	soon, late := s.returnLoss(11*second, 12*second), s.returnLoss(15*second, 20*second)
	t.Logf("return loss %.1f dB a second after the change, %.1f dB later", soon, late)
	if soon < 10 || late < 35 {
		t.Error("the change is not followed")
	}
}

// TestClocksDiffer: the microphone's clock runs 100 ppm faster than the
// speaker's, which moves the echo by 100 samples in 20 s.
func TestClocksDiffer(t *testing.T) {
	far := audiotest.Voice(1, 20*second, -26)
	h := heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, 1))
	echo := make([]float64, len(far))
	for i := range echo {
		pos := float64(i) * (1 - 100e-6)
		j := int(pos)
		f := pos - float64(j)
		echo[i] = h[j]*(1-f) + h[min(j+1, len(h)-1)]*f
	}
	s := &scene{far: far, echo: echo, noise: -75}
	s.run()
	loss := s.returnLoss(10*second, 20*second)
	t.Logf("return loss %.1f dB", loss)
	if loss < 20 {
		t.Error("the drift is not followed")
	}
}

// TestDelayJumps: the sound server runs dry for a moment and plays on later, or
// catches up.
func TestDelayJumps(t *testing.T) {
	far := audiotest.Voice(1, 12*second, -26)
	h := room(2, 80*time.Millisecond, 200*time.Millisecond, 1)
	before := heard(far, h)
	for _, jump := range []time.Duration{3700 * time.Microsecond, 27300 * time.Microsecond, 90 * time.Millisecond, -20 * time.Millisecond} {
		t.Run(jump.String(), func(t *testing.T) {
			after := heard(far, room(2, 80*time.Millisecond+jump, 200*time.Millisecond, 1))
			s := &scene{far: far, echo: slices.Concat(before[:at(8*second)], after[at(8*second):]), noise: -75}
			s.run()
			soon, then := s.returnLoss(8*second+200*time.Millisecond, 9*second), s.returnLoss(9*second, 12*second)
			t.Logf("return loss %.1f dB from 0.2 s after the jump, %.1f dB a second later", soon, then)
			if jump.Abs() < 15*time.Millisecond && soon < 35 || soon < 5 || then < 35 {
				t.Error("the jump is not followed")
			}
		})
	}
}

// TestTurns: speaker and microphone are served in turns that are not regular, and
// in the end the one takes more frames than the other gives; nothing of that is
// heard.
func TestTurns(t *testing.T) {
	for _, more := range []int{-1, 0, 1} { // frames that the speaker takes in 100 of the microphone's, above 100
		e := NewEcho()
		rng := rand.New(rand.NewPCG(5, 5))
		far := audiotest.Voice(1, 12*second, -26)
		echo := heard(far, room(2, 120*time.Millisecond, 150*time.Millisecond, 1))
		var out, in []float64
		frame := make([]int16, hop)
		written := 0
		for n := range len(far)/hop - 20 {
			// The speaker's frames come up to three late, or early by as many.
			due := n + n*more/100 + rng.IntN(4)
			for ; written < due && (written+1)*hop <= len(far); written++ {
				for j := range frame {
					frame[j] = int16(far[written*hop+j])
				}
				e.Far(frame)
			}
			// What comes into the microphone was played a fixed time ago by the
			// speaker's count.
			from := (n + n*more/100) * hop
			for j := range frame {
				frame[j] = int16(echo[min(from+j, len(echo)-1)])
				in = append(in, echo[min(from+j, len(echo)-1)])
			}
			e.Near(frame)
			for _, x := range frame {
				out = append(out, float64(x))
			}
		}
		loss := level(in, 5*second, 11*second) - level(out, 5*second, 11*second)
		t.Logf("%+d in 100: return loss %.1f dB", more, loss)
		if more == 0 && loss < 40 || loss < 15 {
			t.Error("the turns are heard")
		}
	}
}

// TestNoHoles: behind the echo the room's noise goes on, some 6 dB quieter.
func TestNoHoles(t *testing.T) {
	far := audiotest.Voice(1, 16*second, -26)
	clear(far[:at(3*second)]) // the room alone
	s := &scene{far: far, echo: heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, 1)), noise: -55}
	s.run()
	before, during := level(s.out, second, 3*second), level(s.out, 12*second, 16*second)
	t.Logf("noise at %.1f dBFS alone, %.1f dBFS under the far end's voice", before, during)
	if before-during < 0 || before-during > 8 {
		t.Error("the noise jumps")
	}
}

// TestFrames: what comes out is what went in, 10 ms later, where nobody speaks at
// the far end; and a speaker that does not play, or a microphone that is read
// twice as often, breaks nothing.
func TestFrames(t *testing.T) {
	e := NewEcho()
	rng := rand.New(rand.NewPCG(1, 1))
	var before [hop]int16
	frame := make([]int16, hop)
	for range 50 {
		var now [hop]int16
		for j := range frame {
			frame[j] = int16(rng.IntN(2000) - 1000)
		}
		copy(now[:], frame)
		e.Near(frame)
		for j := range frame {
			if d := int(frame[j]) - int(before[j]); d < -1 || d > 1 {
				t.Fatalf("sample %d came out as %d, was %d", j, frame[j], before[j])
			}
		}
		before = now
	}
	for range 3 * most {
		e.Far(frame)
	}
	for range 3 * most {
		e.Near(frame)
	}
	if e.waiting != 0 {
		t.Errorf("%d frames wait", e.waiting)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	e := NewEcho()
	frame := make([]int16, hop)
	for i := range frame {
		frame[i] = int16(i * 50)
	}
	if n := testing.AllocsPerRun(100, func() { e.Far(frame); e.Near(frame) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// BenchmarkEcho has an echo to cancel, BenchmarkHeadset none.
func BenchmarkEcho(b *testing.B)    { benchmarkEcho(b, 0.5) }
func BenchmarkHeadset(b *testing.B) { benchmarkEcho(b, 0) }

func benchmarkEcho(b *testing.B, gain float64) {
	e := NewEcho()
	far := audiotest.Voice(1, 4*second, -20)
	echo := heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, gain))
	frame, mic := make([]int16, hop), make([]int16, hop)
	n := len(far) / hop
	turn := func(i int) {
		at := i % n * hop
		for j := range frame {
			frame[j], mic[j] = int16(far[at+j]), int16(echo[at+j])+int16(j%7)
		}
		e.Far(frame)
		e.Near(mic)
	}
	for i := range n {
		turn(i)
	}
	for i := 0; b.Loop(); i++ {
		turn(i)
	}
}

// TestBothTalkAndJump: the delay jumps while both talk, which is the hardest to
// tell from a visitor who begins to speak.
func TestBothTalkAndJump(t *testing.T) {
	far := audiotest.Voice(1, 16*second, -26)
	h := room(2, 80*time.Millisecond, 200*time.Millisecond, 1)
	before := heard(far, h)
	for _, c := range []struct {
		jump time.Duration
		seed uint64
	}{{22 * time.Millisecond, 9}, {-13 * time.Millisecond, 5}, {60 * time.Millisecond, 9}} {
		near := audiotest.Voice(c.seed, 16*second, -26)
		clear(near[:at(8*second)])
		clear(near[at(12*second):])
		after := heard(far, room(2, 80*time.Millisecond+c.jump, 200*time.Millisecond, 1))
		s := &scene{far: far, echo: slices.Concat(before[:at(8*second+second/2)], after[at(8*second+second/2):]), near: near, noise: -70}
		s.run()
		var quiet []float64 // the visitor's voice, by half seconds
		for a := 8*second + second/2; a < 12*second; a += second / 2 {
			quiet = append(quiet, math.Round(level(s.out, a, a+second/2)-level(near, a, a+second/2)))
		}
		harm, loss := s.harm(9*second+second/2, 12*second), s.returnLoss(13*second, 16*second)
		t.Logf("%v: the voice at %v dB, harm a second later %.1f dB, return loss then %.1f dB", c.jump, quiet, harm, loss)
		if slices.Min(quiet) < -18 || slices.Max(quiet) > 4 || harm > -3 || loss < 38 {
			t.Error("a voice was lost, or the echo")
		}
	}
}
