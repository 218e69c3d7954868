//go:build linux

package device_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio/device"
)

func open(t testing.TB) *device.Host {
	t.Helper()
	h, err := device.Open(t.Context(), device.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestLoop plays to a speaker and hears it at its monitor: every sample, in
// order, within a bounded time. On a machine with time to spare that goes on
// for two seconds without a gap. On a busy one the daemon itself is late, so
// half a second will do after some attempts: that is still more than a ring
// holds, so every fault of the rings is in it.
func TestLoop(t *testing.T) {
	l := startLoop(t, both)
	const attempts, span, least = 20, 2 * time.Second, 24000
	best := 0
	for i := range attempts {
		l.m.restart()
		<-time.After(span)
		frames, clean, gaps, p50, most := l.m.read()
		t.Log("frames", frames, "longest run", clean, "gaps", gaps, "delay p50", p50, "max", most)
		if p50 < 80*time.Millisecond {
			best = max(best, clean)
		}
		if best >= 90000 || i >= 5 && best >= least {
			break
		}
	}
	if best < least {
		t.Errorf("%d samples in order and within 80 ms at best: %+v", best, l.dev.Stats())
	}
	if err := l.closes(); err != nil {
		t.Error(err)
	}
}

// TestSecondOpen: with the Host warm, a call has its sound at once. The first
// pair stays open meanwhile: an idle null sink sleeps in blocks of two seconds,
// which no sound card does.
func TestSecondOpen(t *testing.T) {
	l := startLoop(t, both)
	const attempts, atOnce = 20, 200 * time.Millisecond // a busy machine needs several
	best := time.Hour
	for i := 0; i < 5 || i < attempts && best > atOnce; i++ {
		start := time.Now()
		d, err := l.host.OpenDuplex(t.Context(), both)
		if err != nil {
			t.Fatal(err)
		}
		m := &meter{}
		stop := run(t, d, m)
		eventually(t, time.Minute, "the first frame", func() bool { return d.Stats().Microphone.Frames > 0 })
		took := time.Since(start)
		t.Log("first frame after", took)
		best = min(best, took)
		stop()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if best > atOnce {
		t.Errorf("the first frame took %v at best", best)
	}
	if err := l.closes(); err != nil {
		t.Error(err)
	}
}

func TestListAndChoose(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	p := startPulse(t)
	h := open(t)
	defer h.Close()
	ids := func() (mics, speakers string) {
		t.Helper()
		m, s, err := h.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return names(m), names(s)
	}
	// Monitors are all there is.
	mics, speakers := ids()
	if mics != "*phone.monitor other.monitor" || speakers != "*phone other" {
		t.Errorf("microphones %q, speakers %q", mics, speakers)
	}
	// A real source hides them, all but the default.
	p.pactl("load-module", "module-remap-source", "source_name=headset", "master=other.monitor",
		"source_properties=device.description=Headset")
	p.pactl("set-default-source", "headset")
	if mics, _ := ids(); mics != "*headset" {
		t.Errorf("microphones %q", mics)
	}
	for want, id := range map[string]string{
		"":                "headset",
		"head":            "headset",
		"phone.monitor":   "phone.monitor",
		"Monitor of PHON": "phone.monitor",
	} {
		in, err := h.OpenInput(t.Context(), want)
		if err != nil {
			t.Errorf("%q: %v", want, err)
			continue
		}
		if got := in.Stats().Device.ID; got != id {
			t.Errorf("%q opens %q, want %q", want, got, id)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}
}

// names writes a list in short, the default marked.
func names(list []device.Info) string {
	var ids []string
	for _, d := range list {
		if d.Default {
			ids = append(ids, "*"+d.ID)
		} else {
			ids = append(ids, d.ID)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(a, b) })
	return strings.Join(ids, " ")
}
