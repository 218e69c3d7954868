package device_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"nxphone/audio"
)

// period is the length of the counting signal: samples 1, 2, ... period, 1...
// Silence is thus told from sound, and every sample says which one it is, for
// 0.6 s.
const period = 60 * audio.FrameLen

// meter plays the counting signal and finds it again in what it records.
type meter struct {
	mu sync.Mutex
	// played is the number of samples handed to the speaker, at is when each
	// of the last frames was, by its number modulo len(at).
	played int
	at     [period / audio.FrameLen]time.Time

	captured int // frames
	prev     int16
	clean    int // samples since the last gap
	best     int
	gaps     int
	delays   []time.Duration
}

func (m *meter) Playout(frame []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at[m.played/audio.FrameLen%len(m.at)] = time.Now()
	for i := range frame {
		frame[i] = int16(m.played%period) + 1
		m.played++
	}
}

func (m *meter) Capture(frame []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.captured++
	for _, v := range frame {
		if v > 0 && (v == m.prev+1 || v == 1 && m.prev == period) {
			m.clean++
		} else {
			if m.clean > audio.FrameLen {
				m.gaps++
			}
			m.clean = 0
		}
		m.prev = v
		m.best = max(m.best, m.clean)
	}
	if m.clean > audio.FrameLen {
		first := int(frame[0]) - 1
		m.delays = append(m.delays, time.Since(m.at[first/audio.FrameLen%len(m.at)]))
	}
}

func (m *meter) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clean, m.best, m.gaps, m.delays = 0, 0, 0, m.delays[:0]
}

func (m *meter) read() (frames, clean, gaps int, p50, most time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.delays) > 0 {
		d := slices.Sorted(slices.Values(m.delays))
		p50, most = d[len(d)/2], d[len(d)-1]
	}
	return m.captured, m.best, m.gaps, p50, most
}

// frames gives how many frames were captured and played.
func (m *meter) frames() (captured, played int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.captured, m.played / audio.FrameLen
}

// run runs audio.Run until the returned function is called.
func run(t testing.TB, d audio.Duplex, h audio.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = audio.Run(ctx, d, d, h)
	}()
	return func() { cancel(); <-done }
}

// eventually waits until ok says so, looking every 5 ms.
func eventually(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}
