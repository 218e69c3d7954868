package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"nxphone/call/interop"
	"nxphone/call/interop/figures"
)

// way is from a mouth at one end to an ear at the other.
type way struct {
	from, to   string
	processing bool
	ms         []float64 // of the windows, in order
	sound      []int16   // at the ear
}

// What is said on each way, and how much of it is left out, while both ends
// settle.
const (
	mouthTime   = 14 * time.Second
	mouthSettle = 2 * time.Second
)

// mouthToEar measures all ways between the phone and Chromium.
func (b *bench) mouthToEar(ctx context.Context, s *Section) error {
	s.Intro = "Somebody speaks into the virtual microphone of one end, and the other end's speaker is recorded; " +
		"what the microphone was given is recorded in the same way, and the delay is between these two recordings (windows of 400 ms of speech, without the first 2 s). " +
		"Both ends call the same SBC (Kamailio and rtpengine), which joins them; the network is loopback. Processing is echo canceller, noise suppression and gain control of either program, and the phone's limiter."
	r, err := b.rig(ctx)
	if err != nil {
		return err
	}
	said, err := speech(ctx, mouthTime)
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "mouth.raw")
	if err := interop.WriteRaw(file, said); err != nil {
		return err
	}
	var all []way
	for _, processing := range []bool{false, true} {
		for _, pair := range [][2]string{{"nxphone", "nxphone"}, {"nxphone", "Chromium"}, {"Chromium", "Chromium"}} {
			name := pair[0] + " and " + pair[1]
			if processing {
				name += ", processing"
			}
			if !chosen(name, b.ways) {
				continue
			}
			ways, err := b.talk(ctx, r, pair, processing, file)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			for _, w := range ways {
				fmt.Fprintf(os.Stderr, "  %s: %.0f ms\n", w.name(), figures.Of(w.ms).Median)
			}
			all = append(all, ways...)
		}
	}
	tellEar(s, all)
	return nil
}

// newEnd starts one end.
func (b *bench) newEnd(ctx context.Context, r *rig, kind string, processing bool) (end, func(), error) {
	if kind == "nxphone" {
		return b.phoneEnd(ctx, r, processingFlags(processing)...)
	}
	return b.browserEnd(ctx, r, processing)
}

