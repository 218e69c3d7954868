package audiotest_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio"
	"nxphone/audio/audiotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDeviceKeepsTheContract(t *testing.T) {
	audiotest.RunDeviceSuite(t, func() audio.Duplex { return audiotest.NewDevice(time.Now) })
}

func ramp(from, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(from + i)
	}
	return pcm
}

func TestMicrophoneHearsWhatIsSpokenThenSilence(t *testing.T) {
	d := audiotest.NewDevice(nil)
	d.Speak(ramp(1, 700))
	frame := make([]int16, audio.FrameLen)
	if d.Read(frame) {
		t.Fatal("a frame before any time has passed")
	}
	d.Advance(10*time.Millisecond - 1)
	if d.Read(frame) {
		t.Fatal("a frame too early")
	}
	d.Advance(1)
	if !d.Read(frame) || frame[0] != 1 || frame[479] != 480 {
		t.Fatalf("first frame %v", frame[:3])
	}
	d.Advance(10 * time.Millisecond)
	if !d.Read(frame) || frame[0] != 481 || frame[219] != 700 || frame[220] != 0 {
		t.Fatalf("second frame %v", frame[:3])
	}
}

func TestSpeakerPlaysInTime(t *testing.T) {
	d := audiotest.NewDevice(nil)
	frame := ramp(1, audio.FrameLen)
	for range 2 {
		if !d.Room() {
			t.Fatal("no room in an empty speaker")
		}
		d.Write(frame)
	}
	if d.Room() {
		t.Error("room for a third frame")
	}
	frame[0] = 99 // the speaker must not have kept it
	d.Advance(30 * time.Millisecond)
	got := d.Played()
	if len(got) != 3*audio.FrameLen || got[0] != 1 || got[480] != 1 || got[959] != 480 || got[960] != 0 {
		t.Errorf("played %d samples, %d ...", len(got), got[0])
	}
	if d.Missing() != audio.FrameLen {
		t.Errorf("%d samples missing", d.Missing())
	}
	if !d.Room() {
		t.Error("no room in a speaker that has played everything")
	}
}

func TestUnplugAndClose(t *testing.T) {
	for name, end := range map[string]func(d *audiotest.Device){
		"unplugged": func(d *audiotest.Device) { d.Unplug() },
		"closed":    func(d *audiotest.Device) { _ = d.Close() },
	} {
		d := audiotest.NewDevice(nil)
		d.Advance(50 * time.Millisecond)
		end(d)
		d.Advance(50 * time.Millisecond)
		frame := make([]int16, audio.FrameLen)
		if d.Read(frame) || d.Room() {
			t.Errorf("%s: still alive", name)
		}
		d.Write(frame)
		if n := len(d.Played()); n != 5*audio.FrameLen {
			t.Errorf("%s: played %d samples", name, n)
		}
	}
	d := audiotest.NewDevice(nil)
	if d.Closed() != 0 || d.Close() != nil || d.Close() != nil || d.Closed() != 2 {
		t.Errorf("closed %d times", d.Closed())
	}
}

// Time by a clock, in pieces that are no whole number of samples.
func TestClockedDeviceLosesNoTime(t *testing.T) {
	now := time.Unix(0, 0)
	d := audiotest.NewDevice(func() time.Time { return now })
	frame := make([]int16, audio.FrameLen)
	frames := 0
	for range 100_000 {
		now = now.Add(100_001 * time.Nanosecond)
		for d.Read(frame) {
			frames++
		}
	}
	if frames != 1000 {
		t.Errorf("%d frames in ten seconds", frames)
	}
}
