package jitter

import "math"

// Time scaling by one pitch period: sound is made shorter or longer where
// nobody hears it, by a cross-fade between two periods that look alike (WSOLA,
// Verhelst and Roelands 1993).

const (
	lagMin = 120 // 2.5 ms, 400 Hz
	lagMax = 720 // 15 ms, 67 Hz
	// searchLen is the most that is compared, 20 ms.
	searchLen = 960
	// coarse is the decimation of the first search.
	coarse = 6
)

// alikeAt finds by which lag, up to longest, x[at:at+span] is most like what
// stands that much before it (dir -1) or behind it (dir 1), and how much: 1 is
// a perfect period, 0 nothing. x must reach that far.
func alikeAt(x []int16, at, span, dir, longest int) (lag int, score float64) {
	if longest < lagMin || span < lagMin {
		return 0, 0
	}
	span = min(span, searchLen)
	var low [(searchLen + lagMax) / coarse]float32
	from := at
	if dir < 0 {
		from = at - longest/coarse*coarse
	}
	n := span/coarse + longest/coarse
	for i := range n {
		var s float32
		for _, v := range x[from+i*coarse : from+(i+1)*coarse] {
			s += float32(v)
		}
		low[i] = s
	}
	base, m := (at-from)/coarse, span/coarse
	best := 0
	for l := lagMin / coarse; l <= longest/coarse; l++ {
		if s := correlate(low[base:base+m], low[base+dir*l:base+dir*l+m]); s > score {
			best, score = l*coarse, s
		}
	}
	if best == 0 {
		return longest, 0
	}
	score = 0
	for l := max(lagMin, best-coarse+1); l <= min(longest, best+coarse-1); l++ {
		if s := correlate(x[at:at+span], x[at+dir*l:at+dir*l+span]); s > score {
			lag, score = l, s
		}
	}
	if lag == 0 {
		return best, 0
	}
	return lag, score
}

// correlate is the normalised correlation of two stretches of equal length, at
// least 0.
func correlate[T int16 | float32](a, b []T) float64 {
	var ab, aa, bb float32
	b = b[:len(a)]
	for i, x := range a {
		x, y := float32(x), float32(b[i])
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if ab <= 0 {
		return 0
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb))
}

// power is the mean square of x.
func power(x []int16) float64 {
	var sum float32
	for _, v := range x {
		sum += float32(v) * float32(v)
	}
	return float64(sum) / float64(max(1, len(x)))
}

// shorten takes lag samples out at the head of x and returns what is left.
func shorten(x []int16, lag int, alike bool) []int16 {
	crossFade(x[:lag], x[:lag], x[lag:2*lag], alike)
	copy(x[lag:], x[2*lag:])
	return x[:len(x)-lag]
}

// lengthen puts lag samples in at x[at], which repeat what stands before it. x
// must have room for them behind its end.
func lengthen(x []int16, at, lag int, alike bool) []int16 {
	x = x[:len(x)+lag]
	copy(x[at+lag:], x[at:])
	crossFade(x[at:at+lag], x[at+lag:at+2*lag], x[at-lag:at], alike)
	return x
}

// crossFade fills dst with what goes from a to b; dst may be one of them. Like
// sounds are added by amplitude, unlike ones by power, so that the level stays.
func crossFade(dst, a, b []int16, alike bool) {
	n := len(dst)
	a, b = a[:n], b[:n]
	if alike {
		for i := range dst {
			dst[i] = int16((int(a[i])*(n-i) + int(b[i])*i) / n)
		}
		return
	}
	for i := range dst {
		// A rotation by a small angle would do without roots; this is rare.
		w := float64(i) / float64(n)
		dst[i] = clip(float64(a[i])*math.Sqrt(1-w) + float64(b[i])*math.Sqrt(w))
	}
}

// clip brings a value into the range of a sample.
func clip(v float64) int16 {
	return int16(min(max(v, math.MinInt16), math.MaxInt16))
}
