package recent_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/call"
	"nxphone/call/recent"
	"nxphone/call/webapi/webapitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tel = "01012345678"

// rig is a store that follows an engine, in a bubble of synthetic time.
type rig struct {
	*recent.Store
	t     *testing.T
	dir   string
	phone *webapitest.Phone
	stop  func()
}

func newRig(t *testing.T, dir string, mode recent.Mode) *rig {
	r := &rig{t: t, dir: dir, Store: recent.Open(recent.Options{Mode: mode, Path: path(dir)})}
	ctx, cancel := context.WithCancel(context.Background())
	phone, ended := webapitest.RunPhone(ctx)
	r.phone = phone
	done := make(chan struct{})
	watch := phone.Watch(context.Background())
	go func() {
		defer close(done)
		r.Follow(context.Background(), watch) // ends with the phone
	}()
	r.stop = func() {
		cancel()
		<-ended
		<-done
	}
	return r
}

func path(dir string) string { return filepath.Join(dir, "state", "nxphone", "recent-calls.json") }

// call is one to tel, answered for this long; 0 is one that is busy.
func (r *rig) call(tel string, d time.Duration) {
	r.t.Helper()
	req := call.Request{Realm: "example.net", DN: "1000", Tel: tel, URL: "ws://127.0.0.1:6080"}
	if _, err := r.phone.Dial(r.t.Context(), req); err != nil {
		r.t.Fatal(err)
	}
	if d == 0 {
		r.phone.Signal(call.LegEnded{Reason: call.Reason{Code: call.CodeLineBusy, SIP: 486}})
		synctest.Wait()
		return
	}
	r.phone.Answer()
	synctest.Wait()
	time.Sleep(d)
	r.phone.HangUp()
	synctest.Wait()
}

// onDisk are the files below dir that hold the number.
func onDisk(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte(tel)) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (r *rig) disk(want ...string) {
	r.t.Helper()
	if got := onDisk(r.t, r.dir); !slices.Equal(got, want) {
		r.t.Errorf("the number is in %q, want %q", got, want)
	}
}

func (r *rig) tels() string {
	var all []string
	for _, e := range r.List() {
		all = append(all, e.Tel)
	}
	return strings.Join(all, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeptForDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, dir, recent.Days(30))
		begin := time.Now()
		r.call(tel, 90*time.Second)
		r.call("1393", 0)
		r.disk("recent-calls.json")
		info, err := os.Stat(path(dir))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
		r.stop()

		again := newRig(t, dir, recent.Days(30)) // the next morning
		defer again.stop()
		list := again.List()
		if len(list) != 2 {
			t.Fatalf("%+v", list)
		}
		busy, long := list[0], list[1]
		if busy.Tel != "1393" || busy.Answered || busy.Length != 0 || busy.Code != call.CodeLineBusy {
			t.Errorf("%+v", busy)
		}
		if long.Tel != tel || !long.Answered || long.Length != 90*time.Second || long.Code != call.CodeRemoteHangup || !long.At.Equal(begin) {
			t.Errorf("%+v", long)
		}
		again.call("600", time.Second)
		if list = again.List(); list[0].ID == list[1].ID || list[0].ID == list[2].ID {
			t.Errorf("an ID stands twice: %+v", list)
		}
		// While the phone runs, each goes when its time has come, and not before.
		time.Sleep(begin.Add(30*24*time.Hour).Sub(time.Now()) - time.Millisecond)
		synctest.Wait()
		if got := again.tels(); got != "600 1393 "+tel {
			t.Errorf("before their time: %s", got)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := again.tels(); got != "600 1393" {
			t.Errorf("after the first one's time: %s", got)
		}
		again.disk()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if _, err := os.Stat(path(dir)); again.tels() != "" || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left: %q, %v", again.tels(), err)
		}
	})
}

