package headset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// script is a story of one headset: lines of "MS INPUT -> OUTCOME". Inputs:
//
//	call, answer, idle, muted, open, held, resumed    what the phone does
//	hook 1, mute 0, hook 1 mute 1, reject 1           states that are reported
//	press mute, release mute, side mute -1, ...       changes that are reported
//	again                                             the last report, repeated
//	clock                                             nothing but time
//	broken                                            lights could not be written
//
// Outcomes: hangup, mute, unmute (commands), [Off-hook Mute Hold] (lights as
// written, "-" for dark), and what is told after it: muted, open, restless.
type script struct {
	name  string
	lamp  bool // it has a mute light
	lines []string
}

func TestMachine(t *testing.T) {
	const lamp = true
	stories := []script{
		// What a call looks like to a headset.
		{"a call from the window, ended on the headset", lamp, []string{
			"0 call -> [O]", "20 hook 1", "3000 answer", "9000 hook 0 -> hangup", "9050 idle -> [-]", "9070 hook 0",
		}},
		{"a call ended in the window", lamp, []string{
			"0 call -> [O]", "20 hook 1", "5000 idle -> [-]", "5020 hook 0",
		}},
		{"off-hook while idle calls nobody, and leaves the headset to other programs", lamp, []string{
			"0 hook 1", "2000 hook 0", "3000 press mute", "3050 release mute", "4000 reject 1",
		}},
		{"hold is a light, and the hook still ends the call", lamp, []string{
			"0 call -> [O]", "20 hook 1", "1000 answer", "2000 held -> [OH]", "3000 resumed -> [O]", "3500 held -> [OH]", "4000 hook 0 -> hangup",
		}},

		// The hook is a level.
		{"a level that is repeated by other buttons ends nothing", lamp, []string{
			"0 call -> [O]", "20 hook 1", "2000 hook 1 mute 0", "3000 hook 1",
		}},
		{"a headset that never goes off-hook does not end calls by saying so", lamp, []string{
			"0 call -> [O]", "2000 hook 0", "4000 hook 0 mute 1 -> mute", "4010 muted -> [OM]",
		}},
		{"taking a handset up in a call, and putting it down", lamp, []string{
			"0 call -> [O]", "8000 hook 1", "20000 hook 0 -> hangup",
		}},
		{"a momentary hook: one press gives two reports", lamp, []string{
			"0 call -> [O]", "5000 hook 1", "5050 hook 0 -> hangup", "5100 hook 1", "5150 hook 0",
		}},
		{"a momentary hook that takes two seconds to let go", lamp, []string{
			"0 call -> [O]", "5000 hook 1", "7000 hook 0 -> hangup",
		}},
		{"a press that is a change: the release is nothing", lamp, []string{
			"0 call -> [O]", "5000 press hook -> hangup", "5080 release hook", "5100 press hook", "5150 release hook",
		}},
		{"the answer to the light is no press", lamp, []string{
			"0 call -> [O]", "40 press hook", "90 release hook", "1040 clock -> [O]", "6000 press hook -> hangup",
		}},
		{"a hook with two sides", lamp, []string{
			"0 call -> [O]", "10 side hook 1", "5000 side hook -1 -> hangup",
		}},
		{"a late on-hook of the call before does not end the next one", lamp, []string{
			"0 call -> [O]", "20 hook 1", "5000 idle -> [-]", "5100 call -> [O]", "5200 hook 0", "6200 clock -> [O]", "6220 hook 1", "9000 hook 0 -> hangup",
		}},
		{"a radio link that does not come up ends no call, and is not asked for ever", lamp, []string{
			"0 call -> [O]", "20 hook 1", "500 hook 0", "1500 clock -> [O]", "1520 hook 1", "2000 hook 0", "3000 clock -> [O]",
			"3010 hook 1", "3200 hook 0", "9000 clock",
		}},
		{"reject ends a call that is not answered", lamp, []string{
			"0 call -> [O]", "4000 reject 1 -> hangup",
		}},
		{"a long press in an answered call is no hang-up", lamp, []string{
			"0 call -> [O]", "1000 answer", "4000 reject 1", "4100 reject 0",
		}},
		{"a second press does not end the next call", lamp, []string{
			"0 call -> [O]", "20 hook 1", "3000 hook 0 -> hangup", "3100 hook 1", "3200 hook 0", "3300 idle -> [-]",
		}},

		// Mute that reports presses.
		{"presses toggle, and the light answers", lamp, []string{
			"0 call -> [O]", "5000 press mute -> mute", "5020 muted -> [OM]", "5060 release mute",
			"9000 press mute -> unmute", "9020 open -> [O]", "9060 release mute",
		}},
		{"one press, two reports", lamp, []string{
			"0 call -> [O]", "5000 press mute -> mute", "5010 release mute", "5030 press mute", "5040 release mute", "5060 muted -> [OM]",
		}},
		{"presses without a release", lamp, []string{
			"0 call -> [O]", "5000 press mute -> mute", "5020 muted -> [OM]", "8000 again -> unmute",
		}},
		{"a press that is held down while another button reports is one press", lamp, []string{
			"0 call -> [O]", "10 hook 1", "5000 press mute -> mute", "5300 hook 1 press mute", "5600 release mute",
		}},
		{"two presses before the first is confirmed go back", lamp, []string{
			"0 call -> [O]", "5000 press mute -> mute", "5040 release mute", "5300 press mute -> unmute",
		}},
		{"muted in the window: a press on the headset opens", lamp, []string{
			"0 call -> [O]", "3000 muted -> [OM]", "5000 press mute -> unmute",
		}},
		{"a press right after the light is its answer, or two thumbs at once: the microphone stays shut", lamp, []string{
			"0 call -> [O]", "3000 muted -> [OM]", "3060 press mute", "3100 release mute",
		}},
		{"two sides", lamp, []string{
			"0 call -> [O]", "3000 side mute 1 -> mute", "3020 muted -> [OM]", "6000 side mute -1 -> unmute",
		}},
		{"nobody presses that often", lamp, []string{
			"0 call -> [O]",
			"1000 press mute -> mute", "1100 release mute", "1200 press mute -> unmute", "1300 release mute",
			"1400 press mute -> mute", "1500 release mute", "1600 press mute -> unmute", "1700 release mute",
			"1800 press mute -> mute", "1900 release mute", "2000 press mute -> unmute", "2100 release mute",
			"2200 press mute -> restless", "2300 release mute -> restless", "2400 press mute -> restless", "2500 release mute -> restless",
			"5300 clock -> restless", "5500 clock", "5600 press mute -> mute",
		}},

		// Mute that reports a state.
		{"a boom that goes up and down is followed", lamp, []string{
			"0 call -> [O]", "20 hook 1 mute 0", "5000 hook 1 mute 1 -> mute", "5020 muted -> [OM]",
			"9000 hook 1 mute 0 -> unmute", "9020 open -> [O]",
		}},
		{"a boom that is up when the call begins is followed", lamp, []string{
			"0 mute 1", "5000 call -> mute [O] [OM]", "5020 muted", "5050 mute 1", "8000 mute 0 -> unmute",
		}},
		{"mute kept from the call before is believed when it is said, and not before", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "3020 muted -> [OM]", "6000 open -> [O]", "6010 mute 0", "7000 mute 1 -> mute",
			"7020 muted -> [OM]", "8000 open idle -> [-]", "9000 call -> [O]", "9050 hook 1 mute 1 -> mute",
		}},
		{"what was said in the last call does not swallow a press in this one", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "3020 muted -> [OM]", "5000 open idle -> [-]", "6000 call -> [O]", "9000 mute 1 -> mute",
		}},
		{"the first word is where it stands, not an unmute", lamp, []string{
			"0 call -> [O]", "1000 muted -> [OM]", "4000 hook 1 mute 0", "5600 clock -> [OM] open",
		}},
		{"told to be muted, it says so: an echo is no press", lamp, []string{
			"0 call -> [O]", "3000 muted -> [OM]", "3050 mute 1", "3100 open -> [O]", "3150 mute 1", "3200 mute 0", "9000 clock",
		}},
		{"a button that claims to be a state: what is let go within 400 ms was a press", lamp, []string{
			"0 call -> [O]", "5000 mute 1 -> mute", "5020 muted -> [OM]", "5090 mute 0", "9000 clock",
			"9100 mute 1 -> unmute", "9120 open -> [O]", "9600 mute 0", "12000 mute 1 -> mute", "12700 mute 0",
		}},
		{"its first press, with the phone muted, is not taken at its word", lamp, []string{
			"0 call -> [O]", "2000 muted -> [OM]", "5000 mute 1", "5090 mute 0", "7000 mute 1 -> unmute",
		}},
		{"not answered in time, it takes its mute back: the microphone stays shut, and that is told", !lamp, []string{
			"0 call -> [O]", "5000 mute 1 -> mute", "5020 muted -> [OM]", "7300 mute 0", "8800 clock -> [OM] open",
		}},
		{"without a light, after a while it is its user", !lamp, []string{
			"0 call -> [O]", "5000 mute 1 -> mute", "5020 muted -> [OM]", "9000 mute 0 -> unmute",
		}},
		{"the same when the light could not be written", lamp, []string{
			"0 call -> [O]", "10 broken", "1010 clock -> [O]", "5000 mute 1 -> mute", "5020 muted -> [OM]", "7300 mute 0",
		}},
		{"a mute that is not confirmed cannot be taken back by silence", lamp, []string{
			"0 call -> [O]", "5000 mute 1 -> mute", "6600 clock -> muted", "7200 mute 0", "8000 muted -> [OM]",
		}},

		// Disagreement.
		{"the headset is muted and the phone does not follow: told, and never opened by us", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "4400 clock", "4500 clock -> muted", "9000 mute 0",
		}},
		{"opened in the window while the boom is up: told", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "3020 muted -> [OM]", "6000 open -> [O]", "7600 clock -> muted", "8000 mute 0",
		}},
		{"opened in the window, and the headset follows: nothing to tell", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "3020 muted -> [OM]", "6000 open -> [O]", "6700 mute 0", "9000 clock",
		}},
		{"muted in the window while the boom is down is no contradiction", lamp, []string{
			"0 call -> [O]", "20 mute 0", "3000 muted -> [OM]", "9000 clock",
		}},
		{"muted for good by the phone: the lamp is lit once more", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "3020 muted -> [OM]", "6000 mute 0 -> unmute", "7600 clock -> [OM] open", "8000 mute 1 -> mute",
		}},
		{"a call that ends takes the disagreement along", lamp, []string{
			"0 call -> [O]", "3000 mute 1 -> mute", "4600 clock -> muted", "5000 idle -> [-]",
		}},

		// Plugging.
		{"plugged in mid-call while muted: off-hook first, then mute", lamp, []string{
			"0 answer muted call -> [O] [OM]", "20 hook 1",
		}},
		{"lights that cannot be written are tried twice more", lamp, []string{
			"0 call -> [O]", "10 broken", "1010 clock -> [O]", "1020 broken", "2020 clock -> [O]", "2030 broken", "9000 clock",
		}},
	}
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) { s.run(t) })
	}
}

