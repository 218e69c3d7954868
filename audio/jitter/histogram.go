package jitter

const (
	// bucket is the width of a histogram's steps; buckets reach to 512 ms, and
	// the last one takes all that is above.
	bucket  = 2 * ms
	buckets = 257
)

// histogram is how often which delay was seen, the older the less. Bucket k
// holds what lies over (k-1)*bucket, up to and with k*bucket, so that reading
// one back never gives less than what was put in.
type histogram struct {
	share [buckets]float32 // together 1, once anything was added
	n     int
}

// add notes a delay. The share of what was seen before shrinks to forget of
// what it was; in the beginning everything seen counts the same.
func (h *histogram) add(delay int64, forget float32) {
	h.n++
	keep := min(forget, 1-1/float32(h.n))
	for i := range h.share {
		h.share[i] *= keep
	}
	k := min(max(0, (delay+bucket-1)/bucket), buckets-1)
	h.share[k] += 1 - keep
}

// quantile is the least delay that this share does not exceed.
func (h *histogram) quantile(q float32) int64 {
	above := 1 - q
	k := buckets - 1
	for left := above; k > 0; k-- {
		if left -= h.share[k]; left < 0 {
			break
		}
	}
	return int64(k) * bucket
}

// above is the share that exceeds a delay.
func (h *histogram) above(delay int64) float32 {
	var sum float32
	for k := max(0, (delay+bucket-1)/bucket+1); k < buckets; k++ {
		sum += h.share[k]
	}
	return sum
}

// cheapest is the delay at which delay plus price times the share above it is
// least; delay up to free is had anyway.
func (h *histogram) cheapest(price float32, free int64) int64 {
	best, at := float32(free)+price, 0
	var under float32
	for k := range h.share {
		under += h.share[k]
		if c := float32(max(free, int64(k)*bucket)) + price*(1-under); c < best-1 {
			best, at = c, k
		}
	}
	return int64(at) * bucket
}
