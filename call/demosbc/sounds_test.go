package demosbc

import (
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// decodeRoll is a roll as a phone hears it, d of it.
func decodeRoll(t *testing.T, r *roll, name codec.Name, d time.Duration) []int16 {
	t.Helper()
	dec, err := codec.NewDecoder(name)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	var all []int16
	pcm := make([]int16, codec.MaxSamples)
	for pos := 0; len(all) < int(d*audio.Rate/time.Second); {
		n, err := dec.Decode(r.packet(pos), pcm)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pcm[:n]...)
		pos = r.after(pos)
	}
	return all
}

func TestSounds(t *testing.T) {
	t.Parallel()
	lib := newLibrary()
	at := func(pcm []int16, from, to float64) []int16 { return pcm[int(from*audio.Rate):int(to*audio.Rate)] }
	for _, name := range codec.Names() {
		t.Run(string(name), func(t *testing.T) {
			tone := lib.roll(soundTone, name)
			if want := uint32(name.ClockRate() / 50); tone.ticks != want {
				t.Errorf("a packet is %d ticks long, want %d", tone.ticks, want)
			}
			pcm := decodeRoll(t, tone, name, 3*time.Second)
			for from := 0.1; from < 2.8; from += 0.2 {
				if p := goertzel(at(pcm, from, from+0.2), EarlyToneHz); p < 0.02 {
					t.Errorf("the early tone is gone at %.1f s: %v", from, p)
				}
			}
			pcm = decodeRoll(t, lib.roll(soundMessage, name), name, 10*time.Second)
			test := at(pcm, 2.1, 2.9)
			low, high, other := goertzel(test, TestLowHz), goertzel(test, TestHighHz), goertzel(test, 1200)
			if low < 0.003 || high < 0.003 || other > low/100 {
				t.Errorf("the test tones: %v and %v, beside them %v", low, high, other)
			}
			if loud := rms(at(pcm, 0.2, 1.0)); loud < 500 {
				t.Errorf("no chime: %v", loud)
			}
			if loud := rms(at(pcm, 6.5, 10)); loud > 60 {
				t.Errorf("after the message it is not silent: %v", loud)
			}
			pcm = decodeRoll(t, lib.roll(soundMusic, name), name, 10*time.Second)
			for from := 0.0; from < 9.5; from += 0.5 {
				if loud := rms(at(pcm, from, from+0.5)); loud < 200 {
					t.Errorf("the music is silent at %.1f s: %v", from, loud)
				}
			}
		})
	}
	for _, none := range []sound{soundNone, soundEcho} {
		if r := lib.roll(none, codec.Opus); r != nil {
			t.Errorf("sound %d has packets", none)
		}
	}
	if r := lib.roll(soundTone, "g729"); r != nil {
		t.Error("an unknown codec has packets")
	}
	if lib.roll(soundTone, codec.PCMU) != lib.roll(soundTone, codec.PCMU) {
		t.Error("a sound is made twice")
	}
	half := newLibrary()
	r := half.roll(soundMusic, codec.Opus)
	first := r.packet(0)
	half.close()
	half.close()
	if got := r.packet(0); len(first) == 0 || string(got) != string(first) || r.packet(1) != nil {
		t.Error("after close there is something else than what was encoded before")
	}
}

func TestNextDue(t *testing.T) {
	due := time.Unix(100, 0)
	if got := nextDue(due, due.Add(5*time.Millisecond)); got != due.Add(packetDur) {
		t.Errorf("on time: %v", got)
	}
	if got := nextDue(due, due.Add(100*time.Millisecond)); got != due.Add(packetDur) {
		t.Errorf("a little late, to be caught up: %v", got)
	}
	if now := due.Add(time.Minute); nextDue(due, now) != now {
		t.Error("after a long stop the past is sent at once")
	}
}
