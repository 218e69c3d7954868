package quality

import (
	"math"
	"testing"
	"time"
)

// TestOpinion: the ratings and scores of G.107, Table B.1, and of the clear
// connection.
func TestOpinion(t *testing.T) {
	for _, c := range []struct{ r, mos float64 }{
		{93.2, 4.41}, {90, 4.34}, {80, 4.03}, {70, 3.60}, {60, 3.10}, {50, 2.58}, {0, 1}, {-5, 1}, {100, 4.5}, {120, 4.5}, {3, 1},
	} {
		if got := opinion(c.r); math.Abs(got-c.mos) > 0.01 {
			t.Errorf("R %.1f is a MOS of %.3f, want %.2f", c.r, got, c.mos)
		}
	}
}

// TestEModel: ratings by the Recommendations' equations with their constants,
// worked out by hand.
func TestEModel(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name   string
		m      EModel
		r, mos float64
	}{
		// 129 - 1 = 128; 128/1.29 = 99.22.
		{"Opus, clear", EModel{Codec: Opus}, 128, 4.494},
		{"G.711, clear", EModel{}, 93.2, 4.409},
		{"100 ms are nothing", EModel{Delay: 100 * ms}, 93.2, 4.409},
		// X = 1: 25 (2^(1/6) - 3 (1 + 3^-6)^(1/6) + 2) = 3.044.
		{"200 ms", EModel{Delay: 200 * ms}, 90.156, 4.343},
		// X = 2: 25 (65^(1/6) - 3 (1 + (2/3)^6)^(1/6) + 2) = 24.07.
		{"400 ms", EModel{Delay: 400 * ms}, 69.13, 3.558},
		{"Opus, 400 ms", EModel{Codec: Opus, Delay: 400 * ms}, 103.93, 4.045},
		// 95 * 2/(2 + 25.1) = 7.011.
		{"G.711, 2 % lost", EModel{Loss: 0.02}, 86.189, 4.236},
		// 95 * 2/(2/2 + 25.1) = 7.280.
		{"in bursts", EModel{Loss: 0.02, Burst: 2}, 85.920, 4.227},
		// 1 + 94 * 2/(2 + 4.6) = 29.485.
		{"Opus, 2 % concealed", EModel{Codec: Opus, Loss: 0.02}, 99.515, 3.908},
		{"Opus knows no bursts", EModel{Codec: Opus, Loss: 0.02, Burst: 3}, 99.515, 3.908},
		{"all lost", EModel{Loss: 1}, 17.26, 1.181},
		{"out of range", EModel{Loss: -1, Burst: -3, Delay: -time.Second}, 93.2, 4.409},
		{"beyond all", EModel{Loss: 7, Delay: time.Hour}, 0, 1},
	} {
		if got := c.m.R(); math.Abs(got-c.r) > 0.01 {
			t.Errorf("%s: R is %.3f, want %.3f", c.name, got, c.r)
		}
		if got := c.m.MOS(); math.Abs(got-c.mos) > 0.005 {
			t.Errorf("%s: MOS is %.3f, want %.3f", c.name, got, c.mos)
		}
	}
}

// TestWideband: the scores that G.107.1's Annex A gives the modes of AMR-WB with
// their impairments of G.113, Table IV.1.
func TestWideband(t *testing.T) {
	for _, c := range []struct{ ie, mos float64 }{{0, 4.5}, {1, 4.494}, {8, 4.421}, {13, 4.337}, {41, 3.512}} {
		if got := opinion((wideBest - c.ie) / 1.29); math.Abs(got-c.mos) > 0.001 {
			t.Errorf("an impairment of %.0f is a MOS of %.4f, want %.3f", c.ie, got, c.mos)
		}
	}
}

func TestBurstRatio(t *testing.T) {
	for _, c := range []struct{ length, loss, want float64 }{
		{1 / (1 - 0.2), 0.2, 1}, {3, 0.2, 2.4}, {0, 0, 1}, {2, 0, 2}, {5, 1, 0},
	} {
		if got := BurstRatio(c.length, c.loss); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("bursts of %.2f at a loss of %.2f have a ratio of %.2f, want %.2f", c.length, c.loss, got, c.want)
		}
	}
}

// TestWorseIsWorse: no more delay or loss makes a call better.
func TestWorseIsWorse(t *testing.T) {
	for _, codec := range []Codec{G711, Opus} {
		before := math.Inf(1)
		for i := range 100 {
			m := EModel{Codec: codec, Delay: time.Duration(i) * 10 * time.Millisecond, Loss: float64(i) / 300, Burst: 1}
			if got := m.MOS(); got > before || got < 1 {
				t.Fatalf("%+v: MOS %.3f after %.3f", m, got, before)
			} else {
				before = got
			}
		}
	}
}

func TestEModelAllocatesNothing(t *testing.T) {
	m := EModel{Codec: Opus, Delay: 150 * time.Millisecond, Loss: 0.01}
	if n := testing.AllocsPerRun(100, func() { m.MOS() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEModel(b *testing.B) {
	m := EModel{Codec: Opus, Delay: 150 * time.Millisecond, Loss: 0.01}
	for b.Loop() {
		m.MOS()
	}
}
