package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/call/webapi"
)

func entry(i int) webapi.Entry {
	return webapi.Entry{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Origin: "https://helpline.example",
		Command: "dial", Outcome: "ok", Call: i, Tel: "0***78"}
}

// auditLines reads a log, every line of which must be whole.
func auditLines(t *testing.T, path string) []auditLine {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []auditLine
	for line := range bytes.Lines(text) {
		var l auditLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, l)
	}
	return all
}

func TestAudit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "nxphone", "web-api.log")
	a := newAudit(path, func(err error) { t.Error(err) })
	a.add(entry(7))
	a.add(webapi.Entry{Origin: "local:crm", Command: "clear", Outcome: "not-controller", Plain: true})
	a.close()
	a.add(entry(8)) // too late
	a.close()
	text, err := os.ReadFile(path)
	const first = `{"time":"2026-01-02T03:04:05Z","origin":"https://helpline.example","command":"dial","outcome":"ok","call":7,"tel":"0***78"}` + "\n"
	if err != nil || !strings.HasPrefix(string(text), first) {
		t.Errorf("%s, %v", text, err)
	}
	if lines := auditLines(t, path); len(lines) != 2 || lines[1].Origin != "local:crm" || !lines[1].Plain || lines[1].Call != 0 {
		t.Errorf("%+v", lines)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// The log is bounded, and nothing is lost or cut where it is turned over, also
// when two phones write.
func TestAuditIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web-api.log")
	const limit, each = 4096, 200
	var wg sync.WaitGroup
	for p := range 2 {
		a := newAudit(path, func(err error) { t.Error(err) })
		a.limit = limit
		wg.Go(func() {
			for i := range each {
				a.add(entry(p*each + i))
			}
			a.close()
		})
	}
	wg.Wait()
	n := 0
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Size() > limit+512 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v bytes, %v", name, info.Size(), err)
		}
		n += len(auditLines(t, name))
	}
	// The older one is full: it was not turned over by both.
	if info, err := os.Stat(path + ".1"); err != nil || info.Size() < limit-200 || n < limit/200 {
		t.Errorf("%d entries are left, %v", n, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}

// What keeps the log from being written is told once, and holds nobody up.
func TestAuditFaults(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "file", "web-api.log"), dir} {
		told := 0
		a := newAudit(path, func(error) { told++ })
		for i := range 3 {
			a.add(entry(i))
		}
		a.close()
		if told != 1 {
			t.Errorf("%s: told %d times", path, told)
		}
	}
}

// Entries that a slow disk leaves no room for are counted.
func TestAuditCountsWhatIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web-api.log")
	a := &audit{path: path, limit: maxAudit, faulty: func(err error) { t.Error(err) },
		entries: make(chan webapi.Entry, 2), done: make(chan struct{})}
	for i := range 5 {
		a.add(entry(i))
	}
	go a.run()
	a.close()
	lines := auditLines(t, path)
	if len(lines) != 2 || lines[0].Lost != 3 || lines[1].Lost != 0 {
		t.Errorf("%+v", lines)
	}
}

func TestAuditPath(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/state")
	if got, err := auditPath(); got != "/state/nxphone/web-api.log" || err != nil {
		t.Error(got, err)
	}
	t.Setenv("XDG_STATE_HOME", "relative") // to be ignored, says the specification
	t.Setenv("HOME", "/home/kim")
	if got, err := auditPath(); got != "/home/kim/.local/state/nxphone/web-api.log" || err != nil {
		t.Error(got, err)
	}
}

func BenchmarkAudit(b *testing.B) {
	a := newAudit(filepath.Join(b.TempDir(), "web-api.log"), func(err error) { b.Error(err) })
	defer a.close()
	for i := 0; b.Loop(); i++ {
		if err := a.write(fmt.Appendf(nil, "{\"call\":%d}\n", i)); err != nil {
			b.Fatal(err)
		}
	}
}