// TestModes: what each mode leaves on the disk, and what a change of mode
// takes from it.
func TestModes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, dir, recent.Off)
		r.call(tel, time.Second)
		r.disk()
		if got := r.tels(); got != "" {
			t.Errorf("off keeps %s", got)
		}
		must(t, r.SetMode(recent.Memory))
		r.call(tel, time.Second)
		r.disk()
		if got := r.tels(); got != tel {
			t.Errorf("memory keeps %q", got)
		}
		must(t, r.SetMode(recent.Days(1)))
		r.disk("recent-calls.json")
		must(t, r.SetMode(recent.Memory))
		r.disk()
		if got := r.tels(); got != tel {
			t.Errorf("back to memory: %q", got)
		}
		must(t, r.SetMode(recent.Days(3)))
		must(t, r.SetMode(recent.Off))
		r.disk()
		if got := r.tels(); got != "" {
			t.Errorf("off again: %q", got)
		}
		must(t, r.SetMode(recent.Days(3)))
		r.call(tel, time.Second)
		time.Sleep(49 * time.Hour)
		must(t, r.SetMode(recent.Days(2))) // fewer days count at once
		r.disk()
		r.call(tel, time.Second)
		r.stop()
		r.disk("recent-calls.json")

		for _, mode := range []recent.Mode{recent.Memory, recent.Off} {
			raw, err := os.ReadFile(path(dir))
			must(t, err)
			next := newRig(t, dir, mode) // the policy has changed overnight
			next.disk()
			if got := next.tels(); got != "" {
				t.Errorf("mode %d reads %q", mode, got)
			}
			next.stop()
			must(t, os.WriteFile(path(dir), raw, 0o600))
		}
	})
}

// TestOfTheLine: whoever only listened to himself has called nobody.
func TestOfTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir(), recent.Memory)
		defer r.stop()
		req := call.Request{Realm: "example.net", DN: "1000", Tel: tel, URL: "ws://127.0.0.1:6080", Test: true}
		if _, err := r.phone.Dial(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		r.phone.Answer()
		r.phone.HangUp()
		synctest.Wait()
		if got := r.tels(); got != "" {
			t.Errorf("kept %q", got)
		}
	})
}

func TestDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, dir, recent.Days(30))
		defer r.stop()
		r.call("600", time.Second)
		r.call(tel, time.Second)
		r.call("601", time.Second)
		must(t, r.Delete(r.List()[1].ID))
		must(t, r.Delete(99))
		r.disk()
		if got := r.tels(); got != "601 600" {
			t.Errorf("left: %s", got)
		}
		r.call(tel, time.Second)
		must(t, r.Clear())
		if _, err := os.Stat(path(dir)); r.tels() != "" || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left: %q, %v", r.tels(), err)
		}
		r.disk()
	})
}

func TestBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir(), recent.Memory)
		defer r.stop()
		for i := range 520 {
			r.call(fmt.Sprint(1000+i), 0)
		}
		list := r.List()
		if len(list) != 500 || list[0].Tel != "1519" || list[499].Tel != "1020" {
			t.Errorf("%d, from %s to %s", len(list), list[0].Tel, list[len(list)-1].Tel)
		}
	})
}

// TestTwoPrograms: neither overwrites what the other has kept or deleted.
func TestTwoPrograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		a, b := newRig(t, dir, recent.Days(30)), newRig(t, dir, recent.Days(30))
		a.call("101", 0)
		time.Sleep(time.Second)
		b.call("102", 0)
		time.Sleep(time.Second)
		a.call("103", 0)
		if got := a.tels(); got != "103 102 101" {
			t.Errorf("the first program has %q", got)
		}
		if got := b.tels(); got != "102 101" {
			t.Errorf("the second program has %q", got)
		}
		must(t, b.Delete(b.List()[1].ID)) // 101
		a.call("104", 0)
		if got := a.tels(); got != "104 103 102" {
			t.Errorf("a deleted call is back: %q", got)
		}
		seen := map[int]bool{}
		for _, e := range a.List() {
			if seen[e.ID] {
				t.Errorf("two calls are number %d", e.ID)
			}
			seen[e.ID] = true
		}
		must(t, a.Clear())
		b.call("105", 0)
		if got := b.tels(); got != "105" {
			t.Errorf("deleted calls are back: %q", got)
		}
		a.stop()
		b.stop()
		c := newRig(t, dir, recent.Days(30))
		defer c.stop()
		if got := c.tels(); got != "105" {
			t.Errorf("kept: %q", got)
		}
	})
}

