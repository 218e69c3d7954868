package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/process"
	"nxphone/audio/quality"
	"nxphone/call/interop/figures"
)

const (
	// noiseAlone is how long the noise is heard before somebody speaks.
	noiseAlone = 6 * time.Second
	noiseTalk  = 30 * time.Second
	// deadSilence is the level, in dBFS, under which a listener takes a line for
	// dead, and deadFall by how much the room must have become quieter for that: a
	// quiet room may stay one.
	deadSilence, deadFall = -75.0, 25.0
)

// noiseTake is a voice in a noise. First the noise is alone.
type noiseTake struct {
	name                 string
	alone                time.Duration
	speech, noise, mixed []float64
}

// noiseFigures are what a suppressor has made of a take.
type noiseFigures struct {
	quality.Score
	// left is the level of the noise, alone for seconds, in dBFS; floor the level
	// between words.
	left, floor float64
	// gain is by how many dB the speech is further above the noise than it was.
	gain float64
}

// noise measures our suppressor and RNNoise on the same files.
func (b *bench) noise(ctx context.Context, s *Section) error {
	s.Intro = `A female voice (espeak-ng) in made noises (package audio/audiotest/scene) at active levels so many dB under
hers, and a microphone's hiss at -65 dBFS: 6 s of noise alone, then 30 s of both. STOI, NSIM and LSD compare with the clean voice; the noise is what is left
after some seconds of it alone; the SNR gain is by how much more that has fallen than the voice. RNNoise is 0.1, out of
the npm package @jitsi/rnnoise-wasm 0.2.1, on the same files.`
	takes, err := noiseTakes(ctx)
	if err != nil {
		return err
	}
	theirs, frame, err := b.rnnoise(ctx, takes)
	if err != nil {
		s.Closing = "RNNoise did not run, so it is not beside ours: " + err.Error()
	}
	var rows [][]string
	bars := figures.Picture{Title: "noise: similarity to the clean voice", Y: "NSIM", Lines: []figures.Line{{Name: "unprocessed"}, {Name: "ours"}, {Name: "RNNoise"}}, Top: 1}
	for i, t := range takes {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		raw := judgeNoise(t, t.mixed)
		out := ownNoise(t)
		ours := judgeNoise(t, out)
		if err := errors.Join(b.keepSound("noise-"+slug(t.name)+"-mic", quality.PCM(t.mixed)), b.keepSound("noise-"+slug(t.name)+"-ours", quality.PCM(out))); err != nil {
			return err
		}
		rows = append(rows, noiseRow(t.name, "unprocessed", raw), noiseRow("", "ours", ours))
		other := noiseFigures{Score: quality.Score{STOI: math.NaN(), NSIM: math.NaN()}}
		if theirs != nil {
			other = judgeNoise(t, quality.Floats(theirs[i]))
			rows = append(rows, noiseRow("", "RNNoise", other))
			if err := b.keepSound("noise-"+slug(t.name)+"-rnnoise", theirs[i]); err != nil {
				return err
			}
			s.Checks = append(s.Checks, figures.AtLeast(t.name+", NSIM", ours.NSIM, other.NSIM, "").Because(fmt.Sprintf(
				"the SNR gains %.1f dB (RNNoise, a trained network: %.1f), the voice keeps a STOI of %.3f (%.3f)", ours.gain, other.gain, ours.STOI, other.STOI)))
		}
		s.Checks = append(s.Checks,
			figures.AtLeast(t.name+", noise between words", ours.floor, min(deadSilence, raw.floor-deadFall), "dBFS"))
		bars.Bars = append(bars.Bars, figures.Bar{Name: t.name, Values: []float64{raw.NSIM, ours.NSIM, other.NSIM}})
	}
	s.Tables = append(s.Tables, Table{Title: "Noise", Rows: rows,
		Head: []string{"noise", "", "STOI", "ESTOI", "NSIM", "LSD", "noise alone", "between words", "SNR gain", "delay"},
		Note: fmt.Sprintf("Levels in dBFS, the rest in dB. A line sounds dead under %.0f dBFS, if the room was more than %.0f dB louder.", deadSilence, deadFall)})
	if theirs != nil {
		s.Tables[0].Note += fmt.Sprintf(" A frame of 10 ms takes RNNoise %.0f us in Node.js; ours is in the part about cost.", float64(frame)/float64(time.Microsecond))
	}
	s.Pictures = append(s.Pictures, Picture{bars, "noise-nsim", "How like the clean voice it is, as it came and after each suppressor."})
	return nil
}

