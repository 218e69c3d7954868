package fft

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

func TestTransform(t *testing.T) {
	for n := 8; n <= 2048; n *= 2 {
		t.Run(fmt.Sprintf("float64 %d", n), func(t *testing.T) { check[float64](t, n, 1e-10) })
		t.Run(fmt.Sprintf("float32 %d", n), func(t *testing.T) { check[float32](t, n, 1e-4) })
	}
}

// check compares with the sum that defines the transform.
func check[F Float](t *testing.T, n int, within float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	f := New[F](n)
	if f.Len() != n || f.Bins() != n/2+1 {
		t.Fatalf("%d samples and %d bins", f.Len(), f.Bins())
	}
	x, back := make([]F, n), make([]F, n)
	for i := range x {
		x[i] = F(rng.NormFloat64())
	}
	re, im := make([]F, f.Bins()), make([]F, f.Bins())
	f.Forward(re, im, x)
	for k := range re {
		var want complex128
		for i := range x {
			want += complex(float64(x[i]), 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(i*k%n)/float64(n)))
		}
		if got := complex(float64(re[k]), float64(im[k])); cmplx.Abs(got-want) > within*math.Sqrt(float64(n)) {
			t.Fatalf("bin %d is %v, want %v", k, got, want)
		}
	}
	f.Inverse(back, re, im)
	for i := range x {
		if math.Abs(float64(back[i]-x[i])) > within {
			t.Fatalf("sample %d came back as %v, was %v", i, back[i], x[i])
		}
	}
}

// TestRoomIsForgotten: one transform after the other gives what each gives alone.
func TestRoomIsForgotten(t *testing.T) {
	f := New[float64](64)
	x := make([]float64, 64)
	x[3] = 1
	a, b, c, d := make([]float64, 33), make([]float64, 33), make([]float64, 33), make([]float64, 33)
	f.Forward(a, b, x)
	f.Forward(c, d, make([]float64, 64))
	f.Inverse(make([]float64, 64), c, d)
	f.Forward(c, d, x)
	for k := range a {
		if a[k] != c[k] || b[k] != d[k] {
			t.Fatalf("bin %d: %v%+vi, then %v%+vi", k, a[k], b[k], c[k], d[k])
		}
	}
}

func TestLengthsThatAreRefused(t *testing.T) {
	for _, n := range []int{-8, 0, 4, 12, 1000} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d samples are taken", n)
				}
			}()
			New[float32](n)
		}()
	}
}

func TestNothingIsAllocated(t *testing.T) {
	f := New[float32](256)
	x, re, im := make([]float32, 256), make([]float32, 129), make([]float32, 129)
	if n := testing.AllocsPerRun(10, func() { f.Forward(re, im, x); f.Inverse(x, re, im) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, n := range []int{512, 1024, 4096} {
		b.Run(fmt.Sprintf("float32/%d", n), func(b *testing.B) { benchmark[float32](b, n) })
		b.Run(fmt.Sprintf("float64/%d", n), func(b *testing.B) { benchmark[float64](b, n) })
	}
}

func benchmark[F Float](b *testing.B, n int) {
	f := New[F](n)
	x, re, im := make([]F, n), make([]F, n/2+1), make([]F, n/2+1)
	for i := range x {
		x[i] = F(i%17) - 8
	}
	for b.Loop() {
		f.Forward(re, im, x)
	}
}
