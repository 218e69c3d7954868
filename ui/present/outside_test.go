package present_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// outside is what is shown outside of the window in a state of package uitest.
func outside(t *testing.T, name string, change func(*present.Facts)) present.Outside {
	t.Helper()
	s, ok := uitest.State(name, now)
	if !ok {
		t.Fatalf("no state %q", name)
	}
	f := present.Facts{Snapshot: s, Now: now, Line: line()}
	if change != nil {
		change(&f)
	}
	tx := texts(t, text.English)
	return present.OutsideOf(f, present.Of(f, tx), tx)
}

func TestTrayOfEveryState(t *testing.T) {
	for name, want := range map[string]present.TrayState{
		"idle": present.TrayIdle, "connecting": present.TrayCall, "ringing": present.TrayCall, "early": present.TrayCall, "incall": present.TrayCall,
		"muted": present.TrayMuted, "muting": present.TrayCall, "unmuting": present.TrayMuted, "held": present.TrayCall, "deaf": present.TrayCall,
		"leak": present.TrayTrouble, "nosound": present.TrayTrouble, "clearing": present.TrayCall, "ended": present.TrayIdle, "remote": present.TrayIdle,
		"unreachable": present.TrayTrouble, "certificate": present.TrayTrouble, "servererror": present.TrayTrouble,
	} {
		o := outside(t, name, nil)
		if o.Tray.State != want {
			t.Errorf("%s: %s, want %s", name, o.Tray.State, want)
		}
		inCall := name != "idle" && name != "ended" && name != "remote" && want != present.TrayTrouble || name == "leak" || name == "nosound"
		if o.Tray.CanHangup != (inCall && name != "clearing") {
			t.Errorf("%s: hang up can be chosen: %v", name, o.Tray.CanHangup)
		}
		if o.Tray.CanMute && !inCall {
			t.Errorf("%s: mute can be chosen without a call", name)
		}
	}
	if o := outside(t, "idle", func(f *present.Facts) { f.Line = present.Line{} }); o.Tray.State != present.TrayTrouble {
		t.Errorf("without a line: %s", o.Tray.State)
	}
	// Only where the far end can hear us may the words say so.
	for _, name := range []string{"ringing", "held", "hold", "bothhold", "farewell", "muted", "clearing"} {
		if outside(t, name, nil).Tray.Tip == outside(t, "incall", nil).Tray.Tip {
			t.Errorf("%s has the words of an open microphone", name)
		}
	}
	if o := outside(t, "muted", nil); o.Tray.Mute == outside(t, "incall", nil).Tray.Mute {
		t.Error("the menu offers to mute what is muted")
	}
}

// The state is never told by the icon alone.
func TestTrayStatesHaveWordsOfTheirOwn(t *testing.T) {
	titles, tips := map[string]string{}, map[string]string{}
	for _, name := range []string{"idle", "ringing", "incall", "hold", "farewell", "clearing", "muted", "leak"} {
		tray := outside(t, name, nil).Tray
		if titles[tray.Title] != "" || tips[tray.Tip] != "" || tray.Title == "" || tray.Tip == "" {
			t.Errorf("%s and %s have the same words: %q, %q", name, titles[tray.Title], tray.Title, tray.Tip)
		}
		titles[tray.Title], tips[tray.Tip] = name, name
	}
}

func TestNotes(t *testing.T) {
	seen := func(f *present.Facts) { f.Seen = present.Seen{Answered: 1, Ended: 1} }
	front := func(f *present.Facts) { f.Front = true }
	for _, c := range []struct {
		state  string
		change func(*present.Facts)
		want   bool
	}{
		{"idle", nil, false}, {"ringing", nil, false}, {"clearing", nil, false},
		{"incall", nil, true}, {"incall", front, false}, {"incall", seen, false},
		{"remote", nil, true}, {"remote", front, false}, {"remote", seen, false},
		{"busy", nil, true}, {"unreachable", nil, true},
		{"ended", nil, false}, // by the user
	} {
		o := outside(t, c.state, c.change)
		if got := o.Call.Title != ""; got != c.want {
			t.Errorf("%s: note %+v", c.state, o.Call)
		}
	}
	if a, e := outside(t, "incall", nil), outside(t, "remote", nil); a.Call == e.Call {
		t.Error("answer and end have the same words")
	}
	ask := func(f *present.Facts) {
		f.Web.Question = &present.WebQuestion{ID: 1, Origin: "https://evil.example", Until: now.Add(time.Minute)}
	}
	o := outside(t, "idle", ask)
	if o.Question.Title == "" || o.Tray.Tip != o.Question.Title {
		t.Errorf("a question: %+v", o)
	}
	if o := outside(t, "idle", func(f *present.Facts) { ask(f); f.Front = true }); o.Question.Title != "" {
		t.Errorf("a question in front: %+v", o.Question)
	}
}

