package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/process"
	"nxphone/audio/quality"
	"nxphone/call/interop/figures"
)

// echoPart is the length of each third of a scenario: the far end alone, both, the
// near end alone.
const echoPart = 20 * time.Second

// echoFigures are what a canceller has made of one scenario.
type echoFigures struct {
	// early, changed and settled are the echo's return loss, in dB, from 0.3 to 2 s,
	// in the second after a change (NaN without one) and from 14 to 20 s.
	early, changed, settled float64
	// quiet is how far the room's own noise is under the echo from 14 to 20 s, early
	// and after the change: there is nothing to hear beyond it.
	quietEarly, quietChanged, quiet float64
	// both is the STOI of the near voice while both talk, alone while it talks alone.
	both, alone float64
	// kept is the level of the near voice's loud moments while both talk against what
	// it was, lost that of the tenth that suffers most, in dB.
	kept, lost float64
	// overTime is the return loss of each half second of the far end's part.
	overTime []float64
	delay    time.Duration
}

// echo measures our canceller and AEC3 on the same files.
func (b *bench) echo(ctx context.Context, s *Section) error {
	s.Intro = `Speech of two voices (espeak-ng, 48 kHz): the far end alone for 20 s, both for 20 s, the near end alone for 20 s.
The far end's voice comes back through a made room (package audio/audiotest/scene), 0 dB against the near voice unless
the name says so. ERLE is how much quieter the echo leaves than it came. STOI is that of the near voice, the mixture of
which has the column "raw". AEC3 is Google's canceller out of the npm package @ennuicastr/webrtcaec3.js 0.3.0, run beside
ours on the same files; both have comfort noise on.`
	far, err := scene.Speak(ctx, scene.Male(), 3*echoPart, -26)
	if err != nil {
		return err
	}
	near, err := scene.Speak(ctx, scene.Female(), 3*echoPart, -26)
	if err != nil {
		return err
	}
	var takes []scene.EchoTake
	for _, c := range scene.EchoCases() {
		takes = append(takes, c.Make(far, near))
	}
	theirs, frame, err := b.aec3(ctx, takes)
	if err != nil {
		s.Closing = "AEC3 did not run, so it is not beside ours: " + err.Error()
	}
	var rows [][]string
	for i, t := range takes {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		out := ownEcho(t)
		ours := judgeEcho(t, out)
		raw := quality.STOI(quality.Part(t.Near, t.Part, 2*t.Part), quality.Part(t.Mic, t.Part, 2*t.Part))
		rows = append(rows, echoRow(t.Case.Name, "ours", raw, ours))
		lines := []figures.Line{curve("ours", ours.overTime, 0.5)}
		other := echoFigures{early: math.NaN(), changed: math.NaN(), settled: math.NaN(), both: math.NaN()}
		if theirs != nil {
			other = judgeEcho(t, theirs[i])
			rows = append(rows, echoRow(t.Case.Name, "AEC3", raw, other))
			lines = append(lines, curve("AEC3", other.overTime, 0.5))
			if err := b.keepSound("echo-"+slug(t.Case.Name)+"-aec3", theirs[i]); err != nil {
				return err
			}
		}
		if err := errors.Join(b.keepSound("echo-"+slug(t.Case.Name)+"-mic", quality.PCM(t.Mic)), b.keepSound("echo-"+slug(t.Case.Name)+"-ours", out)); err != nil {
			return err
		}
		s.Checks = append(s.Checks, echoChecks(t.Case, ours, other)...)
		s.Pictures = append(s.Pictures, Picture{
			Picture: figures.Picture{Title: "echo, return loss: " + t.Case.Name, X: "s", Y: "dB", Lines: lines, Top: 70},
			Name:    "echo-" + slug(t.Case.Name), Caption: "Return loss of the echo in each half second while the far end talks alone: " + t.Case.Name + ".",
		})
	}
	s.Tables = append(s.Tables, Table{Title: "Echo", Rows: rows,
		Head: []string{"scenario", "", "ERLE 0.3-2 s", "after the change", "14-20 s", "the noise", "both: STOI", "raw", "level", "worst tenth", "near alone: STOI", "delay"},
		Note: "ERLE and levels in dB; \"the noise\" is how far the room's own noise is under the echo, and the bar goes no further than that. The level is that of the near voice's loud moments while both talk, against what it was; the worst tenth is where it suffers most."})
	if theirs != nil {
		s.Tables[0].Note += fmt.Sprintf(" A frame of 10 ms takes AEC3 %.0f us in Node.js; ours is in the part about cost.", float64(frame)/float64(time.Microsecond))
	}
	return nil
}

// keepSound writes a sound beside the pictures, if sounds are kept.
func (b *bench) keepSound(name string, pcm []int16) error {
	if !b.keep {
		return nil
	}
	return saveWAV(filepath.Join(b.out, pictures, name+".wav"), pcm)
}

// curve is values at even steps, from the middle of the first.
func curve(name string, values []float64, step float64) figures.Line {
	l := figures.Line{Name: name}
	for i, v := range values {
		l.Points = append(l.Points, figures.Point{X: (float64(i) + 0.5) * step, Y: v})
	}
	return l
}

// aec3 runs AEC3 over all takes.
func (b *bench) aec3(ctx context.Context, takes []scene.EchoTake) ([][]int16, time.Duration, error) {
	f, err := fetchForeign(ctx)
	if err != nil {
		return nil, 0, err
	}
	var inputs [][][]int16
	for _, t := range takes {
		inputs = append(inputs, [][]int16{quality.PCM(t.Far), quality.PCM(t.Mic)})
	}
	return f.run(ctx, "aec3.mjs", b.dir, inputs)
}

