package jitter

import (
	"math"
	"math/rand/v2"
	"testing"
)

// noise of an RMS in 16-bit units.
func noise(rng *rand.Rand, pcm []int16, rms float64) {
	for i := range pcm {
		pcm[i] = int16(rms * rng.NormFloat64())
	}
}

func TestComfortNoiseIsLikeTheBackground(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var g background
	pcm := make([]int16, 50*block)
	for range 20 { // half a second of room, half a second of speech
		noise(rng, pcm, 60)
		g.listen(pcm)
		noise(rng, pcm, 3000)
		g.listen(pcm)
	}
	made := make([]int16, 200*block)
	g.fill(made)
	if rms := math.Sqrt(power(made[block:])); rms < 45 || rms > 70 {
		t.Errorf("the background has 60, comfort noise %.0f", rms)
	}
	// It does not repeat itself.
	for lag := 120; lag < 50*block; lag += 7 {
		if c := correlate(made[:20*block], made[lag:lag+20*block]); lag > grain && c > 0.6 {
			t.Errorf("comfort noise repeats itself after %d samples: %.2f", lag, c)
		}
	}
	if !g.hushed(60*60) || g.hushed(600*600) {
		t.Errorf("hushed is wrong with a floor of %.0f", g.floor)
	}
}

func TestNoComfortFromTonesOrFromNothing(t *testing.T) {
	var g background
	pcm := make([]int16, 100*block)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(float64(i)/10))
	}
	g.listen(pcm)
	made := []int16{1, 2, 3}
	g.fill(made)
	if power(made) != 0 {
		t.Error("a loud tone was taken for background")
	}
	clear(pcm)
	g.listen(pcm)
	made = make([]int16, 10*block)
	g.fill(made)
	if power(made) != 0 {
		t.Error("silence was answered with noise")
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	for i := range 100 {
		h.add(int64(i)*ms, 1)
	}
	if q := h.quantile(0.95); q < 94*ms || q > 96*ms {
		t.Errorf("95 %% below %d ms", q/ms)
	}
	if a := h.above(49 * ms); a < 0.47 || a > 0.51 {
		t.Errorf("%.2f above the middle", a)
	}
	// A percent of loss is worth 40 ms here: 90 ms of 100 spare all but 9 %.
	if c := h.cheapest(200*ms, 0); c < 90*ms {
		t.Errorf("cheapest at %d ms", c/ms)
	}
	if c := h.cheapest(50*ms, 0); c != 0 {
		t.Errorf("cheapest at %d ms where loss costs little", c/ms)
	}
	for range 400 { // what was is forgotten
		h.add(5*ms, 0.98)
	}
	if q := h.quantile(0.99); q > 6*ms {
		t.Errorf("99 %% below %d ms", q/ms)
	}
	h.add(10_000*ms, 0.5)
	if q := h.quantile(0.99); q != (buckets-1)*bucket {
		t.Errorf("an endless delay is %d ms", q/ms)
	}
}
