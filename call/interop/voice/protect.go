package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/codec"
	"nxphone/audio/process"
	"nxphone/audio/quality"
	"nxphone/call/interop/figures"
)

const (
	// protectCeiling is the ceiling that the limiter is measured with, as the phone
	// has it, and protectVoice how long the voice before each sound is.
	protectCeiling = -6
	protectVoice   = 6 * time.Second
	// duckBar is what a tone may be at from duckWithin on, in dBFS.
	duckBar    = -24
	duckWithin = 10 * time.Millisecond
)

// loudSound is something that nobody wants in the ear.
type loudSound struct {
	name string
	tone bool // it is to be ducked as one
	pcm  []float64
}

// loudSounds are those that acoustic shock is reported of: signalling tones, howls,
// whistles, shrieks and noise, a second of each.
func loudSounds() []loudSound {
	sine := func(hz, level float64) []float64 {
		return swept(time.Second, level, func(float64) float64 { return hz })
	}
	rng := rand.New(rand.NewPCG(6, 6))
	noise, square := make([]float64, audio.Rate), make([]float64, audio.Rate)
	for i := range noise {
		noise[i] = min(max(12000*rng.NormFloat64(), math.MinInt16), math.MaxInt16)
		square[i] = math.MaxInt16
		if i/30%2 == 0 {
			square[i] = math.MinInt16
		}
	}
	bit := 1650.0
	fsk := swept(time.Second, -9, func(t float64) float64 {
		if int(t*audio.Rate)%160 == 0 { // 300 bits a second
			bit = []float64{1650, 1850}[rng.IntN(2)]
		}
		return bit
	})
	shriek := make([]float64, audio.Rate)
	for k := 1.0; k < 6; k++ {
		for i, x := range swept(time.Second, -6-6*k, func(t float64) float64 { return k * (1100 + 150*math.Sin(40*t)) }) {
			shriek[i] += x
		}
	}
	return []loudSound{
		{"fax calling, 1100 Hz, -9 dBFS", true, sine(1100, -9)}, {"fax answering, 2100 Hz, -9 dBFS", true, sine(2100, -9)},
		{"3 kHz, full scale", true, sine(3000, 0)}, {"modem, V.21, -9 dBFS", true, fsk},
		{"whistle, 1.2 to 3.2 kHz, -4 dBFS", true, swept(time.Second, -4, func(t float64) float64 { return 1200 + 2000*t })},
		{"shriek, harmonics of 1.1 kHz", false, shriek}, {"white noise, -6 dBFS", false, noise}, {"square wave, full scale", false, square},
	}
}

// swept is a sinusoid of a level in dBFS whose frequency is a function of time.
func swept(d time.Duration, level float64, hz func(t float64) float64) []float64 {
	out := make([]float64, int(d*audio.Rate/time.Second))
	phase := 0.0
	for i := range out {
		phase += 2 * math.Pi * hz(float64(i)/audio.Rate) / audio.Rate
		out[i] = math.MaxInt16 * math.Pow(10, level/20) * math.Sin(phase)
	}
	return out
}

// protect measures the limiter for the ear and the automatic gain.
func (b *bench) protect(ctx context.Context, s *Section) error {
	s.Intro = fmt.Sprintf(`The limiter of the listening side with a ceiling of %d dBFS: 6 s of a voice (espeak-ng), 50 ms of nothing, and a second of a loud sound, as
it is and through Opus (32 kbit/s) and G.711. "Peak" is the highest sample of that second, "first 10 ms" and "after" are levels
(0 dBFS is a full-scale sinusoid). The automatic gain: 20 s of a voice of some level, measured while it speaks (ITU-T P.56's
active level, roughly) from the tenth second on.`, protectCeiling)
	voice, err := scene.Speak(ctx, scene.Female(), protectVoice, -26)
	if err != nil {
		return err
	}
	if err := protectFrom(ctx, s, voice); err != nil {
		return err
	}
	if err := leaveVoices(ctx, s); err != nil {
		return err
	}
	return evenOut(ctx, s)
}

