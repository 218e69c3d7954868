//go:build linux

package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMemory(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state", "nxphone", "window.json")
	m := OpenMemory(path)
	if m.Recall("full") != (Seat{}) {
		t.Error("it remembers what never was")
	}
	full, compact := Seat{Width: 800, Height: 684.5, X: -1200, Y: 30, Placed: true}, Seat{Width: 384, Height: 72}
	for name, s := range map[string]Seat{"full": full, "compact": compact} {
		if err := m.Remember(name, s); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	if m.Last() != "" {
		t.Errorf("the last arrangement is %q", m.Last())
	}
	for range 2 {
		if err := m.Take("compact"); err != nil {
			t.Fatal(err)
		}
	}
	if again := OpenMemory(path); again.Last() != "compact" || again.Recall("full") != full || again.Recall("compact") != compact {
		t.Errorf("read back: %+v", again.seats)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Remember("full", full); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Size() != 0 {
		t.Error("the same place was written again")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the file lies %v, %v", entries, err)
	}
	if err := m.Remember("full", Seat{Width: 1e9}); err != nil || m.Recall("full") != full {
		t.Errorf("nonsense was kept: %+v, %v", m.Recall("full"), err)
	}
	// A folder that cannot be written costs the memory of this run and no more.
	blocked := OpenMemory(filepath.Join(path, "below-a-file"))
	if err := blocked.Remember("full", full); err == nil {
		t.Error("written where nothing can be")
	}
	if blocked.Recall("full") != (Seat{}) {
		t.Error("it says that it remembers")
	}
}

// Whatever is wrong with the file is as good as no file.
func TestMemoryThatIsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window.json")
	for _, text := range []string{"", "{", "[]", "null", `{"seats":null}`, `{"seats":{"full":null}}`, `{"seats":{"full":{"width":1e9}}}`,
		`{"seats":{"full":{"x":99999999}}}`, `{"seats":{"full":{"width":-1}}}`, `{"seats":{"full":{"height":"x"}}}`, "\x00\xff",
		`{"seats":{"x":{}}` + strings.Repeat(" ", maxMemory)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m := OpenMemory(path)
		if got := m.Recall("full"); got != (Seat{}) {
			t.Errorf("%.40q gives %+v", text, got)
		}
		if err := m.Remember("full", Seat{Width: 1}); err != nil || OpenMemory(path).Recall("full").Width != 1 {
			t.Errorf("%.40q stands in the way: %v", text, err)
		}
	}
}

func TestStateFolder(t *testing.T) {
	t.Setenv("HOME", "/home/kim")
	for env, want := range map[string]string{"": "/home/kim/.local/state/nxphone", "/x/state": "/x/state/nxphone", "relative": "/home/kim/.local/state/nxphone"} {
		if got, err := StateFolder(environment("XDG_STATE_HOME="+env), "nxphone"); got != want || err != nil {
			t.Errorf("%q gives %q, %v", env, got, err)
		}
	}
}
