//go:build linux

package device_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/device"
)

// BenchmarkOpen is the median time from OpenDuplex to the first recorded frame,
// with the Host warm as it is at any call.
func BenchmarkOpen(b *testing.B) {
	startPulse(b)
	h := open(b)
	defer h.Close()
	// An idle null sink sleeps in blocks of two seconds; this keeps it awake.
	awake, err := h.OpenDuplex(b.Context(), both)
	if err != nil {
		b.Fatal(err)
	}
	defer awake.Close()
	var opened, first, closed []time.Duration
	for b.Loop() {
		start := time.Now()
		d, err := h.OpenDuplex(b.Context(), both)
		if err != nil {
			b.Fatal(err)
		}
		opened = append(opened, time.Since(start))
		m := &meter{}
		stop := run(b, d, m)
		eventually(b, 5*time.Second, "the first frame", func() bool { return d.Stats().Microphone.Frames > 0 })
		first = append(first, time.Since(start))
		stop()
		start = time.Now()
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
		closed = append(closed, time.Since(start))
	}
	median := func(d []time.Duration) float64 {
		slices.Sort(d)
		return float64(d[len(d)/2]) / 1e6
	}
	b.ReportMetric(median(opened), "ms-to-open")
	b.ReportMetric(median(first), "ms-to-first-frame")
	b.ReportMetric(median(closed), "ms-to-close")
}

// BenchmarkTenSeconds is what ten seconds of a call's sound cost, and how long
// it takes from Output to Input through the daemon.
func BenchmarkTenSeconds(b *testing.B) { tenSeconds(b) }

// BenchmarkTenSecondsBusy is the same beside four goroutines that compute, with
// the usual and with a raised GOMAXPROCS: what is missed is what a computing
// program does to its call.
func BenchmarkTenSecondsBusy(b *testing.B) {
	for _, procs := range []int{runtime.NumCPU(), max(8, 4*runtime.NumCPU())} {
		b.Run(fmt.Sprint("GOMAXPROCS=", procs), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			var done atomic.Bool
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for n := 0; !done.Load(); n++ {
						_ = n * n
					}
				})
			}
			defer wg.Wait()
			defer done.Store(true)
			tenSeconds(b)
		})
	}
}

func tenSeconds(b *testing.B) {
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
	eventually(b, 30*time.Second, "sound comes back", func() bool { _, clean, _, _, _ := m.read(); return clean > audio.FrameLen })
	m.restart()
	before := d.Stats()
	var spent, passed time.Duration
	for b.Loop() {
		cpu, start := cpuTime(b), time.Now()
		<-time.After(10 * time.Second)
		spent += cpuTime(b) - cpu
		passed += time.Since(start)
	}
	_, _, gaps, p50, most := m.read()
	after := d.Stats()
	b.ReportMetric(100*float64(spent)/float64(passed), "%core")
	b.ReportMetric(float64(gaps), "gaps")
	b.ReportMetric(float64(p50)/1e6, "ms-p50")
	b.ReportMetric(float64(most)/1e6, "ms-max")
	b.ReportMetric(float64(after.Speaker.Underruns-before.Speaker.Underruns)/48, "ms-missed")
}

// cpuTime is what this process has used so far, user and system.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDeviceUnplugged is the longest time without sound when the device of
// a call is taken away and the default stands in: PulseAudio, both directions.
func BenchmarkDeviceUnplugged(b *testing.B) {
	var longest time.Duration
	for range b.N {
		p := startPulse(b)
		p.pactl("set-default-sink", "other")
		p.pactl("set-default-source", "other.monitor")
		h := open(b)
		d, err := h.OpenDuplex(b.Context(), both)
		if err != nil {
			b.Fatal(err)
		}
		m := &meter{}
		stop := run(b, d, m)
		eventually(b, 30*time.Second, "sound comes back", func() bool { _, clean, _, _, _ := m.read(); return clean > period })
		// The device that is to stand in is awake: a null sink first sleeps out
		// its block of 2 s, which no real one has.
		awake, err := h.OpenDuplex(b.Context(), device.Choice{Microphone: "other.monitor", Speaker: "other"})
		if err != nil {
			b.Fatal(err)
		}
		rest := run(b, awake, &meter{})
		<-time.After(5 * time.Second)
		rest()
		p.unload("phone")
		m.restart()
		last := time.Now()
		eventually(b, 30*time.Second, "sound goes on", func() bool {
			_, clean, _, _, _ := m.read()
			s := d.Stats()
			return s.Microphone.Reopened > 0 && s.Speaker.Reopened > 0 && clean > audio.FrameLen
		})
		longest = max(longest, time.Since(last))
		stop()
		if err := awake.Close(); err != nil {
			b.Error(err)
		}
		if err := d.Close(); err != nil {
			b.Error(err)
		}
		h.Close()
		p.kill()
	}
	b.ReportMetric(float64(longest.Milliseconds()), "ms-gap")
}
