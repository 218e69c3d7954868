package audio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"nxphone/audio"
)

func mustResampler(t testing.TB, from, to int) *audio.Resampler {
	t.Helper()
	r, err := audio.NewResampler(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fit takes the sinusoid of this frequency out of pcm by least squares and
// gives its level and the level of what is left, in dB of a full-scale
// sinusoid.
func fit(pcm []int16, rate int, freq float64) (at, rest float64) {
	var ss, cc, sc, xs, xc float64
	for i, x := range pcm {
		s, c := math.Sincos(2 * math.Pi * freq * float64(i) / float64(rate))
		v := float64(x) / math.MaxInt16
		ss, cc, sc, xs, xc = ss+s*s, cc+c*c, sc+s*c, xs+v*s, xc+v*c
	}
	det := ss*cc - sc*sc
	a, b := (xs*cc-xc*sc)/det, (xc*ss-xs*sc)/det
	var left float64
	for i, x := range pcm {
		s, c := math.Sincos(2 * math.Pi * freq * float64(i) / float64(rate))
		d := float64(x)/math.MaxInt16 - a*s - b*c
		left += d * d
	}
	return 10 * math.Log10(a*a+b*b+1e-20), 10 * math.Log10(2*left/float64(len(pcm))+1e-20)
}

// level of everything in pcm, in dB of a full-scale sinusoid.
func level(pcm []int16) float64 {
	var sum float64
	for _, x := range pcm {
		v := float64(x) / math.MaxInt16
		sum += v * v
	}
	return 10 * math.Log10(2*sum/float64(len(pcm))+1e-20)
}

// sine at -1 dBFS with a little noise of less than one step, so that what is
// measured is the filter and not the rounding of a periodic signal.
func sine(n, rate int, freq float64) []int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(math.Round(29204*math.Sin(2*math.Pi*freq*float64(i)/float64(rate)) + rng.Float64() - 0.5))
	}
	return pcm
}

func convert(r *audio.Resampler, src []int16) []int16 {
	dst := make([]int16, r.OutLen(len(src)))
	return dst[:r.Process(dst, src)]
}

// The promise, measured: flat to 85 % of the lower Nyquist frequency, nothing
// above it.
func TestResamplerResponse(t *testing.T) {
	for _, c := range []struct{ from, to int }{
		{48000, 8000}, {48000, 16000}, {8000, 48000}, {16000, 48000}, {32000, 48000}, {44100, 48000}, {48000, 44100}, {22050, 48000},
	} {
		t.Run(fmt.Sprintf("%d to %d", c.from, c.to), func(t *testing.T) {
			nyquist := float64(min(c.from, c.to)) / 2
			for _, part := range []float64{0.01, 0.075, 0.25, 0.5, 0.7, 0.8, 0.85} {
				f := nyquist * part
				out := convert(mustResampler(t, c.from, c.to), sine(c.from/5, c.from, f))
				at, rest := fit(out[len(out)/4:], c.to, f)
				if math.Abs(at+1) > 0.1 {
					t.Errorf("%.0f Hz comes out at %.2f dB, went in at -1", f, at)
				}
				// What else is there: images, distortion, rounding.
				if rest > -81 {
					t.Errorf("%.0f Hz brings %.1f dB of something else", f, rest)
				}
			}
			if c.from <= c.to {
				return
			}
			for _, part := range []float64{1.0, 1.03, 1.1, 1.25, 1.5, 2.5, 4.9} {
				f := nyquist * part
				if f >= float64(c.from)/2 {
					continue
				}
				out := convert(mustResampler(t, c.from, c.to), sine(c.from/5, c.from, f))
				if all := level(out[len(out)/4:]); all > -81 {
					t.Errorf("%.0f Hz folds back at %.1f dB", f, all)
				}
			}
		})
	}
}