// TestTwoProgramsAtOnce: no call is lost where both write in the same moment.
func TestTwoProgramsAtOnce(t *testing.T) {
	const each = 40
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 2 {
		s := recent.Open(recent.Options{Mode: recent.Days(30), Path: path(dir)})
		wg.Go(func() {
			for i := range each {
				s.Follow(t.Context(), ended(fmt.Sprint(600+i)))
			}
		})
	}
	wg.Wait()
	list := recent.Open(recent.Options{Mode: recent.Days(30), Path: path(dir)}).List()
	ids := map[int]bool{}
	for _, e := range list {
		ids[e.ID] = true
	}
	if len(list) != 2*each || len(ids) != 2*each {
		t.Errorf("%d calls with %d numbers are kept, of %d", len(list), len(ids), 2*each)
	}
}

// ended is a call to tel that ends.
func ended(tel string) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		c := call.Call{ID: 1, Tel: tel, Dialed: time.Now(), Ended: time.Now(), Reason: call.Reason{Code: call.CodeLineBusy}}
		yield(call.Snapshot{Call: c}, call.Ended{ID: 1, Reason: c.Reason})
	}
}

// TestRestore: a deleted call comes back to its place, on the disk too, and is
// gone from there in between.
func TestRestore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, dir, recent.Days(30))
		defer r.stop()
		for _, n := range []string{"1393", tel, "109"} {
			r.call(n, 0)
			time.Sleep(time.Minute)
		}
		before := r.List()
		must(t, r.Delete(before[1].ID))
		r.disk()
		must(t, r.Restore(before[1]))
		must(t, r.Restore(before[1])) // twice is once
		if got := r.List(); !slices.Equal(got, before) {
			t.Errorf("%+v, want %+v", got, before)
		}
		r.disk("recent-calls.json")
		must(t, r.SetMode(recent.Off))
		must(t, r.Restore(before[1]))
		if got := r.tels(); got != "" {
			t.Errorf("kept although none is: %q", got)
		}
		r.disk()
	})
}

// TestClockSetBack: calls of a clock that was a year ahead stay for the days,
// counted from when it is noticed, and so does a file that was set aside then.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Dir(path(dir)), 0o700))
		ahead := time.Now().AddDate(1, 0, 0)
		text := fmt.Sprintf(`{"version":1,"calls":[{"id":2,"tel":"1393","at":%q,"code":"hangup"},{"id":1,"tel":%q,"at":%q,"code":"hangup"}]}`,
			ahead.Format(time.RFC3339), tel, ahead.Add(-time.Hour).Format(time.RFC3339))
		must(t, os.WriteFile(path(dir), []byte(text), 0o600))
		must(t, os.WriteFile(path(dir)+".damaged", []byte(tel), 0o600))
		must(t, os.Chtimes(path(dir)+".damaged", ahead, ahead))

		begin := time.Now()
		r := newRig(t, dir, recent.Days(30))
		if got := r.tels(); got != "1393 "+tel {
			t.Errorf("the calls are %q", got)
		}
		for _, e := range r.List() {
			if !e.At.Equal(begin) {
				t.Errorf("dated %v, want %v", e.At, begin)
			}
		}
		time.Sleep(29 * 24 * time.Hour)
		r.stop() // the date is on the disk: a restart does not begin anew
		r = newRig(t, dir, recent.Days(30))
		if len(r.List()) != 2 {
			t.Errorf("after 29 days: %q", r.tels())
		}
		time.Sleep(24*time.Hour + time.Minute)
		synctest.Wait()
		if got := r.tels(); got != "" {
			t.Errorf("after 30 days: %q", got)
		}
		r.stop()
		newRig(t, dir, recent.Days(30)).stop()
		r.disk()
	})
}

