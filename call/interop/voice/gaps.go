package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/trace"
	"nxphone/audio/codec"
	"nxphone/call/interop"
	"nxphone/call/interop/figures"
)

// gapTone is the lowest note, in Hz, of what is sent in the calls in which gaps are
// counted: one period for each stretch that is looked at, and a whole number of
// them in a packet, so that it can be repeated. A sound of several harmonics is
// not taken for a modem's or a detector's shriek, which a phone makes quieter.
const (
	gapTone  = 400
	gapNotes = 5
)

// gapSound is that sound at a sample.
func gapSound(i int) float64 {
	x := 0.0
	for k := 1; k <= gapNotes; k++ {
		x += math.Sin(2*math.Pi*gapTone*float64(k*i)/audio.Rate + float64(k*k))
	}
	return 2500 * x
}

// gapRun is one long call.
type gapRun struct {
	what string
	why  string // there are gaps, as far as it is known
	gaps []gap
	over time.Duration // which was listened to
}

// gapsInside counts the gaps of a call while the phone's own process works.
func (b *bench) gapsInside(ctx context.Context, s *Section) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.Intro = fmt.Sprintf("The phone's engine, sound card and processing in a process in which %d goroutines never rest; %d of them make garbage as fast as they can. "+
		"A steady sound of %d Hz and its harmonics comes from the far end for %g minutes; a gap is where the recorded tone falls by 12 dB or more for 5 ms or more.", busyGoroutines, wasters, gapTone, b.minutes)
	return b.gaps(ctx, s, "busy process", func(r *rig, d *desk, number string) (*interop.PhoneRun, error) {
		return d.group.StartPhone(d.label("busy-phone"), self, d.Env, busyPhone,
			"-url", r.lab.URL("wss"), "-realm", r.lab.Realm, "-ca", r.lab.CA, "-number", number)
	})
}

// gapsBeside counts them while the computer works.
func (b *bench) gapsBeside(ctx context.Context, s *Section) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.Intro = fmt.Sprintf("The phone as it is shipped, with a program beside it that computes on %d threads at the same priority; %g minutes, otherwise as before.", busyGoroutines, b.minutes)
	return b.gaps(ctx, s, "busy computer", func(r *rig, d *desk, number string) (*interop.PhoneRun, error) {
		if _, err := d.group.Start(interop.Spec{Name: d.label("busy-work"), Path: self, Args: []string{busyWork}, MayEnd: true}); err != nil {
			return nil, err
		}
		return d.group.StartPhone(d.label("phone"), b.phone, d.Env, "call", "--audio", "default", "--lang", "en",
			"--realm", r.lab.Realm, "--dn", "1000", "--url", r.lab.URL("wss"), "--ca", r.lab.CA, number)
	})
}

