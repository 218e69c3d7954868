package present

import (
	"strings"
	"time"

	"nxphone/call"
	"nxphone/call/recent"
)

// RecentFacts are what the list of recent calls is made of.
type RecentFacts struct {
	State recent.State
	// Setting is the setting recent-calls: who decides.
	Setting Setting
	// Visible is how many digits at the end of a number may be shown, -1 for
	// all.
	Visible int
	Now     time.Time
	// Calling: a call is up that will be in the list.
	Calling bool
}

// Recent is the list as it is shown.
type Recent struct {
	// Kept says how long calls are kept, and by whose word.
	Kept string
	// Fault is a sentence about the file, empty where nothing is wrong.
	Fault string
	// Empty is what stands in the place of rows where there are none.
	Empty string
	// CanClear: there is something to be deleted, a damaged file included.
	CanClear bool
	Entries  []recent.Entry // for Row, the newest first
	facts    RecentFacts
}

// RecentRow is one call.
type RecentRow struct {
	ID int
	// Tel is what is dialled again; Number is what may be shown of it.
	Tel, Number string
	// What says when it was, and how it ended or how long it was.
	What string
	Icon string
	Role Role
}

// Recents says what the list shows. Rows are made one by one, by Row: a long
// list is made of those that are on the screen.
func Recents(f RecentFacts, t Texts) Recent {
	r := Recent{Entries: f.State.Entries, facts: f, Empty: t.Text("recent.empty")}
	by := "" // whose word it is
	if f.Setting.Locked && f.Setting.From == FromOrganisation {
		by = ".organisation"
	}
	switch days := f.State.Mode.Days(); {
	case f.State.Mode == recent.Off:
		r.Kept, r.Empty = t.Text("recent.kept.off"+by), ""
	case days == 0:
		r.Kept = t.Text("recent.kept.memory" + by)
	default:
		r.Kept = t.Text("recent.kept.days"+by, "days", Count(t, "days", days))
	}
	switch f.State.Fault {
	case recent.FaultDamaged:
		r.Fault = t.Text("recent.fault.damaged")
	case recent.FaultUnwritable:
		r.Fault = t.Text("recent.fault.unwritable")
	}
	switch {
	case len(r.Entries) > 0:
		r.Empty = ""
	case f.Calling && r.Empty != "":
		r.Empty = t.Text("recent.empty.calling")
	}
	r.CanClear = len(r.Entries) > 0 || f.State.Fault != recent.FaultNone
	return r
}

// Row is the row of an entry.
func (r Recent) Row(e recent.Entry, t Texts) RecentRow {
	f := r.facts
	row := RecentRow{ID: e.ID, Tel: e.Tel, Number: Masked(e.Tel, f.Visible), Icon: "phone", Role: Good}
	how := ""
	switch {
	case e.Answered:
		how = Length(t, e.Length)
		if e.Code == call.CodeFarewell {
			how = t.Text("recent.lawful", "length", how)
		}
	case e.Code == call.CodeCancelled:
		how, row.Icon, row.Role = t.Text("recent.how.cancelled"), "close", Neutral
	default:
		how, row.Icon, row.Role = t.Text(howKey(e.Code)), "hangup", Warn
	}
	row.What = t.Text("recent.row", "when", shortWhen(t, e.At.In(f.Now.Location()), f.Now), "how", how)
	return row
}

// howKey is the text that says in two words why nobody was reached: the banner
// has told the whole story when it happened.
func howKey(c call.Code) string {
	switch c {
	case call.CodeNoAnswer:
		return "recent.how.noanswer"
	case call.CodeLineBusy:
		return "recent.how.busy"
	case call.CodeNotFound:
		return "recent.how.notfound"
	case call.CodeDeclined:
		return "recent.how.declined"
	}
	return "recent.how.failed"
}

// shortWhen is When in less room: without the day of the week.
func shortWhen(t Texts, at, now time.Time) string {
	days := func(x time.Time) int {
		return int(time.Date(x.Year(), x.Month(), x.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
	}
	if d := days(now) - days(at); d == 0 || d == 1 || at.Year() != now.Year() {
		return When(t, at, now)
	}
	return t.Text("recent.at", "month", t.Text("date.month."+itoa(int(at.Month()))), "day", itoa(at.Day()), "time", TimeOfDay(t, at))
}

// hidden stands for a digit that may not be shown.
const hidden = "*"

// Masked is a number as it may be shown: with so many digits at its end, -1 for
// all. The others are there as stars, so that two numbers look as different as
// they are long, and no more.
func Masked(tel string, visible int) string {
	shown := Telephone(tel)
	if visible < 0 {
		return shown
	}
	runes := []rune(shown)
	var out strings.Builder
	signs := 0
	for _, c := range runes {
		if !separator(c) {
			signs++
		}
	}
	// A number that is hardly longer than what may be shown would be shown
	// whole.
	if signs < visible+2 {
		visible = 0
	}
	for _, c := range runes {
		switch {
		case separator(c):
			out.WriteRune(c)
			continue
		case signs > visible:
			out.WriteString(hidden)
		default:
			out.WriteRune(c)
		}
		signs--
	}
	return out.String()
}

func separator(c rune) bool { return c == '-' || c == ' ' }
