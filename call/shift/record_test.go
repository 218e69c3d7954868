package shift

import (
	"bufio"
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
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

// answered is a phone with one call that has ended lawfully, until end.
type answered struct{ end <-chan struct{} }

func (p answered) Watch(context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		s := call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, Tel: "600", Answered: time.Now(), Farewell: time.Now()}}
		if !yield(s, nil) {
			return
		}
		s.State, s.Call.Ended, s.Call.Reason = call.Idle, time.Now(), call.Reason{Code: call.CodeFarewell, Local: true}
		if yield(s, call.Ended{ID: 1, Reason: s.Call.Reason}) {
			<-p.end
		}
	}
}

// TestHungDisk: the end of the program does not wait for a disk that has
// stopped to answer.
func TestHungDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end, disk := make(chan struct{}), make(chan struct{})
		asked := make(chan Ending, 1)
		s := New(Options{Phone: answered{end}, Rules: func() Rules { return Rules{} }, Record: "unused"})
		s.add = func(e Ending) error {
			asked <- e
			<-disk
			return nil
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Run(t.Context())
		}()
		<-asked
		begin := time.Now()
		close(end)
		<-done
		if took := time.Since(begin); took != diskTime {
			t.Errorf("Run waited %v", took)
		}
		close(disk) // what hung ends too, and disturbs nobody
		synctest.Wait()
	})
}
