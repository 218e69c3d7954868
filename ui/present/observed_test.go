package present_test

import (
	"testing"
	"time"

	"nxphone/call"
	"nxphone/ui/present"
)

func listen(t present.Talking, levels ...float64) present.Talking {
	for _, l := range levels {
		t = t.Next(l)
	}
	return t
}

// repeat is a row of levels, n times.
func repeat(n int, levels ...float64) (all []float64) {
	for range n {
		all = append(all, levels...)
	}
	return all
}

func TestTalkingWhileMuted(t *testing.T) {
	room := repeat(8, -62, -60, -63)
	for _, tt := range []struct {
		name   string
		levels []float64
		want   bool
	}{
		{"a quiet room", nil, false},
		{"a cough", []float64{-12, -15, -60}, false},
		{"two coughs", []float64{-12, -15, -60, -61, -62, -60, -61, -10, -20}, false},
		{"a word", []float64{-24, -22, -60}, false},
		{"a sentence", []float64{-24, -22, -30, -21, -60, -25, -23}, true},
		{"typing", repeat(6, -48, -62, -61, -62), false},
		{"a fan that starts", repeat(30, -52), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := listen(listen(present.Talking{}, room...), tt.levels...).On; got != tt.want {
				t.Errorf("talking: %v", got)
			}
		})
	}
	talk := listen(listen(present.Talking{}, room...), repeat(4, -20, -22)...)
	if pause := listen(talk, repeat(5, -61)...); !pause.On {
		t.Error("the hint goes in a pause between sentences")
	}
	if done := listen(talk, repeat(12, -61)...); done.On {
		t.Error("the hint stays when nobody talks")
	}
	// A louder room is learned: its noise is no voice for ever.
	if loud := listen(talk, repeat(600, -40, -41)...); loud.On {
		t.Error("the noise of a loud room is taken for a voice")
	}
}

// TestTalkingBeginsWithTheMute: what was said before was heard.
func TestTalkingBeginsWithTheMute(t *testing.T) {
	var o present.Observed
	s := call.Snapshot{State: call.InCall, Call: call.Call{ID: 1}}
	o = o.Next(s, now)
	for range 20 {
		o = o.Heard(call.Levels{Mic: -20})
	}
	if o.Talking != (present.Talking{}) {
		t.Error("an open microphone is listened to")
	}
	s.Call.Mute.On = true
	o = o.Next(s, now)
	for _, l := range append(repeat(3, -60), repeat(6, -20)...) {
		o = o.Heard(call.Levels{Mic: l})
	}
	if !o.Talking.On {
		t.Error("somebody talks while muted, and nothing is said")
	}
	s.Call.Mute.On = false
	if o = o.Next(s, now); o.Talking.On {
		t.Error("unmuting does not end the hint")
	}
}

// TestUnconfirmedMute: after two seconds a change that nobody has confirmed is
// an alarm, and looks muted; the clock begins anew with each change.
func TestUnconfirmedMute(t *testing.T) {
	for _, was := range []bool{false, true} {
		f := present.Facts{Line: line(), Now: now}
		f.Snapshot = call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, Answered: now, MediaUp: true}}
		f.Snapshot.Call.Mute = call.Switch{On: was, Pending: true}
		f.Observed = f.Observed.Next(f.Snapshot, now)
		tx := texts(t, "en")
		v := present.Of(f, tx)
		if v.Alarm.Show || v.Mute.Role != present.Warn || v.Next.After(now.Add(2*time.Second)) {
			t.Errorf("at once: %+v, next %v", v.Mute, v.Next)
		}
		f.Now = now.Add(2 * time.Second)
		f.Observed = f.Observed.Next(f.Snapshot, f.Now)
		v = present.Of(f, tx)
		if !v.Alarm.Show || v.Mute.Doubt != present.DoubtSlow || v.Mute.Icon != "mic-off" || !v.Mute.Ask || !v.Mute.Enabled {
			t.Errorf("after two seconds: %+v", v.Mute)
		}
		f.Snapshot.Call.Mute = call.Switch{On: !was}
		f.Observed = f.Observed.Next(f.Snapshot, f.Now)
		if v = present.Of(f, tx); v.Alarm.Show || v.Mute.Doubt != present.Sure {
			t.Errorf("confirmed: %+v", v.Mute)
		}
	}
}

// TestLostMicrophone: a microphone that was heard and gives nothing at all any
// more is told; one that never gave anything (no device, a test) is not.
func TestLostMicrophone(t *testing.T) {
	run := func(levels ...float64) present.Observed {
		var o present.Observed
		s := call.Snapshot{State: call.InCall, Call: call.Call{ID: 1}}
		for i, l := range levels {
			s.Call.Stats.PacketsSent, s.Call.Stats.LevelMic = uint64(i+1), l
			o = o.Next(s, now)
		}
		return o
	}
	if run(repeat(20, -127)...).MicLost {
		t.Error("a microphone that never was is lost")
	}
	if run(-50, -127, -127, -127, -60).MicLost {
		t.Error("three silent seconds are a loss")
	}
	if !run(-50, -127, -127, -127, -127).MicLost {
		t.Error("a loss is not noticed")
	}
	if run(-50, -127, -127, -127, -127, -60).MicLost {
		t.Error("it does not come back")
	}
}

func TestDoubts(t *testing.T) {
	muted := func(f *present.Facts) { f.Snapshot.Call.Mute.On = true }
	for _, tt := range []struct {
		name   string
		change []func(*present.Facts)
		want   present.Doubt
	}{
		{"sure", nil, present.Sure},
		{"sure and muted", []func(*present.Facts){muted}, present.Sure},
		{"leak", []func(*present.Facts){muted, func(f *present.Facts) { f.Snapshot.Call.MuteLeak = true }}, present.DoubtLeak},
		{"a leak is past when unmuted", []func(*present.Facts){func(f *present.Facts) { f.Snapshot.Call.MuteLeak = true }}, present.Sure},
		{"headset muted", []func(*present.Facts){func(f *present.Facts) { f.Headset.Trouble = present.HeadsetMuted }}, present.DoubtHeadset},
		{"headset open", []func(*present.Facts){muted, func(f *present.Facts) { f.Headset.Trouble = present.HeadsetOpen }}, present.DoubtHeadsetOff},
		{"old news of the headset", []func(*present.Facts){func(f *present.Facts) { f.Headset.Trouble = present.HeadsetOpen }}, present.Sure},
		{"lost", []func(*present.Facts){func(f *present.Facts) { f.Observed.MicLost = true }}, present.DoubtLost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := present.Facts{Line: line(), Now: now}
			f.Snapshot = call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, Answered: now, MediaUp: true}}
			for _, c := range tt.change {
				c(&f)
			}
			v := present.Of(f, texts(t, "ko"))
			if v.Mute.Doubt != tt.want || v.Alarm.Show != (tt.want != present.Sure) {
				t.Errorf("%q, alarm %+v", v.Mute.Doubt, v.Alarm)
			}
		})
	}
}
