package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"nxphone/audio/audiotest/trace"
	"nxphone/audio/codec"
	"nxphone/audio/quality"
	"nxphone/call/interop"
	"nxphone/call/interop/figures"
)

// heard is what one receiver made of one trace.
type heard struct {
	who string
	received
	found []found
	sound []int16 // from the moment in which the first packet was due
	score quality.Score
}

// passage is one trace and what came of it at both receivers.
type passage struct {
	trace trace.Trace
	late  figures.Distribution // of the sender, in milliseconds
	heard []heard
}

// tail is how long is sent on behind the speech, so that its end is still played
// in an ordinary call.
const tail = 2 * time.Second

// receive plays every trace to the phone and to Chromium at once.
func (b *bench) receive(ctx context.Context, s *Section) error {
	s.Intro = "The same packets (Opus, 32 kb/s, redundancy for the network's loss, at least 10 %) reach both receivers at the same moments, delayed and dropped by a trace. " +
		"Delay is from the moment in which a packet was sent, were there no network, to its sound at the sound server's output, by correlation of the recording with what was said (windows of 400 ms); " +
		"it holds the codec's 6.5 ms and the sound server's 10 to 20 ms, for both alike. What the receivers say of their own jitter buffers stands beside it."
	r, err := b.rig(ctx)
	if err != nil {
		return err
	}
	phone, stopPhone, err := b.phoneEnd(ctx, r, processingFlags(false)...)
	if err != nil {
		return err
	}
	defer stopPhone()
	browser, stopBrowser, err := b.browserEnd(ctx, r, false)
	if err != nil {
		return err
	}
	defer stopBrowser()
	said, err := speech(ctx, b.length)
	if err != nil {
		return err
	}
	var all []passage
	for _, name := range trace.Names() {
		if !chosen(name, b.traces) {
			continue
		}
		var p passage
		if p, err = b.pass(ctx, r, name, said, phone, browser); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
			break // and what was measured is told
		}
		fmt.Fprintf(os.Stderr, "  %s\n", p)
		all = append(all, p)
	}
	score(said, all)
	tellReceive(s, all)
	return err
}

