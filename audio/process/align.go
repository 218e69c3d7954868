package process

import "math"

// aligner finds out that the echo has come to lie elsewhere than the filter
// expects it, and where: a sound server that has run dry plays on a little later,
// and everything the filter knows is right but for that. It correlates the
// expected echo with the microphone, each frequency by how much the two have in
// common and not by how loud it is (Knapp and Carter, "The generalized correlation
// method for estimation of time delay", IEEE Trans. ASSP 24, 1976). A voice at the
// microphone has nothing in common with the expected echo, so it neither moves the
// peak nor makes one.
type aligner struct {
	fft      *transform
	mic, far [span]float64 // the newest samples of the microphone and of the expected echo
	x, y     [span/2 + 1]complex128
	cross    [span/2 + 1]complex128
	px, py   [span/2 + 1]float64
	room     [span]float64
	turn     int
	seen     float64 // where the peak was at the last look
	held     int     // looks in a row that it was there
	right    int     // looks at which the filter was right
	apart    bool    // the echo is elsewhere, for all that can be told so soon
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
func (a *aligner) take(mic, expected []float64) {
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
	a.fft.forward(a.x[:], a.far[:])
	a.fft.forward(a.y[:], a.mic[:])
	loud := 0.0
	for k := lookedFrom; k < lookedTo; k++ {
		a.cross[k] = complex(fading, 0)*a.cross[k] + conj(a.x[k])*a.y[k]
		a.px[k] = fading*a.px[k] + sq(a.x[k])
		a.py[k] = fading*a.py[k] + sq(a.y[k])
		loud += a.px[k]
		w := a.px[k]*a.py[k] + 1
		a.x[k] = a.cross[k] * complex(1/math.Sqrt(w), 0)
	}
	if loud < span*span*100 { // there is hardly any echo, or it is not known yet
		a.held, a.apart = 0, false
		return 0
	}
	clear(a.x[:lookedFrom])
	clear(a.x[lookedTo:])
	a.fft.backward(a.room[:], a.x[:])
	return a.judge()
}

// at is the correlation at a lag.
func (a *aligner) at(lag int) float64 { return a.room[(lag+span)%span] }

// judge believes in a peak that is clearly higher than what there is at 0 and
// that stays where it is.
func (a *aligner) judge() float64 {
	const whole = 2.0 * (lookedTo - lookedFrom) / span // of two equal sounds
	best := 0
	for lag := -reach; lag <= reach; lag++ {
		if a.at(lag) > a.at(best) {
			best = lag
		}
	}
	here := max(a.at(-2), a.at(-1), a.at(0), a.at(1), a.at(2))
	high := a.at(best) / whole
	if here > 0.5*whole && a.right < knownAfter {
		a.right++
	}
	a.apart = high > 0.14 && a.at(best) > 2*here
	if !a.apart {
		a.held = 0
		return 0
	}
	// The top of the parabola through the peak and its neighbours.
	l, m, r := a.at(best-1), a.at(best), a.at(best+1)
	top := float64(best)
	if d := l - 2*m + r; d < 0 {
		top += 0.5 * (l - r) / d
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

// forget begins anew: what is remembered was expected elsewhere.
func (a *aligner) forget() {
	a.held, a.apart = 0, false
	clear(a.cross[:])
	clear(a.px[:])
	clear(a.py[:])
	clear(a.far[:])
	clear(a.mic[:])
}

// shifter moves what a filter has learnt by parts of a block.
type shifter struct {
	fft  *transform
	room [shifted]float64
	bin  [shifted/2 + 1]complex128
}

// shifted holds all taps and as much again, so that nothing comes round.
const shifted = 16384

// shift makes the echo come later by some samples, sooner if negative.
func (s *shifter) shift(f *filter, fft *transform, block []float64, late float64) {
	clear(s.room[:])
	for p := range partitions {
		fft.backward(block, f.w[p][:])
		copy(s.room[p*hop:], block[:hop])
	}
	s.fft.forward(s.bin[:], s.room[:])
	for k := range s.bin {
		s.bin[k] *= unit(-2 * math.Pi * float64(k) * late / shifted)
	}
	s.fft.backward(s.room[:], s.bin[:])
	clear(block[hop:])
	for p := range partitions {
		copy(block[:hop], s.room[p*hop:])
		fft.forward(f.w[p][:], block)
	}
}
