//go:build linux

package device_test

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkOpen is the time from OpenDuplex to the first recorded frame, with
// the Host warm as it is at any call.
func BenchmarkOpen(b *testing.B) {
	startPulse(b)
	h := open(b)
	defer h.Close()
	var opened, first, closed time.Duration
	for b.Loop() {
		start := time.Now()
		d, err := h.OpenDuplex(b.Context(), both)
		if err != nil {
			b.Fatal(err)
		}
		opened += time.Since(start)
		m := &meter{}
		stop := run(b, d, m)
		eventually(b, 5*time.Second, "the first frame", func() bool { n, _ := m.frames(); return n > 0 })
		first += m.first.Sub(start)
		stop()
		start = time.Now()
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
		closed += time.Since(start)
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(b.N) / 1e6 }
	b.ReportMetric(ms(opened), "ms-to-open")
	b.ReportMetric(ms(first), "ms-to-first-frame")
	b.ReportMetric(ms(closed), "ms-to-close")
}

// BenchmarkTenSeconds is what ten seconds of a call's sound cost, and how long
// it takes from Output to Input through the daemon.
func BenchmarkTenSeconds(b *testing.B) {
	startPulse(b)
	h := open(b)
	defer h.Close()
	d, err := h.OpenDuplex(b.Context(), both)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	m := &meter{}
	stop := run(b, d, m)
	defer stop()
	eventually(b, 10*time.Second, "sound comes back", func() bool { _, clean, _, _, _ := m.read(); return clean > period })
	m.restart()
	var spent, passed time.Duration
	var gaps int
	for b.Loop() {
		cpu, start := cpuTime(b), time.Now()
		<-time.After(10 * time.Second)
		spent += cpuTime(b) - cpu
		passed += time.Since(start)
	}
	_, _, gaps, p50, most := m.read()
	b.ReportMetric(100*float64(spent)/float64(passed), "%core")
	b.ReportMetric(float64(gaps), "gaps")
	b.ReportMetric(float64(p50)/1e6, "ms-p50")
	b.ReportMetric(float64(most)/1e6, "ms-max")
}

// cpuTime is what this process has used so far, user and system.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