func (s script) run(t *testing.T) {
	m := &machine{muteLamp: s.lamp}
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var phone Phone
	var last []reading
	for _, line := range s.lines {
		in, want, _ := strings.Cut(line, "->")
		var ms int
		words := strings.Fields(in)
		if _, err := fmt.Sscan(words[0], &ms); err != nil {
			t.Fatal(err)
		}
		now := start.Add(time.Duration(ms) * time.Millisecond)
		var out output
		readings, changed := parseInput(t, words[1:], &phone)
		switch {
		case words[1] == "again":
			out = m.report(now, last, true)
		case words[1] == "clock":
			out = m.tick(now)
		case words[1] == "broken":
			out = m.failed(now)
		case changed:
			out = m.update(now, phone)
		default:
			last = readings
			out = m.report(now, readings, false)
		}
		if got, want := outcome(out, m.trouble(now)), strings.Fields(want); !slices.Equal(got, want) {
			t.Fatalf("%s: got %v", line, got)
		}
		if !out.next.IsZero() && !now.Before(out.next) {
			t.Fatalf("%s: the next look at the clock is not in the future", line)
		}
	}
}

func parseInput(t *testing.T, words []string, phone *Phone) (readings []reading, changed bool) {
	t.Helper()
	names := map[string]control{"hook": controlHook, "mute": controlMute, "reject": controlReject}
	for i := 0; i < len(words); i++ {
		word := words[i]
		changed = true
		switch word {
		case "call":
			phone.Call = true
		case "answer":
			phone.Answered = true
		case "idle":
			*phone = Phone{}
		case "muted", "open":
			phone.Muted = word == "muted"
		case "held", "resumed":
			phone.Held = word == "held"
		case "clock", "again", "broken":
		case "press", "release":
			r := reading{control: names[words[i+1]], sense: sensePress}
			if word == "press" {
				r.value = 1
			}
			readings, changed = append(readings, r), false
			i++
		case "side":
			readings, changed = append(readings, reading{names[words[i+1]], senseSides, number(t, words[i+2])}), false
			i += 2
		default:
			sense := senseState
			if word == "reject" {
				sense = sensePress
			}
			readings, changed = append(readings, reading{names[word], sense, number(t, words[i+1])}), false
			i++
		}
	}
	return readings, changed
}