// ownEcho is a take after our canceller.
func ownEcho(t scene.EchoTake) []int16 {
	e := process.NewEcho()
	far, i := quality.PCM(t.Far), 0
	return framed(quality.PCM(t.Mic), func(mic []int16) {
		e.Far(frameOf(far, i))
		e.Near(mic)
		i++
	})
}

// judgeEcho measures what came out. Its delay is found where the near end talks
// alone, and taken out.
func judgeEcho(t scene.EchoTake, pcm []int16) echoFigures {
	out := quality.Floats(pcm)
	lag := delayOf(quality.Part(t.Near, 2*t.Part, 3*t.Part), quality.Part(out, 2*t.Part, 3*t.Part))
	out = append(out[lag:], make([]float64, lag)...)
	loss := func(from, to time.Duration) float64 {
		return quality.Level(quality.Part(t.Echo, from, to)) - quality.Level(quality.Part(out, from, to))
	}
	quiet := func(from, to time.Duration) float64 {
		return quality.Level(quality.Part(t.Echo, from, to)) - quality.Level(quality.Part(t.Noise, from, to))
	}
	const first, soon = 300 * time.Millisecond, 2 * time.Second
	late := t.Part * 7 / 10
	f := echoFigures{
		early: loss(first, soon), changed: math.NaN(), settled: loss(late, t.Part),
		quietEarly: quiet(first, soon), quietChanged: math.NaN(), quiet: quiet(late, t.Part),
		both:     quality.STOI(quality.Part(t.Near, t.Part, 2*t.Part), quality.Part(out, t.Part, 2*t.Part)),
		alone:    quality.STOI(quality.Part(t.Near, 2*t.Part, 3*t.Part), quality.Part(out, 2*t.Part, 3*t.Part)),
		overTime: quality.ERLE(quality.Part(t.Echo, 0, t.Part), quality.Part(out, 0, t.Part), 500*time.Millisecond),
		delay:    time.Duration(lag) * time.Second / audio.Rate,
	}
	if t.Case.Change != 0 {
		at := time.Duration(t.Case.Change * float64(t.Part))
		f.changed = loss(at+100*time.Millisecond, at+time.Second)
		f.quietChanged = quiet(at+100*time.Millisecond, at+time.Second)
	}
	near := quality.Part(t.Near, t.Part, 2*t.Part)
	f.kept, f.lost = kept(near, near, quality.Part(out, t.Part, 2*t.Part))
	return f
}

// delayOf is by how many samples a sound comes later, if not before.
func delayOf(before, after []float64) int {
	_, segments := quality.Align(before, after, 200*time.Millisecond)
	var lags []int
	for _, g := range segments {
		if g.Correlation > 0 {
			lags = append(lags, g.Lag)
		}
	}
	if len(lags) == 0 {
		return 0
	}
	slices.Sort(lags)
	return max(0, lags[len(lags)/2])
}

// kept are the median and the tenth percentile of the level of a sound against what
// it was before, in dB, over the frames of 20 ms in which a voice is within 20 dB of
// its loudest.
func kept(voice, before, after []float64) (median, worst float64) {
	const frame = 20 * time.Millisecond
	v, a, b := quality.Levels(voice, frame), quality.Levels(before, frame), quality.Levels(after, frame)
	loudest := slices.Max(v)
	var change []float64
	for i, l := range v {
		if l > loudest-20 && i < len(a) && i < len(b) {
			change = append(change, b[i]-a[i])
		}
	}
	return quality.Percentile(change, 0.5), quality.Percentile(change, 0.1)
}

func echoRow(name, who string, raw float64, f echoFigures) []string {
	db := func(v float64) string { return cell(v, "%.1f") }
	return []string{name, who, db(f.early), db(f.changed), db(f.settled), db(f.quiet), three(f.both), three(raw), db(f.kept), db(f.lost), three(f.alone),
		fmt.Sprintf("%.1f ms", float64(f.delay)/float64(time.Millisecond))}
}

// three are the three digits of a share.
func three(v float64) string { return cell(v, "%.3f") }

// echoChecks hold ours to AEC3 in the same run, and in the base to what it had when
// the bar was set. Of return loss nobody needs more than brings the echo under the
// room's own noise: a canceller that is quieter yet has swallowed the room, too.
func echoChecks(c scene.EchoCase, ours, aec3 echoFigures) []figures.Check {
	var checks []figures.Check
	if c.Name == "base" {
		checks = append(checks,
			figures.AtLeast("base, ERLE 0.3-2 s, as set", ours.early, 28, "dB"),
			figures.AtLeast("base, ERLE 14-20 s, as set", ours.settled, 32, "dB"),
			figures.AtLeast("base, both: STOI, as set", ours.both, 0.69, ""))
	}
	if math.IsNaN(aec3.both) {
		return checks // it did not run, so there is no bar
	}
	loss := func(when string, got, bar, quiet float64) {
		checks = append(checks, figures.AtLeast(c.Name+", ERLE "+when, got, min(bar, quiet), "dB"))
	}
	loss("0.3-2 s", ours.early, aec3.early, ours.quietEarly)
	loss("14-20 s", ours.settled, aec3.settled, ours.quiet)
	if c.Change != 0 {
		loss("in the second after it", ours.changed, aec3.changed, ours.quietChanged)
	}
	return append(checks, figures.AtLeast(c.Name+", both: STOI", ours.both, aec3.both, ""))
}

// slug is a name as a part of a file's.
func slug(name string) string {
	var out []rune
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out = append(out, r)
		case r >= 'A' && r <= 'Z':
			out = append(out, r+'a'-'A')
		case len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, '-')
		}
	}
	for len(out) > 0 && out[len(out)-1] == '-' {
		out = out[:len(out)-1]
	}
	return string(out)
}