// protectFrom measures what is left of each loud sound.
func protectFrom(ctx context.Context, s *Section, voice []float64) error {
	var rows [][]string
	for _, level := range []float64{-26, -46} {
		for _, l := range loudSounds() {
			for _, by := range []string{"", "opus", "pcma"} {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				in, err := through(by, slices.Concat(scene.Scale(voice, level), make([]float64, audio.Rate/20), l.pcm))
				if err != nil {
					return err
				}
				f := protected(in)
				name := fmt.Sprintf("%s; voice %.0f", l.name, level)
				if by != "" {
					name += ", " + by
				}
				rows = append(rows, []string{name, fmt.Sprintf("%.1f", f.before), fmt.Sprintf("%.1f", f.peak), fmt.Sprintf("%.1f", f.first), fmt.Sprintf("%.1f", f.after), f.events()})
				s.Checks = append(s.Checks, figures.AtMost("peak: "+name, f.peak, protectCeiling, "dBFS"))
				if l.tone {
					s.Checks = append(s.Checks, figures.AtMost("from 10 ms on: "+name, f.after, duckBar, "dBFS"))
				}
			}
		}
	}
	s.Tables = append(s.Tables, Table{
		Title: "Protection of the ear", Rows: rows, Head: []string{"sound", "peak before", "peak", "first 10 ms", "after", "events"},
		Note: "A tone is to be at most at -24 dBFS from 10 ms on; it is brought under the voice, and a voice is at least at -40.",
	})
	return nil
}

// protection is what a limiter has made of a loud sound, levels in dBFS.
type protection struct {
	before, peak, first, after float64
	did                        process.Events
}

func (p protection) events() string {
	return fmt.Sprintf("%d tones, %d jumps, %d peaks", p.did.Tones, p.did.Jumps, p.did.Peaks)
}

// protected puts a voice and a second of something loud through a limiter.
func protected(in []int16) protection {
	l := process.NewLimiter(protectCeiling)
	out := framed(in, l.Process)[process.LimiterDelay:]
	loud := len(in) - audio.Rate
	begin := loud
	for begin < len(in)-audio.Rate/2 && math.Abs(float64(in[begin])) < 1000 {
		begin++ // a codec delays it
	}
	ten := int(duckWithin * audio.Rate / time.Second)
	x := quality.Floats(out)
	return protection{
		before: peakOf(in[loud:]), peak: peakOf(out[loud:]), did: l.Events(),
		first: quality.Level(x[begin : begin+ten]), after: quality.Level(x[begin+ten : begin+audio.Rate*9/10]),
	}
}

// peakOf is the level of the highest sample, in dBFS.
func peakOf(pcm []int16) float64 {
	most := 0
	for _, v := range pcm {
		most = max(most, int(v), -int(v))
	}
	return audio.DBFS(float64(most))
}

// framed puts a sound through a stage, frame by frame.
func framed(in []int16, stage func([]int16)) []int16 {
	out := slices.Clone(in[:len(in)/audio.FrameLen*audio.FrameLen])
	for i := 0; i < len(out); i += audio.FrameLen {
		stage(out[i : i+audio.FrameLen])
	}
	return out
}

// through is a sound as a codec brings it over, with its delay; "" for as it is.
func through(name string, x []float64) ([]int16, error) {
	pcm := quality.PCM(x)
	if name == "" {
		return pcm, nil
	}
	n, _ := codec.ByName(name)
	enc, err := codec.NewEncoder(n, codec.Options{})
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	dec, err := codec.NewDecoder(n)
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	packet, out := make([]byte, codec.MaxPacket), make([]int16, 0, len(pcm))
	for i := 0; i+codec.PacketLen <= len(pcm); i += codec.PacketLen {
		k, err := enc.Encode(pcm[i:i+codec.PacketLen], packet)
		if err != nil {
			return nil, err
		}
		heard := make([]int16, codec.PacketLen)
		if _, err := dec.Decode(packet[:k], heard); err != nil {
			return nil, err
		}
		out = append(out, heard...)
	}
	return out, nil
}