// noiseTakes are the noises of the bar: the voice begins after noiseAlone.
func noiseTakes(ctx context.Context) ([]noiseTake, error) {
	const all = noiseAlone + noiseTalk
	speech, err := scene.Speak(ctx, scene.Female(), noiseTalk, -26)
	if err != nil {
		return nil, err
	}
	babble, err := scene.Babble(ctx, all)
	if err != nil {
		return nil, err
	}
	voice := append(make([]float64, int(noiseAlone*audio.Rate/time.Second)), speech...)
	pink := scene.Pink(1, all)
	// A microphone's own noise, without which nothing would be between two keys.
	hiss := scene.Pink(2, all)
	hiss = scene.Gain(hiss, -65-quality.Level(hiss))
	var takes []noiseTake
	for _, n := range []struct {
		name  string
		noise []float64
		snr   float64
	}{
		{"pink 10 dB", pink, 10}, {"pink 3 dB", pink, 3}, {"babble 8 dB", babble, 8}, {"keyboard 5 dB", scene.Keyboard(1, all), 5}, {"fan 10 dB", scene.Fan(1, all), 10},
	} {
		noise := scene.Add(scene.AtSNR(speech, n.noise, n.snr), hiss)
		takes = append(takes, noiseTake{n.name, noiseAlone, voice, noise, scene.Add(voice, noise)})
	}
	return takes, nil
}

// rnnoise runs RNNoise over all takes.
func (b *bench) rnnoise(ctx context.Context, takes []noiseTake) ([][]int16, time.Duration, error) {
	f, err := fetchForeign(ctx)
	if err != nil {
		return nil, 0, err
	}
	var inputs [][][]int16
	for _, t := range takes {
		inputs = append(inputs, [][]int16{quality.PCM(t.mixed)})
	}
	return f.run(ctx, "rnnoise.mjs", b.dir, inputs)
}

// ownNoise is a take after our suppressor, as a call has it.
func ownNoise(t noiseTake) []float64 {
	n := process.NewChain(process.Settings{Noise: true})
	return quality.Floats(framed(quality.PCM(t.mixed), n.Near))
}

// judgeNoise measures what came out, its delay taken out.
func judgeNoise(t noiseTake, out []float64) noiseFigures {
	all := time.Duration(len(t.speech)) * time.Second / audio.Rate
	voice := quality.Part(t.speech, t.alone, all)
	lag := delayOf(voice, quality.Part(out, t.alone, all))
	out = append(append([]float64(nil), out[lag:]...), make([]float64, lag)...)
	heard := quality.Part(out, t.alone, all)
	f := noiseFigures{left: quality.Level(quality.Part(out, t.alone/2, t.alone-100*time.Millisecond))}
	f.STOI, f.ESTOI, f.NSIM = quality.STOI(voice, heard), quality.ESTOI(voice, heard), quality.NSIM(voice, heard)
	f.LSD = quality.LSD(voice, heard)
	f.Delay = time.Duration(lag) * time.Second / audio.Rate
	f.floor = betweenWords(voice, heard)
	before := quality.Level(quality.Part(t.noise, t.alone/2, t.alone-100*time.Millisecond))
	median, _ := kept(voice, quality.Part(t.mixed, t.alone, all), heard)
	f.gain = before - f.left + median
	return f
}

// betweenWords is the median level, in dBFS, of the frames of 20 ms in which nobody
// has spoken for 60 ms nor will for 20 ms.
func betweenWords(voice, heard []float64) float64 {
	const frame = 20 * time.Millisecond
	said, levels := quality.Levels(voice, frame), quality.Levels(heard, frame)
	var quiet []float64
	for i := 3; i+1 < min(len(said), len(levels)); i++ {
		if max(said[i-3], said[i-2], said[i-1], said[i], said[i+1]) < -70 {
			quiet = append(quiet, levels[i])
		}
	}
	return quality.Percentile(quiet, 0.5)
}

func noiseRow(name, who string, f noiseFigures) []string {
	return []string{name, who, three(f.STOI), three(f.ESTOI), three(f.NSIM), fmt.Sprintf("%.1f", f.LSD),
		fmt.Sprintf("%.0f", f.left), fmt.Sprintf("%.0f", f.floor), fmt.Sprintf("%.1f", f.gain), fmt.Sprintf("%.1f ms", float64(f.Delay)/float64(time.Millisecond))}
}
