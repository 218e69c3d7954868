package process

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"nxphone/audio/audiotest"
)

// TestEarlyAndLate: the echo comes with the reference, or half a second later.
func TestEarlyAndLate(t *testing.T) {
	far := audiotest.Voice(1, 6*second, -26)
	for _, delay := range []time.Duration{0, 7 * time.Millisecond, 20 * time.Millisecond, 250 * time.Millisecond, 480 * time.Millisecond} {
		t.Run(delay.String(), func(t *testing.T) {
			s := &scene{far: far, echo: heard(far, room(2, delay, 150*time.Millisecond, 1)), noise: -70}
			e := s.run()
			loss := s.returnLoss(3*second, 6*second)
			told := e.Stats()
			t.Logf("return loss %.1f dB, %+v", loss, told)
			if loss < 35 {
				t.Error("the echo is heard")
			}
			if d := told.Delay - delay; d < -20*time.Millisecond || d > 20*time.Millisecond {
				t.Errorf("the delay is told as %v", told.Delay)
			}
			if math.Abs(told.ReturnLoss) > 4 || told.Enhancement < 25 {
				t.Errorf("the return loss is told as %.1f dB, the enhancement as %.1f dB", told.ReturnLoss, told.Enhancement)
			}
		})
	}
}

// TestHeadsetAndBack: a call goes from a speaker to a headset, where there is no
// echo, and back to a speaker that is further away. The visitor's voice in the
// headset is left alone, and the echo is gone soon after each change.
func TestHeadsetAndBack(t *testing.T) {
	far := audiotest.Voice(1, 26*second, -26)
	near := audiotest.Voice(5, 26*second, -28)
	clear(near[:at(10*second)])
	clear(near[at(16*second):])
	a := heard(far, room(2, 60*time.Millisecond, 200*time.Millisecond, 1))
	b := heard(far, room(8, 190*time.Millisecond, 200*time.Millisecond, 1.5))
	none := make([]float64, at(10*second))
	s := &scene{far: far, echo: slices.Concat(a[:at(6*second)], none, b[at(16*second):]), near: near, noise: -75}
	s.run()
	harm := s.harm(10*second, 16*second)
	soon, then := s.returnLoss(16*second+500*time.Millisecond, 18*second), s.returnLoss(18*second, 26*second)
	t.Logf("harm in the headset %.1f dB; return loss %.1f dB half a second after it, %.1f dB later", harm, soon, then)
	if harm > -30 || soon < 10 || then < 40 {
		t.Error("the change of devices is heard")
	}
}

// TestHeadset: both talk from the beginning and there is no echo, or one that
// nobody would hear.
func TestHeadset(t *testing.T) {
	far := audiotest.Voice(1, 10*second, -26)
	near := audiotest.Voice(5, 10*second, -28)
	for _, gain := range []float64{0, 0.01} {
		t.Run(fmt.Sprint(gain), func(t *testing.T) {
			s := &scene{far: far, echo: heard(far, room(2, 60*time.Millisecond, 100*time.Millisecond, gain)), near: near, noise: -70}
			e := s.run()
			harm := s.harm(3*second, 9*second)
			t.Logf("harm %.1f dB, %+v", harm, e.Stats())
			if harm > -30 {
				t.Error("the voice suffers for nothing")
			}
			if !e.Stats().Gentle {
				t.Error("it is not gentle")
			}
		})
	}
}

// TestSwitch: off, what comes out is what came in, and neither change clicks: nothing
// bends by a twentieth of the sound.
func TestSwitch(t *testing.T) {
	e := NewEcho()
	frame, before := make([]int16, hop), make([]int16, hop)
	var in, out []float64
	for n := range 600 {
		if n == 200 || n == 400 {
			e.SetOn(n == 400)
		}
		for j := range frame {
			// A tone in the far end, and the same a little later at the microphone.
			frame[j] = int16(8000 * math.Sin(2*math.Pi*437*float64(n*hop+j)/48000))
			before[j] = int16(8000 * math.Sin(2*math.Pi*437*float64((n-6)*hop+j)/48000))
		}
		e.Far(frame)
		for _, x := range before {
			in = append(in, float64(x))
		}
		e.Near(before)
		for _, x := range before {
			out = append(out, float64(x))
		}
		if e.Stats().On != (n < 200 || n >= 400) {
			t.Fatal("the switch is told wrong")
		}
	}
	step := func(x []float64) float64 {
		most := 0.0
		for i := 2; i < len(x); i++ {
			most = max(most, math.Abs(x[i]-2*x[i-1]+x[i-2]))
		}
		return most
	}
	own := step(in[100*hop:])
	for _, n := range []int{198, 398} {
		made := step(out[n*hop : (n+12)*hop])
		t.Logf("bends of %.0f in the tone, of %.0f at the switch", own, made)
		if made > 400 {
			t.Error("there is a click")
		}
	}
	for i := 220 * hop; i < 400*hop; i++ {
		if math.Abs(out[i]-in[i-hop]) > 1.5 {
			t.Fatalf("off, sample %d is %v, was %v", i, out[i], in[i-hop])
		}
	}
	if on := level(out, 5*second, 6*second) - level(in, 5*second, 6*second); on > -10 {
		t.Errorf("on again, %.1f dB of the echo are heard", on)
	}
}

