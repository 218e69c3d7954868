package process

import (
	"math"

	"nxphone/audio/fft"
)

// aligner finds out that the echo has come to lie elsewhere than the filter
// expects it, and where: a sound server that has run dry plays on a little later,
// and everything the filter knows is right but for that. It correlates the
// expected echo with the microphone, each frequency by how much the two have in
// common and not by how loud it is (Knapp and Carter, "The generalized correlation
// method for estimation of time delay", IEEE Trans. ASSP 24, 1976). A voice at the
// microphone has nothing in common with the expected echo, so it neither moves the
// peak nor makes one.
type aligner struct {
	fft      *fft.Transform[float32]
	mic, far [span]float32 // the newest samples of the microphone and of the expected echo
	// The spectra of both, their product's recent mean and their powers'.
	xr, xi, yr, yi [span/2 + 1]float32
	cr, ci, px, py [span/2 + 1]float32
	room           [span]float32
	turn           int
	seen           float64 // where the peak was at the last look
	held           int     // looks in a row that it was there
	right          int     // looks at which the filter was right
	apart          bool    // the echo is elsewhere, for all that can be told so soon
	drift          float64 // samples by which it is a little later, or sooner if negative
	since          int     // looks since that was corrected last
}

const (
	// span is what is looked at at once: 85 ms.
	span = 4096
	// every is how many blocks there are between two looks.
	every = 2
	// lookedFrom and lookedTo are the band, 300 Hz to 3.5 kHz: telephone voices.
	lookedFrom, lookedTo = 26, 300
	// fading is how much of the looks before counts.
	fading = 0.7
	// reach is the furthest that the echo may have moved, 31 ms; the locator sees
	// more.
	reach = 1500
	// knownAfter is at how many looks the filter must have been right before it is
	// believed to know the room: half a second of speech.
	knownAfter = 25
	// heldFor is how many looks in a row a peak must lie at the same place, and
	// heldLong a low one, as it is while a visitor speaks too.
	heldFor, heldLong = 3, 8
)

// known: the filter has learnt the room.
func (a *aligner) known() bool { return a.right == knownAfter }

// take keeps a block of both.
func (a *aligner) take(mic, expected []float32) {
	copy(a.mic[:], a.mic[hop:])
	copy(a.mic[span-hop:], mic)
	copy(a.far[:], a.far[hop:])
	copy(a.far[span-hop:], expected)
}

// look gives the samples by which the echo is later than expected, 0 for where it
// is expected or cannot be told.
func (a *aligner) look() float64 {
	if a.turn = (a.turn + 1) % every; a.turn != 0 {
		return 0
	}
	a.fft.Forward(a.xr[:], a.xi[:], a.far[:])
	a.fft.Forward(a.yr[:], a.yi[:], a.mic[:])
	loud := float32(0)
	for k := lookedFrom; k < lookedTo; k++ {
		xr, xi, yr, yi := a.xr[k], a.xi[k], a.yr[k], a.yi[k]
		a.cr[k] = fading*a.cr[k] + xr*yr + xi*yi
		a.ci[k] = fading*a.ci[k] + xr*yi - xi*yr
		a.px[k] = fading*a.px[k] + xr*xr + xi*xi
		a.py[k] = fading*a.py[k] + yr*yr + yi*yi
		loud += a.px[k]
		w := 1 / float32(math.Sqrt(float64(a.px[k]*a.py[k]+1)))
		a.xr[k], a.xi[k] = a.cr[k]*w, a.ci[k]*w
	}
	if loud < span*span*100 { // there is hardly any echo, or it is not known yet
		a.held, a.apart = 0, false
		return 0
	}
	for _, x := range [...][]float32{a.xr[:lookedFrom], a.xi[:lookedFrom], a.xr[lookedTo:], a.xi[lookedTo:]} {
		clear(x)
	}
	a.fft.Inverse(a.room[:], a.xr[:], a.xi[:])
	return a.judge()
}

// at is the correlation at a lag.
func (a *aligner) at(lag int) float64 { return float64(a.room[lag&(span-1)]) }

