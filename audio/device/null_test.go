package device_test

import (
	"log/slog"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/device"
)

// openHost opens a Host whose end is tested for leaks.
func openHost(t *testing.T, s device.System) *device.Host {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	h, err := device.Open(t.Context(), device.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), System: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// TestSuite holds the words of audio.Duplex against every kind of device that
// runs on any machine.
func TestSuite(t *testing.T) {
	for _, tt := range []struct {
		name   string
		choice device.Choice
	}{
		{"null device of miniaudio", device.Choice{}},
		{"no device", device.Choice{Microphone: device.Null, Speaker: device.Null}},
		{"no microphone", device.Choice{Microphone: device.Null}},
		{"no speaker", device.Choice{Speaker: device.Null}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := openHost(t, device.SystemNull)
			audiotest.RunDeviceSuite(t, func() audio.Duplex {
				d, err := h.OpenDuplex(t.Context(), tt.choice)
				if err != nil {
					t.Fatal(err)
				}
				return d
			})
		})
	}
}

// TestCallbackAllocations counts what the whole process allocates while a
// device runs: a callback that allocated would show a hundred times a second.
func TestCallbackAllocations(t *testing.T) {
	h := openHost(t, device.SystemNull)
	d, err := h.OpenDuplex(t.Context(), device.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{}
	stop := run(t, d, m)
	eventually(t, time.Minute, "sound flows", func() bool { n, played := m.frames(); return n > 0 && played > 0 })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	first, _ := m.frames()
	eventually(t, time.Minute, "two seconds of sound", func() bool { n, _ := m.frames(); return n-first >= 200 })
	runtime.ReadMemStats(&after)
	last, _ := m.frames()
	stop()
	frames, mallocs := last-first, after.Mallocs-before.Mallocs
	t.Log(frames, "frames,", mallocs, "allocations")
	if mallocs > uint64(frames)/2 {
		t.Errorf("%d allocations in %d frames", mallocs, frames)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