// However the stream is cut, the result is the same, and a block of 10 ms
// gives exactly 10 ms.
func TestResamplerStreams(t *testing.T) {
	for _, c := range []struct{ from, to int }{{48000, 8000}, {8000, 48000}, {16000, 48000}, {44100, 48000}, {48000, 48000}} {
		src := sine(c.from/2, c.from, 440)
		want := convert(mustResampler(t, c.from, c.to), src)
		r := mustResampler(t, c.from, c.to)
		rng := rand.New(rand.NewPCG(9, 9))
		var got []int16
		for rest := src; len(rest) > 0; {
			n := min(len(rest), 1+rng.IntN(1500))
			got = append(got, convert(r, rest[:n])...)
			rest = rest[n:]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d to %d: cut into pieces it gives something else", c.from, c.to)
		}
		r.Reset()
		if again := convert(r, src); fmt.Sprint(again) != fmt.Sprint(want) {
			t.Errorf("%d to %d: after Reset it gives something else", c.from, c.to)
		}
		if c.from%100 == 0 {
			r.Reset()
			for range 5 {
				if n := len(convert(r, src[:c.from/100])); n != c.to/100 {
					t.Errorf("%d to %d: 10 ms give %d samples", c.from, c.to, n)
				}
			}
		}
	}
}

func TestResamplerDelay(t *testing.T) {
	for _, c := range []struct{ from, to int }{{48000, 8000}, {8000, 48000}, {44100, 48000}, {48000, 48000}} {
		r := mustResampler(t, c.from, c.to)
		src := make([]int16, c.from/10)
		src[0] = 20000
		out := convert(r, src)
		peak := 0
		for i, x := range out {
			if x > out[peak] {
				peak = i
			}
		}
		if d := peak - r.Delay(); d < -1 || d > 1 {
			t.Errorf("%d to %d: peak at %d, Delay says %d", c.from, c.to, peak, r.Delay())
		}
	}
}

func TestResamplerRefusesAndBounds(t *testing.T) {
	for _, c := range []struct{ from, to int }{{0, 48000}, {48000, -1}, {44101, 48000}} {
		if _, err := audio.NewResampler(c.from, c.to); err == nil {
			t.Errorf("%d to %d was accepted", c.from, c.to)
		}
	}
	r := mustResampler(t, 8000, 48000)
	dst := []int16{1, 1, 1, 1}
	if n := r.Process(dst[:3], make([]int16, 80)); n != 3 || dst[3] != 1 {
		t.Errorf("wrote %d into 3: %v", n, dst)
	}
	// A square wave at full scale overshoots; it must clip, not wrap.
	loud := make([]int16, 800)
	for i := range loud {
		loud[i] = math.MaxInt16
		if i/20%2 == 1 {
			loud[i] = math.MinInt16
		}
	}
	prev := int16(0)
	for i, x := range convert(mustResampler(t, 8000, 48000), loud) {
		if d := int(x) - int(prev); d > 40000 || d < -40000 {
			t.Fatalf("step of %d at %d: wrapped", d, i)
		}
		prev = x
	}
}

func TestResamplerDoesNotAllocate(t *testing.T) {
	down, up := mustResampler(t, 48000, 8000), mustResampler(t, 8000, 48000)
	wide, narrow := make([]int16, 481), make([]int16, 82)
	if n := testing.AllocsPerRun(200, func() {
		down.Process(narrow, wide[:480])
		up.Process(wide, narrow[:80])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkResampler10ms(b *testing.B) {
	for _, c := range []struct{ from, to int }{{48000, 8000}, {8000, 48000}, {48000, 16000}, {44100, 48000}} {
		b.Run(fmt.Sprintf("%d-%d", c.from, c.to), func(b *testing.B) {
			r := mustResampler(b, c.from, c.to)
			src := make([]int16, c.from/100)
			dst := make([]int16, r.OutLen(len(src)))
			for b.Loop() {
				r.Process(dst, src)
			}
		})
	}
}
