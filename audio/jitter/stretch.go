package jitter

import "math"

// Time scaling by one pitch period: sound is made shorter or longer where
// nobody hears it, by a cross-fade between two periods that look alike (WSOLA,
// Verhelst and Roelands 1993).

const (
	lagMin = 120 // 2.5 ms, 400 Hz
	lagMax = 600 // 12.5 ms, 80 Hz
	// searchLen is the most that is looked at, 40 ms.
	searchLen = 1920
	// coarse is the decimation of the first search.
	coarse = 6
	// quietRMS, in 16-bit units (-50 dBFS): below it any cut goes unnoticed.
	quietRMS = 100
)

// similar finds the lag at which x repeats itself best, and how well: 1 is a
// perfect period, 0 nothing. Quiet sound counts as perfect. At least 2*lagMin
// samples are needed.
func similar(x []int16) (lag int, score float64) {
	x = x[:min(len(x), searchLen)]
	longest := min(lagMax, len(x)/2)
	if longest < lagMin {
		return 0, 0
	}
	var low [searchLen / coarse]float32
	n := len(x) / coarse
	var energy float64
	for i := range n {
		var s float32
		for _, v := range x[i*coarse : (i+1)*coarse] {
			s += float32(v)
			energy += float64(v) * float64(v)
		}
		low[i] = s
	}
	if math.Sqrt(energy/float64(n*coarse)) < quietRMS {
		return longest, 1
	}
	span := n - longest/coarse
	best := 0
	for l := lagMin / coarse; l <= longest/coarse; l++ {
		if s := correlate(low[:span], low[l:l+span]); s > score {
			best, score = l*coarse, s
		}
	}
	if best == 0 {
		return longest, 0
	}
	score = 0
	span = len(x) - longest
	for l := max(lagMin, best-coarse); l <= min(longest, best+coarse); l++ {
		if s := correlate(x[:span], x[l:l+span]); s > score {
			lag, score = l, s
		}
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

// shorten takes one period out of the head of x and returns what is left.
func shorten(x []int16, lag int) []int16 {
	for i := range lag {
		x[i] = fade(x[i], x[lag+i], i, lag)
	}
	copy(x[lag:], x[2*lag:])
	return x[:len(x)-lag]
}

// lengthen puts one more period into the head of x, which must have room for
// it behind its end.
func lengthen(x []int16, lag int) []int16 {
	x = x[:len(x)+lag]
	copy(x[2*lag:], x[lag:])
	// x[2*lag:3*lag] now holds the second period; the inserted one turns from
	// the second into the first.
	for i := range lag {
		x[lag+i] = fade(x[2*lag+i], x[i], i, lag)
	}
	return x
}

// fade goes from a to b, i of n steps.
func fade(a, b int16, i, n int) int16 {
	return int16((int(a)*(n-i) + int(b)*i) / n)
}
