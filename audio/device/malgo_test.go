package device

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/gen2brain/malgo"
)

// TestBackendNull fails when malgo's list of backends has been put right; then
// backendNull has served its time.
func TestBackendNull(t *testing.T) {
	if malgo.BackendNull != 13 {
		t.Errorf("malgo.BackendNull is %d: use it in place of backendNull (%d)", malgo.BackendNull, backendNull)
	}
	d := testDriver(t, backendNull)
	mics, speakers, err := d.list()
	if err != nil || len(mics) != 1 || len(speakers) != 1 {
		t.Errorf("microphones %v, speakers %v, %v", mics, speakers, err)
	}
}

func testDriver(t *testing.T, backends ...malgo.Backend) *malgoDriver {
	d := newMalgoDriver(slog.New(slog.NewTextHandler(t.Output(), nil)), "test", func() []malgo.Backend { return backends })
	t.Cleanup(d.close)
	return d
}

// TestNativeLine fails when an update of malgo moves what adopt relies on.
// Sound then goes on through Go, at five times the cost.
func TestNativeLine(t *testing.T) {
	for _, dir := range []Direction{Microphone, Speaker} {
		t.Run(dir.String(), func(t *testing.T) {
			s, err := testDriver(t, backendNull).open(dir, "", 3)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			l := s.(*malgoStream).line
			if f, ok := l.(*fitted); ok {
				l = f.line
			}
			if _, ok := l.(*nativeLine); !ok {
				t.Error("the callback is not in C")
			}
		})
	}
}

// TestAdoptRefuses: a device that is not what adopt takes it for stays as it is.
func TestAdoptRefuses(t *testing.T) {
	d := testDriver(t, backendNull)
	c, err := d.context()
	if err != nil {
		t.Fatal(err)
	}
	mine, other := newNativeLine(), newNativeLine()
	defer mine.release()
	defer other.release()
	cfg := deviceConfig(Speaker)
	cfg.PUserData = mine.user()
	dev, err := malgo.InitDevice(c.Context, cfg, malgo.DeviceCallbacks{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Uninit()
	if other.adopt(dev, Speaker, 1, 0) {
		t.Error("adopted by a line whose user data it does not carry")
	}
	if err := dev.Start(); err != nil {
		t.Fatal(err)
	}
	if mine.adopt(dev, Speaker, 1, 0) {
		t.Error("adopted while it runs")
	}
	if err := dev.Stop(); err != nil {
		t.Fatal(err)
	}
	if !mine.adopt(dev, Speaker, 1, 0) {
		t.Error("not adopted although all is as it should be")
	}
}

// TestGoCallback runs a device with the callback in Go, which is what remains
// when adopt refuses.
func TestGoCallback(t *testing.T) {
	d := testDriver(t, backendNull)
	c, err := d.context()
	if err != nil {
		t.Fatal(err)
	}
	l := newGoLine()
	called := make(chan int, 1)
	dev, err := malgo.InitDevice(c.Context, deviceConfig(Microphone), malgo.DeviceCallbacks{
		Data: dataProc(Microphone, func(s []int16) {
			l.record(s)
			select {
			case called <- len(s):
			default:
			}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Uninit()
	if err := dev.Start(); err != nil {
		t.Fatal(err)
	}
	if n := <-called; n == 0 || l.queued() == 0 || l.calls() == 0 {
		t.Errorf("%d samples, %d queued, %d calls", n, l.queued(), l.calls())
	}
	if err := dev.Stop(); err != nil {
		t.Error(err)
	}
}

// TestNoSoundSystem: a container without sound says so, quickly and for good.
func TestNoSoundSystem(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "nobody"))
	t.Setenv("HOME", t.TempDir())
	d := testDriver(t, malgo.BackendPulseaudio)
	for range 3 {
		if _, _, err := d.list(); !errors.Is(err, ErrNoDevice) {
			t.Error(err)
		}
	}
	if _, err := d.open(Speaker, "", 3); !errors.Is(err, ErrNoDevice) {
		t.Error(err)
	}
	if left, _ := os.ReadDir(os.Getenv("HOME")); len(left) > 0 {
		t.Logf("libpulse left %v", left)
	}
}

// TestLineRings holds both kinds of line to the same words, as far as Go can
// see them.
func TestLineRings(t *testing.T) {
	native := newNativeLine()
	defer native.release()
	for name, l := range map[string]line{"native": native, "go": newGoLine()} {
		t.Run(name, func(t *testing.T) {
			src, dst := make([]int16, 1000), make([]int16, 1000)
			next, want := int16(0), int16(0)
			for round := range 100 { // six times around the ring
				for i := range src {
					next++
					src[i] = next
				}
				if n := l.write(src); n != len(src) || l.queued() != len(src) {
					t.Fatalf("round %d: wrote %d, queued %d", round, n, l.queued())
				}
				if n := l.discard(100); n != 100 {
					t.Fatalf("discarded %d", n)
				}
				want += 100
				n := l.read(dst)
				if n != 900 {
					t.Fatalf("read %d", n)
				}
				for _, v := range dst[:n] {
					if want++; v != want {
						t.Fatalf("round %d: read %d, want %d", round, v, want)
					}
				}
			}
			if n := l.write(make([]int16, ringLen+5)); n != ringLen {
				t.Errorf("%d samples found room in a ring of %d", n, ringLen)
			}
			if n := l.discard(2 * ringLen); n != ringLen {
				t.Errorf("discarded %d of %d", n, ringLen)
			}
			if n := l.read(dst) + l.discard(-1) + l.discard(3); n != 0 {
				t.Errorf("%d samples in an empty ring", n)
			}
		})
	}
}
