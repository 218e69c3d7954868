package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/call/interop/figures"
)

func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bench")
	r := &Report{Machine: "2 cores", Versions: []string{"nxphone 1", "Chromium 2"}, Sections: []*Section{
		{Title: "One", Intro: "So it was.", Load: "1 before, 2 after", Checks: []figures.Check{figures.AtMost("delay", 120, 100, "ms").Because("slow"), figures.AtMost("gaps", 0, 1, "")},
			Tables: []Table{{Title: "All", Head: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}, Note: "Noted."}}, Closing: "So it is.",
			Pictures: []Picture{{figures.Picture{Title: "delay"}, "one-delay", "What is seen."}}},
		{Title: "Two", Failed: "no browser"},
	}}
	if err := r.save(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "voice.md"))
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{
		"Of 2 figures with a bar, 1 are at it or better.", "## One So it was. The machine's load average: 1 before, 2 after.", "| delay | 120.0 ms | at most 100.0 ms | missed by 20.0 ms: slow |",
		"### All | a | b |", "| 1 | 2 | Noted.", "![delay](voice/one-delay.png) What is seen. So it is.", "did not come to its end: no browser",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, file := range []string{"voice.json", "voice/one-delay.png"} {
		if st, err := os.Stat(filepath.Join(dir, file)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}
