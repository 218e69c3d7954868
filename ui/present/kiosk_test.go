package present_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/kiosk"
	"nxphone/ui/present"
)

var updateKiosk = flag.Bool("update-kiosk", false, "write testdata/kiosk.txt anew")

// kioskNow is when the tests of a booth take place.
func kioskNow() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// kioskCases are the states of a booth that have a picture of their own.
func kioskCases() []struct {
	name  string
	facts present.KioskFacts
} {
	now := kioskNow()
	status := func(change func(s *kiosk.Status)) kiosk.Status {
		s := kiosk.Status{Emergency: true, Bright: true, PIN: true, Since: now.Add(-2 * time.Second),
			Network: kiosk.Network{State: kiosk.NetReady}}
		change(&s)
		return s
	}
	in := func(screen kiosk.Screen, b kiosk.Button, change func(s *kiosk.Status)) kiosk.Status {
		return status(func(s *kiosk.Status) {
			s.Screen, s.Button, s.Hears, s.Answered = screen, b, true, now.Add(-time.Minute)
			change(s)
		})
	}
	none := func(*kiosk.Status) {}
	type facts = present.KioskFacts
	return []struct {
		name  string
		facts present.KioskFacts
	}{
		{"ready", facts{Status: status(none)}},
		{"ready, one button", facts{Status: status(func(s *kiosk.Status) { s.Emergency = false })}},
		{"network not known yet", facts{Status: status(func(s *kiosk.Status) { s.Network.State = kiosk.NetConnecting })}},
		{"no network", facts{Status: status(func(s *kiosk.Status) { s.Network = kiosk.Network{State: kiosk.NetDown, Since: now.Add(-time.Second)} })}},
		{"testing itself", facts{Status: status(func(s *kiosk.Status) { s.Testing = true })}},
		{"dark", facts{Status: status(func(s *kiosk.Status) { s.Bright = false })}},
		{"asking", facts{Status: status(none), Asking: true}},
		{"asking while it rings", facts{Status: in(kiosk.Calling, kiosk.Counsellor, func(s *kiosk.Status) { s.Ringing = true }), Asking: true}},
		{"low", facts{Status: status(none), Low: true}},
		{"low by the organisation", facts{Status: status(none), LowFixed: true}},
		{"connecting", facts{Status: in(kiosk.Calling, kiosk.Counsellor, none)}},
		{"ringing", facts{Status: in(kiosk.Calling, kiosk.Counsellor, func(s *kiosk.Status) { s.Ringing = true })}},
		{"ringing for long", facts{Status: in(kiosk.Calling, kiosk.Counsellor, func(s *kiosk.Status) { s.Ringing, s.Since = true, now.Add(-20*time.Second) })}},
		{"calling the emergency number", facts{Status: in(kiosk.Calling, kiosk.Emergency, none)}},
		{"talking", facts{Status: in(kiosk.Talking, kiosk.Counsellor, none)}},
		{"talking to the emergency number", facts{Status: in(kiosk.Talking, kiosk.Emergency, none)}},
		{"no sound yet", facts{Status: in(kiosk.Talking, kiosk.Counsellor, func(s *kiosk.Status) { s.Hears, s.Answered = false, now.Add(-time.Second) })}},
		{"no sound", facts{Status: in(kiosk.Talking, kiosk.Counsellor, func(s *kiosk.Status) { s.Hears = false })}},
		{"held", facts{Status: in(kiosk.Talking, kiosk.Counsellor, func(s *kiosk.Status) { s.Held = true })}},
		{"cannot hear", facts{Status: in(kiosk.Talking, kiosk.Counsellor, none), Helping: true, Volume: 5, Loudest: 5}},
		{"cannot hear, no volume", facts{Status: in(kiosk.Talking, kiosk.Counsellor, none), Helping: true}},
		{"silence", facts{Status: in(kiosk.Talking, kiosk.Counsellor, func(s *kiosk.Status) { s.SilenceEnds = now.Add(9500 * time.Millisecond) })}},
		{"silence in an emergency", facts{Status: in(kiosk.Talking, kiosk.Emergency, func(s *kiosk.Status) { s.SilenceEnds = now.Add(9 * time.Second) })}},
		{"ending", facts{Status: in(kiosk.Ending, kiosk.Counsellor, none)}},
		{"over: the emergency call", facts{Status: in(kiosk.Over, kiosk.Emergency, func(s *kiosk.Status) { s.End.Code = call.CodeRemoteHangup })}},
		{"over: no emergency call", facts{Status: in(kiosk.Over, kiosk.Emergency, func(s *kiosk.Status) { s.End.Code = call.CodeLineBusy })}},
		{"closed", facts{Status: status(func(s *kiosk.Status) { s.Screen, s.Fault, s.Missing = kiosk.Closed, kiosk.FaultPolicy, []string{"url"} })}},
		{"pad", facts{Status: status(none), PIN: present.KioskPad{Open: true, Digits: 3}}},
		{"pad, wrong", facts{Status: status(none), PIN: present.KioskPad{Open: true, Wrong: true}}},
		{"pad, waits", facts{Status: status(func(s *kiosk.Status) { s.PINAgain = now.Add(4100 * time.Millisecond) }), PIN: present.KioskPad{Open: true}}},
		{"pad, checking", facts{Status: status(none), PIN: present.KioskPad{Open: true, Checking: true}}},
	}
}

