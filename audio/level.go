package audio

import (
	"math"
	"sync/atomic"
)

// Silence is the level, in dBFS, of digital silence, and the lowest that is
// ever reported. It is the lowest that RFC 6464 can carry.
const Silence = -127

// DBFS is the level of a sinusoid of this peak amplitude (16-bit units) in
// dBFS: 0 is full scale.
func DBFS(amplitude float64) float64 {
	if amplitude <= 0 {
		return Silence
	}
	return max(Silence, 20*math.Log10(amplitude/math.MaxInt16))
}

// Meter measures loudness over fixed intervals. One goroutine adds frames, any
// other may read; neither waits. A Meter must not be copied.
type Meter struct {
	interval int // samples
	// The adding goroutine's own: what the running interval holds so far.
	n     int
	sum   float64
	worst int
	// What the last whole interval held, as bits of float64.
	rms, peak atomic.Uint64
}

// NewMeter makes a meter that renews its reading every so many samples; a
// tenth of a second (Rate/10) moves a bar on a screen smoothly.
func NewMeter(samples int) *Meter {
	m := &Meter{interval: max(1, samples)}
	m.publish(Silence, Silence)
	return m
}

// Add measures a frame. It does not allocate.
func (m *Meter) Add(frame []int16) {
	for _, x := range frame {
		v := int(x)
		m.sum += float64(v * v)
		m.worst = max(m.worst, v, -v)
		if m.n++; m.n == m.interval {
			// sqrt(2): a full-scale sinusoid reads 0 dBFS, as its peak does.
			m.publish(DBFS(math.Sqrt(2*m.sum/float64(m.n))), DBFS(float64(m.worst)))
			m.n, m.sum, m.worst = 0, 0, 0
		}
	}
}

// Reset makes the meter read silence until the next whole interval. It belongs
// to the adding goroutine.
func (m *Meter) Reset() {
	m.n, m.sum, m.worst = 0, 0, 0
	m.publish(Silence, Silence)
}

func (m *Meter) publish(rms, peak float64) {
	m.rms.Store(math.Float64bits(rms))
	m.peak.Store(math.Float64bits(peak))
}

// RMS is the mean level of the last whole interval in dBFS, 0 for a full-scale
// sinusoid.
func (m *Meter) RMS() float64 { return math.Float64frombits(m.rms.Load()) }

// Peak is the highest sample of the last whole interval in dBFS.
func (m *Meter) Peak() float64 { return math.Float64frombits(m.peak.Load()) }
