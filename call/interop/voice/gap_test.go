package main

import (
	"encoding/binary"
	"math"
	"os"
	"testing"
	"time"
)

// tone is the sound of such a call for a while, whose samples a function may change.
func tone(d time.Duration, change func(ms float64, x float64) float64) []byte {
	var b []byte
	for i := range samples(d) {
		x := change(float64(i)/48, gapSound(i))
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(x)))
	}
	return b
}

func gapsOf(t *testing.T, sound []byte) []gap {
	t.Helper()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ear := listenForGaps(from)
	for len(sound) > 0 {
		n := min(len(sound), 961) // half samples, too
		if _, err := to.Write(sound[:n]); err != nil {
			t.Fatal(err)
		}
		sound = sound[n:]
	}
	to.Close()
	ear.done.Wait()
	return ear.stop()
}

func TestGaps(t *testing.T) {
	between := func(ms, from, to float64) bool { return ms >= from && ms < to }
	sound := tone(8*time.Second, func(ms, x float64) float64 {
		switch {
		case between(ms, 0, 500), between(ms, 7800, 8000): // before and after the tone
			return 0
		case between(ms, 3000, 3010): // a hole
			return 0
		case between(ms, 4000, 4001): // shorter than can be heard
			return 0
		case between(ms, 5000, 5100): // quieter, as a guess is
			return x / 2
		case between(ms, 6000, 6040): // faded away, but not silent
			return x / 10
		}
		return x
	})
	got := gapsOf(t, sound)
	if len(got) != 2 {
		t.Fatalf("%v", got)
	}
	for i, want := range []struct{ at, length float64 }{{2500, 10}, {5500, 40}} {
		if at := got[i].At.Seconds() * 1000; math.Abs(at-want.at) > 5 {
			t.Errorf("gap %d at %v ms, want %v", i, at, want.at)
		}
		if l := got[i].Length.Seconds() * 1000; math.Abs(l-want.length) > 3 {
			t.Errorf("gap %d is %v ms long, want %v", i, l, want.length)
		}
	}
}

func TestSteadyToneHasNoGaps(t *testing.T) {
	if got := gapsOf(t, tone(4*time.Second, func(_, x float64) float64 { return x })); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := gapsOf(t, make([]byte, 96000)); len(got) != 0 {
		t.Errorf("silence: %v", got)
	}
}

func TestToneIsRepeatedWithoutASeam(t *testing.T) {
	s, err := toneSchedule(100 * time.Millisecond)
	if err != nil || len(s) != 5 || s[4].at != 80*time.Millisecond {
		t.Errorf("%d packets, %v", len(s), err)
	}
}
