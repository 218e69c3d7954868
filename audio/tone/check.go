package tone

import (
	"math"
	"time"

	"nxphone/audio"
)

// Report is what Check found of the test signal.
type Report struct {
	// Length is how much was looked at.
	Length time.Duration
	// Heard: at least one frame carried a tone.
	Heard bool
	// First is where the first tone frame lies; Span reaches from there to the
	// end of the last one.
	First, Span time.Duration
	// Clean is the percentage of the tone frames expected in Span (80 % of it,
	// the rest is the signal's own pause) that carried one tone and nothing
	// else. A whole signal gives 97 to 100: a frame that lies across the change
	// from f1 to f2 is unclear. It may be slightly more where Span does not end
	// with a pause.
	Clean float64
	// Frames of 20 ms that carried f1, f2, one of the foreign frequencies,
	// something unclear, or nothing.
	F1, F2, Foreign, Unclear, Silent int
	// Gaps are the stretches inside Span without f1 or f2; the signal's own
	// pauses of 200 ms are among them.
	Gaps []time.Duration
	// RMS is the level of everything in dBFS.
	RMS float64
}

// OK reports whether the signal was there, at least 80 % of it clean, and
// nothing foreign.
func (r Report) OK() bool { return r.Clean >= 80 && r.Foreign == 0 && r.F1 > 0 && r.F2 > 0 }

// LongestGap is the longest of the gaps, 0 where there is none.
func (r Report) LongestGap() time.Duration {
	var longest time.Duration
	for _, g := range r.Gaps {
		longest = max(longest, g)
	}
	return longest
}

const (
	// checkFrame is how finely Check looks.
	checkFrame = 20 * time.Millisecond
	// checkFloor is the mean square under which a frame is silent: an
	// amplitude of 14, -70 dBFS, above the idle noise of G.711.
	checkFloor = 100
	// checkShare of a frame's power must lie at one frequency.
	checkShare = 0.7
	// checkDuty is the part of the test signal that is not pause.
	checkDuty = 0.8
)

// Check looks in pcm, at rate Hz, for the test signal TwoTone(f1, f2), and for
// foreign frequencies, such as those of another direction's signal, that must
// not be there. Frequencies should be 100 Hz apart or more.
func Check(pcm []int16, rate int, f1, f2 float64, foreign ...float64) Report {
	n := samples(checkFrame, rate)
	r := Report{RMS: audio.DBFS(math.Sqrt(2 * meanSquare(pcm)))}
	if n == 0 {
		return r
	}
	frames := make([]bool, len(pcm)/n)
	for i := range frames {
		frames[i] = r.classify(pcm[i*n:(i+1)*n], rate, f1, f2, foreign)
	}
	r.Length = time.Duration(len(pcm)) * time.Second / time.Duration(rate)
	r.measure(frames)
	return r
}

// classify counts one frame and reports whether it carried f1 or f2.
func (r *Report) classify(pcm []int16, rate int, f1, f2 float64, foreign []float64) bool {
	all := meanSquare(pcm)
	if all < checkFloor {
		r.Silent++
		return false
	}
	best, into := power(pcm, rate, f1), &r.F1
	if p := power(pcm, rate, f2); p > best {
		best, into = p, &r.F2
	}
	for _, f := range foreign {
		if p := power(pcm, rate, f); p > best {
			best, into = p, &r.Foreign
		}
	}
	if best <= checkShare*all {
		into = &r.Unclear
	}
	*into++
	return into == &r.F1 || into == &r.F2
}

// measure finds span, gaps and the clean share.
func (r *Report) measure(tones []bool) {
	first, last, count := -1, -1, 0
	gap := 0
	for i, yes := range tones {
		if !yes {
			gap++
			continue
		}
		if first < 0 {
			first = i
		} else if gap > 0 {
			r.Gaps = append(r.Gaps, time.Duration(gap)*checkFrame)
		}
		last, gap = i, 0
		count++
	}
	if first < 0 {
		return
	}
	r.Heard = true
	r.First = time.Duration(first) * checkFrame
	r.Span = time.Duration(last-first+1) * checkFrame
	r.Clean = 100 * float64(count) / (checkDuty * float64(last-first+1))
}
