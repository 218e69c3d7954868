package present_test

import (
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
)

func TestEveryHeadsetTroubleHasWords(t *testing.T) {
	for _, l := range text.Langs() {
		c := text.For(l)
		for _, trouble := range present.HeadsetTroubles() {
			key := "headset." + string(trouble)
			title, help := c.Text(key+".title"), c.Text(key+".help")
			if title == key+".title" || strings.HasSuffix(title, ".") || !strings.HasSuffix(help, ".") {
				t.Errorf("%s, %s: %q, %q", l, trouble, title, help)
			}
		}
	}
}

func TestHeadsetNote(t *testing.T) {
	for _, l := range text.Langs() {
		c := text.For(l)
		seen := map[string]bool{}
		for _, h := range []present.Headset{
			{}, {Unsupported: true}, {Present: true}, {Present: true, Name: "Jabra"},
			{Present: true, Name: "Jabra", Trouble: present.HeadsetAccess},
			{Present: true, Name: "Jabra", Trouble: present.HeadsetRestless},
		} {
			note := present.HeadsetNote(h, true, c)
			if note == "" || seen[note] || strings.HasPrefix(note, "headset.") {
				t.Errorf("%s: %+v: %q", l, h, note)
			}
			seen[note] = true
			if got := present.HeadsetNote(h, false, c); got != "" {
				t.Errorf("%s: switched off: %q", l, got)
			}
		}
	}
}

// TestHeadsetInACall: whatever is wrong with the mute of a headset stands in a
// banner over the call, in red where the microphone is in doubt.
func TestHeadsetInACall(t *testing.T) {
	c := text.For(text.English)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	in := func(muted bool, trouble present.HeadsetTrouble) present.View {
		return present.Of(present.Facts{
			Now: now, Headset: present.Headset{Present: true, HasMute: true, Trouble: trouble},
			Snapshot: call.Snapshot{State: call.InCall, Call: call.Call{
				ID: 1, Tel: "600", Answered: now.Add(-time.Minute), MediaUp: true, Mute: call.Switch{On: muted},
			}},
		}, c)
	}
	tests := []struct {
		muted   bool
		trouble present.HeadsetTrouble
		show    bool
		role    present.Role
		looks   string // the switch's icon
	}{
		{false, present.HeadsetMuted, true, present.Bad, "mic-off"},
		{true, present.HeadsetOpen, true, present.Bad, "mic-off"},
		{false, present.HeadsetRestless, true, present.Warn, "mic"},
		{false, present.HeadsetAccess, false, "", "mic"},
		{false, "", false, "", "mic"},
	}
	for _, tt := range tests {
		v := in(tt.muted, tt.trouble)
		if v.Alarm.Show != tt.show || tt.show && v.Alarm.Role != tt.role || v.Mute.Icon != tt.looks {
			t.Errorf("%q, muted %t: alarm %+v, switch %+v", tt.trouble, tt.muted, v.Alarm, v.Mute)
		}
		if want := c.Text("headset." + string(tt.trouble) + ".title"); tt.show && v.Alarm.Title != want {
			t.Errorf("%q: %q, want %q", tt.trouble, v.Alarm.Title, want)
		}
	}
}
