package codec

import "math"

// The concealment of lost G.711 sound. What was heard last is repeated pitch
// period by pitch period, faded while the loss lasts, and blended into what
// comes after it: the idea of ITU-T G.711 Appendix I, without its 3.75 ms of
// added delay (the blend lies behind the loss instead of before it).

// All lengths are samples at 8 kHz.
const (
	pitchMin  = 40  // 200 Hz
	pitchMax  = 120 // 66 Hz
	pitchSpan = 160 // the 20 ms in which the pitch is looked for
	histLen   = pitchMax + pitchSpan
	seamLen   = 20  // cross-fade at the joint of two periods, 2.5 ms
	blendLen  = 40  // cross-fade from guess to sound, 5 ms
	fadeStart = 80  // 10 ms at full level,
	fadeLen   = 400 // then down to silence in 50 ms
)

// concealer keeps what it needs to carry on when a packet is missing. The zero
// value is ready.
type concealer struct {
	// hist is the last sound, received or guessed; the newest is at the end.
	hist [histLen]int16
	// cycle is the pitch period that is being repeated; at is where in it.
	cycle [pitchMax]int16
	pitch int
	at    int
	// step is how far the first guessed sample would jump from the last one
	// heard; it is let out over seamLen samples.
	step int
	// gone is how many samples in a row have been guessed.
	gone int
}

// received notes sound that came. Where a loss lies before it, its head is
// blended with the guess.
func (c *concealer) received(pcm []int16) {
	if c.gone > 0 {
		n := min(blendLen, len(pcm))
		for i := range n {
			w := float32(i+1) / float32(n+1)
			pcm[i] = int16(float32(pcm[i])*w + float32(c.next())*(1-w))
		}
		c.gone = 0
	}
	c.remember(pcm)
}

// lost fills pcm with a guess.
func (c *concealer) lost(pcm []int16) {
	if c.gone == 0 {
		c.begin()
	}
	for i := range pcm {
		pcm[i] = c.next()
	}
	c.remember(pcm)
}

// begin takes the last pitch period out of the history. Its tail is blended
// with what stood before its head, so that repeating it leaves no step.
func (c *concealer) begin() {
	c.pitch = c.findPitch()
	c.at = 0
	start := histLen - c.pitch
	c.step = int(c.hist[histLen-1]) - int(c.hist[start-1])
	copy(c.cycle[:c.pitch], c.hist[start:])
	for i := range seamLen {
		w := float32(i+1) / float32(seamLen+1)
		k := c.pitch - seamLen + i
		c.cycle[k] = int16(float32(c.cycle[k])*(1-w) + float32(c.hist[start-seamLen+i])*w)
	}
}

// next is the next guessed sample, faded by how long the loss has lasted.
func (c *concealer) next() int16 {
	if c.gone >= fadeStart+fadeLen || c.pitch == 0 {
		c.gone++
		return 0
	}
	x := int(c.cycle[c.at])
	if c.at++; c.at == c.pitch {
		c.at = 0
	}
	if c.gone < seamLen {
		x += c.step * (seamLen - c.gone) / (seamLen + 1)
	}
	if c.gone > fadeStart {
		x = x * (fadeStart + fadeLen - c.gone) / fadeLen
	}
	c.gone++
	return int16(min(max(x, math.MinInt16), math.MaxInt16))
}

// findPitch is the lag with the best normalised correlation over the span.
func (c *concealer) findPitch() int {
	recent := c.hist[pitchMax:]
	best, bestScore := pitchMax, float64(0)
	for lag := pitchMin; lag <= pitchMax; lag++ {
		past := c.hist[pitchMax-lag:][:pitchSpan]
		var cross, energy float64
		for i, x := range recent {
			cross += float64(x) * float64(past[i])
			energy += float64(past[i]) * float64(past[i])
		}
		if cross <= 0 || energy == 0 {
			continue
		}
		if score := cross * cross / energy; score > bestScore {
			best, bestScore = lag, score
		}
	}
	return best
}

// remember shifts sound into the history.
func (c *concealer) remember(pcm []int16) {
	if len(pcm) >= histLen {
		copy(c.hist[:], pcm[len(pcm)-histLen:])
		return
	}
	copy(c.hist[:], c.hist[len(pcm):])
	copy(c.hist[histLen-len(pcm):], pcm)
}