// TestDamaged: a file that cannot be read is set aside and told, and new calls
// are kept; it goes where its calls would have had to go.
func TestDamaged(t *testing.T) {
	good := `{"id":1,"tel":"` + tel + `","at":"2026-01-02T03:04:05Z","code":"hangup"}`
	for name, text := range map[string]string{
		"cut":         `{"version":1,"calls":[` + good,
		"not a list":  `{"version":1,"calls":"` + tel + `"}`,
		"newer":       `{"version":2,"calls":[` + good + `]}`,
		"twice":       `{"version":1,"calls":[` + good + `,` + good + `]}`,
		"no number":   `{"version":1,"calls":[{"id":1,"at":"2026-01-02T03:04:05Z","note":"` + tel + `"}]}`,
		"far too big": `{"version":1,"calls":[` + good + `]` + strings.Repeat(" ", 1<<20) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				must(t, os.MkdirAll(filepath.Dir(path(dir)), 0o700))
				put := func() { must(t, os.WriteFile(path(dir), []byte(text), 0o600)) }
				put()
				r := newRig(t, dir, recent.Days(36500))
				if st := r.State(); st.Fault != recent.FaultDamaged || len(st.Entries) != 0 {
					t.Errorf("%+v", st)
				}
				r.disk("recent-calls.json.damaged")
				r.call("600", time.Second)
				if got := r.tels(); got != "600" {
					t.Errorf("kept %q", got)
				}
				must(t, r.Clear())
				r.disk()
				if f := r.State().Fault; f != recent.FaultNone {
					t.Errorf("still told: %s", f)
				}
				r.stop()

				put()
				newRig(t, dir, recent.Days(36500)).stop()
				newRig(t, dir, recent.Off).stop()
				r.disk()
			})
		})
	}
}

// TestDiskRefuses: the user is told that the number may still be there.
func TestDiskRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, dir, recent.Days(30))
		defer r.stop()
		r.call("600", time.Second)
		must(t, os.MkdirAll(filepath.Join(path(dir)+".new", "x"), 0o700)) // in the temporary file's place
		r.call(tel, time.Second)
		if st := r.State(); st.Fault != recent.FaultUnwritable || r.tels() != tel+" 600" {
			t.Errorf("%+v", st)
		}
		if err := r.Delete(r.List()[0].ID); !errors.Is(err, recent.ErrDisk) {
			t.Errorf("delete: %v", err)
		}
		must(t, os.RemoveAll(path(dir)+".new"))
		r.call(tel, time.Second)
		if st := r.State(); st.Fault != recent.FaultNone {
			t.Errorf("still told: %+v", st)
		}
		r.disk("recent-calls.json")
	})
}

func TestOthersAreShutOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, dir, recent.Days(30))
		r.call(tel, time.Second)
		r.stop()
		must(t, os.Chmod(path(dir), 0o644))
		recent.Open(recent.Options{Mode: recent.Days(30), Path: path(dir)})
		info, err := os.Stat(path(dir))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
	})
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir(), recent.Memory)
		defer r.stop()
		ctx, cancel := context.WithCancel(t.Context())
		var seen []int
		done := make(chan struct{})
		go func() {
			defer close(done)
			for st := range r.Watch(ctx) {
				seen = append(seen, len(st.Entries))
			}
		}()
		synctest.Wait()
		r.call("600", time.Second)
		r.call("601", time.Second)
		must(t, r.Clear())
		synctest.Wait()
		cancel()
		<-done
		if !slices.Equal(seen, []int{0, 1, 2, 0}) {
			t.Errorf("watched %v", seen)
		}
	})
}

func FuzzFile(f *testing.F) {
	f.Add(`{"version":1,"calls":[{"id":1,"tel":"600","at":"2026-01-02T03:04:05Z","answered":true,"seconds":1.5,"code":"hangup"}]}`)
	f.Add(`{"version":1,"calls":[{"seconds":1e300,"tel":"1","at":"9999-01-02T03:04:05Z"}]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Dir(path(dir)), 0o700))
		must(t, os.WriteFile(path(dir), []byte(text), 0o600))
		s := recent.Open(recent.Options{Mode: recent.Days(300), Path: path(dir)})
		if s.State().Fault == recent.FaultNone {
			return
		}
		if raw, err := os.ReadFile(path(dir) + ".damaged"); err != nil || string(raw) != text {
			t.Errorf("set aside: %q, %v", raw, err)
		}
	})
}
