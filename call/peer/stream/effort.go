package stream

import "time"

// Complexities of an Opus encoder: what a call wants, and what a machine that
// does not keep up is left with.
const (
	fullComplexity  = 9
	leastComplexity = 3
)

// When a machine does not keep up: so much of a packet's length is spent in the
// encoder, on average over about a second. Less than an eighth of that, for
// effortPatience, is room for more.
const (
	effortTooMuch  = 0.25
	effortLittle   = effortTooMuch / 8
	effortPatience = 30 * time.Second
	effortPause    = time.Second
	effortWindow   = 1 * time.Second
)

// Effort finds the complexity that the machine can bear, from the time that the
// encoder takes on the clock of the wall: a core that is shared with others
// counts as a slow one. It belongs to the encoder's goroutine and does not
// allocate.
type Effort struct {
	lower int           // how far below fullComplexity
	share float64       // of a packet's length spent
	since time.Duration // sound encoded since the last change, or since it was too much
}

// Complexity is what holds now.
func (e *Effort) Complexity() int { return fullComplexity - e.lower }

// Spent takes what one packet of sound cost and returns the complexity for the
// next.
func (e *Effort) Spent(cost, sound time.Duration) int {
	if sound <= 0 {
		return e.Complexity()
	}
	share := float64(max(cost, 0)) / float64(sound)
	// One packet that the system put to sleep in the middle says nothing.
	share = min(share, 2)
	e.share += (share - e.share) * min(1, float64(sound)/float64(effortWindow))
	e.since += sound
	switch {
	case e.share > effortTooMuch && e.since >= effortPause:
		e.lower, e.since = min(e.lower+2, fullComplexity-leastComplexity), 0
	case e.share > effortLittle && e.share <= effortTooMuch:
		e.since = min(e.since, effortPause) // it is well as it is
	case e.share <= effortLittle && e.lower > 0 && e.since >= effortPatience:
		e.lower, e.since = e.lower-1, 0
	}
	return e.Complexity()
}