// TestKioskGolden compares every picture of a booth with what it should be
// (testdata/kiosk.txt; -update-kiosk writes it, for reading it through).
func TestKioskGolden(t *testing.T) {
	var out strings.Builder
	words := text.For(text.English)
	for _, c := range kioskCases() {
		c.facts.Now, c.facts.Label = kioskNow(), "119"
		fmt.Fprintf(&out, "== %s\n%s", c.name, kioskText(present.KioskOf(c.facts, words)))
	}
	for _, code := range kioskCodes() {
		f := present.KioskFacts{Now: kioskNow(), Label: "119", Status: kiosk.Status{
			Screen: kiosk.Over, Emergency: true, Bright: true, End: call.Reason{Code: code}}}
		fmt.Fprintf(&out, "== over: %s\n%s", code, kioskText(present.KioskOf(f, words)))
	}
	file := filepath.Join("testdata", "kiosk.txt")
	if *updateKiosk {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, lines := strings.Split(out.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(lines)) {
		a, b := at(got, i), at(lines, i)
		if a != b {
			t.Fatalf("line %d: %q, want %q", i+1, a, b)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}

func kioskCodes() []call.Code {
	return []call.Code{call.CodeHangup, call.CodeRemoteHangup, call.CodeCancelled, kiosk.CodeSilence, call.CodeLineBusy,
		call.CodeNoAnswer, call.CodeUnavailable, call.CodeDeclined, call.CodeUnreachable, call.CodeFlowLost, call.CodeTimeout,
		call.CodeMedia, call.CodeAudioDevice, call.CodeServerError, call.CodeNotFound, ""}
}

// kioskText is a view as a person would tell it.
func kioskText(v present.KioskView) string {
	var b strings.Builder
	line := func(what string, parts ...string) {
		if s := strings.TrimSpace(strings.Join(parts, " ")); s != "" {
			fmt.Fprintf(&b, "%s: %s\n", what, s)
		}
	}
	if p := v.PIN; p.Open {
		line("pad", p.Title, "|", p.Help, "|", p.Dots, string(p.Role), fmt.Sprint(p.Enabled, p.CanEnter))
	}
	sign := v.Sign.Icon + " " + string(v.Sign.Role)
	if v.Sign.Step > 0 {
		sign += fmt.Sprintf(" dot %d", v.Sign.Step)
	}
	if v.Sign.Most > 0 {
		sign += fmt.Sprintf(" %d of %d bars", v.Sign.Level, v.Sign.Most)
	}
	line("sign", sign)
	line("title", v.Title)
	line("help", v.Help)
	line("note", v.Note)
	for _, k := range []struct {
		name string
		b    present.KioskButton
	}{{"main", v.Main}, {"apart", v.Apart}, {"pair", v.Pair}, {"low", v.Low}} {
		if k.b.Do == present.KioskNothing || k.name == "low" && k.b.Label == "Lower buttons" {
			continue
		}
		key := ""
		if k.b.Key != 0 {
			key = "[" + string(k.b.Key) + "]"
		}
		off := ""
		if k.b.Unavailable {
			off = "(off)"
		}
		line(k.name, key, k.b.Label, "("+string(k.b.Role)+" "+k.b.Icon+")", off)
	}
	if v.Dim {
		line("dim", "yes")
	}
	if !v.Next.IsZero() {
		line("next", v.Next.Sub(kioskNow()).String())
	}
	return b.String()
}

// TestKioskEverywhere walks the product of screens, facts and languages: there
// is always something to read, a call always has an end (or is ending), no pad
// or question lies over a call that is answered, only the emergency number is
// red, and what is shown never changes by itself in the past.
func TestKioskEverywhere(t *testing.T) {
	now := kioskNow()
	n := 0
	for _, lang := range text.Langs() {
		words := text.For(lang)
		for screen := kiosk.Ready; screen <= kiosk.Closed; screen++ {
			for bits := range 1 << 10 {
				on := func(i int) bool { return bits>>i&1 == 1 }
				s := kiosk.Status{Screen: screen, Since: now.Add(-time.Second), Emergency: on(0), Ringing: on(1), Held: on(2), Hears: on(3),
					Bright: on(4), PIN: true, Testing: on(5), Button: kiosk.Button(1 + bits&1)}
				if on(6) {
					s.SilenceEnds = now.Add(5 * time.Second)
				}
				if on(7) {
					s.Network.State = kiosk.NetDown
				}
				f := present.KioskFacts{Status: s, Now: now, Asking: on(8), Helping: on(9), Low: on(5), PIN: present.KioskPad{Open: on(9)}, // one in calls, one out of them
					Volume: 2, Loudest: 5, Label: "119"}
				v := present.KioskOf(f, words)
				n++
				if fault := kioskFault(v, f); fault != "" {
					t.Fatalf("%s %v %+v: %s\n%s", lang, screen, f, fault, kioskText(v))
				}
			}
		}
	}
	if n < 12000 {
		t.Errorf("only %d views", n)
	}
}

func kioskFault(v present.KioskView, f present.KioskFacts) string {
	answered := f.Status.Screen == kiosk.Talking
	does := func(do present.KioskDo) bool { return v.Main.Do == do || v.Apart.Do == do }
	switch {
	case v.Title == "" || strings.HasPrefix(v.Title, "kiosk."):
		return "no title"
	case v.Sign.Icon == "":
		return "no sign"
	case answered && !does(present.KioskHangup):
		return "no end"
	case f.Status.Screen.InCall() && v.PIN.Open:
		return "a pad over a call"
	case answered && does(present.KioskUrgent):
		return "a question over a call"
	case f.Status.Screen.InCall() && v.Dim:
		return "a dark call"
	case !v.Next.IsZero() && !v.Next.After(f.Now):
		return "changes in the past"
	case v.Main.Do != present.KioskNothing && v.Main.Do == v.Apart.Do:
		return "two buttons do the same"
	case v.Main.Key != 0 && v.Main.Key == v.Apart.Key:
		return "two buttons have the same key"
	case v.LowLayout != f.Low:
		return "another layout"
	}
	for _, b := range []present.KioskButton{v.Main, v.Apart, v.Pair} {
		red := b.Do == present.KioskAsk || b.Do == present.KioskUrgent
		if b.Do != present.KioskNothing && (b.Label == "" || b.Icon == "" || red != (b.Role == present.Bad)) {
			return "a button without word or sign, or red for something else"
		}
	}
	return ""
}

// TestKioskLabel: without a public number the texts name the call by what it is.
func TestKioskLabel(t *testing.T) {
	for _, lang := range text.Langs() {
		words := text.For(lang)
		for _, c := range kioskCases() {
			c.facts.Now = kioskNow()
			v := present.KioskOf(c.facts, words)
			all := fmt.Sprint(v)
			if strings.ContainsAny(all, "{}<>") && strings.Contains(all, "number}") || strings.Contains(v.Title, "  ") {
				t.Errorf("%s, %s: %q %q %q", lang, c.name, v.Title, v.Help, v.Apart.Label)
			}
			for _, s := range []string{v.Title, v.Help, v.Main.Label, v.Apart.Label} {
				if strings.HasPrefix(s, " ") || strings.Contains(s, "  ") || strings.HasPrefix(s, "에") {
					t.Errorf("%s, %s: a number is missing in %q", lang, c.name, s)
				}
			}
		}
	}
}
