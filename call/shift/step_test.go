package shift

import (
	"bufio"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nxphone/call"
)

// step.txt and help.txt are the specification, written by hand: every pair of
// state and input stands there, and one that is missing fails the test.
var (
	//go:embed testdata/step.txt
	stateTable string
	//go:embed testdata/help.txt
	helpTable string
)

var t0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

const restLeft = 5 * time.Minute

var (
	full  = Rules{AfterCall: true, Rest: 10 * time.Minute}
	plain = Rules{}
)

// rows reads a table: by "first second", the two outcomes.
func rows(t *testing.T, table string) map[string][2]string {
	t.Helper()
	all := map[string][2]string{}
	for sc := bufio.NewScanner(strings.NewReader(table)); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 4 {
			t.Fatalf("bad row %q", line)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		key := f[0] + " | " + f[1]
		if _, twice := all[key]; twice {
			t.Errorf("row %q stands twice", key)
		}
		all[key] = [2]string{f[2], f[3]}
	}
	return all
}

func TestStates(t *testing.T) {
	lawful := &Ending{Number: "***"}
	inputs := map[string]input{
		"began":            began{call: current{id: 8}},
		"ended":            ended{call: 7, answered: true},
		"ended-unanswered": ended{call: 7},
		"ended-lawful":     ended{call: 7, answered: true, ending: lawful},
		"set-ready":        set{Ready},
		"set-after-call":   set{AfterCall},
		"set-rest":         set{Rest},
		"set-away":         set{Away},
		"set-unknown":      set{"lunch"},
		"rest-7m":          rest{7 * time.Minute},
		"rest-9h":          rest{9 * time.Hour},
		"rest-0":           rest{},
		"tick":             tick{},
		"tick-late":        tick{},
	}
	want := rows(t, stateTable)
	for _, state := range States() {
		for _, name := range slices.Sorted(maps.Keys(inputs)) {
			key := string(state) + " | " + name
			row, ok := want[key]
			if !ok {
				t.Errorf("no row for %s", key)
			}
			delete(want, key)
			for i, r := range []Rules{full, plain} {
				m := machine{status: Status{State: state, Since: t0.Add(-time.Minute)}}
				if state == Rest {
					m.status.Until, m.status.Then = t0.Add(restLeft), Ready
				}
				now := t0
				if name == "tick-late" {
					now = t0.Add(restLeft)
				}
				after, effects, err := step(m, inputs[name], r, now)
				if got := stateOutcome(m, after, effects, err, now); got != row[i] {
					t.Errorf("%s, rules %d: %s, want %s", key, i, got, row[i])
				}
			}
		}
	}
	for key := range want {
		t.Errorf("row %q is no pair", key)
	}
}

func stateOutcome(before, after machine, effects []effect, err error, now time.Time) string {
	if err != nil {
		return "error: " + strings.TrimPrefix(err.Error(), "shift: ")
	}
	var parts []string
	st := after.status
	if st != before.status {
		s := string(st.State)
		if st.State == Rest {
			s += fmt.Sprintf(" %v then %s", st.Until.Sub(now), st.Then)
		} else if !st.Until.IsZero() || st.Then != "" {
			s += " with what is left of a rest"
		}
		if st.Since.Equal(now) {
			s += " since"
		}
		parts = append(parts, s)
	}
	for _, e := range effects {
		if _, ok := e.(write); ok {
			parts = append(parts, "write")
		}
	}
	if parts == nil {
		return "-"
	}
	return strings.Join(parts, "; ")
}