// What has been before the user's eyes is told nowhere else any more.
func TestSeen(t *testing.T) {
	s, _ := uitest.State("incall", now)
	f := present.Facts{Snapshot: s, Now: now, Line: line()}
	if f.SeenNow() != (present.Seen{}) {
		t.Error("seen in the background")
	}
	f.Front = true
	if f.Seen = f.SeenNow(); f.Seen != (present.Seen{Answered: 1}) {
		t.Errorf("in front: %+v", f.Seen)
	}
	f.Front = false
	f.Snapshot, _ = uitest.State("remote", now)
	if f.Seen = f.SeenNow(); f.Seen.Ended != 0 {
		t.Errorf("the end in the background: %+v", f.Seen)
	}
	f.Front = true
	if f.Seen = f.SeenNow(); f.Seen != (present.Seen{Answered: 1, Ended: 1}) {
		t.Errorf("back in front: %+v", f.Seen)
	}
}

// Nothing outside of the window tells who is called, by whom, or what somebody
// else has written.
func TestOutsideTellsNobody(t *testing.T) {
	for _, lang := range []text.Lang{text.Korean, text.English} {
		tx := texts(t, lang)
		for _, name := range uitest.States() {
			s, _ := uitest.State(name, now)
			s.Call.Reason.Phrase = "SECRET 7"
			f := present.Facts{Snapshot: s, Now: now, Line: line(), Number: "01077777777", Handed: "01077777777"}
			for _, q := range []*present.WebQuestion{nil, {ID: 1, Origin: "https://secret7.example", Until: now.Add(time.Minute)}} {
				f.Web = present.Web{Question: q, Controller: "https://secret7.example", Connected: []string{"local:secret7"}}
				o := present.OutsideOf(f, present.Of(f, tx), tx)
				all := strings.Join([]string{o.Tray.Title, o.Tray.Tip, o.Tray.Show, o.Tray.Mute, o.Tray.Hangup, o.Tray.Quit,
					o.Call.Title, o.Call.Body, o.Question.Title, o.Question.Body}, "\n")
				if strings.ContainsFunc(all, unicode.IsDigit) || strings.Contains(strings.ToLower(all), "secret") || strings.Contains(all, "example") {
					t.Errorf("%s tells\n%s", name, all)
				}
			}
		}
		for code := range endings() {
			f := present.Facts{Snapshot: call.Snapshot{Call: call.Call{ID: 1, Reason: call.Reason{Code: code}}}, Now: now, Line: line()}
			o := present.OutsideOf(f, present.Of(f, tx), tx)
			if o.Call.Title == "" || strings.ContainsFunc(o.Call.Title+o.Call.Body, unicode.IsDigit) {
				t.Errorf("%s: %+v", code, o.Call)
			}
		}
	}
}

// endings are the ends that the far side or the network can bring about.
func endings() map[call.Code]bool {
	all := map[call.Code]bool{}
	for _, name := range uitest.States() {
		if s, _ := uitest.State(name, now); s.Call.Reason.Code != "" {
			all[s.Call.Reason.Code] = true
		}
	}
	return all
}

func TestHotkeyFaults(t *testing.T) {
	if n := (present.HotkeyFaults{MuteKey: "Ctrl+Shift+F9"}).Notice(); n != (present.Notice{}) {
		t.Errorf("nothing is wrong: %+v", n)
	}
	for _, lang := range []text.Lang{text.Korean, text.English} {
		for _, fault := range []present.HotkeyFault{present.HotkeyTaken, present.HotkeyMissing, present.HotkeyUnsupported} {
			for _, h := range []present.HotkeyFaults{{Mute: fault, Hangup: fault, MuteKey: "Super+M", HangupKey: "Super+H"}, {Hangup: fault, MuteKey: "Super+H", HangupKey: "Super+M"}} {
				f := present.Facts{Now: now, Line: line(), Notice: h.Notice()}
				b := present.Of(f, texts(t, lang)).Banner
				if !b.Show || !strings.Contains(b.Title, "Super+M") || b.Help == "" || !b.Settings || !b.Dismiss {
					t.Errorf("%s: %+v", fault, b)
				}
			}
		}
	}
}