// gaps makes the call and tells.
func (b *bench) gaps(ctx context.Context, s *Section, what string, start func(*rig, *desk, string) (*interop.PhoneRun, error)) error {
	r, err := b.rig(ctx)
	if err != nil {
		return err
	}
	d, err := b.desk(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	pipe, err := d.Hear(d.label("hear"), interop.Speaker)
	if err != nil {
		return err
	}
	ear := listenForGaps(pipe)
	defer ear.stop()
	number := b.number()
	run, err := start(r, d, number)
	if err != nil {
		return err
	}
	inTime, cancel := context.WithTimeout(ctx, 2*answerTime)
	defer cancel()
	if _, err := run.WaitEvent(inTime, "InCall"); err != nil {
		return err
	}
	l, err := r.exchange.leg(inTime, number)
	if err != nil {
		return err
	}
	if err := interop.WaitFor(inTime, "the caller's sound", func() (bool, error) { return l.heard.Load() > 5, nil }); err != nil {
		return err
	}
	sched, err := toneSchedule(time.Duration(b.minutes * float64(time.Minute)))
	if err != nil {
		return err
	}
	if _, _, err := play(ctx, sched, l); err != nil {
		return err
	}
	over := ear.length()
	run.Interrupt()
	ending, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err := run.Wait(ending); err != nil {
		return err
	}
	all, why := ear.stop(), "the sound server, the phone or its packets waited for a core"
	for _, e := range run.Events() {
		if e.Type != accountEvent {
			continue
		}
		var a account
		if err := json.Unmarshal(e.Data, &a); err != nil {
			return err
		}
		s.Closing = fmt.Sprintf("The garbage was collected %d times meanwhile. The phone's own account: the speaker lacked sound for %.0f ms, %.0f ms of the microphone's were dropped, %.0f ms of the far end's were made up.",
			a.Collections, a.Underruns, a.Overruns, a.Concealed)
		why = fmt.Sprintf("the phone itself counts %.0f ms that its speaker lacked: the sound card's thread shares %d cores with work that never rests", a.Underruns, runtime.NumCPU())
	}
	// The first seconds only tell how loud the sound is.
	if want := time.Duration(b.minutes * float64(time.Minute)); over < want*9/10-3*time.Second {
		return fmt.Errorf("the tone was heard for %v only: %w", over, errShort)
	}
	// What comes after the last packet is the end and no gap.
	all = slices.DeleteFunc(all, func(g gap) bool { return g.At > over-500*time.Millisecond })
	tellGaps(s, gapRun{what, why, all, over})
	return nil
}

var errShort = errors.New("too little was heard")

// toneSchedule is the tone in Opus, in time: half a minute of it over and over.
func toneSchedule(d time.Duration) (schedule, error) {
	pcm := make([]int16, min(samples(30*time.Second), samples(d)))
	for i := range pcm {
		pcm[i] = int16(gapSound(i))
	}
	packets, err := encode(codec.Opus, pcm, 0)
	if err != nil {
		return nil, err
	}
	n := int(d / trace.Period)
	all := make([][]byte, n)
	for i := range all {
		all[i] = packets[i%len(packets)]
	}
	return newSchedule(all, trace.Trace{Fates: make([]trace.Fate, n)}), nil
}

// tellGaps writes the section.
func tellGaps(s *Section, g gapRun) {
	total, longest := time.Duration(0), time.Duration(0)
	for _, x := range g.gaps {
		total += x.Length
		longest = max(longest, x.Length)
	}
	minutes := g.over.Minutes()
	s.Tables = append(s.Tables, Table{Head: []string{"", "listened to", "gaps", "of 5 to 20 ms", "longer", "longest", "in all"}, Rows: [][]string{{
		g.what, fmt.Sprintf("%.1f min", minutes), fmt.Sprint(len(g.gaps)), fmt.Sprint(atMost(g.gaps, 20*time.Millisecond)),
		fmt.Sprint(len(g.gaps) - atMost(g.gaps, 20*time.Millisecond)), fmt.Sprintf("%.1f ms", longest.Seconds()*1000), fmt.Sprintf("%.1f ms", total.Seconds()*1000)}}})
	// The bar is for half an hour; a shorter call may have one gap as well.
	s.Checks = append(s.Checks, figures.AtMost(fmt.Sprintf("audible gaps in %.1f minutes (%s, %d cores)", minutes, g.what, runtime.NumCPU()), float64(len(g.gaps)), math.Max(1, minutes/30), "").Because(g.why))
	line := figures.Line{Name: "gap"}
	for _, x := range g.gaps {
		at := x.At.Seconds()
		line.Points = append(line.Points, figures.Point{X: at, Y: 0}, figures.Point{X: at, Y: x.Length.Seconds() * 1000}, figures.Point{X: at, Y: 0})
	}
	line.Points = append([]figures.Point{{X: 0, Y: 0}}, append(line.Points, figures.Point{X: g.over.Seconds(), Y: 0})...)
	name := "gaps-inside"
	if g.what != "busy process" {
		name = "gaps-beside"
	}
	s.Pictures = append(s.Pictures, Picture{figures.Picture{Title: "gaps, " + g.what, X: "s", Y: "ms", Lines: []figures.Line{line}}, name, "When there were gaps, and how long."})
}

func atMost(all []gap, d time.Duration) int {
	n := 0
	for _, g := range all {
		if g.Length <= d {
			n++
		}
	}
	return n
}
