package process

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

func TestTransform(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 64
	f := newTransform(n)
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	got := make([]complex128, n/2+1)
	f.forward(got, x)
	for k := range got {
		var want complex128
		for i := range x {
			want += complex(x[i], 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(i*k)/n))
		}
		if cmplx.Abs(got[k]-want) > 1e-9 {
			t.Fatalf("bin %d is %v, want %v", k, got[k], want)
		}
	}
	back := make([]float64, n)
	f.backward(back, got)
	for i := range x {
		if math.Abs(back[i]-x[i]) > 1e-12 {
			t.Fatalf("sample %d came back as %v, was %v", i, back[i], x[i])
		}
	}
}
