package figures

import (
	"math"
	"testing"
)

func TestDistribution(t *testing.T) {
	twenty := make([]float64, 20)
	for i := range twenty {
		twenty[i] = float64(20 - i) // 20 to 1: the order must not matter
	}
	for _, c := range []struct {
		samples []float64
		want    Distribution
	}{
		{nil, Distribution{}},
		{[]float64{math.NaN()}, Distribution{}},
		{[]float64{7}, Distribution{1, 7, 7, 7, 7}},
		{[]float64{3, 1, math.NaN()}, Distribution{2, 1, 2, 3, 3}},
		{[]float64{9, 1, 5}, Distribution{3, 1, 5, 9, 9}},
		{twenty, Distribution{20, 1, 10.5, 19, 20}},
	} {
		if got := Of(c.samples); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.samples, got, c.want)
		}
	}
}
