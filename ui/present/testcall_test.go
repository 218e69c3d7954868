package present_test

import (
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
)

// TestTestCall follows test calls to every end and holds what each is told.
func TestTestCall(t *testing.T) {
	en := text.For(text.English)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	snap := func(id int, state call.State, change func(*call.Call)) call.Snapshot {
		s := call.Snapshot{State: state, Call: call.Call{ID: id}}
		if change != nil {
			change(&s.Call)
		}
		return s
	}
	answered := func(c *call.Call) { c.Answered = at }
	heard := func(c *call.Call) { c.Answered, c.MediaUp = at, true }
	over := func(code call.Code, and func(*call.Call)) func(*call.Call) {
		return func(c *call.Call) {
			if and != nil {
				and(c)
			}
			c.Ended, c.Reason = at, call.Reason{Code: code}
		}
	}
	for _, tt := range []struct {
		name string
		all  []call.Snapshot
		good bool
		role present.Role
		can  bool
		want string
	}{
		{"asked for", []call.Snapshot{snap(3, call.Idle, over(call.CodeLineBusy, nil))}, false, present.Accent, false, "Calling"},
		{"ringing", []call.Snapshot{snap(4, call.Ringing, nil)}, false, present.Accent, false, "Calling"},
		{"answered", []call.Snapshot{snap(4, call.InCall, answered)}, false, present.Accent, false, "Waiting for sound"},
		{"heard", []call.Snapshot{snap(4, call.InCall, heard)}, true, present.Good, false, "Say something"},
		{"worked", []call.Snapshot{snap(4, call.InCall, heard), snap(4, call.Idle, over(call.CodeHangup, heard))}, true, present.Good, true, "worked"},
		{"silent", []call.Snapshot{snap(4, call.Idle, over(call.CodeHangup, answered))}, false, present.Warn, true, "no sound came in"},
		{"refused", []call.Snapshot{snap(4, call.Idle, over(call.CodeLineBusy, nil))}, false, present.Bad, true, "busy"},
		{"another call after it", []call.Snapshot{
			snap(4, call.Idle, over(call.CodeLineBusy, nil)), snap(5, call.InCall, heard),
		}, false, present.Bad, true, "busy"},
	} {
		c := present.TestCall{Placed: true, Before: 3}
		for _, s := range tt.all {
			c = c.Follow(s)
		}
		v := c.View("600", en)
		if c.Good() != tt.good || v.Role != tt.role || v.CanCall != tt.can || !strings.Contains(strings.ToLower(v.Text), strings.ToLower(tt.want)) {
			t.Errorf("%s: good %v, %+v", tt.name, c.Good(), v)
		}
	}
	if v := (present.TestCall{}).View("", en); v.CanCall || !strings.Contains(v.Text, "test number") {
		t.Errorf("without a number: %+v", v)
	}
	if v := (present.TestCall{}).View("0212345678", en); !v.CanCall || !strings.Contains(v.Text, "02-1234-5678") {
		t.Errorf("before: %+v", v)
	}
	if c := (present.TestCall{}).Follow(snap(4, call.InCall, heard)); c != (present.TestCall{}) {
		t.Errorf("a call that is none of ours: %+v", c)
	}
}

func TestSettingWords(t *testing.T) {
	en := text.For(text.English)
	for _, tt := range []struct {
		s                   present.Setting
		source, lock, shown string
	}{
		{present.Setting{}, "default", "", "none"},
		{present.Setting{Text: "[]", From: present.FromUser}, "your settings", "", "none"},
		{present.Setting{Text: "dark", From: present.FromProposal}, "proposed by your organisation", "", "dark"},
		{present.Setting{Text: "x", From: present.FromEnvironment, Place: "NXPHONE_DN", Locked: true}, "environment", "The environment variable NXPHONE_DN decides this. It cannot be changed here.", "x"},
		{present.Setting{Text: "x", From: present.FromFlag, Place: "--dn", Locked: true}, "command line", "--dn was given when the phone was started and decides this. It cannot be changed here.", "x"},
		{present.Setting{Text: "x", From: present.FromDemo, Locked: true}, "the demo", "The demo decides this. It cannot be changed here.", "x"},
		{present.Setting{Text: "token", From: present.FromOrganisation, Locked: true, Sensitive: true}, "your organisation", "Your organisation has fixed this. Ask your administrator if it should be another value.", "••••••"},
	} {
		if got := tt.s.Source(en); got != tt.source {
			t.Errorf("%+v: source %q", tt.s, got)
		}
		if got := tt.s.Lock(en); got != tt.lock {
			t.Errorf("%+v: lock %q", tt.s, got)
		}
		if got := tt.s.Shown(en); got != tt.shown {
			t.Errorf("%+v: shown %q", tt.s, got)
		}
	}
	for text, want := range map[string]string{"true": "on", "false": "off", "dark": "dark", "": "none"} {
		if got := (present.Setting{Text: text}).Words(en); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
