package peer

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio/tone"
	"nxphone/call"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Frequencies of the tests: what we say, what the far end says.
const (
	ourTone   = 1000
	theirTone = 1400
)

// rig is a session with its device and what it has told.
type rig struct {
	t      *testing.T
	eng    *Engine
	s      call.Session
	dev    *fakeDevice
	events chan call.MediaEvent
	seen   []call.MediaEvent // taken from events and not asked for
}

func newRig(t *testing.T, set Settings) *rig {
	t.Helper()
	return newRigWith(t, set, func(*Engine) {})
}

// newRigWith lets the test change the engine before Open.
func newRigWith(t *testing.T, set Settings, change func(*Engine)) *rig {
	t.Helper()
	r := &rig{t: t, dev: newDevice(ourTone), events: make(chan call.MediaEvent, 1024)}
	set.IncludeLoopback = true
	level := slog.LevelError
	if os.Getenv("PEER_LOG") != "" {
		level = slog.LevelDebug
	}
	r.eng = New(Options{
		Sound:    r.dev.open,
		Settings: func(call.Request) Settings { return set },
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	})
	change(r.eng)
	t.Cleanup(r.close)
	r.s = r.eng.Open(call.Request{}, func(ev call.MediaEvent) { r.events <- ev })
	return r
}

func (r *rig) close() {
	if r.s != nil {
		r.s.Close(call.ToneNone)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.eng.Close(ctx); err != nil {
		r.t.Errorf("close: %v", err)
	}
}

// await gives the first event that match takes, within a bound.
func await[E call.MediaEvent](r *rig, match func(E) bool) E {
	r.t.Helper()
	limit := time.After(time.Minute)
	for i, ev := range r.seen {
		if e, ok := ev.(E); ok && (match == nil || match(e)) {
			r.seen = append(r.seen[:i:i], r.seen[i+1:]...)
			return e
		}
	}
	for {
		select {
		case ev := <-r.events:
			if e, ok := ev.(E); ok && (match == nil || match(e)) {
				return e
			}
			if f, ok := ev.(call.MediaFailed); ok {
				r.t.Fatalf("media failed: %+v", f.Reason)
			}
			r.seen = append(r.seen, ev)
		case <-limit:
			var none E
			r.t.Fatalf("no %T came; seen %d events: %v", none, len(r.seen), r.seen)
			return none
		}
	}
}

func (r *rig) offer() string {
	r.t.Helper()
	return await[call.OfferReady](r, nil).SDP
}

// eventually waits for a condition that sound brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("never: %s", what)
		}
	}
}

// window is how much sound is looked at: 100 ms.
const window = 4800

// pure reports whether pcm is the tone and little else.
func pure(pcm []int16, freq float64) bool {
	return pcm != nil && tone.Presence(pcm, 48000, freq) > 0.8
}

func quiet(pcm []int16) bool {
	if pcm == nil {
		return false
	}
	for _, x := range pcm {
		if x > 40 || x < -40 {
			return false
		}
	}
	return true
}

func (r *rig) hears(freq float64) {
	r.t.Helper()
	eventually(r.t, "we hear the far end", func() bool { return pure(r.dev.heard(window), freq) })
}

func (f *farEnd) hears(freq float64) {
	f.t.Helper()
	from := f.samples()
	eventually(f.t, "the far end hears us", func() bool {
		return f.samples() > from+window && pure(f.heard(window), freq)
	})
}
