package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"nxphone/call/interop/figures"
)

// Report is what a run has measured.
type Report struct {
	When     time.Time  `json:"when"`
	Machine  string     `json:"machine"`
	Versions []string   `json:"versions"`
	Sections []*Section `json:"sections"`
}

// Section is what one part has measured. The order of its content is that of the
// report.
type Section struct {
	Title string `json:"title"`
	// Intro says how it was measured, in a few sentences of Markdown.
	Intro string `json:"intro"`
	// Load is the load average of the machine before and after the part: what is
	// measured makes about one itself, and on a busy machine sound suffers.
	Load string `json:"load,omitempty"`
	// Failed is what ended the part before its end.
	Failed string `json:"failed,omitempty"`
	// Checks are its figures against the bar.
	Checks []figures.Check `json:"checks,omitempty"`
	Tables []Table         `json:"tables,omitempty"`
	// Pictures are drawn into the folder voice beside the report.
	Pictures []Picture `json:"-"`
	// Closing is what a reader should know about the figures.
	Closing string `json:"closing,omitempty"`
}

// Table is one table of a section; Note stands under it.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Note  string     `json:"note,omitempty"`
}

// Picture is a plot with the name of its file, without folder and ending, and
// what there is to see.
type Picture struct {
	figures.Picture
	Name, Caption string
}

// pictures is the folder for them, beside the report.
const pictures = "voice"

func (t Table) markdown(b *strings.Builder) {
	if t.Title != "" {
		fmt.Fprintf(b, "\n### %s\n", t.Title)
	}
	b.WriteString("\n")
	figures.Table(b, t.Head, t.Rows)
	if t.Note != "" {
		fmt.Fprintf(b, "\n%s\n", t.Note)
	}
}

// cell is a figure in a table, "-" for a missing one.
func cell(v float64, format string) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf(format, v)
}

// markdown is the report for people.
func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# How nxphone sounds, beside Chromium\n\n%s; %s. %s.\n", r.When.Format("2006-01-02 15:04"), r.Machine, strings.Join(r.Versions, "; "))
	met, all := 0, 0
	for _, s := range r.Sections {
		for _, c := range s.Checks {
			if all++; c.Met() {
				met++
			}
		}
	}
	fmt.Fprintf(&b, "\nOf %d figures with a bar, %d are at it or better.\n", all, met)
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n## %s\n", s.Title)
		if s.Intro != "" {
			fmt.Fprintf(&b, "\n%s\n", s.Intro)
		}
		if s.Load != "" {
			fmt.Fprintf(&b, "\nThe machine's load average: %s.\n", s.Load)
		}
		if s.Failed != "" {
			fmt.Fprintf(&b, "\n**This part did not come to its end: %s**\n", s.Failed)
		}
		if len(s.Checks) > 0 {
			Table{Title: "Against the bar", Head: figures.CheckHead(), Rows: figures.Rows(s.Checks)}.markdown(&b)
		}
		for _, t := range s.Tables {
			t.markdown(&b)
		}
		for _, p := range s.Pictures {
			fmt.Fprintf(&b, "\n![%s](%s/%s.png)\n\n%s\n", p.Title, pictures, p.Name, p.Caption)
		}
		if s.Closing != "" {
			fmt.Fprintf(&b, "\n%s\n", s.Closing)
		}
	}
	return b.String()
}

// save writes voice.md, voice.json and the pictures. It is called after each part,
// so that a run which is cut short leaves what it had.
func (r *Report) save(dir string) error {
	for _, s := range r.Sections {
		for _, p := range s.Pictures {
			if err := p.Save(filepath.Join(dir, pictures, p.Name+".png")); err != nil {
				return err
			}
		}
	}
	return figures.Save(dir, "voice", r, r.markdown())
}
