package trace

import (
	"math"
	"math/rand/v2"
	"time"
)

// network adds its harm to the fates of packets.
type network func(rng *rand.Rand, f []Fate)

func nothing(*rand.Rand, []Fate) {}

// both lets one network follow another.
func both(a, b network) network {
	return func(rng *rand.Rand, f []Fate) {
		a(rng, f)
		b(rng, f)
	}
}

// loss loses this share of the packets in bursts of this mean length; a burst
// of 1 is loss without a memory.
func loss(share, burst float64) network {
	return func(rng *rand.Rand, f []Fate) {
		bad := false
		for i := range f {
			switch {
			case burst == 1:
				bad = rng.Float64() < share
			case bad:
				bad = rng.Float64() >= 1/burst
			default:
				bad = rng.Float64() < share/(1-share)/burst
			}
			f[i].Lost = f[i].Lost || bad
		}
	}
}

// gamma99 is the 99th percentile of a gamma distribution of shape 2 and scale 1.
const gamma99 = 6.638

// gamma draws a delay of gamma distribution, shape 2, of which 99 in 100 are
// below p99.
func gamma(rng *rand.Rand, p99 time.Duration) time.Duration {
	return time.Duration((rng.ExpFloat64() + rng.ExpFloat64()) * float64(p99) / gamma99)
}

// jitter delays packets unevenly and keeps their order.
func jitter(p99 time.Duration) network {
	return func(rng *rand.Rand, f []Fate) {
		for i := range f {
			f[i].Delay += gamma(rng, p99)
		}
		queue(f)
	}
}

// queue keeps the order: no packet arrives before one that was sent before it.
// Lost packets push nobody back, they are lost on the way.
func queue(f []Fate) {
	last := time.Duration(math.MinInt64)
	for i := range f {
		if f[i].Lost {
			continue
		}
		sent := time.Duration(i) * Period
		last = max(last, sent+f[i].Delay)
		f[i].Delay = last - sent
	}
}

// stall holds everything back for so long, every so often; the first time
// after one interval.
func stall(length, every time.Duration) network {
	return func(_ *rand.Rand, f []Fate) {
		for i := range f {
			sent := time.Duration(i) * Period
			if into := sent % every; sent >= every && into < length {
				f[i].Delay += length - into
			}
		}
		queue(f)
	}
}

// hold keeps what is sent from a moment on until it is over.
func hold(f []Fate, from, length time.Duration) {
	for i := int((from + Period - 1) / Period); i < len(f); i++ {
		left := from + length - time.Duration(i)*Period
		if left <= 0 {
			return
		}
		f[i].Delay = max(f[i].Delay, left)
	}
}

// reorder makes this share of the packets late without holding up the others.
func reorder(share float64, late time.Duration) network {
	return func(rng *rand.Rand, f []Fate) {
		for i := range f {
			if rng.Float64() < share {
				f[i].Delay += late
			}
		}
	}
}

// drift lets the sender's clock go slower than the receiver's by so many
// millionths. With a faster one the delay shrinks, and so begins high enough.
func drift(ppm float64) network {
	return func(_ *rand.Rand, f []Fate) {
		base := max(0, -ppm*1e-6*float64(len(f))*float64(Period))
		for i := range f {
			f[i].Delay += time.Duration(math.Round(base + ppm*1e-6*float64(i)*float64(Period)))
		}
	}
}

// wifi is a shared and moody radio.
func wifi(rng *rand.Rand, f []Fate) {
	crowded := false
	for i := range f {
		if crowded {
			crowded = rng.Float64() >= 1.0/60 // 1.2 s on average
		} else {
			crowded = rng.Float64() < 1.0/200 // every 4 s
		}
		p99, lossy := 8*time.Millisecond, 0.002
		if crowded {
			p99, lossy = 70*time.Millisecond, 0.03
		}
		f[i].Delay += gamma(rng, p99)
		f[i].Lost = f[i].Lost || rng.Float64() < lossy
	}
	for at := between(rng, 4, 12); at < length(f); at += between(rng, 4, 12) {
		hold(f, at, between(rng, 0.08, 0.16)) // the card looks for other access points
	}
	queue(f)
}

// lte is a cellular link.
func lte(rng *rand.Rand, f []Fate) {
	const step = 8 * time.Millisecond
	swell := 0.0
	for i := range f {
		// A queue shared with other traffic of the same user, 0 to some 50 ms.
		swell += 0.02*(12-swell) + 2.5*rng.NormFloat64()
		swell = max(0, swell)
		f[i].Delay += time.Duration(swell * float64(time.Millisecond))
		tries := 0
		for tries < 4 && rng.Float64() < 0.1 {
			tries++
		}
		f[i].Delay += time.Duration(tries) * step
		if rng.Float64() < 0.004 { // what four tries did not bring is repeated by the layer above
			f[i].Delay += 60 * time.Millisecond
		}
		f[i].Lost = f[i].Lost || rng.Float64() < 0.001
	}
	for at := between(rng, 8, 22); at < length(f); at += between(rng, 8, 22) {
		hold(f, at, between(rng, 0.12, 0.25))
		for k := range rng.IntN(4) { // what the old cell still held
			if i := int(at/Period) + k; i < len(f) {
				f[i].Lost = true
			}
		}
	}
	queue(f)
}

// between draws a time, in seconds.
func between(rng *rand.Rand, lo, hi float64) time.Duration {
	return time.Duration((lo + (hi-lo)*rng.Float64()) * float64(time.Second))
}

// length is how long the packets take to be sent.
func length(f []Fate) time.Duration { return time.Duration(len(f)) * Period }
