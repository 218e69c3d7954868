package main

import (
	"math"
	"slices"
)

// Distribution sums up one quantity over several calls, in milliseconds.
type Distribution struct {
	N      int     `json:"n"`
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
}

// distribution sums up samples. NaN stands for a call in which the thing did
// not happen and is left out, so N tells how often it did.
func distribution(samples []float64) Distribution {
	s := slices.DeleteFunc(slices.Clone(samples), math.IsNaN)
	if len(s) == 0 {
		return Distribution{}
	}
	slices.Sort(s)
	return Distribution{N: len(s), Min: s[0], Median: quantile(s, 0.5), P95: quantile(s, 0.95), Max: s[len(s)-1]}
}

// quantile is the value at or under which a share q of the sorted samples
// lies (the nearest-rank definition: always a value that was measured). The
// median of an even number is the mean of the middle two.
func quantile(sorted []float64, q float64) float64 {
	n := len(sorted)
	if q == 0.5 && n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[max(0, int(math.Ceil(q*float64(n)))-1)]
}