// judge believes in a peak that is clearly higher than what there is at 0 and
// that stays where it is.
func (a *aligner) judge() float64 {
	const whole = 2.0 * (lookedTo - lookedFrom) / span // of two equal sounds
	best, most := 0, a.room[0]
	for lag, x := range a.room[:reach+1] {
		if x > most {
			best, most = lag, x
		}
	}
	for i, x := range a.room[span-reach:] {
		if x > most {
			best, most = i-reach, x
		}
	}
	here := max(a.at(-2), a.at(-1), a.at(0), a.at(1), a.at(2))
	high := a.at(best) / whole
	if here > 0.5*whole && a.right < knownAfter {
		a.right++
	}
	a.apart = high > 0.14 && a.at(best) > 2*here
	// The top of the parabola through the peak and its neighbours.
	l, m, r := a.at(best-1), a.at(best), a.at(best+1)
	top := float64(best)
	if d := l - 2*m + r; d < 0 {
		top += 0.5 * (l - r) / d
	}
	a.since++
	if !a.apart {
		a.held = 0
		a.creep(top, high)
		return 0
	}
	if math.Abs(top-a.seen) > 2 {
		a.held = 0
	}
	a.seen = top
	if a.held++; a.held < heldFor || high < 0.3 && a.held < heldLong {
		return 0
	}
	a.forget()
	return top
}

const (
	// creeping is the least drift that is corrected, in samples, and creepAfter how
	// many looks there are between two corrections: what is looked at must have been
	// expected where the filter is now.
	creeping, creepAfter = 0.25, 6
)

// creep finds the little by which the filter lags behind an echo that drifts,
// because the clocks of speaker and microphone differ. The filter would follow by
// itself, but only in the lower frequencies: 100 ppm are five samples a second.
func (a *aligner) creep(top, high float64) {
	a.drift = 0
	if a.right < knownAfter || high < 0.4 || math.Abs(top) > 3 || math.Abs(top) < creeping || a.since < creepAfter {
		return
	}
	a.drift, a.since = 0.7*top, 0
}

// forget begins anew: what is remembered was expected elsewhere.
func (a *aligner) forget() {
	a.held, a.apart = 0, false
	clear(a.cr[:])
	clear(a.ci[:])
	clear(a.px[:])
	clear(a.py[:])
	clear(a.far[:])
	clear(a.mic[:])
}

// rotate moves what a filter has learnt by less than some samples: a phase for
// each frequency. What that brings round the end of a partition is taken out with
// all else that grows there.
func (f *filter) rotate(late float64) {
	step := -2 * math.Pi * late / size
	sin, cos := math.Sincos(step)
	c, s := float64(1), float64(0)
	for k := range f.gr {
		f.gr[k], f.gi[k] = float32(c), float32(s)
		c, s = c*cos-s*sin, c*sin+s*cos
	}
	for p := range partitions {
		wr, wi := &f.re[p], &f.im[p]
		for k := range wr {
			a, b, g, h := wr[k], wi[k], f.gr[k], f.gi[k]
			wr[k], wi[k] = a*g-b*h, a*h+b*g
		}
	}
}

// shifter moves what a filter has learnt by parts of a block.
type shifter struct {
	fft    *fft.Transform[float32]
	room   [shifted]float32
	re, im [shifted/2 + 1]float32
}

// shifted holds all taps and as much again, so that nothing comes round.
const shifted = 16384

// shift makes the echo come later by some samples, sooner if negative.
func (s *shifter) shift(f *filter, t *fft.Transform[float32], block []float32, late float64) {
	clear(s.room[:])
	for p := range partitions {
		t.Inverse(block, f.re[p][:], f.im[p][:])
		copy(s.room[p*hop:], block[:hop])
	}
	s.fft.Forward(s.re[:], s.im[:], s.room[:])
	for k := range s.re {
		a := -2 * math.Pi * float64(k) * late / shifted
		c, d := float32(math.Cos(a)), float32(math.Sin(a))
		s.re[k], s.im[k] = s.re[k]*c-s.im[k]*d, s.re[k]*d+s.im[k]*c
	}
	s.fft.Inverse(s.room[:], s.re[:], s.im[:])
	clear(block[hop:])
	for p := range partitions {
		copy(block[:hop], s.room[p*hop:])
		t.Forward(f.re[p][:], f.im[p][:], block)
	}
}
