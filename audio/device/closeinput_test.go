package device

import (
	"testing"
	"time"

	"nxphone/audio"
)

// TestCloseInput: the microphone goes alone, and the speaker plays on.
func TestCloseInput(t *testing.T) {
	h, err := Open(t.Context(), Options{System: SystemNull})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d, err := h.OpenDuplex(t.Context(), Choice{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var _ audio.InputCloser = d
	if err := d.CloseInput(); err != nil {
		t.Fatal(err)
	}
	var frame [audio.FrameLen]int16
	if d.Read(frame[:]) {
		t.Error("a closed microphone gives sound")
	}
	// 200 ms, ten times its queue: they go only if the device takes them.
	tick := time.NewTicker(audio.FrameDur / 2)
	defer tick.Stop()
	for written, end := 0, time.Now().Add(time.Minute); written < 20; <-tick.C {
		for d.Room() {
			d.Write(frame[:])
			written++
		}
		if time.Now().After(end) {
			t.Fatalf("the speaker took %d frames", written)
		}
	}
	if s := d.Stats(); s.Microphone.Live || !s.Speaker.Live {
		t.Errorf("live: %v %v", s.Microphone.Live, s.Speaker.Live)
	}
}
