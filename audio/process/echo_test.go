package process

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/audio"
)

// voice is a speech-like sound: syllables of 120 to 350 ms with pauses, voiced
// ones as harmonics under moving formants, others as noise. Two seeds are two
// speakers.
func voice(seed uint64, d time.Duration, level float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	n := int(d * audio.Rate / time.Second)
	out := make([]float64, n)
	base := 90 + 60*rng.Float64()
	for i := 0; i < n; {
		length := int((0.12 + 0.23*rng.Float64()) * audio.Rate)
		pause := int(0.05 * audio.Rate * rng.Float64())
		if rng.IntN(7) == 0 {
			pause += audio.Rate / 3
		}
		voiced, f1, f2 := rng.IntN(4) > 0, 300+500*rng.Float64(), 900+1500*rng.Float64()
		pitch, phase, low, wobble := base*(0.9+0.3*rng.Float64()), 0.0, 0.0, 0.0
		for j := 0; j < length && i+j < n; j++ {
			env := math.Sin(math.Pi * float64(j) / float64(length))
			x := 0.0
			if voiced {
				phase += 2 * math.Pi * pitch * (1 + 0.15*math.Sin(3*float64(j)/float64(length)) + 0.01*wobble) / audio.Rate
				wobble += 0.01 * (rng.NormFloat64() - wobble)
				for h := 1.0; h*pitch < 6000 && h < 40; h++ {
					f := h * pitch
					a := 1/(1+sq2((f-f1)/150)) + 0.6/(1+sq2((f-f2)/250)) + 0.02
					x += a * math.Sin(h*phase)
				}
				x += 0.1 * rng.NormFloat64() // breath
			} else {
				white := rng.NormFloat64()
				x, low = 0.7*(white-low), white
			}
			out[i+j] = x * env
		}
		i += length + pause
	}
	return scale(out, level)
}

func sq2(x float64) float64 { return x * x }

// scale brings a sound to an RMS level in dBFS.
func scale(x []float64, level float64) []float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	g := math.MaxInt16 * math.Pow(10, level/20) / math.Sqrt(2*sum/float64(len(x))+1e-9)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v * g
	}
	return out
}

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
	n := 1
	for n < len(x)+len(h) {
		n *= 2
	}
	t := newTransform(n)
	a, b := make([]complex128, n/2+1), make([]complex128, n/2+1)
	pad := make([]float64, n)
	copy(pad, x)
	t.forward(a, pad)
	clear(pad)
	copy(pad, h)
	t.forward(b, pad)
	for k := range a {
		a[k] *= b[k]
	}
	t.backward(pad, a)
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
func (s *scene) run() {
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
	far := voice(1, 16*second, -26)
	for _, c := range []struct {
		name        string
		delay, rt   time.Duration
		gain        float64
		early, late float64 // the least return loss after 2 s, and in the end
	}{
		{"a desk", 60 * time.Millisecond, 200 * time.Millisecond, 1, 40, 45},
		{"a booth, loud", 100 * time.Millisecond, 120 * time.Millisecond, 2, 45, 50},
		{"a large room", 150 * time.Millisecond, 350 * time.Millisecond, 1, 35, 38},
		{"a slow sound server", 300 * time.Millisecond, 200 * time.Millisecond, 1, 40, 45},
		{"hardly any echo", 60 * time.Millisecond, 200 * time.Millisecond, 0.05, 20, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &scene{far: far, echo: heard(far, room(2, c.delay, c.rt, c.gain)), noise: -75}
			s.run()
			early, late := s.returnLoss(2*second, 5*second), s.returnLoss(10*second, 16*second)
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
	far := voice(1, 20*second, -26)
	near := voice(5, 20*second, -28)
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
	near := voice(5, 6*second, -32)
	s := &scene{far: make([]float64, len(near)), echo: make([]float64, len(near)), near: near, noise: -90}
	s.run()
	if harm := s.harm(second, 5*second); harm > -40 {
		t.Errorf("a voice alone is changed by %.1f dB", harm)
	}
}

// TestRoomChanges: somebody opens the door, or moves the speaker.
func TestRoomChanges(t *testing.T) {
	far := voice(1, 20*second, -26)
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
	far := voice(1, 20*second, -26)
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

// TestNoHoles: behind the echo the room's noise goes on at its level.
func TestNoHoles(t *testing.T) {
	far := voice(1, 16*second, -26)
	clear(far[:at(3*second)]) // the room alone
	s := &scene{far: far, echo: heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, 1)), noise: -55}
	s.run()
	before, during := level(s.out, second, 3*second), level(s.out, 12*second, 16*second)
	t.Logf("noise at %.1f dBFS alone, %.1f dBFS under the far end's voice", before, during)
	if math.Abs(before-during) > 3 {
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

func BenchmarkEcho(b *testing.B) {
	e := NewEcho()
	far := voice(1, 2*second, -20)
	frame := make([]int16, hop)
	i := 0
	for b.Loop() {
		for j := range frame {
			frame[j] = int16(far[(i+j)%len(far)])
		}
		i += hop
		e.Far(frame)
		e.Near(frame)
	}
}
