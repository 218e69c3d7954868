package kiosk

import (
	"testing"
	"time"

	"nxphone/call"
)

const quietMic, quietFar = -80, -127

func TestSilenceEndsACall(t *testing.T) {
	booth(t, Options{Silence: 2 * time.Minute}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.phone.levels(30, -35, -30)
		r.phone.levels(100, quietMic, quietFar)
		r.prompted(PromptSilence)
		s := r.screen(Talking)
		if left := time.Until(s.SilenceEnds); left <= 0 || left > warnTime {
			t.Errorf("the warning says %v", left)
		}
		pass(21 * time.Second)
		if s := r.screen(Over); s.End.Code != CodeSilence || !s.End.Local {
			t.Errorf("%+v", s.End)
		}
		r.prompted(PromptEndedSilence)
		if r.phone.hangups != 1 {
			t.Errorf("%d hang-ups", r.phone.hangups)
		}
	})
}

// Whatever shows that somebody is there takes the warning back.
func TestSilenceIsBroken(t *testing.T) {
	for name, sign := range map[string]func(r *rig){
		"the visitor speaks":    func(r *rig) { r.Spoken(r.Status().PromptID); r.phone.levels(4, -40, quietFar) },
		"the counsellor speaks": func(r *rig) { r.phone.levels(1, quietMic, -35) },
		"a touch":               func(r *rig) { r.touch() },
	} {
		t.Run(name, func(t *testing.T) {
			booth(t, Options{Silence: time.Minute}, func(r *rig) {
				r.press(Counsellor)
				r.phone.answer()
				r.phone.levels(41, quietMic, quietFar)
				r.prompted(PromptSilence)
				sign(r)
				if s := r.screen(Talking); !s.SilenceEnds.IsZero() || s.Prompt != PromptNone {
					t.Errorf("%+v", s)
				}
				r.phone.levels(35, quietMic, quietFar)
				r.screen(Talking)
				r.phone.levels(30, quietMic, quietFar)
				r.screen(Over)
			})
		})
	}
}

// What the booth itself says is not the visitor's voice.
func TestOwnVoiceIsNoSpeech(t *testing.T) {
	booth(t, Options{Silence: time.Minute}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.phone.levels(41, quietMic, quietFar)
		id := r.prompted(PromptSilence)
		r.phone.levels(6, -25, quietFar)
		r.Spoken(id)
		r.phone.levels(1, -30, quietFar)
		r.phone.levels(14, quietMic, quietFar)
		r.screen(Over)
	})
}

func TestSilenceNeverWithoutAPolicy(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.phone.levels(3600, quietMic, quietFar)
		r.screen(Talking)
	})
}

func TestSilenceNeverWhileItRings(t *testing.T) {
	booth(t, Options{Silence: 10 * time.Second}, func(r *rig) {
		r.press(Counsellor)
		r.phone.ring()
		pass(time.Hour)
		r.screen(Calling)
	})
}

// Without any figures (no media at all) time goes on.
func TestSilenceWithoutMedia(t *testing.T) {
	booth(t, Options{Silence: time.Minute}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		pass(61 * time.Second)
		r.screen(Over)
	})
}

// The table of what counts as speech: level after level, a second each.
func TestSpeech(t *testing.T) {
	type second struct {
		mic, far float64
		speech   bool
	}
	repeat := func(n int, mic, far float64, speech bool) (out []second) {
		for range n {
			out = append(out, second{mic, far, speech})
		}
		return out
	}
	join := func(parts ...[]second) (out []second) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	for _, tt := range []struct {
		name string
		hear []second
	}{
		{"digital silence", repeat(10, -127, -127, false)},
		{"a quiet room", repeat(600, -62, -127, false)},
		{"the far end's comfort noise", repeat(600, -90, -58, false)},
		{"the visitor", repeat(3, -40, -127, true)},
		{"somebody who whispers, a step away", join(repeat(10, -70, -127, false), repeat(3, -54, -127, true))},
		{"the counsellor", repeat(3, -90, -30, true)},
		{"a talk without a pause of a second, for a minute", repeat(60, -35, -127, true)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(0, 0)
			e := newEar(now)
			stats := call.Stats{}
			for i, s := range tt.hear {
				now = now.Add(time.Second)
				stats.PacketsReceived++
				stats.LevelMic, stats.LevelOut = s.mic, s.far
				e.hear(stats, true, false, now)
				if got := e.last.Equal(now); got != s.speech {
					t.Fatalf("second %d (%v, %v): speech %v, want %v; floors %.0f %.0f", i, s.mic, s.far, got, s.speech, e.mic, e.far)
				}
			}
		})
	}
}

// TestSpeechOnHold: music keeps no call, and neither does what the microphone
// hears of it; the visitor does where nothing is played.
func TestSpeechOnHold(t *testing.T) {
	for _, tt := range []struct {
		name     string
		mic, far float64
		sign     bool
	}{
		{"music", -90, -20, false},
		{"music out of the loudspeaker", -35, -20, false},
		{"nothing", -90, -127, false},
		{"the visitor, and nothing is played", -35, -127, true},
		{"the visitor, and comfort noise", -35, -58, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(0, 0)
			e := newEar(now)
			for range 3 {
				now = now.Add(time.Second)
				e.hear(call.Stats{PacketsReceived: uint64(now.Unix()), LevelMic: tt.mic, LevelOut: tt.far}, true, true, now)
				if got := e.last.Equal(now); got != tt.sign {
					t.Fatalf("a sign of the visitor: %v, want %v", got, tt.sign)
				}
			}
		})
	}
}

// Noise that never changes is silence in the end, and speech stands out of it.
func TestSteadyNoise(t *testing.T) {
	now := time.Unix(0, 0)
	e := newEar(now)
	stats := call.Stats{}
	second := func(level float64) bool {
		now = now.Add(time.Second)
		stats.PacketsReceived++
		stats.LevelMic, stats.LevelOut = level, -127
		e.hear(stats, true, false, now)
		return e.last.Equal(now)
	}
	n := 0
	for ; second(-45); n++ {
		if n > 300 {
			t.Fatal("traffic counts as speech for ever")
		}
	}
	if n < 60 {
		t.Errorf("traffic counts as speech for %d s only", n)
	}
	if !second(-36) {
		t.Error("a voice does not stand out of the traffic")
	}
	// Figures that come again are no news.
	before := e.last
	now = now.Add(time.Second)
	e.hear(stats, true, false, now)
	if e.last != before {
		t.Error("the same figures count twice")
	}
}
