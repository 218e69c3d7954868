package shift

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// lines reads a record; every line must be whole.
func lines(t *testing.T, path string) (all []Ending) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var e Ending
		if json.Unmarshal(sc.Bytes(), &e) == nil {
			all = append(all, e)
		}
	}
	return all
}

// TestRecordIsBounded: the newest lines are kept, as much again of the older
// ones, and no more.
func TestRecordIsBounded(t *testing.T) {
	r := record{path: filepath.Join(t.TempDir(), "endings.jsonl"), limit: 1000}
	for i := range 100 {
		if err := r.add(Ending{Seconds: i, Number: "***78"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{r.path, r.path + ".1"} {
		info, err := os.Stat(path)
		if err != nil || info.Size() > r.limit {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if len(lines(t, r.path+".1")) < 10 {
		t.Error("little is kept of the older lines")
	}
	all := append(lines(t, r.path+".1"), lines(t, r.path)...)
	for i, e := range all {
		if want := 100 - len(all) + i; e.Seconds != want {
			t.Fatalf("line %d has %d, want %d", i, e.Seconds, want)
		}
	}
}

// TestRecordAfterACrash: half a line does not swallow the next.
func TestRecordAfterACrash(t *testing.T) {
	r := record{path: filepath.Join(t.TempDir(), "endings.jsonl"), limit: 1000}
	if err := os.WriteFile(r.path, []byte(`{"time":"2026`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.add(Ending{Seconds: 7}); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, r.path); len(got) != 1 || got[0].Seconds != 7 {
		t.Errorf("%+v", got)
	}
}
