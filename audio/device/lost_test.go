//go:build linux

package device_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio"
	"nxphone/audio/device"
)

// loop is a call's sound on a private daemon, already flowing.
type loop struct {
	*pulse
	host *device.Host
	dev  *device.Duplex
	m    *meter
	stop func()
}

// startLoop opens a microphone that hears the speaker and waits until the
// counting signal comes back.
func startLoop(t *testing.T, c device.Choice) *loop {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	l := &loop{pulse: startPulse(t), host: open(t), m: &meter{}}
	t.Cleanup(func() { l.host.Close() })
	var err error
	if l.dev, err = l.host.OpenDuplex(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	l.stop = run(t, l.dev, l.m)
	eventually(t, time.Minute, "sound comes back", func() bool { _, clean, _, _, _ := l.m.read(); return clean > period })
	return l
}

// lose waits until the device is told lost.
func (l *loop) lose() {
	l.t.Helper()
	select {
	case <-l.dev.Lost():
	case <-time.After(time.Minute):
		l.t.Fatalf("not told lost: %+v", l.dev.Stats())
	}
}

// carriesOn checks that both directions go on in real time for a second. On a
// busy machine a second may be late and the next one too full; a clock that
// stands or runs does so in each.
func (l *loop) carriesOn() {
	l.t.Helper()
	const attempts = 10
	var heard, said, want int
	for range attempts {
		before, played := l.m.frames()
		start := time.Now()
		<-time.After(time.Second)
		after, now := l.m.frames()
		want = int(time.Since(start) / audio.FrameDur)
		heard, said = after-before, now-played
		if min(heard, said) >= want*7/10 && max(heard, said) <= want*13/10 {
			return
		}
	}
	l.t.Errorf("%d frames of the microphone and %d of the speaker in the time of %d", heard, said, want)
}

// closes checks that Close is bounded, whatever has happened: TestCloseHangs
// knows by what.
func (l *loop) closes() error {
	l.t.Helper()
	start := time.Now()
	err := l.dev.Close()
	l.t.Log("closed in", time.Since(start), "with", err)
	if took := time.Since(start); took > 20*time.Second {
		l.t.Errorf("Close took %v", took)
	}
	l.stop()
	return err
}

var both = device.Choice{Microphone: "phone.monitor", Speaker: "phone"}

func TestDaemonKilledAndStartedAgain(t *testing.T) {
	l := startLoop(t, both)
	l.kill()
	l.lose()
	l.carriesOn()
	l.start()
	eventually(t, time.Minute, "the devices come back", func() bool {
		s := l.dev.Stats()
		return s.Microphone.Live && s.Speaker.Live
	})
	l.m.restart()
	eventually(t, time.Minute, "sound comes back", func() bool { _, clean, _, _, _ := l.m.read(); return clean > period })
	if err := l.closes(); err != nil {
		t.Error(err)
	}
	t.Logf("%+v", l.dev.Stats())
}

func TestDaemonKilled(t *testing.T) {
	l := startLoop(t, both)
	l.kill()
	l.lose()
	l.carriesOn()
	before := descriptors(t)
	l.carriesOn()
	l.carriesOn()
	if after := descriptors(t); after > before+1 {
		t.Errorf("%d descriptors before and %d after two seconds of attempts to reopen", before, after)
	}
	if err := l.closes(); err != nil {
		t.Error(err)
	}
	if err := l.host.Close(); err != nil {
		t.Error(err)
	}
}

// TestDaemonKilledUnnoticed closes before anybody could notice.
func TestDaemonKilledUnnoticed(t *testing.T) {
	l := startLoop(t, both)
	l.kill()
	if err := l.closes(); err != nil {
		t.Error(err)
	}
	if err := l.host.Close(); err != nil {
		t.Error(err)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

func TestDeviceUnplugged(t *testing.T) {
	l := startLoop(t, both)
	l.unload("phone")
	l.lose()
	l.carriesOn()
	eventually(t, time.Minute, "the default takes over", func() bool {
		s := l.dev.Stats()
		return s.Microphone.Live && s.Speaker.Live && s.Speaker.Device.ID == "other"
	})
	if err := l.closes(); err != nil {
		t.Error(err)
	}
}

// TestDaemonFrozen: a daemon that is there and says nothing is the worst,
// because even stopping hangs.
func TestDaemonFrozen(t *testing.T) {
	l := startLoop(t, both)
	l.signal(syscall.SIGSTOP)
	l.lose()
	l.carriesOn()
	l.closes()
	if err := l.host.Close(); !errors.Is(err, device.ErrHung) {
		t.Errorf("Close of a host that hangs: %v", err)
	}
	// What was left behind comes back with the daemon; goleak waits for it.
	l.signal(syscall.SIGCONT)
}

// TestFrozenDaemonIsAsked: questions are bounded too, and answered again when
// the daemon wakes up.
func TestFrozenDaemonIsAsked(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	p := startPulse(t)
	h := open(t)
	defer h.Close()
	if _, _, err := h.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGSTOP)
	start := time.Now()
	if _, _, err := h.List(t.Context()); !errors.Is(err, device.ErrHung) {
		t.Errorf("List: %v", err)
	}
	if _, err := h.OpenOutput(t.Context(), ""); !errors.Is(err, device.ErrHung) {
		t.Errorf("OpenOutput: %v", err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("two questions took %v", took)
	}
	d, err := h.OpenDuplex(t.Context(), device.Choice{Microphone: device.Null, Speaker: device.Null})
	if err != nil {
		t.Errorf("null needs no daemon: %v", err)
	} else if err := d.Close(); err != nil {
		t.Error(err)
	}
	p.signal(syscall.SIGCONT)
	eventually(t, time.Minute, "List answers again", func() bool {
		_, speakers, err := h.List(t.Context())
		return err == nil && len(speakers) == 2
	})
}
