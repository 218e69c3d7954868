package process

import (
	"math"
	"slices"
)

// noiseClicks takes the clicks of a keyboard out of a sound: what is loud at once,
// over everything that was heard shortly before, and gone within some
// milliseconds. A voice begins as suddenly, but stays; so a look ahead of 5 ms
// tells the two apart.
//
// Three bands, of less than 600 Hz, up to 2400 Hz, and above, are brought back to
// the level that each had before the click. The upmost decides whether there is
// one: it is where clicks are and where a voice is weakest.
type noiseClicks struct {
	low, mid lowPass
	// bands are the samples of the three bands: the last clickAhead ones wait.
	bands [3][clickAhead + frameLen]float32
	// power is the mean square of each band's pieces, oldest first.
	power  [3][clickPast + clickPieces]float32
	gain   [3]float32 // of the last piece
	before [3]float32 // the power before the click
	left   int        // pieces that the click may still last
	next   [3]float32 // the gain of the coming piece

	// Whether somebody types: clicks with nothing of a voice around them tell it.
	murmur  float32 // power of the middle band, smoothed over 3 ms
	floor   float32 // the same when nobody speaks
	silence int     // pieces since the middle band was over it
	since   int     // pieces since a click that may be such a one, 0 for none
	typing  int     // pieces for which somebody is taken to type
}

const (
	// clickPiece is a millisecond of samples.
	clickPiece  = frameLen / 10
	clickLook   = 5
	clickAhead  = clickLook * clickPiece
	clickPieces = clickLook + frameLen/clickPiece
	// clickPast is how many pieces before a click tell what was there: more than the
	// period of a deep voice, whose every pulse is a click otherwise.
	clickPast = 22
	// A click is clickRise times louder than what was there, and clickFall times
	// quieter again within the look ahead. It lasts clickLong pieces at most.
	// If nobody is known to type it must be clickSure times quieter.
	clickRise, clickFall, clickSure = 12, 8, 30
	// A click is alone if there is no voice for clickAlone pieces before and after,
	// but for the click itself, of clickThump pieces. It tells of clickTyping
	// pieces, ten seconds, of typing.
	clickAlone, clickThump, clickTyping = 60, 50, 10000
	// clickVoice is by how much a voice is over what else is in the middle band.
	clickVoice = 16
	clickLong  = 14
	// clickLeast is the smallest gain, -26 dB, and clickQuiet the power (-77 dBFS)
	// under which nothing is a click.
	clickLeast = 0.05
	clickQuiet = 10
)

func (c *noiseClicks) init() {
	c.low, c.mid = newLowPass(600), newLowPass(2400)
	c.floor, c.murmur = 1e9, 1e9
	c.gain, c.next = [3]float32{1, 1, 1}, [3]float32{1, 1, 1}
}

// pass takes a frame and gives the cleaned one of clickAhead samples before.
func (c *noiseClicks) pass(out []float32, frame []int16) {
	for b := range c.bands {
		copy(c.bands[b][:], c.bands[b][frameLen:])
		copy(c.power[b][:], c.power[b][frameLen/clickPiece:])
	}
	for i, s := range frame {
		x := float32(s)
		m := c.mid.pass(x)
		l := c.low.pass(m)
		c.bands[0][clickAhead+i], c.bands[1][clickAhead+i], c.bands[2][clickAhead+i] = l, m-l, x-m
	}
	for b := range c.bands {
		for p := range frameLen / clickPiece {
			sum := float32(0)
			for _, v := range c.bands[b][clickAhead+p*clickPiece : clickAhead+(p+1)*clickPiece] {
				sum += v * v
			}
			c.power[b][clickPast+clickLook+p] = sum / clickPiece
		}
	}
	for p := range frameLen / clickPiece {
		c.piece(out[p*clickPiece:(p+1)*clickPiece], p)
	}
}

// piece mixes piece p of the frame that leaves. Gains go over from one to another
// within half a piece, so that the smaller one is reached at the border.
func (c *noiseClicks) piece(out []float32, p int) {
	now := c.next
	c.next = c.judge(clickPast + p + 1)
	c.watch(c.power[1][clickPast+p+1])
	clear(out)
	for b := range c.bands {
		from, to := min(c.gain[b], now[b]), min(now[b], c.next[b])
		in := c.bands[b][p*clickPiece : (p+1)*clickPiece]
		if from == 1 && to == 1 && now[b] == 1 {
			for i, x := range in {
				out[i] += x
			}
			continue
		}
		const half = clickPiece / 2
		for i, x := range in {
			g := now[b]
			if t := float32(i) / half; t < 1 {
				g = from + (now[b]-from)*t
			} else {
				g = now[b] + (to-now[b])*(t-1)
			}
			out[i] += g * x
		}
	}
	c.gain = now
}

// judge gives the gains of a piece.
func (c *noiseClicks) judge(at int) [3]float32 {
	g := [3]float32{1, 1, 1}
	if c.left == 0 && c.begins(at) {
		c.left = clickLong
		for b := range c.before {
			c.before[b] = slices.Max(c.power[b][at-clickPast : at-1])
		}
	}
	if c.left == 0 {
		return g
	}
	c.left--
	if c.power[2][at] < 2*c.before[2]+clickQuiet {
		c.left = min(c.left, 2)
	}
	for b := range g {
		if now := c.power[b][at]; now > c.before[b] {
			g[b] = max(float32(math.Sqrt(float64((c.before[b]+1)/(now+1)))), clickLeast)
		}
	}
	return g
}

// begins reports whether a click begins with a piece, and notes one that may be
// alone.
func (c *noiseClicks) begins(at int) bool {
	high := c.power[2][:]
	was := slices.Max(high[at-clickPast : at-1])
	if high[at] < clickRise*was+clickQuiet {
		return false
	}
	peak := max(high[at], high[at+1])
	after := min(high[at+3], high[at+4])
	if after*clickFall >= peak {
		return false
	}
	if c.silence >= clickAlone && c.since == 0 {
		c.since = 1
	}
	return c.typing > 0 || after*clickSure < peak
}

// watch looks for clicks that are alone: a hard consonant is as short, but a voice
// follows it, or has been before.
func (c *noiseClicks) watch(mid float32) {
	c.typing = max(c.typing-1, 0)
	c.murmur += 0.3 * (mid + 1 - c.murmur)
	c.floor = max(min(c.floor*1.001, c.murmur), clickQuiet)
	if c.murmur < clickVoice*c.floor {
		c.silence++
	} else if c.since == 0 || c.since > clickThump {
		c.silence, c.since = 0, 0
	}
	if c.since > 0 {
		if c.since++; c.since > clickAlone {
			c.since, c.typing = 0, clickTyping
		}
	}
}

// lowPass is a second-order Butterworth filter (R. Bristow-Johnson, "Cookbook
// formulae for audio EQ biquad filter coefficients").
type lowPass struct{ b, a1, a2, x1, x2, y1, y2 float32 }

func newLowPass(hz float64) lowPass {
	w := 2 * math.Pi * hz / rate
	alpha := math.Sin(w) / math.Sqrt2
	a0 := 1 + alpha
	return lowPass{b: float32((1 - math.Cos(w)) / 2 / a0), a1: float32(-2 * math.Cos(w) / a0), a2: float32((1 - alpha) / a0)}
}

func (f *lowPass) pass(x float32) float32 {
	y := f.b*(x+2*f.x1+f.x2) - f.a1*f.y1 - f.a2*f.y2
	f.x2, f.x1 = f.x1, x
	f.y2, f.y1 = f.y1, y
	return y
}