// leaveVoices holds that voices pass.
func leaveVoices(ctx context.Context, s *Section) error {
	var rows [][]string
	for _, v := range []struct {
		name string
		who  scene.Talker
	}{{"a man", scene.Male()}, {"a woman", scene.Female()}} {
		for _, level := range []float64{-40, -30, -26, -20, -14} {
			name := v.name
			x, err := scene.Speak(ctx, v.who, 20*time.Second, level)
			if err != nil {
				return err
			}
			in := quality.PCM(x)
			l := process.NewLimiter(protectCeiling)
			out := framed(in, l.Process)[process.LimiterDelay:]
			changed := 0
			for i, y := range out {
				if y != in[i] {
					changed++
				}
			}
			part := 100 * float64(changed) / float64(len(out))
			heard := quality.STOI(quality.Floats(in[:len(out)]), quality.Floats(out))
			rows = append(rows, []string{fmt.Sprintf("%s, %.0f dBFS", name, level), fmt.Sprintf("%.2f", part), fmt.Sprintf("%.4f", heard), fmt.Sprint(l.Events().All())})
			if level <= -20 { // a louder one is made quieter, which is meant
				s.Checks = append(s.Checks, figures.AtLeast(fmt.Sprintf("STOI of %s through the limiter, %.0f dBFS", name, level), heard, 0.995, ""))
			}
			if level <= -26 {
				s.Checks = append(s.Checks, figures.AtMost(fmt.Sprintf("changed samples of %s, %.0f dBFS", name, level), part, 0, "%"))
			}
		}
	}
	s.Tables = append(s.Tables, Table{Title: "Voices through the limiter", Rows: rows, Head: []string{"voice", "changed samples, %", "STOI", "events"}})
	return nil
}

// evenOut measures the automatic gain.
func evenOut(ctx context.Context, s *Section) error {
	const length = 20 * time.Second
	lines := []figures.Line{}
	var rows [][]string
	whisper := scene.Female()
	whisper.Voice = "en+whisper"
	for _, c := range []struct {
		name     string
		who      scene.Talker
		level    float64
		hiss     float64 // dBFS, 0 for none
		from, to float64 // bar of the level from 10 s on
	}{
		{"a woman, -54 dBFS", scene.Female(), -54, 0, -27, -17}, {"a woman, -44 dBFS", scene.Female(), -44, 0, -23, -17}, {"a man, -44 dBFS", scene.Male(), -44, 0, -23, -17},
		{"a whisper, -46 dBFS", whisper, -46, 0, -26, -17}, {"a woman, -26 dBFS", scene.Female(), -26, 0, -23, -17}, {"a man, -8 dBFS", scene.Male(), -8, 0, -23, -17},
		{"a woman, -40 dBFS in a hiss of -62", scene.Female(), -40, -62, -34, -17},
	} {
		x, err := scene.Speak(ctx, c.who, length, c.level)
		if err != nil {
			return err
		}
		if c.hiss != 0 {
			x = scene.Add(x, scene.Scale(scene.Pink(3, length), c.hiss))
		}
		g := process.NewGain()
		line := figures.Line{Name: c.name}
		frames := 0
		out := framed(quality.PCM(x), func(frame []int16) {
			g.Process(frame)
			if frames++; frames%20 == 0 {
				line.Points = append(line.Points, figures.Point{X: float64(frames) / 100, Y: g.DB()})
			}
		})
		lines = append(lines, line)
		got := quality.ActiveLevel(quality.Floats(out)[10*audio.Rate:])
		floor := quality.Floor(quality.Floats(out)[10*audio.Rate:])
		rows = append(rows, []string{c.name, fmt.Sprintf("%.1f", got), fmt.Sprintf("%.1f", floor), fmt.Sprintf("%.1f", g.DB()), fmt.Sprintf("%.1f", peakOf(out))})
		s.Checks = append(s.Checks,
			figures.AtLeast("level after 10 s: "+c.name, got, c.from, "dBFS"), figures.AtMost("level after 10 s: "+c.name, got, c.to, "dBFS"),
			figures.AtMost("peak: "+c.name, peakOf(out), -1, "dBFS"))
	}
	s.Tables = append(s.Tables, Table{Title: "Automatic gain", Rows: rows, Head: []string{"voice", "level from 10 s on", "background", "gain at the end, dB", "peak"}})
	s.Pictures = append(s.Pictures, Picture{
		Picture: figures.Picture{Title: "automatic gain", X: "s", Y: "dB", Lines: lines}, Name: "gain", Caption: "What the automatic gain does to each voice.",
	})
	return nil
}
