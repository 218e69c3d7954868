package jitter

import "math"

// ms is a millisecond in samples.
const ms = 48

const (
	// The earliest arrival of the last two seconds is the line that delay is
	// measured from; it follows the sender's clock and a changed route.
	baseSlots    = 8
	baseInterval = 250 * ms
	// The worst delay of each half second of the last eight makes the target.
	worstSlots    = 16
	worstInterval = 500 * ms
	// margin is added to what the network does for what we do: the puller
	// comes every 10 ms.
	margin = 10 * ms
)

// arrivals learns from the packets' arrival how long sound must wait so that
// most packets are in time. All numbers are samples at 48 kHz.
type arrivals struct {
	base  window
	worst window
	// jitter is the estimate of RFC 3550 section 6.4.1; last is the transit of
	// the packet before.
	jitter float64
	last   int64
	any    bool
}

// add notes a packet by its arrival and its timestamp, and returns its delay
// over the earliest.
func (a *arrivals) add(at, ts int64) int64 {
	transit := at - ts
	if !a.any {
		*a = arrivals{
			any: true, last: transit, jitter: a.jitter,
			base:  newWindow(baseSlots, baseInterval, false),
			worst: newWindow(worstSlots, worstInterval, true),
		}
	}
	a.base.add(at, transit)
	delay := transit - a.base.best()
	a.worst.add(at, delay)
	a.jitter += (math.Abs(float64(transit-a.last)) - a.jitter) / 16
	a.last = transit
	return delay
}

// line is the transit of the earliest packet.
func (a *arrivals) line() int64 { return a.base.best() }

// target is the delay that has been enough lately, within bounds. The worst
// half second of the last eight seconds is left out: one stall is no habit.
func (a *arrivals) target(lowest, highest int64) int64 {
	if !a.any {
		return lowest
	}
	return min(max(a.worst.second()+margin, lowest), highest)
}

// forget starts anew, after a break in the timestamps. Jitter is kept: it is a
// property of the network.
func (a *arrivals) forget() { a.any = false }

// window keeps the extreme of each of the last few intervals in which there
// was anything.
type window struct {
	slots    [worstSlots]int64
	n, used  int
	at       int
	interval int64
	until    int64
	sign     int64 // 1 looks for the greatest, -1 for the least
}

func newWindow(n int, interval int64, greatest bool) window {
	w := window{n: n, interval: interval, sign: -1}
	if greatest {
		w.sign = 1
	}
	return w
}

func (w *window) add(now, v int64) {
	v *= w.sign
	if w.used == 0 || now >= w.until {
		w.at = (w.at + 1) % w.n
		w.used = min(w.used+1, w.n)
		w.slots[w.at] = v
		w.until = now + w.interval
		return
	}
	w.slots[w.at] = max(w.slots[w.at], v)
}

// best is the extreme of all intervals. There must have been one add.
func (w *window) best() int64 {
	best, _ := w.two()
	return best * w.sign
}

// second is the runner-up, or the best where there is only one interval.
func (w *window) second() int64 {
	best, second := w.two()
	if w.used < 2 {
		second = best
	}
	return second * w.sign
}

func (w *window) two() (best, second int64) {
	best, second = math.MinInt64/2, math.MinInt64/2
	for i := range w.used {
		// The used slots end at w.at and lie behind it.
		switch v := w.slots[(w.at-i+w.n)%w.n]; {
		case v > best:
			best, second = v, best
		case v > second:
			second = v
		}
	}
	return best, second
}
