package present

import (
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/shift"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// TestShiftLine: the golden values of every state, in English: title, sub,
// buttons, and when it changes by itself.
func TestShiftLine(t *testing.T) {
	words := text.For(text.English)
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	in := func(d time.Duration) time.Time { return noon.Add(d) }
	restful := 10 * time.Minute
	for _, tt := range []struct {
		name  string
		st    shift.Status
		rest  time.Duration
		state call.State
		pages []string
		want  Shift
		next  time.Duration // from now; 0 for never
	}{
		{"ready", shift.Status{State: shift.Ready, Since: ago(time.Hour)}, restful, call.Idle, nil,
			Shift{Icon: "check", Role: Good, Title: "Ready", First: ShiftButton{ShiftAway, "Away"}, Second: ShiftButton{ShiftRest, "Rest"}}, 0},
		{"no rest is set", shift.Status{State: shift.Ready}, 0, call.Idle, nil,
			Shift{Icon: "check", Role: Good, Title: "Ready", First: ShiftButton{ShiftAway, "Away"}}, 0},
		{"after call", shift.Status{State: shift.AfterCall, Since: ago(130*time.Second + 400*time.Millisecond)}, restful, call.Idle, nil,
			Shift{Icon: "clock", Role: Accent, Title: "After call, 2:10", First: ShiftButton{ShiftReady, "Ready"}, Second: ShiftButton{ShiftRest, "Rest"}}, 600 * time.Millisecond},
		{"long work is counted in minutes", shift.Status{State: shift.AfterCall, Since: ago(12*time.Minute + 15*time.Second)}, 0, call.Idle, nil,
			Shift{Icon: "clock", Role: Accent, Title: "After call, 12 min", First: ShiftButton{ShiftReady, "Ready"}}, 45 * time.Second},
		{"rest", shift.Status{State: shift.Rest, Since: ago(time.Minute), Until: in(500*time.Second + 300*time.Millisecond), Then: shift.Ready}, restful, call.Idle, nil,
			Shift{Icon: "cup", Role: Good, Title: "Rest, 8:21 left", First: ShiftButton{ShiftEndRest, "End rest"}}, 300 * time.Millisecond},
		{"rest after a call", shift.Status{State: shift.Rest, Until: in(10 * time.Minute), Then: shift.AfterCall}, restful, call.Idle, nil,
			Shift{Icon: "cup", Role: Good, Title: "Rest, 10:00 left", Sub: "Your after-call work waits behind it.", First: ShiftButton{ShiftEndRest, "End rest"}}, time.Second},
		{"rest is over", shift.Status{State: shift.Rest, Until: ago(time.Second), Then: shift.Ready}, restful, call.Idle, nil,
			Shift{Icon: "cup", Role: Good, Title: "Rest, 0:00 left", First: ShiftButton{ShiftEndRest, "End rest"}}, 0},
		{"an ending that was not noted", shift.Status{State: shift.Rest, Until: in(time.Minute), Then: shift.Ready, RecordFailed: true}, restful, call.Idle, nil,
			Shift{Icon: "cup", Role: Warn, Title: "Rest, 1:00 left", Sub: "This ending could not be noted in its file. Write down the time, and tell your administrator.", First: ShiftButton{ShiftEndRest, "End rest"}}, time.Second},
		{"away", shift.Status{State: shift.Away}, restful, call.Idle, nil,
			Shift{Icon: "hold", Role: Neutral, Title: "Away", First: ShiftButton{ShiftReady, "Ready"}}, 0},
		{"in a call", shift.Status{State: shift.AfterCall}, restful, call.InCall, nil,
			Shift{Icon: "help", Role: Neutral, Title: "If you need a hand", First: ShiftButton{ShiftAskHelp, "Ask for help"}}, 0},
		{"told", shift.Status{State: shift.Ready, Help: true, Hook: shift.HookTold}, restful, call.InCall, nil,
			Shift{Icon: "help", Role: Accent, Title: "Help asked for", Sub: "Your supervisor has been told.", First: ShiftButton{ShiftTakeBack, "Take back"}}, 0},
		{"being told", shift.Status{State: shift.Ready, Help: true, Hook: shift.HookSending}, restful, call.InCall, nil,
			Shift{Icon: "help", Role: Accent, Title: "Help asked for", Sub: "Your supervisor is being told.", First: ShiftButton{ShiftTakeBack, "Take back"}}, 0},
		{"seen", shift.Status{State: shift.Ready, Help: true, Hook: shift.HookFailed, Seen: true}, restful, call.InCall, nil,
			Shift{Icon: "help", Role: Good, Title: "Help asked for", Sub: "Your supervisor has seen it.", First: ShiftButton{ShiftTakeBack, "Take back"}}, 0},
		{"failed", shift.Status{State: shift.Ready, Help: true, Hook: shift.HookFailed}, restful, call.InCall, nil,
			Shift{Icon: "help", Role: Warn, Title: "Help asked for", Sub: "Your supervisor could not be told. Tell again, or ask for help another way.", First: ShiftButton{ShiftTakeBack, "Take back"}, Second: ShiftButton{ShiftAskHelp, "Tell again"}}, 0},
		{"failed, but a page knows", shift.Status{State: shift.Ready, Help: true, Hook: shift.HookFailed}, restful, call.InCall, []string{"https://helpline.example"},
			Shift{Icon: "help", Role: Warn, Title: "Help asked for", Sub: "The web page knows, but the supervisor's server could not be told. Try telling it again.", First: ShiftButton{ShiftTakeBack, "Take back"}, Second: ShiftButton{ShiftAskHelp, "Tell again"}}, 0},
		{"only a page knows", shift.Status{State: shift.Ready, Help: true}, restful, call.InCall, []string{"https://helpline.example"},
			Shift{Icon: "help", Role: Accent, Title: "Help asked for", Sub: "The connected web page has been told.", First: ShiftButton{ShiftTakeBack, "Take back"}}, 0},
		{"nobody knows", shift.Status{State: shift.Ready, Help: true}, restful, call.Idle, []string{"local:nxphone"},
			Shift{Icon: "help", Role: Warn, Title: "Help asked for", Sub: "Nobody can be told: no address is set. Ask for help another way, and tell your administrator.", First: ShiftButton{ShiftTakeBack, "Take back"}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Facts{Now: noon, Size: Full, Snapshot: call.Snapshot{State: tt.state}, Web: Web{Connected: tt.pages},
				Shift: ShiftFacts{Known: true, Status: tt.st, Rest: tt.rest}}
			got, next := shiftLine(f, words)
			want := tt.want
			want.Show = true
			if tt.state == call.Idle && !tt.st.Help {
				want.Ask = ShiftButton{ShiftAskHelp, "Ask for help"}
			}
			if tt.state == call.Idle && tt.st.Help {
				want.Own = ShiftOwn{"Ready", ShiftButton{ShiftAway, "Away"}, ShiftButton{ShiftRest, "Rest"}}
			}
			if got != want {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
			var after time.Duration
			if !next.IsZero() {
				after = next.Sub(noon)
			}
			if after != tt.next {
				t.Errorf("changes in %v, want %v", after, tt.next)
			}
			f.Size = Phone
			if phone, _ := shiftLine(f, words); tt.state != call.Idle && !tt.st.Help {
				if want := (Shift{Ask: ShiftButton{ShiftAskHelp, "Ask for help"}}); phone != want {
					t.Errorf("one column in a call: %+v", phone)
				}
			} else if phone != got {
				t.Errorf("one column: %+v", phone)
			}
			f.Size = Compact
			if got, next := shiftLine(f, words); got != (Shift{}) || !next.IsZero() {
				t.Errorf("the strip has no room for %+v (%v)", got, next)
			}
		})
	}
}

// TestRestWhileHelpIsAskedFor: after a hard call help may still be asked for, and a
// rest can be taken without taking that back.
func TestRestWhileHelpIsAskedFor(t *testing.T) {
	words := text.For(text.English)
	st := shift.Status{State: shift.AfterCall, Since: noon.Add(-130*time.Second - 400*time.Millisecond), Help: true, Hook: shift.HookTold, RecordFailed: true}
	f := Facts{Now: noon, Size: Phone, Shift: ShiftFacts{Known: true, Status: st, Rest: 10 * time.Minute}}
	got, next := shiftLine(f, words)
	if got.Title != "Help asked for" || got.First.Do != ShiftTakeBack || !strings.HasPrefix(got.Sub, "Your supervisor has been told. This ending could not be noted") {
		t.Errorf("%+v", got)
	}
	if want := (ShiftOwn{"After call, 2:10", ShiftButton{ShiftReady, "Ready"}, ShiftButton{ShiftRest, "Rest"}}); got.Own != want {
		t.Errorf("%+v, want %+v", got.Own, want)
	}
	if next.Sub(noon) != 600*time.Millisecond {
		t.Errorf("changes in %v", next.Sub(noon))
	}
	f.Snapshot.State = call.InCall
	if got, next := shiftLine(f, words); got.Own != (ShiftOwn{}) || !next.IsZero() {
		t.Errorf("in a call: %+v, %v", got.Own, next)
	}
}

// TestShiftCountsDown: what Next promises comes true, second by second.
func TestShiftCountsDown(t *testing.T) {
	words := text.For(text.Korean)
	until := noon.Add(3*time.Second + 250*time.Millisecond)
	f := Facts{Now: noon, Shift: ShiftFacts{Known: true, Status: shift.Status{State: shift.Rest, Until: until, Then: shift.Ready}}}
	var titles []string
	for range 10 {
		v := Of(f, words)
		titles = append(titles, v.Shift.Title)
		if v.Next.IsZero() {
			break
		}
		f.Now = v.Next
	}
	want := []string{"휴식 0:04 남음", "휴식 0:03 남음", "휴식 0:02 남음", "휴식 0:01 남음", "휴식 0:00 남음"}
	if len(titles) != len(want) {
		t.Fatalf("%q", titles)
	}
	for i := range want {
		if titles[i] != want[i] {
			t.Errorf("%q, want %q", titles, want)
			break
		}
	}
}

// TestHelpButton: the button in a call is about this call. What was asked in an
// earlier one, and nobody has seen, must not turn a cry for help into the end
// of another.
func TestHelpButton(t *testing.T) {
	words := text.For(text.English)
	for _, tt := range []struct {
		name    string
		st      shift.Status
		state   call.State
		label   string
		ask, on bool
	}{
		{"nothing is asked", shift.Status{}, call.InCall, "Ask for help", true, false},
		{"asked in this call", shift.Status{Help: true, HelpCall: 3}, call.InCall, "Help asked", false, true},
		{"seen", shift.Status{Help: true, HelpCall: 3, Seen: true}, call.InCall, "Request seen", false, true},
		{"left from an earlier call", shift.Status{Help: true, HelpCall: 2}, call.InCall, "Ask for help", true, false},
		{"asked without a call", shift.Status{Help: true}, call.InCall, "Ask for help", true, false},
	} {
		s := call.Snapshot{State: tt.state, Call: call.Call{ID: 3, Answered: noon, Farewell: noon}}
		v := Of(Facts{Now: noon, Snapshot: s, Shift: ShiftFacts{Known: true, Status: tt.st}}, words)
		if got := v.Actions.Help; !got.Enabled || got.Ask != tt.ask || got.On != tt.on {
			t.Errorf("%s: %+v", tt.name, got)
		} else if tt.label != got.Label {
			t.Errorf("%s: %q", tt.name, got.Label)
		}
	}
}