func number(t *testing.T, s string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return n
}

func outcome(out output, trouble Trouble) []string {
	var words []string
	for _, c := range out.commands {
		words = append(words, map[Command]string{HangUp: "hangup", Mute: "mute", Unmute: "unmute"}[c])
	}
	for _, l := range out.lights {
		s := ""
		for i, on := range []bool{l.OffHook, l.Ring, l.Mute, l.Hold} {
			if on {
				s += "ORMH"[i : i+1]
			}
		}
		if s == "" {
			s = "-"
		}
		words = append(words, "["+s+"]")
	}
	if trouble != TroubleNone {
		words = append(words, string(trouble))
	}
	return words
}

// FuzzMachine: whatever headset and phone do, a headset commands only a call
// that is up, opens only a microphone that is shut or on its way there, and is
// dark without a call.
func FuzzMachine(f *testing.F) {
	f.Add(true, []byte{0x80, 0x01, 0x12, 0x22, 0x90, 0x30, 0x05, 0x81})
	f.Add(false, []byte("a call, a boom, a press and a press"))
	f.Fuzz(func(t *testing.T, lamp bool, story []byte) {
		m := &machine{muteLamp: lamp}
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		var phone Phone
		lit := Lights{}
		for i, b := range story {
			now = now.Add(time.Duration(b>>4) * time.Duration(i%5) * 90 * time.Millisecond)
			var out output
			muting := m.muting(now)
			switch b & 0x0f {
			case 0, 1:
				phone = Phone{Call: b&1 == 1, Muted: b&1 == 1 && b&0x10 != 0}
				out = m.update(now, phone)
			case 2, 3:
				phone.Muted = phone.Call && b&1 == 1
				out = m.update(now, phone)
			case 4:
				out = m.tick(now)
			case 5:
				out = m.failed(now)
			default:
				r := reading{control: control(b & 0x0f % controls), sense: sense(b >> 4 % 3), value: int(b>>6%3) - 1}
				out = m.report(now, []reading{r}, b&0x20 != 0)
			}
			for _, c := range out.commands {
				if !phone.Call || c == Unmute && !muting {
					t.Fatalf("step %d (%02x): %v of %+v", i, b, c, phone)
				}
			}
			for _, l := range out.lights {
				lit = l
			}
			if !phone.Call && lit != (Lights{}) || phone.Call && phone.Muted && !lit.Mute {
				t.Fatalf("step %d (%02x): lights %+v of %+v", i, b, lit, phone)
			}
			if !out.next.IsZero() && !now.Before(out.next) {
				t.Fatalf("step %d (%02x): the next look at the clock is not in the future", i, b)
			}
		}
	})
}
