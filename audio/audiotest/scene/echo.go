package scene

import (
	"math/rand/v2"
	"time"

	"nxphone/audio"
	"nxphone/audio/quality"
)

// EchoCase is one way in which the far end's voice comes back to the microphone.
// Each take has three parts of the same length: the far end alone, both at once,
// the near end alone.
type EchoCase struct {
	Name string
	Room Room
	// Then, if it has a delay, is the room after Change, a share of the far end's
	// part: a laptop is moved, a door is opened.
	Then   *Room
	Change float64
	// Jump is by how much all comes later after Change: a sound server that ran
	// dry.
	Jump time.Duration
	// Clip is where the loudspeaker ends, in dBFS (peak); 0 is a good one.
	Clip float64
	// PPM is how much faster the microphone's clock is than the loudspeaker's.
	PPM float64
	// SNR is how far the room's noise is under the near voice, in dB; 0 is a quiet
	// room, whose noise and the microphone's own are at -60 dBFS.
	SNR float64
}

// EchoCases are the scenarios of the bench, by name. The first is the base: a room
// of 0.2 s, 80 ms of delay, an echo as loud as the near voice.
func EchoCases() []EchoCase {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	room := func(delay, rt int, gain float64) Room {
		return Room{Seed: 2, Delay: ms(delay), RT60: ms(rt), Gain: gain}
	}
	moved := Room{Seed: 8, Delay: ms(83), RT60: ms(250), Gain: 0}
	return []EchoCase{
		{Name: "base", Room: room(80, 200, 0)},
		{Name: "echo -12 dB", Room: room(80, 200, -12)},
		{Name: "headset, echo -35 dB", Room: room(80, 100, -35)},
		{Name: "clipping speaker", Room: room(80, 200, 0), Clip: -14},
		{Name: "path change", Room: room(80, 200, 0), Then: &moved, Change: 0.6},
		{Name: "SNR 12 dB", Room: room(80, 200, 0), SNR: 12},
		{Name: "drift 100 ppm", Room: room(80, 200, 0), PPM: 100},
		{Name: "loud, +6 dB, 150 ms, RT 350 ms", Room: room(150, 350, 6)},
		{Name: "delay jump +60 ms", Room: room(80, 200, 0), Change: 0.6, Jump: ms(60)},
		{Name: "delay 20 ms, RT 100 ms", Room: room(20, 100, 0)},
		{Name: "delay 250 ms, RT 500 ms", Room: room(250, 500, 0)},
	}
}

// EchoTake is a scenario's sound.
type EchoTake struct {
	Case EchoCase
	// Far goes to the loudspeaker (and to a canceller as its reference), Mic is
	// what the microphone gives: the sum of Echo, Near and Noise.
	Far, Mic, Echo, Near, Noise []float64
	// Part is the length of each of the three parts.
	Part time.Duration
}

// Make is the scenario with these two voices, which are as long as each other; the
// far end speaks in the first two thirds, the near end in the last two.
func (c EchoCase) Make(far, near []float64) EchoTake {
	n := min(len(far), len(near))
	part := n / 3
	t := EchoTake{Case: c, Part: time.Duration(part) * time.Second / audio.Rate}
	t.Far = Only(far[:n], 0, 2*part)
	t.Near = Only(near[:n], part, n)
	t.Echo = c.echo(t.Far, int(c.Change*float64(part)))
	rng := rand.New(rand.NewPCG(3, 3))
	hiss := make([]float64, n)
	for i := range hiss {
		hiss[i] = rng.NormFloat64()
	}
	if c.SNR != 0 {
		t.Noise = AtSNR(t.Near, Pink(4, time.Duration(n)*time.Second/audio.Rate+time.Millisecond)[:n], c.SNR)
	} else {
		t.Noise = Gain(hiss, -60-quality.Level(hiss))
	}
	t.Mic = Add(t.Echo, t.Near, t.Noise)
	return t
}

// echo is the far end's voice as the microphone hears it.
func (c EchoCase) echo(far []float64, change int) []float64 {
	played := far
	if c.Clip != 0 {
		played = Clip(far, c.Clip)
	}
	echo := c.Room.Through(played)
	if c.Then != nil {
		then := c.Then.Through(played)
		copy(echo[change:], then[change:])
	}
	if c.Jump != 0 {
		later := Later(echo, samples(c.Jump))
		// What runs dry is silent for as long.
		clear(later[change:min(change+samples(c.Jump), len(later))])
		copy(echo[change:], later[change:])
	}
	if c.PPM != 0 {
		echo = Drift(echo, c.PPM)
	}
	return echo
}
