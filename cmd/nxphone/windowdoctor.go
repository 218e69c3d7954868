package main

import (
	"context"
	"time"

	"nxphone/assets/text"
	"nxphone/call/doctor"
	"nxphone/call/report"
	"nxphone/ui"
	"nxphone/ui/present"
)

// windowDoctor is ui.Doctor on the phone that the window shows.
type windowDoctor struct {
	p  *program
	ph *phone
	o  options
	// listening is the port that web pages find this phone at, 0 for none; nil
	// where there is no web API.
	listening func() int
}

var _ ui.Doctor = (*windowDoctor)(nil)

// options are those of the command, but for what the window shows by being there.
func (w *windowDoctor) options() doctor.Options {
	x := w.p.examination(w.ph, w.o)
	x.Display = func(context.Context) doctor.Finding { return doctor.Find(doctor.DisplayShown) }
	if w.listening != nil {
		x.Listening = w.listening()
	}
	return x
}

// Examine implements ui.Doctor.
func (w *windowDoctor) Examine(ctx context.Context, words *text.Catalogue, tell func(present.Finding)) string {
	found := doctor.Run(ctx, w.options(), func(f doctor.Finding) {
		what, todo := f.Sentence(words.Text)
		title := f.Title(words.Text)
		if f.Grade >= doctor.Warning { // a colour alone is no word
			title += " · " + f.Verdict(words.Text)
		}
		tell(present.Finding{Role: roleOf(f.Grade), Title: title, What: what, Todo: todo})
	})
	return doctor.Summary(found, words.Text)
}

func roleOf(g doctor.Grade) present.Role {
	switch g {
	case doctor.OK:
		return present.Good
	case doctor.Warning:
		return present.Warn
	case doctor.Error:
		return present.Bad
	}
	return present.Neutral
}

// Report implements ui.Doctor.
func (w *windowDoctor) Report(ctx context.Context, words *text.Catalogue, path string) error {
	entries := w.p.reportEntries(w.ph, w.options(), words, &tape{})
	return report.Write(ctx, path, entries, w.p.reportScrubber(w.ph))
}

// ReportName implements ui.Doctor.
func (w *windowDoctor) ReportName(now time.Time) string { return reportName(now) }
