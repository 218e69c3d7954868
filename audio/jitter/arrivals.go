package jitter

import "math"

// ms is a millisecond in samples.
const ms = 48

const (
	// The earliest arrival of the last two seconds is the line that delay is
	// measured from; it follows the sender's clock and a changed route.
	baseSlots    = 8
	baseInterval = 250 * ms

	// The worst delay of each half second goes into a histogram that halves
	// what it knows within 20 s. A call begins as if one half second had been
	// as bad as the first target.
	peakInterval = 500 * ms
	peakForget   = 0.983
	// peakShare of the half seconds shall be in time by the target alone; for
	// the others there is stretching.
	peakShare = 0.95
	// The target is that and a margin, of which a part grows with it up to a
	// bound: corrections in speech cost more than the delay that spares them.
	margin     = 3 * ms
	marginPart = 8
	marginMost = 8 * ms

	// Every delay goes into a second histogram, for the question how likely it
	// is that what is late by so much still comes in time.
	eachForget = 0.9995
	// unheard is the least share left for what was never seen: it falls by e
	// every unheardFall.
	unheard     = 0.002
	unheardFall = 60 * ms

	// In the beginning intervals are short, so that the first guess is soon
	// replaced by what is known, and a bad one counts before its end. After
	// novice of them what was learnt weighs as much as known half seconds.
	noviceInterval = 100 * ms
	novice         = 20
	known          = 5

	// Where packets are lost, sound waits up to lossMargin longer, in full from
	// a share of lossy on: the packet that tells how long the hole is, and holds
	// its end, should be there when the hole begins. What was lost longer ago
	// than 10 s counts little.
	lossMargin  = 10 * ms
	lossy       = 0.02
	holesForget = 0.998

	// careful is the most that is kept of the target when another sender begins.
	careful = 80 * ms

	// What comes out of order is weighed by itself: one percent of it lost is
	// worth 40 ms of delay, twice what NetEQ gives for it.
	reorderForget = 0.9993
	reorderPrice  = 4000 * ms
)

// arrivals learns from the packets' arrival how long sound must wait so that
// most of it is in time. All numbers are samples at 48 kHz.
type arrivals struct {
	base window

	peaks, each, reorder histogram

	gone float32 // the share of what never came and could not be rebuilt

	holes float32 // the share of what was missing when a later packet came,
	count int     // of so many that came in order
	// spare is the part of the target that is there for losses alone.
	spare int64

	peak  int64 // the worst delay of this half second
	until int64 // the end of it
	// jitter is the estimate of RFC 3550 section 6.4.1; last is the transit of
	// the packet before.
	jitter float64
	last   int64
	any    bool
	early  bool // the intervals are short
	// aim is what the histograms say, without bounds.
	aim int64
}

// start sets what is expected before anything is known.
func (a *arrivals) start(first int64) {
	a.peaks.add(first, peakForget)
	a.aim, a.early = first, true
}

// add notes a packet that came in order, by its arrival and its timestamp.
func (a *arrivals) add(at, ts int64) {
	transit := at - ts
	if !a.any {
		a.any, a.last = true, transit
		a.until = at + noviceInterval
	}
	a.base.add(at, transit)
	a.jitter += (math.Abs(float64(transit-a.last)) - a.jitter) / 16
	a.last = transit
	a.reorder.add(0, reorderForget)
	a.count++
	a.holes *= 1 - a.holeWeight()
	a.note(at, transit-a.base.least())
}

// rebuilt notes sound that did not come by itself, but whose redundancy came
// with a later packet: what counts is when it could be had.
func (a *arrivals) rebuilt(at, ts int64) {
	if a.any {
		a.note(at, at-ts-a.base.least())
	}
}

// hole notes n packets that have not come before one that came.
func (a *arrivals) hole(n int64) {
	a.holes = min(1, a.holes+float32(n)*a.holeWeight())
}

// holeWeight is what one packet weighs in the share of holes; in the beginning
// all weigh the same.
func (a *arrivals) holeWeight() float32 {
	return max(1-holesForget, 1/float32(a.count+1))
}

// missing notes n packets that should have come before one that came.
func (a *arrivals) missing(n int64) {
	a.gone = min(1, a.gone+float32(n)*(1-eachForget))
}

// late notes a packet that came after a newer one.
func (a *arrivals) late(at, ts int64) {
	if a.any {
		a.gone = max(0, a.gone-(1-eachForget))
		a.holes = max(0, a.holes-a.holeWeight())
		a.base.add(at, at-ts)
		a.reorder.add(at-ts-a.base.least(), reorderForget)
	}
}

// note puts a delay into the histograms.
func (a *arrivals) note(at, delay int64) {
	a.each.add(delay, eachForget)
	a.gone *= eachForget
	if at >= a.until {
		a.turn(at)
	}
	a.peak = max(a.peak, delay)
	if a.early {
		a.aim = max(a.aim, a.peak)
	}
}

// turn ends an interval.
func (a *arrivals) turn(at int64) {
	a.peaks.add(a.peak, peakForget)
	a.peak, a.until = 0, at+peakInterval
	if a.early && a.peaks.n > novice {
		a.early, a.peaks.n = false, known
	}
	if a.early {
		a.until = at + noviceInterval
	}
	worst := a.peaks.quantile(peakShare)
	worst += margin + min(worst/marginPart, marginMost)
	a.spare = int64(lossMargin * min(1, a.holes/lossy))
	worst += a.spare
	a.aim = worst
	if late := a.reorder.cheapest(reorderPrice, worst); late > 0 {
		a.aim = max(worst, late+margin)
	}
}

// line is the transit of the earliest packet.
func (a *arrivals) line() int64 { return a.base.least() }

// tooLate is the chance that sound which is late by so much and has not come yet
// will come, but not before it is late by the greater number.
func (a *arrivals) tooLate(late, need int64) float32 {
	never := max(a.gone, float32(1)/float32(a.each.n+1)/4)
	return (a.each.above(need) + a.unheardAbove(need)) / (a.each.above(late) + a.unheardAbove(late) + never)
}

// unheardAbove is the share of delays never seen yet above so much.
func (a *arrivals) unheardAbove(delay int64) float32 {
	return max(unheard, 1/float32(a.each.n+1)) * float32(math.Exp(-float64(max(0, delay))/unheardFall))
}

// target is the delay that has been enough lately, within bounds.
func (a *arrivals) target(lowest, highest int64) int64 {
	return min(max(a.aim, lowest), highest)
}

// forget starts anew, after a break in the timestamps or with another sender.
// What was enough until now is the first guess; jitter is kept, it is a property
// of the network.
func (a *arrivals) forget() {
	aim := min(a.aim, careful)
	*a = arrivals{jitter: a.jitter}
	a.start(aim)
}

// window keeps the least of each of the last few intervals in which there was
// anything.
type window struct {
	slots [baseSlots]int64
	used  int
	at    int
	until int64
}

func (w *window) add(now, v int64) {
	if w.used == 0 || now >= w.until {
		w.at = (w.at + 1) % baseSlots
		w.used = min(w.used+1, baseSlots)
		w.slots[w.at] = v
		w.until = now + baseInterval
		return
	}
	w.slots[w.at] = min(w.slots[w.at], v)
}

// least is the least of all intervals, 0 before there was any.
func (w *window) least() int64 {
	if w.used == 0 {
		return 0
	}
	least := w.slots[w.at]
	for i := range w.used {
		least = min(least, w.slots[(w.at-i+baseSlots)%baseSlots])
	}
	return least
}
