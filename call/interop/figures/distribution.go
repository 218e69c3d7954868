package figures

import (
	"fmt"
	"math"
	"slices"
)

// Distribution sums up one quantity over several measurements, in the
// quantity's own unit.
type Distribution struct {
	N      int     `json:"n"`
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
}

// Of sums up samples. NaN stands for a call in which the thing did
// not happen and is left out, so N tells how often it did.
func Of(samples []float64) Distribution {
	s := slices.DeleteFunc(slices.Clone(samples), math.IsNaN)
	if len(s) == 0 {
		return Distribution{}
	}
	slices.Sort(s)
	return Distribution{N: len(s), Min: s[0], Median: Quantile(s, 0.5), P95: Quantile(s, 0.95), Max: s[len(s)-1]}
}

// Quantile is the value at or under which a share q of the sorted samples
// lies (the nearest-rank definition: always a value that was measured). The
// median of an even number is the mean of the middle two.
func Quantile(sorted []float64, q float64) float64 {
	n := len(sorted)
	if q == 0.5 && n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[max(0, int(math.Ceil(q*float64(n)))-1)]
}

// String is minimum / median / 95th percentile.
func (d Distribution) String() string {
	if d.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f / %.1f / %.1f", d.Min, d.Median, d.P95)
}
