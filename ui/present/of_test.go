package present_test

import (
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// strict is a catalogue in which a missing text is a failure.
type strict struct {
	t *testing.T
	c *text.Catalogue
}

func (s strict) Text(key string, pairs ...string) string {
	out := s.c.Text(key, pairs...)
	if out == key || strings.ContainsAny(out, "{}") {
		s.t.Errorf("text %q: %q", key, out)
	}
	return out
}

func (s strict) Code(code string) (title, help string) {
	title, help = s.c.Code(code)
	if unknown, _ := s.c.Code("unknown"); title == unknown {
		s.t.Errorf("code %q has no words", code)
	}
	return title, help
}

func texts(t *testing.T, l text.Lang) strict { return strict{t, text.For(l)} }

func line() present.Line {
	return present.Line{Realm: "example.net", DN: "1000", URL: "wss://sbc.example.net:6081"}
}

// product walks every state with every combination of facts.
func product(visit func(present.Facts)) {
	flags := []bool{false, true}
	notices := []present.Notice{{}, {Code: call.CodeNoDTMF}, {Key: "hint.escape", Until: now.Add(2 * time.Second)}}
	lines := []present.Line{line(), {}, {Realm: "demo", DN: "1000", URL: "wss://127.0.0.1:1", Demo: true}}
	reasons := []call.Reason{{}, {Code: call.CodeHangup}, {Code: call.CodeServerError, SIP: 503, Phrase: "Service Unavailable"}}
	calls(func(f present.Facts) {
		for _, n := range notices {
			for _, l := range lines {
				for _, r := range reasons {
					if f.Snapshot.State != call.Idle && r.Code != "" {
						continue
					}
					for _, leaving := range flags {
						f := f
						f.Notice, f.Line, f.Leaving = n, l, leaving
						f.Snapshot.Call.Reason, f.Snapshot.Call.Ended = r, now
						visit(f)
					}
				}
			}
		}
		for i, one := range extras() {
			for _, other := range extras()[i:] {
				if f.Details || f.Snapshot.Call.EarlyMedia && f.Snapshot.State >= call.InCall {
					break // neither is about what an extra changes
				}
				f := f
				one(&f)
				other(&f)
				visit(f)
			}
		}
	})
}

// calls walks every state with every combination of what a call has had from
// the beginning.
func calls(visit func(present.Facts)) {
	for _, state := range call.States() {
		for bits := range 1 << 7 {
			on := func(i int) bool { return bits>>i&1 == 1 }
			c := call.Call{
				ID: 1, Tel: "01000001234", Dialed: now.Add(-9 * time.Second), Ended: now,
				Mute: call.Switch{On: on(0), Pending: on(1)}, RemoteHold: on(2), EarlyMedia: on(3), MediaUp: on(4), Sent: "12",
			}
			if state == call.InCall || state == call.Clearing && on(5) {
				c.Answered = now.Add(-61500 * time.Millisecond)
			}
			visit(present.Facts{
				Snapshot: call.Snapshot{State: state, Call: c}, Now: now, Line: line(), Number: "600", Details: on(6),
			})
		}
	}
}

// extras are what may be true besides; every pair of them is walked.
func extras() []func(*present.Facts) {
	c := func(change func(*call.Call)) func(*present.Facts) {
		return func(f *present.Facts) { change(&f.Snapshot.Call) }
	}
	return []func(*present.Facts){
		c(func(c *call.Call) { c.Hold.On = true }),
		c(func(c *call.Call) { c.Hold.Pending = true }),
		c(func(c *call.Call) { c.Deaf.On = true }),
		c(func(c *call.Call) { c.Deaf.Pending = true }),
		c(func(c *call.Call) { c.MuteLeak = true }),
		c(func(c *call.Call) { c.Farewell = now.Add(-time.Second) }),
		func(f *present.Facts) { f.Observed.MutePending = now.Add(-3 * time.Second) },
		func(f *present.Facts) { f.Observed.MutePending = now.Add(-time.Second) },
		func(f *present.Facts) { f.Observed.MicLost = true },
		func(f *present.Facts) { f.Observed.Talking.On = true },
		func(f *present.Facts) { f.Headset.Trouble = present.HeadsetMuted },
		func(f *present.Facts) { f.Headset.Trouble = present.HeadsetOpen },
		func(f *present.Facts) { f.CanFarewell, f.FarewellAt = true, now.Add(time.Second) },
		func(f *present.Facts) { f.Shift.Known, f.Shift.Status.Help = true, true },
		func(f *present.Facts) { f.Shift.Known, f.Shift.Status.Help, f.Shift.Status.Seen = true, true, true },
		func(f *present.Facts) { f.Keypad, f.Meters, f.Presented = true, true, "15880000" },
		func(f *present.Facts) { f.Mask = present.Mask{On: true, Visible: 4} },
		func(f *present.Facts) { f.Size, f.CanFarewell = present.Compact, true },
		func(f *present.Facts) { f.Update, f.Number = present.Update{Version: "1.3.0", Kind: "deb"}, "" },
	}
}

func TestEveryView(t *testing.T) {
	for _, l := range text.Langs() {
		tx := texts(t, l)
		n := 0
		product(func(f present.Facts) {
			n++
			v := present.Of(f, tx)
			if fault := faultOf(f, v); fault != "" {
				t.Errorf("%s: %s\nfacts %+v\nview %+v", l, fault, f, v)
			}
			if again := present.Of(f, tx); again != v {
				t.Errorf("the same facts give another view: %+v", f)
			}
		})
		t.Logf("%s: %d views", l, n)
	}
}

// faultOf names what no view may ever do.
func faultOf(f present.Facts, v present.View) string {
	up := f.Snapshot.State != call.Idle
	m := f.Snapshot.Call.Mute
	if c := f.Snapshot.Call; f.Snapshot.State == call.Clearing || f.Snapshot.State == call.InCall && !c.Farewell.IsZero() {
		// Hanging up, and the notice of a lawful ending, shut the microphone, whatever the switch said.
		if v.Mute.Show && (v.Mute.Enabled || v.Mute.Icon != "mic-off" || v.Mute.Title == "" || v.Mute.Sub == "") {
			return "the microphone seems to be open after hanging up"
		}
		v.Mute.Show = false
	}
	switch {
	case v.Status == "" || v.Header.Title == "":
		return "nothing is said"
	case up != (v.Primary.Action == present.DoHangup):
		return "the big button does not fit the state"
	case up && f.Snapshot.State != call.Clearing && !v.Primary.Enabled:
		return "the call cannot be ended"
	case f.Snapshot.State == call.Clearing && v.Primary.Enabled:
		return "hanging up twice"
	case up != v.Card.Show, up && v.Banner.Show:
		return "card and banner are mixed up"
	case v.Mute.Show && (v.Mute.On != m.On || v.Mute.Pending != m.Pending):
		return "mute is not what was confirmed"
	case v.Mute.Show && (v.Mute.Icon == "mic-off") != (m.On || v.Mute.Doubt != present.Sure):
		return "the mute icon lies"
	case v.Mute.Show && v.Mute.Doubt == present.Sure && m.Pending != (v.Mute.Role == present.Warn):
		return "an unconfirmed mute looks confirmed"
	case v.Mute.Doubt != present.Sure && (v.Mute.Role != present.Bad || !v.Mute.Enabled || !v.Alarm.Show || v.Alarm.Role != present.Bad):
		return "a doubt is not shown as one"
	case v.Mute.Doubt != present.Sure && v.Size == present.Compact && !v.Compact.Muted:
		return "the strip hides a doubt"
	case v.Mute.Show && m.On && !v.Compact.Muted:
		return "the strip hides that one is muted"
	case v.Alarm.Show && (v.Alarm.Title == "" || v.Alarm.Help == ""):
		return "an alarm has no words"
	case v.Mute.Show && !m.Pending && v.Mute.Ask == m.On:
		return "pressing mute would change nothing"
	case v.Mute.Show && (v.Mute.Title == "" || v.Mute.Sub == ""):
		return "mute has no words"
	case v.Pad.Tones && v.Screen != present.Talk:
		return "tones before the answer"
	case !v.Next.IsZero() && !v.Next.After(f.Now):
		return "the view expires in the past"
	case v.Screen == present.Talk && f.Snapshot.State == call.InCall && v.Card.Timer != "01:01":
		return "the timer is wrong: " + v.Card.Timer
	case strings.Contains(v.Status+v.Card.Title+v.Card.Sub+v.Banner.Title+v.Banner.Help, "SIP"):
		return "SIP outside the details"
	case !f.Details && (v.Card.Details.Show || v.Banner.Details != ""):
		return "details unasked"
	}
	return faultOfActions(f, v)
}

// faultOfActions is faultOf for what can be done in a call.
func faultOfActions(f present.Facts, v present.View) string {
	c, a := f.Snapshot.Call, v.Actions
	talk := v.Screen == present.Talk
	switch {
	case talk != a.Hold.Show || talk != a.Deaf.Show || talk != a.Keypad.Show:
		return "actions do not fit the screen"
	case talk && (a.Deaf.On != c.Deaf.On || a.Hold.On != c.Hold.On):
		return "deaf or hold is not what was confirmed"
	case a.Hold.Enabled && (c.Hold.Pending || f.Snapshot.State != call.InCall || !c.Farewell.IsZero()):
		return "hold can be asked for where it cannot be done"
	case talk && a.Deaf.On && a.Deaf.Icon == "speaker":
		return "deafness looks like hearing"
	case a.Farewell.Show && !f.CanFarewell, talk && f.CanFarewell && !a.Farewell.Show:
		return "the lawful ending is offered without a notice, or not with one"
	case f.Mask.On && (strings.Contains(v.Card.Number, "0000-") || strings.Contains(v.Compact.Title, "0000-")):
		return "a masked number is shown"
	case v.Actions.Help.Show && !f.Shift.Known:
		return "help is offered where nobody is"
	}
	return ""
}

func TestMuteStatesLookDifferent(t *testing.T) {
	for _, l := range text.Langs() {
		seen := map[string]call.Switch{}
		for _, m := range []call.Switch{{}, {On: true}, {Pending: true}, {On: true, Pending: true}} {
			s, _ := uitest.State("incall", now)
			s.Call.Mute = m
			v := present.Of(present.Facts{Snapshot: s, Now: now, Line: line()}, texts(t, l)).Mute
			// Word alone and explanation alone must tell the states apart.
			for _, words := range []string{v.Title, v.Sub} {
				if other, ok := seen[words]; ok {
					t.Errorf("%s: %+v and %+v both say %q", l, m, other, words)
				}
				seen[words] = m
			}
		}
	}
}

func TestStates(t *testing.T) {
	for _, tt := range []struct {
		state  string
		screen present.Screen
		status string
		role   present.Role // of the card, or of the banner when idle
		icon   string
	}{
		{"idle", present.Dial, "Enter a number to call", "", ""},
		{"connecting", present.Calling, "Connecting to the server", present.Accent, "phone"},
		{"slow", present.Calling, "Connecting to the server", present.Warn, "clock"},
		{"trying", present.Calling, "Placing the call", present.Accent, "phone"},
		{"ringing", present.Calling, "Ringing", present.Accent, "phone"},
		{"early", present.Calling, "An announcement is playing", present.Accent, "speaker"},
		{"waiting", present.Talk, "Waiting for sound", present.Accent, "clock"},
		{"incall", present.Talk, "In a call", present.Good, "waves"},
		{"held", present.Talk, "On hold by the other side", present.Warn, "hold"},
		{"nosound", present.Talk, "No sound arrives", present.Warn, "alert"},
		{"clearing", present.Talk, "Hanging up", present.Neutral, "hangup"},
		{"ended", present.Dial, "You ended the call", present.Neutral, "check"},
		{"remote", present.Dial, "The other side hung up", present.Neutral, "check"},
		{"busy", present.Dial, "The line is busy", present.Warn, "hangup"},
		{"unreachable", present.Dial, "The server cannot be reached", present.Bad, "alert"},
	} {
		t.Run(tt.state, func(t *testing.T) {
			s, ok := uitest.State(tt.state, now)
			if !ok {
				t.Fatal("no such state")
			}
			v := present.Of(present.Facts{Snapshot: s, Now: now, Line: line()}, texts(t, text.English))
			role, icon := v.Card.Role, v.Card.Icon
			if v.Screen == present.Dial {
				role, icon = v.Banner.Role, v.Banner.Icon
			}
			if v.Screen != tt.screen || v.Status != tt.status || role != tt.role || icon != tt.icon {
				t.Errorf("got screen %d, %q, role %q, icon %q", v.Screen, v.Status, role, icon)
			}
		})
	}
}

// TestWhoHears: what the microphone switch says under "Microphone on" is where
// the voice goes at that moment.
func TestWhoHears(t *testing.T) {
	for _, tt := range []struct {
		name   string
		state  call.State
		change func(*call.Call)
		want   string
	}{
		{"ringing", call.Ringing, func(*call.Call) {}, "You will be heard when they answer"},
		{"announcement", call.Ringing, func(c *call.Call) { c.EarlyMedia = true }, "You will be heard when they answer"},
		{"muted announcement", call.Ringing, func(c *call.Call) { c.EarlyMedia, c.Mute.On = true, true }, "You will not be heard when they answer"},
		{"answered", call.InCall, func(c *call.Call) { c.EarlyMedia = true }, "The other side hears you"},
		{"held", call.InCall, func(c *call.Call) { c.RemoteHold = true }, "Nothing is sent while you are on hold"},
		{"held and muted", call.InCall, func(c *call.Call) { c.RemoteHold, c.Mute.On = true, true }, "The other side cannot hear you"},
	} {
		c := call.Call{ID: 1, Tel: "600", Dialed: now, Answered: now, MediaUp: true}
		tt.change(&c)
		f := present.Facts{Snapshot: call.Snapshot{State: tt.state, Call: c}, Now: now, Line: line()}
		if got := present.Of(f, texts(t, text.English)).Mute.Sub; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestNext: a view names the moment at which it changes by itself, no earlier
// and no later.
func TestNext(t *testing.T) {
	tx := texts(t, text.English)
	for _, state := range uitest.States() {
		s, _ := uitest.State(state, now)
		f := present.Facts{Snapshot: s, Now: now.Add(300 * time.Millisecond), Line: line()}
		v := present.Of(f, tx)
		same := func(at time.Time) bool {
			f.Now = at
			w := present.Of(f, tx)
			w.Next = v.Next
			return w == v
		}
		if v.Next.IsZero() {
			if state != "clearing" && !same(now.Add(time.Hour)) {
				t.Errorf("%s changes and does not say when", state)
			}
			continue
		}
		if !same(v.Next.Add(-time.Nanosecond)) {
			t.Errorf("%s changes before it said", state)
		}
		if same(v.Next) {
			t.Errorf("%s does not change when it said", state)
		}
	}
}

func TestNoticesGoByThemselves(t *testing.T) {
	s, _ := uitest.State("ringing", now)
	f := present.Facts{
		Snapshot: s, Now: now, Line: line(), Notice: present.Notice{Key: "hint.escape", Until: now.Add(3 * time.Second)},
	}
	tx := texts(t, text.English)
	v := present.Of(f, tx)
	if v.Card.Sub == "" || !v.Next.Equal(f.Notice.Until) {
		t.Errorf("notice %q until %v", v.Card.Sub, v.Next)
	}
	f.Now = f.Notice.Until
	if v := present.Of(f, tx); v.Card.Sub != "" || !v.Next.IsZero() {
		t.Errorf("the notice stays: %q", v.Card.Sub)
	}
}

func TestDetailsHoldTheCode(t *testing.T) {
	s, _ := uitest.State("servererror", now)
	s.Call.Reason.Phrase = "Service\x00 Unavailable\n" + strings.Repeat("x", 200)
	v := present.Of(present.Facts{Snapshot: s, Now: now, Line: line(), Details: true}, texts(t, text.Korean)).Banner
	if !strings.Contains(v.Details, "SIP 503 Service Unavailable") || !strings.Contains(v.Details, "server-error") {
		t.Errorf("details %q", v.Details)
	}
	if len([]rune(v.Details)) > 140 || strings.ContainsAny(v.Details, "\x00\n") {
		t.Errorf("the server's words were not tamed: %q", v.Details)
	}
}

func TestPutAway(t *testing.T) {
	s, _ := uitest.State("busy", now)
	f := present.Facts{Snapshot: s, Now: now, Line: line(), PutAway: 1}
	if present.Of(f, texts(t, text.English)).Banner.Show {
		t.Error("a call's end that was put away comes back")
	}
	f.Snapshot.Call.ID = 2
	if !present.Of(f, texts(t, text.English)).Banner.Show {
		t.Error("the next call's end is not shown")
	}
}

func TestFirstStep(t *testing.T) {
	v := present.Of(present.Facts{Now: now, Number: "600"}, texts(t, text.Korean))
	if !v.Banner.Show || !v.Banner.Settings || v.Primary.Enabled {
		t.Errorf("a phone that is not set up shows %+v, call enabled %v", v.Banner, v.Primary.Enabled)
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 0: "00:00", 59900 * time.Millisecond: "00:59", time.Minute: "01:00",
		59*time.Minute + 59*time.Second: "59:59", time.Hour: "1:00:00", 100*time.Hour + 62*time.Second: "100:01:02",
	} {
		if got := present.Clock(d); got != want {
			t.Errorf("Clock(%v) = %q, want %q", d, got, want)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	s, _ := uitest.State("incall", now)
	f := present.Facts{Snapshot: s, Now: now, Line: line()}
	c := text.For(text.Korean)
	for b.Loop() {
		present.Of(f, c)
	}
}
