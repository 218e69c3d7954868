package audio_test

import (
	"math"
	"sync"
	"testing"

	"nxphone/audio"
)

func TestMeter(t *testing.T) {
	square := make([]int16, 480)
	for i := range square {
		square[i] = int16(16384 * (1 - 2*(i/8%2)))
	}
	for _, c := range []struct {
		name      string
		pcm       []int16
		rms, peak float64
	}{
		{"full scale", sine(480, 48000, 1000), -1, -1},
		{"silence", make([]int16, 480), audio.Silence, audio.Silence},
		{"square wave", square, -3.01, -6.02},
		{"most negative", []int16{math.MinInt16, 0}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := audio.NewMeter(len(c.pcm))
			if m.RMS() != audio.Silence || m.Peak() != audio.Silence {
				t.Error("does not begin in silence")
			}
			m.Add(c.pcm[:len(c.pcm)/2])
			if m.RMS() != audio.Silence {
				t.Error("half an interval was shown")
			}
			m.Add(c.pcm[len(c.pcm)/2:])
			if math.Abs(m.RMS()-c.rms) > 0.1 || math.Abs(m.Peak()-c.peak) > 0.1 {
				t.Errorf("reads %.2f, peak %.2f", m.RMS(), m.Peak())
			}
			m.Reset()
			if m.RMS() != audio.Silence || m.Peak() != audio.Silence {
				t.Error("not silent after Reset")
			}
		})
	}
}

func TestMeterIsReadWhileItMeasures(t *testing.T) {
	m := audio.NewMeter(480)
	frame := sine(480, 48000, 1000)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 2000 {
			m.Add(frame)
		}
	})
	for range 2000 {
		if l := m.RMS(); l != audio.Silence && math.Abs(l+1) > 0.1 {
			t.Errorf("reads %.2f", l)
			break
		}
	}
	wg.Wait()
	if n := testing.AllocsPerRun(100, func() { m.Add(frame); _ = m.Peak() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMixInto(t *testing.T) {
	const hi, lo = math.MaxInt16, math.MinInt16
	for _, c := range []struct {
		name           string
		dst, src, want []int16
		gain           float32
	}{
		{"adds", []int16{1, 2, 3}, []int16{10, 20, -30}, []int16{11, 22, -27}, 1},
		{"clips", []int16{hi, lo, 20000}, []int16{1, -1, 20000}, []int16{hi, lo, hi}, 1},
		{"scales", []int16{100, 100}, []int16{1000, -1000}, []int16{600, -400}, 0.5},
		{"clips what it scales", []int16{30000, -30000}, []int16{30000, -30000}, []int16{hi, lo}, 4},
		{"mutes", []int16{5, 6}, []int16{1000, 1000}, []int16{5, 6}, 0},
		{"shorter source", []int16{1, 1, 1}, []int16{1}, []int16{2, 1, 1}, 1},
		{"shorter destination", []int16{1}, []int16{1, 1}, []int16{2}, 0.999},
	} {
		audio.MixInto(c.dst, c.src, c.gain)
		for i := range c.want {
			if c.dst[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, c.dst, c.want)
				break
			}
		}
	}
}

func BenchmarkMixInto(b *testing.B) {
	dst, src := make([]int16, audio.FrameLen), make([]int16, audio.FrameLen)
	for b.Loop() {
		audio.MixInto(dst, src, 0.7)
	}
}
