package process

import "nxphone/audio"

// peakLimiter holds samples under a ceiling by looking ahead: when a sample that
// is too loud comes out, the gain has come down already, along a straight line
// and without a click. The least gain that any sample within the look-ahead
// needs, averaged over a time of the same length, is at no moment more than the
// sample of that moment allows. It allocates nothing.
type peakLimiter struct {
	look int // samples of look-ahead, and of delay
	// late holds the samples that wait.
	late [maxLook]float32
	at   int
	// needs are the gains under 1 that samples within the look-ahead need, as a
	// queue that grows from its head on, with the number of each sample.
	needs       [maxLook + 1]need
	first, many int
	now         uint64
	// gain comes down at once and goes up slowly; recent are its last values,
	// sum theirs, and ones how many of them in a row are 1.
	gain   float32
	recent [maxLook + 1]float32
	spot   int
	sum    float64
	ones   int
	hold   int // samples before the gain may rise
	// asked is the least gain that a sample has needed in the last block.
	asked float32
}

// need is the gain that a sample needs.
type need struct {
	at   uint64
	gain float32
}

// maxLook is the longest look-ahead, in samples (4 ms).
const maxLook = 192

func (p *peakLimiter) init(look int) {
	*p = peakLimiter{look: look, gain: 1, sum: float64(look + 1), ones: look + 1}
	for i := range p.recent {
		p.recent[i] = 1
	}
}

// bounds is what a limiter has to do.
type bounds struct {
	// soft is what samples are brought under by the gain, in sample units, most
	// what they are under at any price. Most is not under soft.
	soft, most float32
	// gain is the most gain that is allowed, 1 for any.
	gain float32
	// hold is how many samples the gain stays down, up the factor by which it
	// rises with each after that.
	hold int
	up   float32
}

// step limits a block into out, which is as long: what comes out is look samples
// late. It returns the least gain in force.
func (p *peakLimiter) step(out []int16, block []float32, b bounds) float32 {
	p.asked = 1
	if p.idle(block, b) {
		for i, x := range block {
			out[i], p.late[p.at] = audio.Saturate(p.late[p.at]), x
			p.at = p.wrap(p.at+1, p.look)
		}
		p.now += uint64(len(block))
		return 1
	}
	least := float32(1)
	share := 1 / float64(p.look+1)
	most := float32(int16(b.most)) // no rounding leads above it
	for i, x := range block {
		p.envelope(x, b)
		least = min(least, p.gain)
		y := p.late[p.at] * float32(p.sum*share)
		p.late[p.at] = x
		p.at = p.wrap(p.at+1, p.look)
		out[i] = audio.Saturate(min(max(y, -most), most))
	}
	return least
}

// idle reports whether nothing has to be done for a block.
func (p *peakLimiter) idle(block []float32, b bounds) bool {
	if p.ones <= p.look || p.many > 0 || b.gain < 1 {
		return false
	}
	for _, v := range block {
		if v > b.soft || -v > b.soft {
			return false
		}
	}
	return true
}

// envelope brings the gain to the moment of one new sample.
func (p *peakLimiter) envelope(x float32, b bounds) {
	if p.many > 0 && p.needs[p.first].at+uint64(p.look) < p.now {
		p.first, p.many = p.wrap(p.first+1, p.look+1), p.many-1
	}
	v := max(x, -x)
	if v > b.soft {
		g := b.soft / v
		p.asked = min(p.asked, g)
		for p.many > 0 && p.needs[p.wrap(p.first+p.many-1, p.look+1)].gain >= g {
			p.many--
		}
		p.needs[p.wrap(p.first+p.many, p.look+1)] = need{p.now, g}
		p.many++
	}
	p.now++
	m := min(b.gain, 1)
	if p.many > 0 {
		m = min(m, p.needs[p.first].gain)
	}
	switch {
	case m <= p.gain:
		if m < 1 {
			p.hold = b.hold
		}
		p.gain = m
	case p.hold > 0:
		p.hold--
	default:
		p.gain = min(m, p.gain*b.up)
	}
	p.sum += float64(p.gain - p.recent[p.spot])
	p.recent[p.spot] = p.gain
	p.spot = p.wrap(p.spot+1, p.look+1)
	if p.gain < 1 {
		p.ones = 0
	} else if p.ones++; p.ones > p.look {
		p.sum = float64(p.look + 1) // exactly, whatever was rounded
	}
}

func (p *peakLimiter) wrap(i, n int) int {
	if i >= n {
		return i - n
	}
	return i
}
