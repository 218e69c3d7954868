package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pipe is a file that cannot be sought, by name, and what was written to it in
// the end.
func pipe(t *testing.T) (name string, written func() string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(r)
		text <- string(all)
	}()
	return fmt.Sprintf("/proc/self/fd/%d", w.Fd()), func() string {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		return <-text
	}
}

// TestSummaryKeepsWhatItIsWrittenTo: a device or pipe is not replaced by a
// file, and a link stays one.
func TestSummaryKeepsWhatItIsWrittenTo(t *testing.T) {
	name, written := pipe(t)
	if err := (summary{OK: true}).write(name); err != nil {
		t.Error(err)
	}
	if text := written(); !strings.Contains(text, `"ok": true`) {
		t.Errorf("the pipe got %q", text)
	}

	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := (summary{OK: true}).write(link); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"ok": true`) {
		t.Errorf("the file behind the link: %q, %v", text, err)
	}
}

// TestSummaryOfACallWhoseRecordingFailed: the header of a WAV file is completed
// at the end, which a pipe does not let.
func TestSummaryOfACallWhoseRecordingFailed(t *testing.T) {
	record, recorded := pipe(t)
	s := newShell(t)
	file := filepath.Join(t.TempDir(), "s.json")
	status := s.run(t.Context(), "call", "--demo", "--audio", "null", "--record", record, "--summary", file,
		"--hangup-after", "100ms", "600")
	recorded()
	if status != exitFailed || !strings.Contains(s.stderr.String(), "seek") {
		t.Errorf("status %d\n%s", status, s.stderr.String())
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"answered": true`) {
		t.Errorf("summary %q, %v", text, err)
	}
}
