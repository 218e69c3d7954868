package present_test

import (
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/check"
	"nxphone/ui/present"
)

// TestCheckSteps: what the page says as a check goes on.
func TestCheckSteps(t *testing.T) {
	at := func(s check.Step, left time.Duration, level float64, r check.Result) present.CheckFacts {
		return present.CheckFacts{Running: s != check.Done, Parts: check.All,
			Progress: check.Progress{Step: s, Left: left, Level: level, Result: r}}
	}
	good := check.Result{Microphone: check.MicOK, Speaker: check.SpeakerOK, Line: check.LineOK, Stats: call.Stats{RTT: 23 * time.Millisecond}}
	for _, l := range text.Langs() {
		c := text.For(l)
		v := present.CheckOf(present.CheckFacts{}, c)
		if !v.Start || v.Stop || v.Meter || v.Title != c.Text("check.begin.title") {
			t.Errorf("%s, begin: %+v", l, v)
		}
		if v := present.CheckOf(present.CheckFacts{InCall: true}, c); v.Start || v.Title != c.Text("check.busy.title") {
			t.Errorf("%s, in a call: %+v", l, v)
		}
		v = present.CheckOf(at(check.Speak, 3100*time.Millisecond, -30, check.Result{}), c)
		if v.Start || !v.Stop || !v.Meter || v.Level != -30 || !v.Rows[0].Now || v.Help != c.Text("check.speak.help", "seconds", "4") {
			t.Errorf("%s, speak: %+v", l, v)
		}
		v = present.CheckOf(at(check.Dial, time.Second, -127, check.Result{Microphone: check.MicOK, Speaker: check.SpeakerOK}), c)
		if v.Meter || !v.Rows[2].Now || v.Rows[0].Role != present.Good {
			t.Errorf("%s, line: %+v", l, v)
		}
		// Only the user knows whether the sound came out.
		f := at(check.Done, 0, -127, good)
		if v := present.CheckOf(f, c); !v.AskHeard || v.Rows[1].Role == present.Good || v.Rows[1].Title != c.Text("check.speaker-played.title") || v.Title != c.Text("check.heard.title") || !v.Start {
			t.Errorf("%s, done: %+v", l, v)
		}
		f.Heard = present.HeardYes
		if v := present.CheckOf(f, c); v.AskHeard || v.Role != present.Good || v.Title != c.Text("check.good.title") || v.Rows[2].Help != c.Text("check.line-ok.rtt", "ms", "23") {
			t.Errorf("%s, heard: %+v", l, v)
		}
		f.Heard = present.HeardNo
		if v := present.CheckOf(f, c); v.Role != present.Bad || v.Rows[1].Role != present.Bad || v.Rows[1].Help != c.Text("check.speaker-not-heard.help") {
			t.Errorf("%s, not heard: %+v", l, v)
		}
		if v := present.CheckOf(at(check.Done, 0, -127, check.Result{Interrupted: true}), c); v.Title != c.Text("check.interrupted.title") {
			t.Errorf("%s, interrupted: %+v", l, v)
		}
	}
}

// TestCheckWords: every finding has words, and what is wrong has help.
func TestCheckWords(t *testing.T) {
	codes := []check.Code{
		check.MicOK, check.MicMissing, check.MicDead, check.MicSilent, check.MicQuiet, check.MicLoud, check.MicNoisy,
		check.SpeakerOK, check.SpeakerMissing,
		check.LineOK, check.LineUnset, check.LineFailed, check.LineNoSound, check.LineLoss, check.LineSlow, check.LineUneven,
	}
	for _, l := range text.Langs() {
		c := text.For(l)
		for _, code := range codes {
			f := present.CheckFacts{Parts: check.All, Progress: check.Progress{Step: check.Done,
				Result: check.Result{Microphone: code}}}
			row := present.CheckOf(f, c).Rows[0]
			if row.Title == "" || row.Title == "check."+string(code)+".title" {
				t.Errorf("%s: no words for %s", l, code)
			}
			if good := check.GradeOf(code) == check.Good; good != (row.Help == "") || good != (row.Role == present.Good) {
				t.Errorf("%s: %s is %+v", l, code, row)
			}
		}
		f := present.CheckFacts{Parts: check.PartLine, Progress: check.Progress{Step: check.Done,
			Result: check.Result{Line: check.LineFailed, Reason: call.Reason{Code: call.CodeUnreachable}}}}
		title, _ := c.Code(string(call.CodeUnreachable))
		v := present.CheckOf(f, c)
		if v.Rows[0].Title != c.Text("check.not.asked") || len(v.Rows[2].Help) < len(title) || v.Rows[2].Help[:len(title)] != title {
			t.Errorf("%s: %+v", l, v.Rows)
		}
	}
}
