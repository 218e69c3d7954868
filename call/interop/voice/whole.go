package main

import (
	"context"
	"fmt"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/process"
	"nxphone/audio/quality"
	"nxphone/call/interop/figures"
)

const (
	// wholePart is the length of each third of the take: far end, both, near end.
	wholePart = 12 * time.Second
	// wholeVoice is how faint the near voice is, wholeNoise how far the noise is
	// under it, in dB.
	wholeVoice, wholeNoise = -38, 20
)

// whole puts one take through one stage after the other, and through all of them.
func (b *bench) whole(ctx context.Context, s *Section) error {
	s.Intro = fmt.Sprintf(`One take through the stages of the microphone's side, each row with one stage more: a faint voice (%d dBFS), a fan %d dB
under it, and the far end's voice out of a loudspeaker (room of 0.2 s, 80 ms, as loud as the near voice plus 12 dB), alone
for %v, with the near voice, and gone. Echo and noise are what is left in the last half of the far end's part; levels are in
dBFS while somebody speaks, the background is what is heard between the words.`, wholeVoice, wholeNoise, wholePart)
	far, err := scene.Speak(ctx, scene.Male(), 3*wholePart, -26)
	if err != nil {
		return err
	}
	near, err := scene.Speak(ctx, scene.Female(), 3*wholePart, wholeVoice)
	if err != nil {
		return err
	}
	take := scene.EchoCase{Name: "whole", Room: scene.Room{Seed: 2, Delay: 80 * time.Millisecond, RT60: 200 * time.Millisecond}}.Make(far, near)
	take.Noise = scene.AtSNR(take.Near, scene.Fan(7, 3*wholePart), wholeNoise)
	take.Mic = scene.Add(take.Echo, take.Near, take.Noise)
	if err := b.keepSound("whole-mic", quality.PCM(take.Mic)); err != nil {
		return err
	}
	var rows [][]string
	for i, set := range []process.Settings{
		{}, {HighPass: true}, {HighPass: true, Echo: true}, {HighPass: true, Echo: true, Noise: true}, {HighPass: true, Echo: true, Noise: true, Gain: true},
	} {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		name := []string{"nothing", "high-pass", "+ echo", "+ noise", "+ gain (all)"}[i]
		f, out := throughChain(set, take)
		rows = append(rows, []string{
			name, fmt.Sprintf("%.1f", f.echo), fmt.Sprintf("%.3f", f.both), fmt.Sprintf("%.3f", f.alone), fmt.Sprintf("%.1f", f.level), fmt.Sprintf("%.1f", f.background),
		})
		if err := b.keepSound("whole-"+slug(name), out); err != nil {
			return err
		}
		if set.Gain {
			s.Checks = append(s.Checks,
				figures.AtLeast("whole chain: STOI of the near voice alone", f.alone, 0.93, ""),
				figures.AtLeast("whole chain: level of a faint voice", f.level, -24, "dBFS"),
				figures.AtMost("whole chain: background between the words", f.background, -48, "dBFS"),
				figures.AtMost("whole chain: echo and noise while the far end speaks", f.echo, -44, "dBFS"))
		}
	}
	s.Tables = append(s.Tables, Table{
		Title: "One take, stage by stage", Rows: rows,
		Head: []string{"stages", "echo and noise, dBFS", "STOI, both talk", "STOI, near alone", "near level", "background"},
		Note: "The gain makes what is left of the echo as much louder as the voice.",
	})
	return nil
}

// wholeFigures are what a chain has made of a take.
type wholeFigures struct{ echo, both, alone, level, background float64 }

// throughChain puts a take through a chain, and takes its delay out again.
func throughChain(set process.Settings, t scene.EchoTake) (f wholeFigures, out []int16) {
	c := process.NewChain(set)
	far, i := quality.PCM(t.Far), 0
	out = framed(quality.PCM(t.Mic), func(mic []int16) {
		c.Far(frameOf(far, i))
		c.Near(mic)
		i++
	})
	late, _ := set.Delay()
	x := quality.Part(quality.Floats(out), late, 3*t.Part)
	near := quality.Part(t.Near, 0, time.Duration(len(x))*time.Second/audio.Rate)
	last := func(x []float64) []float64 { return quality.Part(x, 2*t.Part, 3*t.Part) }
	f.echo = quality.ActiveLevel(quality.Part(x, t.Part/2, t.Part))
	f.both = quality.STOI(quality.Part(near, t.Part, 2*t.Part), quality.Part(x, t.Part, 2*t.Part))
	f.alone = quality.STOI(last(near), last(x))
	f.level, f.background = quality.ActiveLevel(last(x)), quality.Floor(last(x))
	return f, out
}