// talk joins two ends and measures both ways, or one between two of a kind.
func (b *bench) talk(ctx context.Context, r *rig, pair [2]string, processing bool, file string) ([]way, error) {
	var ends [2]end
	var legs [2]*leg
	for i, kind := range pair {
		e, stop, err := b.newEnd(ctx, r, kind, processing)
		if err != nil {
			return nil, err
		}
		defer stop()
		ends[i] = e
	}
	for i, e := range ends {
		var err error
		if legs[i], err = b.answered(ctx, r, e); err != nil {
			return nil, err
		}
	}
	join(legs[0], legs[1])
	var all []way
	for i := range ends {
		if i == 1 && pair[0] == pair[1] {
			break
		}
		w := way{from: ends[i].name(), to: ends[1-i].name(), processing: processing}
		failed := w.measure(ctx, ends[i], ends[1-i], file)
		if b.keep {
			if err := keepSound(ctx, filepath.Join(b.out, pictures, "ear-"+w.slug()+".wav"), w.sound); err != nil {
				return nil, err
			}
		}
		if failed != nil {
			return nil, failed
		}
		all = append(all, w)
	}
	for _, e := range ends {
		if _, err := e.hangUp(ctx); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// measure lets one end speak and listens at both.
func (w *way) measure(ctx context.Context, from, to end, file string) error {
	mouth, err := from.hear(interop.Microphone)
	if err != nil {
		return err
	}
	defer mouth.stop()
	ear, err := to.hear(interop.Speaker)
	if err != nil {
		return err
	}
	defer ear.stop()
	// A sink that is asked for less delay from now on needs a moment for it.
	if err := interop.WaitFor(ctx, "the recorders", func() (bool, error) {
		return mouth.samples() > 24000 && ear.samples() > 24000, nil
	}); err != nil {
		return err
	}
	speaking, err := from.say(file)
	if err != nil {
		return err
	}
	select {
	case <-speaking.Done():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	// What is still on its way.
	end := ear.samples()
	if err := interop.WaitFor(ctx, "the last words", func() (bool, error) { return ear.samples() > end+samples(time.Second), nil }); err != nil {
		return err
	}
	said, got := mouth.stop(), ear.stop()
	at := firstSound(said.pcm) + samples(mouthSettle)
	if at >= len(said.pcm) {
		return errors.New("nothing came into the microphone")
	}
	w.ms = inOrder(delays(said.pcm[at:], said.when(at), got))
	w.sound = got.pcm
	if len(w.ms) < 10 {
		return fmt.Errorf("%s: %d windows of speech were found at the ear: %w", w.name(), len(w.ms), errSilent)
	}
	return nil
}

var errSilent = errors.New("nothing of what was said was found in a recording")

// firstSound is the first sample that is no silence.
func firstSound(pcm []int16) int {
	for i, x := range pcm {
		if x > 200 || x < -200 {
			return i
		}
	}
	return len(pcm)
}

func (w *way) name() string {
	if w.processing {
		return w.from + " to " + w.to + ", processing"
	}
	return w.from + " to " + w.to
}

func (w *way) slug() string {
	return map[bool]string{false: "off-", true: "on-"}[w.processing] + w.from + "-" + w.to
}

// tellEar writes the section.
func tellEar(s *Section, all []way) {
	t := Table{Head: []string{"from", "to", "processing", "windows", "minimum", "median", "p95"}}
	pic := figures.Picture{Title: "mouth to ear, median", Y: "ms", Lines: []figures.Line{{Name: "without processing"}, {Name: "with processing"}}}
	medians := map[string]float64{}
	for _, w := range all {
		d := figures.Of(w.ms)
		on := 0
		if w.processing {
			on = 1
		}
		t.Rows = append(t.Rows, []string{w.from, w.to, []string{"off", "on"}[on], fmt.Sprint(d.N),
			fmt.Sprintf("%.0f ms", d.Min), fmt.Sprintf("%.0f ms", d.Median), fmt.Sprintf("%.0f ms", d.P95)})
		medians[w.name()] = d.Median
		label := w.from + " to " + w.to
		i := slices.IndexFunc(pic.Bars, func(x figures.Bar) bool { return x.Name == label })
		if i < 0 {
			i = len(pic.Bars)
			pic.Bars = append(pic.Bars, figures.Bar{Name: label, Values: []float64{math.NaN(), math.NaN()}})
		}
		pic.Bars[i].Values[on] = d.Median
	}
	s.Checks = append(s.Checks, earChecks(medians)...)
	s.Tables = append(s.Tables, t)
	s.Pictures = append(s.Pictures, Picture{pic, "ear", "The median delay of each way."})
}

// earChecks hold the medians, by way, against their bars, as far as they were
// measured.
func earChecks(medians map[string]float64) []figures.Check {
	theirs, have := medians["Chromium to Chromium, processing"]
	var all []figures.Check
	if got, ok := medians["nxphone to nxphone"]; ok {
		all = append(all, figures.AtMost("phone to phone without processing, median", got, 100, "ms"))
	}
	if got, ok := medians["nxphone to nxphone, processing"]; ok && have {
		all = append(all, figures.AtMost("phone to phone with all processing, median (bar: Chromium to Chromium)", got, theirs, "ms"))
	}
	return all
}

// processingFlags switch all of the phone's processing.
func processingFlags(on bool) []string {
	ceiling := 0 // none
	if on {
		ceiling = 6 // as the phone has it
	}
	return []string{fmt.Sprintf("--echo-cancellation=%t", on), fmt.Sprintf("--noise-suppression=%t", on), fmt.Sprintf("--automatic-gain=%t", on), fmt.Sprintf("--limiter-ceiling=%d", ceiling)}
}