func TestHelp(t *testing.T) {
	asked := Status{Help: true, HelpCall: 7, HelpSince: t0, Hook: HookSending}
	seenIt := asked
	seenIt.Seen = true
	failed := asked
	failed.Hook = HookFailed
	up := current{id: 7, tel: "01012345678", dn: "1000"}
	known := map[string]machine{
		"none, no call": {},
		"none, call":    {up: up},
		"asked, call":   {up: up, status: asked, told: 3},
		"failed, call":  {up: up, status: failed, told: 3},
		"seen, call":    {up: up, status: seenIt, told: 3},
		"asked, over":   {status: asked, told: 3},
		"asked, other":  {up: current{id: 8}, status: asked, told: 3},
	}
	inputs := map[string]input{
		"ask": help{true}, "take-back": help{false}, "seen": seen{},
		"ended-6": ended{call: 6, answered: true}, "ended-7": ended{call: 7, answered: true}, "ended-8": ended{call: 8, answered: true},
		"began-8": began{call: current{id: 8}},
		"told":    hooked{told: 3, ok: true}, "failed": hooked{told: 3}, "told-stale": hooked{told: 2, ok: true},
	}
	for key, row := range rows(t, helpTable) {
		first, second, _ := strings.Cut(key, " | ")
		m, ok := known[first]
		in, ok2 := inputs[second]
		if !ok || !ok2 {
			t.Errorf("row %q is no pair", key)
			continue
		}
		for i, r := range []Rules{{HelpURL: "https://sup.example/help", Extension: "9"}, {}} {
			after, effects, err := step(m, in, r, t0)
			if got := helpOutcome(m, after, effects, err); got != row[i] {
				t.Errorf("%s, rules %d: %s, want %s", key, i, got, row[i])
			}
		}
	}
}

func helpOutcome(before, after machine, effects []effect, err error) string {
	if err != nil {
		return "error"
	}
	var parts []string
	if st := after.status; st != before.status {
		words := []string{"none"}
		if st.Help {
			words = []string{fmt.Sprintf("help %d", st.HelpCall)}
		}
		if st.Seen {
			words = append(words, "seen")
		}
		if st.Hook != "" {
			words = append(words, string(st.Hook))
		}
		parts = append(parts, strings.Join(words, " "))
	}
	for _, e := range effects {
		if e, ok := e.(tell); ok {
			parts = append(parts, fmt.Sprintf("tell %s %d", map[bool]string{true: "on", false: "off"}[e.note.On], e.note.Call))
			if e.told != before.told+1 {
				parts = append(parts, "with a stale count")
			}
		}
	}
	if parts == nil {
		return "-"
	}
	return strings.Join(parts, "; ")
}

// TestNote: who is told what. The number goes out by a policy only, and with
// the request itself only.
func TestNote(t *testing.T) {
	m := machine{up: current{id: 7, tel: "01012345678", dn: "1000", sip: "QK3ZT"}}
	for _, number := range []bool{false, true} {
		r := Rules{HelpURL: "https://sup.example/", Extension: "9", HelpNumber: number}
		_, effects, _ := step(m, help{true}, r, t0)
		want := note{Event: "help", On: true, Call: 7, SIPCall: "QK3ZT", Extension: "1000", At: "2026-01-02T03:04:05Z"}
		if number {
			want.Number = "01012345678"
		}
		if got := effects[0].(tell).note; got != want {
			t.Errorf("number %t: %+v, want %+v", number, got, want)
		}
	}
	// The note that it is over names the same extension, and no number.
	r := Rules{HelpURL: "https://sup.example/", Extension: "9", HelpNumber: true}
	asked, _, _ := step(m, help{true}, r, t0)
	after, _, _ := step(asked, ended{call: 7, answered: true}, r, t0)
	want := note{Event: "help", Call: 7, SIPCall: "QK3ZT", Extension: "1000", At: "2026-01-02T03:04:05Z"}
	for _, m := range []machine{asked, after} { // in the call and behind it
		_, effects, _ := step(m, help{false}, r, t0)
		if got := effects[0].(tell).note; got != want {
			t.Errorf("the end of it: %+v, want %+v", got, want)
		}
	}
	_, effects, _ := step(machine{}, help{true}, r, t0)
	if got := effects[0].(tell).note; got.Call != 0 || got.SIPCall != "" || got.Number != "" || got.Extension != "9" {
		t.Errorf("without a call: %+v", got)
	}
}

