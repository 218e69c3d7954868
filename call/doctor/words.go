package doctor

import "strings"

// Text gives a text of the catalogue, with its blanks filled in.
type Text func(key string, pairs ...string) string

// Sentence is what happened, and what to do where there is something to do. The
// system's own words stand behind in brackets where they add something.
func (f Finding) Sentence(text Text) (what, todo string) {
	args := f.Args
	if f.Code == CallFailed {
		reason := ""
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == "reason" {
				reason = args[i+1]
			}
		}
		args = append(args[:len(args):len(args)], "reason", callText(text, reason, "title"), "advice", callText(text, reason, "help"))
		args = args[2:] // the code itself is no word
	}
	what = text("doctor."+string(f.Code), args...)
	if f.Grade >= Warning {
		todo = text("doctor."+string(f.Code)+".help", args...)
		if f.Detail != "" {
			what = strings.TrimSuffix(what, ".") + " (" + strings.TrimSuffix(f.Detail, ".") + ")."
		}
	}
	return what, todo
}

// callText is a text of an outcome of package call.
func callText(text Text, code, kind string) string {
	key := "code." + code + "." + kind
	if s := text(key); s != key {
		return s
	}
	return text("code.unknown." + kind)
}

// Title is the name of what was looked at.
func (f Finding) Title(text Text) string { return text("doctor.area." + string(f.Area)) }

// Verdict is the grade as a word.
func (f Finding) Verdict(text Text) string { return text("doctor.grade." + f.Grade.String()) }

// Summary is one sentence about all of it.
func Summary(all []Finding, text Text) string {
	switch Worst(all) {
	case Error:
		return text("doctor.some-errors")
	case Warning:
		return text("doctor.some-warnings")
	}
	return text("doctor.all-well")
}
