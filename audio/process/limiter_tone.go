package process

import "math"

// toneDetector finds a lone steady tone within 6 ms of its beginning: a whistle,
// a fax or modem answering, a loudspeaker that howls. A tone is the one signal
// that two samples before foretell entirely (a resonance without a loss), which
// a voice, whose resonances fade between the beats of the glottis, is not.
type toneDetector struct {
	x1, x2 float32 // the samples before, at a third of the rate
	parts  [toneParts]moments
	at     int
}

const (
	// part is how many samples are looked at together (2 ms), toneParts how many
	// such parts a tone must fill.
	part      = 96
	toneParts = 3
	// pure is the share of the power that a tone may leave unforetold, loss how
	// far its resonance may be from one without a loss.
	pure = 0.004
	loss = 0.01
	// The lowest and highest tone, in Hz: under them are voices and the signals of
	// exchanges, which are meant to be heard.
	toneLow, toneHigh = 850, 7500
)

// moments are sums of products of a sample and the two before it, and the power
// at the full rate.
type moments struct{ c00, c01, c02, c11, c12, c22, power float64 }

// take looks at the next part, and returns the level of what fills the last
// parts in dBFS (a full-scale sinusoid is 0), and whether that is a tone.
func (d *toneDetector) take(block []float32) (level float64, tone bool) {
	var m moments
	for i := 0; i+2 < len(block); i += 3 {
		a, b, c := block[i], block[i+1], block[i+2]
		m.power += float64(a*a + b*b + c*c)
		x := (a + b + c) / 3
		m.c00 += float64(x * x)
		m.c01 += float64(x * d.x1)
		m.c02 += float64(x * d.x2)
		m.c11 += float64(d.x1 * d.x1)
		m.c12 += float64(d.x1 * d.x2)
		m.c22 += float64(d.x2 * d.x2)
		d.x2, d.x1 = d.x1, x
	}
	d.parts[d.at] = m
	d.at = (d.at + 1) % toneParts
	var s moments
	least := math.Inf(1)
	for _, p := range d.parts {
		s.c00, s.c01, s.c02 = s.c00+p.c00, s.c01+p.c01, s.c02+p.c02
		s.c11, s.c12, s.c22 = s.c11+p.c11, s.c12+p.c12, s.c22+p.c22
		s.power += p.power
		least = min(least, p.power)
	}
	level = powerDB(s.power / (toneParts * part))
	// It fills all parts, or the first is its beginning.
	return level, least > s.power/20 && s.tonal()
}

// tonal fits x = a*x1 + b*x2.
func (s *moments) tonal() bool {
	det := s.c11*s.c22 - s.c12*s.c12
	if det <= 1e-9*s.c11*s.c22 || s.c00 <= 0 {
		return false
	}
	a := (s.c01*s.c22 - s.c02*s.c12) / det
	b := (s.c02*s.c11 - s.c01*s.c12) / det
	left := s.c00 - a*s.c01 - b*s.c02
	if left > pure*s.c00 || math.Abs(b+1) > loss {
		return false
	}
	cos := a / (2 * math.Sqrt(-b))
	if math.Abs(cos) > 1 {
		return false
	}
	hz := math.Acos(cos) / (2 * math.Pi) * rate / 3
	return hz >= toneLow && hz <= toneHigh
}

// powerDB is a mean square as a level in dBFS, 0 for a full-scale sinusoid.
func powerDB(p float64) float64 {
	if p <= 0 {
		return silence
	}
	return max(silence, 10*math.Log10(2*p/(math.MaxInt16*math.MaxInt16)))
}
