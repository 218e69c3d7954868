package interop

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/call/kiosk"
)

// TestKioskHearsItself is the acoustic part of the nightly self-test, through a
// real sound server: the microphone hears the speaker, or it does not, for the
// reasons that a booth in the open has.
func TestKioskHearsItself(t *testing.T) {
	g := startGroup(t)
	d := startDesktop(t, g)
	for _, e := range d.Env { // the sound library reads its server from here
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	ctx := within(t, 90*time.Second)
	host, err := device.Open(ctx, device.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	}()
	tester := kiosk.Tester{Open: func(ctx context.Context) (audio.Duplex, error) {
		return host.OpenDuplex(ctx, device.Choice{})
	}}
	pactl := func(args ...string) {
		t.Helper()
		if _, err := d.output(ctx, "pactl", args...); err != nil {
			t.Fatal(err)
		}
	}
	// finds runs the self-test as often as a night does: a machine that is busy
	// with other tests drops pieces of sound.
	finds := func(when string, want kiosk.Finding) (r kiosk.Report) {
		t.Helper()
		for range 3 {
			if r = tester.Run(ctx); r.Sound == want {
				break
			}
		}
		if r.Sound != want || r.OK != (want == kiosk.FindingOK) {
			t.Errorf("%s: %+v, want %s", when, r, want)
		}
		return r
	}

	finds("a microphone that gives nothing", kiosk.FindingSilent)

	noise := filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(noise, street(60*time.Second), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Speak("street", noise); err != nil {
		t.Fatal(err)
	}
	finds("a microphone that does not hear the speaker", kiosk.FindingUnheard)

	// The air between them.
	pactl("load-module", "module-loopback", "source="+speakerSink+".monitor", "sink="+microphoneSink, "latency_msec=40")
	r := finds("a microphone that hears the speaker", kiosk.FindingOK)
	if r.Delay < 20*time.Millisecond || r.Delay > time.Second || r.Level < -30 || r.Level > -8 {
		t.Errorf("delay %v, level %.1f dBFS", r.Delay, r.Level)
	}

	pactl("set-sink-mute", speakerSink, "1")
	finds("a speaker that is muted", kiosk.FindingUnheard)
	pactl("set-sink-mute", speakerSink, "0")

	pactl("set-sink-volume", speakerSink, "-48dB")
	if r := tester.Run(ctx); r.OK {
		t.Errorf("a speaker that can hardly be heard: %+v", r)
	}
	pactl("set-sink-volume", speakerSink, "0dB")
	finds("the speaker again", kiosk.FindingOK)
}

// street is the noise of a street, 16-bit mono at 48 kHz, about -50 dBFS.
func street(d time.Duration) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, 0, 2*samples(d, 48000))
	low := 0.0
	for range samples(d, 48000) {
		low += (rnd.NormFloat64()*100 - low) * 0.2
		v := uint16(int16(low + rnd.NormFloat64()*10))
		out = append(out, byte(v), byte(v>>8))
	}
	return out
}
