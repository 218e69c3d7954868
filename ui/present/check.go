package present

import (
	"strconv"
	"time"

	"nxphone/call/check"
)

// CheckFacts are what the page of the check shows something of.
type CheckFacts struct {
	// Running: a check is under way; Progress is its newest word, or the last of
	// the one before.
	Running  bool
	Progress check.Progress
	// Parts are what was asked for.
	Parts check.Parts
	// Heard is the user's own word on whether the recording was to be heard:
	// HeardUnknown until asked and answered.
	Heard Heard
	// InCall: a call is up that is not the check's.
	InCall bool
}

// Heard is the user's answer.
type Heard int

// The answers.
const (
	HeardUnknown Heard = 0
	HeardYes     Heard = 1
	HeardNo      Heard = 2
)

// Check is the page of the check, in plain values.
type Check struct {
	// Title says what to do now, or the verdict; Help what follows from it.
	Title, Help string
	Icon        string
	Role        Role
	// Meter: the microphone's meter is shown, at Level in dBFS.
	Meter bool
	Level float64
	// Rows are what has been found: microphone, speaker, line.
	Rows [3]CheckRow
	// AskHeard: the user is asked whether the recording was to be heard.
	AskHeard bool
	// Start: a check can be started. Stop: one can be left.
	Start, Stop bool
}

// CheckRow is one finding.
type CheckRow struct {
	Name, Title, Help string
	Icon              string
	Role              Role
	// Now: this is being looked at.
	Now bool
}

// CheckOf says what the page shows.
func CheckOf(f CheckFacts, t Texts) Check {
	r := f.Progress.Result
	v := Check{
		Start: !f.Running && !f.InCall, Stop: f.Running,
		Rows: [3]CheckRow{
			checkRow("check.microphone", r.Microphone, f.Running && f.Progress.Step == check.Speak, f.Parts&check.PartVoice != 0, t),
			checkRow("check.speaker", speakerCode(r.Speaker, f.Heard), f.Running && f.Progress.Step == check.Listen, f.Parts&check.PartVoice != 0, t),
			checkRow("check.line", r.Line, f.Running && f.Progress.Step == check.Dial, f.Parts&check.PartLine != 0, t),
		},
	}
	if r.Line == check.LineFailed && r.Reason.Code != "" {
		title, help := t.Code(string(r.Reason.Code))
		v.Rows[2].Help = sentence(title, help)
	}
	if r.Line == check.LineOK && r.Stats.RTT > 0 {
		v.Rows[2].Help = t.Text("check.line-ok.rtt", "ms", strconv.FormatInt(r.Stats.RTT.Milliseconds(), 10))
	}
	switch {
	case f.Running:
		v.running(f, t)
	case f.Progress.Step == check.Done:
		v.verdict(f, t)
	case f.InCall:
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.busy.title"), t.Text("check.busy.help"), "phone", Warn
	default:
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.begin.title"), t.Text("check.begin.help"), "mic", Accent
	}
	return v
}

func (v *Check) running(f CheckFacts, t Texts) {
	v.Role, v.Icon = Accent, "mic"
	left := strconv.Itoa(int((f.Progress.Left + time.Second - 1) / time.Second))
	v.Title = t.Text("check." + string(f.Progress.Step) + ".title")
	v.Help = t.Text("check."+string(f.Progress.Step)+".help", "seconds", left)
	switch f.Progress.Step {
	case check.Speak:
		v.Meter, v.Level = true, f.Progress.Level
	case check.Listen:
		v.Icon = "speaker"
	case check.Dial:
		v.Icon = "phone"
	}
}

// verdict is the check as a whole; a question that is open stands before it.
func (v *Check) verdict(f CheckFacts, t Texts) {
	r := f.Progress.Result
	if r.Interrupted && r.Grade() == check.Unknown {
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.interrupted.title"), t.Text("check.interrupted.help"), "info", Warn
		return
	}
	if r.Speaker == check.SpeakerOK && f.Heard == HeardUnknown {
		v.AskHeard = true
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.heard.title"), t.Text("check.heard.help"), "speaker", Accent
		return
	}
	grade := r.Grade()
	if f.Heard == HeardNo {
		grade = check.Bad
	}
	switch grade {
	case check.Good:
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.good.title"), t.Text("check.good.help"), "check", Good
	case check.Usable:
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.usable.title"), t.Text("check.usable.help"), "info", Warn
	default:
		v.Title, v.Help, v.Icon, v.Role = t.Text("check.bad.title"), t.Text("check.bad.help"), "alert", Bad
	}
}

// speakerNotHeard is what only the user can find.
const speakerNotHeard check.Code = "speaker-not-heard"

// speakerPlayed is all that the phone knows before the user has said more.
const speakerPlayed check.Code = "speaker-played"

func speakerCode(c check.Code, h Heard) check.Code {
	switch {
	case c != check.SpeakerOK:
	case h == HeardUnknown:
		return speakerPlayed
	case h == HeardNo:
		return speakerNotHeard
	}
	return c
}

func checkRow(name string, c check.Code, now, asked bool, t Texts) CheckRow {
	row := CheckRow{Name: t.Text(name), Now: now, Icon: "clock", Role: Neutral}
	switch {
	case now:
		row.Title, row.Role = t.Text("check.now"), Accent
		return row
	case c == check.Skipped && !asked:
		row.Title = t.Text("check.not.asked")
		return row
	case c == check.Skipped:
		row.Title = t.Text("check.waits")
		return row
	}
	row.Title = t.Text("check." + string(c) + ".title")
	if c == speakerPlayed {
		row.Icon, row.Role = "speaker", Accent
		return row
	}
	grade := check.GradeOf(c)
	if c == speakerNotHeard {
		grade = check.Bad
	}
	switch grade {
	case check.Good:
		row.Icon, row.Role = "check", Good
		return row // nothing is to be done
	case check.Usable:
		row.Icon, row.Role = "info", Warn
	default:
		row.Icon, row.Role = "alert", Bad
	}
	row.Help = t.Text("check." + string(c) + ".help")
	return row
}

// sentence joins a title and its help, each of which may be empty.
func sentence(title, help string) string {
	if title == "" || help == "" {
		return title + help
	}
	return title + ". " + help
}