// pass sends the speech through one network to all ends.
func (b *bench) pass(ctx context.Context, r *rig, name string, said []int16, ends ...end) (passage, error) {
	t, err := trace.New(name, (len(said)+samples(tail))/960, 1)
	if err != nil {
		return passage{}, err
	}
	p := passage{trace: t}
	packets, err := encode(codec.Opus, append(append([]int16(nil), said...), make([]int16, samples(tail))...), int(math.Round(100*t.Loss())))
	if err != nil {
		return p, err
	}
	var legs []*leg
	var ears []*recorder
	for _, e := range ends {
		ear, err := e.hear(interop.Speaker)
		if err != nil {
			return p, err
		}
		defer ear.stop()
		l, err := b.answered(ctx, r, e)
		if err != nil {
			return p, fmt.Errorf("%s: %w", e.name(), err)
		}
		legs, ears = append(legs, l), append(ears, ear)
	}
	began, late, err := play(ctx, newSchedule(packets, t), legs...)
	if err != nil {
		return p, err
	}
	p.late = figures.Of(late)
	for i, e := range ends {
		h := heard{who: e.name()}
		if h.received, err = e.hangUp(ctx); err != nil {
			return p, fmt.Errorf("%s: %w", e.name(), err)
		}
		rec := ears[i].stop()
		h.found = delays(said, began, rec)
		h.sound = rec.cut(began, len(said)+samples(tail))
		p.heard = append(p.heard, h)
		if b.keep {
			file := filepath.Join(b.out, pictures, fmt.Sprintf("receive-%s-%s.wav", t.Slug(), strings.ToLower(h.who)))
			if err := keepSound(ctx, file, h.sound); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// answered lets an end call the exchange.
func (b *bench) answered(ctx context.Context, r *rig, e end) (*leg, error) {
	number := b.number()
	if err := e.call(ctx, number); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	l, err := r.exchange.leg(ctx, number)
	if err != nil {
		return nil, err
	}
	// The SBC sends nothing on before it knows the way: the caller's own packets
	// show that it does.
	return l, interop.WaitFor(ctx, "the caller's sound", func() (bool, error) { return l.heard.Load() > 5, nil })
}

// String is a line for whoever waits.
func (p passage) String() string {
	text := p.trace.Name + ":"
	for _, h := range p.heard {
		ms := inOrder(h.found)
		if len(ms) == 0 {
			text += fmt.Sprintf(" %s found nothing;", h.who)
			continue
		}
		text += fmt.Sprintf(" %s %.0f ms (p95 %.0f), concealed %.2f %%;", h.who, mean(ms), figures.Quantile(ms, 0.95), 100*h.Concealed)
	}
	return text
}

// mouthDelay is what a sender adds to the delay from the network to the ear, for
// the E-model, which wants it from mouth to ear: a packet's length, the codec's
// look-ahead and a sound card.
const mouthDelay = 40 * time.Millisecond

// row is a receiver's line of the table.
func (h heard) row(network string) []string {
	ms := inOrder(h.found)
	p95, mos := math.NaN(), math.NaN()
	if len(ms) > 0 {
		p95 = figures.Quantile(ms, 0.95)
		mos = quality.EModel{Codec: quality.Opus, Delay: mouthDelay + time.Duration(mean(ms)*float64(time.Millisecond)), Loss: h.Concealed}.MOS()
	}
	return []string{network, h.who, cell(mean(ms), "%.0f ms"), cell(p95, "%.0f ms"), cell(h.Delay, "%.0f ms"), cell(h.Target, "%.0f ms"), cell(100*h.Concealed, "%.2f %%"),
		cell(h.score.STOI, "%.3f"), cell(h.score.ESTOI, "%.3f"), cell(h.score.NSIM, "%.3f"), cell(h.score.LSD, "%.2f dB"), cell(mos, "%.2f")}
}

// tellReceive writes the section.
func tellReceive(s *Section, all []passage) {
	t := Table{Title: "All networks", Head: []string{"network", "receiver", "delay mean", "p95", "own: buffer", "own: target", "concealed", "STOI", "ESTOI", "NSIM", "LSD", "E-model"}}
	worst := 0.0
	var bars, stoi []figures.Bar
	for _, p := range all {
		bar, clear := figures.Bar{Name: p.trace.Name}, figures.Bar{Name: p.trace.Name}
		for _, h := range p.heard {
			t.Rows = append(t.Rows, h.row(p.trace.Name))
			bar.Values, clear.Values = append(bar.Values, mean(inOrder(h.found))), append(clear.Values, h.score.STOI)
		}
		worst = max(worst, p.late.P95)
		bars, stoi = append(bars, bar), append(stoi, clear)
		s.Checks = append(s.Checks, receiveChecks(p)...)
		s.Pictures = append(s.Pictures, delayPicture(p))
	}
	t.Note = fmt.Sprintf("The sender itself was up to %.1f ms late (the worst 95th percentile of all passages). "+
		"E-model: the opinion that ITU-T G.107.1 expects of these delays (with %d ms for the sender) and concealed shares.", worst, mouthDelay.Milliseconds())
	s.Tables = append(s.Tables, t)
	both := []figures.Line{{Name: "nxphone"}, {Name: "Chromium"}}
	s.Pictures = append([]Picture{
		{figures.Picture{Title: "mean delay", Y: "ms", Lines: both, Bars: bars}, "receive-delay", "The mean delay through each network."},
		{figures.Picture{Title: "speech that is understood", Y: "STOI", Lines: both, Bars: stoi, Top: 1}, "receive-stoi", "STOI through each network."},
	}, s.Pictures...)
}

// receiveChecks hold the phone against Chromium on the same trace.
func receiveChecks(p passage) []figures.Check {
	if len(p.heard) != 2 {
		return nil
	}
	ours, theirs := p.heard[0], p.heard[1]
	bar := mean(inOrder(theirs.found)) + 10
	if strings.HasPrefix(p.trace.Name, "jitter") {
		bar -= 10 // where there is only jitter: under Chromium's
	}
	why := reason(ours, theirs)
	return []figures.Check{
		figures.AtMost(p.trace.Name+": mean delay", mean(inOrder(ours.found)), bar, "ms"),
		figures.AtMost(p.trace.Name+": concealed", 100*ours.Concealed, 100*theirs.Concealed, "%").Because(why),
		figures.AtLeast(p.trace.Name+": STOI", ours.score.STOI, theirs.score.STOI, "").Because(why),
	}
}

// reason says what may stand behind a receiver that conceals more or is understood
// less, as far as the figures of the passage show it.
func reason(ours, theirs heard) string {
	var all []string
	if d := mean(inOrder(theirs.found)) - mean(inOrder(ours.found)); d >= 5 {
		all = append(all, fmt.Sprintf("it waits %.0f ms less for what is late or can be mended", d))
	}
	if a, b := ours.moved(), theirs.moved(); a >= b+20 {
		all = append(all, fmt.Sprintf("its delay moves more (%.0f ms between the 5th and the 95th percentile, Chromium's %.0f ms)", a, b))
	}
	return strings.Join(all, ", ")
}

// moved is between which delays most of the speech was heard, in milliseconds.
func (h heard) moved() float64 {
	ms := inOrder(h.found)
	if len(ms) == 0 {
		return math.NaN()
	}
	return figures.Quantile(ms, 0.95) - figures.Quantile(ms, 0.05)
}

// score compares what was heard with what was said; it takes seconds for each
// recording, all cores at once.
func score(said []int16, all []passage) {
	spoken := quality.Floats(said)
	var work sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range all {
		for j := range all[i].heard {
			h := &all[i].heard[j]
			work.Go(func() {
				turn <- struct{}{}
				defer func() { <-turn }()
				behindOthers()
				h.score = quality.Compare(spoken, quality.Floats(h.sound))
			})
		}
	}
	work.Wait()
}

// delayPicture is the delay over time, and what the network did.
func delayPicture(p passage) Picture {
	var lines []figures.Line
	for _, h := range p.heard {
		l := figures.Line{Name: h.who}
		last := -time.Second
		for _, f := range h.found {
			if f.at-last > 2*delayHop && len(l.Points) > 0 {
				l.Points = append(l.Points, figures.Point{X: last.Seconds(), Y: math.NaN()})
			}
			l.Points = append(l.Points, figures.Point{X: f.at.Seconds(), Y: f.delay})
			last = f.at
		}
		lines = append(lines, l)
	}
	net := figures.Line{Name: "network"}
	for i, f := range p.trace.Fates {
		y := f.Delay.Seconds() * 1000
		if f.Lost {
			y = math.NaN()
		}
		net.Points = append(net.Points, figures.Point{X: float64(i) * trace.Period.Seconds(), Y: y})
	}
	return Picture{figures.Picture{Title: p.trace.Name, X: "s", Y: "ms", Lines: append(lines, net)},
		"receive-" + p.trace.Slug(), "Delay of the played speech over time; the network's own delay below, with gaps where packets are lost."}
}