// TestRoughServer: a sound server on a busy machine runs dry for up to 36 ms every
// one and a half seconds, plays on that much later, and catches up at a bound; its
// frames come in bursts.
func TestRoughServer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	far := audiotest.Voice(1, 16*second, -24)
	near := audiotest.Voice(5, 16*second, -26)
	clear(near[:at(8*second)])
	clear(near[at(12*second):])
	air := heard(far, room(2, 120*time.Millisecond, 150*time.Millisecond, 1))
	s := &scene{far: far, echo: make([]float64, len(air)), near: near, noise: -70}
	late, dry, next := 0, 0, at(second)
	for i := range s.echo {
		if i == next {
			if late > 2400 {
				late -= 480 + rng.IntN(late-479)
			} else {
				dry = 240 + rng.IntN(1500)
			}
			next = i + at(second/10) + rng.IntN(at(3*second))
		}
		if dry > 0 {
			dry, late = dry-1, late+1
		} else if i >= late {
			s.echo[i] = air[i-late]
		}
	}
	s.run()
	before, after := s.returnLoss(2*second, 8*second), s.returnLoss(13*second, 16*second)
	voice := level(s.out, 8*second, 12*second) - level(near, 8*second, 12*second)
	harm := s.harm(8*second, 12*second)
	t.Logf("return loss %.1f and %.1f dB; both: voice at %.1f dB, harm %.1f dB", before, after, voice, harm)
	if before < 15 || after < 15 || voice < -6 || harm > -2 {
		t.Error("the server's gaps are heard")
	}
}

// TestRestartIsCareful: where the echo goes away for good (a headset is plugged
// in), the canceller forgets the room and does not expect a wild echo instead.
func TestRestartIsCareful(t *testing.T) {
	const gain, gone = 0.3, 4 * second
	far := audiotest.Voice(3, 6*second, -15)
	echo := heard(far, room(2, 60*time.Millisecond, 150*time.Millisecond, gain))
	clear(echo[at(gone):])
	rng := rand.New(rand.NewPCG(4, 4))
	e, frame := NewEcho(), make([]int16, hop)
	most, forgot := 0.0, false
	for i := 0; i+hop <= len(far); i += hop {
		for j := range frame {
			frame[j] = int16(far[i+j])
		}
		e.Far(frame)
		for j := range frame {
			frame[j] = int16(math.Round(echo[i+j] + rng.NormFloat64()))
		}
		seen := e.where.seen
		e.Near(frame)
		if i < at(gone) {
			continue
		}
		forgot = forgot || e.where.seen < seen
		for p := range partitions {
			for k, re := range e.filter.re[p] {
				most = max(most, math.Hypot(float64(re), float64(e.filter.im[p][k])))
			}
		}
	}
	if !forgot {
		t.Fatal("the room was never forgotten")
	}
	if most > 10*gain {
		t.Errorf("the filter went up to %.1f", most)
	}
}

// TestNoHolesAfterSilence: a microphone that gives exact silence for a while (it is
// only just opening, or was shut in the hardware) has a room's noise all the same
// once it gives that: it goes on behind the echo.
func TestNoHolesAfterSilence(t *testing.T) {
	for name, shut := range map[string][2]time.Duration{
		"at the beginning": {0, 200 * time.Millisecond},
		"in the hardware":  {2 * second, 6 * second},
	} {
		t.Run(name, func(t *testing.T) {
			end := shut[1] + 6*second
			far := audiotest.Voice(1, end, -26)
			clear(far[:at(shut[1]+2*second)]) // the room alone
			echo := heard(far, room(2, 80*time.Millisecond, 200*time.Millisecond, 1))
			rng := rand.New(rand.NewPCG(6, 6))
			e, frame := NewEcho(), make([]int16, hop)
			var out []float64
			for i := 0; i+hop <= len(far); i += hop {
				for j := range frame {
					frame[j] = int16(far[i+j])
				}
				e.Far(frame)
				for j := range frame {
					frame[j] = int16(math.Round(echo[i+j] + 40*rng.NormFloat64()))
				}
				if i >= at(shut[0]) && i < at(shut[1]) {
					clear(frame)
				}
				e.Near(frame)
				for _, x := range frame {
					out = append(out, float64(x))
				}
			}
			before, during := level(out, shut[1]+second, shut[1]+2*second), level(out, end-2*second, end)
			t.Logf("noise at %.1f dBFS alone, %.1f dBFS under the far end's voice", before, during)
			if before-during < 0 || before-during > 6.5 {
				t.Error("the noise jumps")
			}
		})
	}
}