// TestFollow: what of the phone's story counts.
func TestFollow(t *testing.T) {
	c := call.Call{ID: 3, Tel: "01012345678", DN: "1000", CallID: "QK3ZT", Dialed: t0}
	answered := c
	answered.Answered, answered.Ended = t0.Add(time.Second), t0.Add(90*time.Second)
	lawfulEnd := answered
	lawfulEnd.Farewell, lawfulEnd.Reason = t0.Add(80*time.Second), call.Reason{Code: call.CodeFarewell, Local: true}
	test := c
	test.Test = true
	tested := answered
	tested.Test = true
	cut := lawfulEnd
	cut.Reason = call.Reason{Code: call.CodeRemoteHangup}
	end := func(notice string) *Ending {
		return &Ending{Time: "2026-01-02T03:05:35Z", Number: "***5678", Seconds: 89, Extension: "1000", Notice: notice}
	}
	for _, tt := range []struct {
		name  string
		snap  call.Snapshot
		cause call.Cause
		first bool
		want  string
	}{
		{"found idle", call.Snapshot{Call: answered}, nil, true, "<nil>"},
		{"found in a call", call.Snapshot{State: call.Ringing, Call: c}, nil, true, "{{3 01012345678 1000 QK3ZT} 0}"},
		{"a test of the line", call.Snapshot{State: call.Connecting, Call: test}, call.Began{ID: 3}, false, "<nil>"},
		{"found in a test of the line", call.Snapshot{State: call.InCall, Call: tested}, nil, true, "<nil>"},
		{"a test of the line is over", call.Snapshot{Call: tested}, call.Ended{ID: 3}, false, "<nil>"},
		{"measurements", call.Snapshot{State: call.InCall, Call: answered}, nil, false, "<nil>"},
		{"began", call.Snapshot{State: call.Connecting, Call: c}, call.Began{ID: 3}, false, "{{3 01012345678 1000 QK3ZT} 0}"},
		{"answered", call.Snapshot{State: call.InCall, Call: answered}, call.Answered{ID: 3}, false, "<nil>"},
		{"never answered", call.Snapshot{Call: c}, call.Ended{ID: 3}, false, "{3 false <nil> 0}"},
		{"ended", call.Snapshot{Call: answered}, call.Ended{ID: 3}, false, "{3 true <nil> 0}"},
		{"lawful", call.Snapshot{Call: lawfulEnd}, call.Ended{ID: 3}, false, fmt.Sprintf("{3 true %+v}", *end("whole"))},
		{"the far end hung up", call.Snapshot{Call: cut}, call.Ended{ID: 3}, false, fmt.Sprintf("{3 true %+v}", *end("cut"))},
	} {
		in := follow(tt.snap, tt.cause, tt.first, -1)
		got := fmt.Sprint(in)
		if e, ok := in.(ended); ok && e.ending != nil {
			got = fmt.Sprintf("{%d %t %+v}", e.call, e.answered, *e.ending)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestMask(t *testing.T) {
	for _, tt := range []struct {
		tel    string
		digits int
		want   string
	}{
		{"01012345678", -1, "***5678"}, {"01012345678", 9, "***5678"}, {"01012345678", 4, "***5678"},
		{"01012345678", 2, "***78"}, {"01012345678", 0, "***"}, {"1393", 4, "***"}, {"606", 2, "***"}, {"", 4, "***"},
	} {
		if got := mask(tt.tel, tt.digits); got != tt.want {
			t.Errorf("mask(%q, %d) = %q, want %q", tt.tel, tt.digits, got, tt.want)
		}
	}
}

// TestLongerRestStays: a lawful ending does not shorten a rest under way.
func TestLongerRestStays(t *testing.T) {
	m := machine{status: Status{State: Rest, Since: t0, Until: t0.Add(time.Hour), Then: Ready}}
	after, _, _ := step(m, ended{call: 7, answered: true, ending: &Ending{}}, full, t0)
	if st := after.status; !st.Until.Equal(t0.Add(time.Hour)) || st.Then != AfterCall {
		t.Errorf("%+v", st)
	}
}
