package usage

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	// A program may call itself anything, parentheses and blanks included.
	got, err := parseStat("4711 (a ) R 1 (b) S 42 4711 4711 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 3 0 1234")
	if err != nil || got.parent != 42 || got.cpu != 3*time.Second {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "1 (x", "1 (x) S 2", "1 (x) S y 1 1 0 -1 0 0 0 0 0 1 1"} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestParsePSS(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"55d0-7ffc ---p 0 00:00 0 [rollup]\nRss:  9000 kB\nPss:        4321 kB\nPss_Anon: 12 kB\n", 4321, true},
		{"", 0, true}, {"Rss: 1 kB\n", 0, false}, {"Pss: many kB\n", 0, false},
	} {
		got, err := parsePSS([]byte(c.text))
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
}

func TestWatchCountsTheWholeTree(t *testing.T) {
	// A shell whose child does the work, until its input ends.
	cmd := exec.Command("sh", "-c", "(while :; do :; done) & read line; kill $!")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	u, err := Watch(t.Context(), cmd.Process.Pid, 1500*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if u.Processes < 2 || u.PSS <= 0 || u.PSS > 100 {
		t.Errorf("%d processes, %v MB", u.Processes, u.PSS)
	}
	// The machine may be busy; the child gets some share of a core.
	if u.CPU < 0.05 || u.Percent() > 130 {
		t.Errorf("%v s of CPU in %v s", u.CPU, u.Seconds)
	}
}

func TestWatchOfNothing(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := Watch(t.Context(), cmd.Process.Pid, time.Second); err == nil {
		t.Error("a program that has ended was measured")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Watch(ctx, os.Getpid(), time.Hour); err == nil {
		t.Error("a cancelled measurement went on")
	}
}
