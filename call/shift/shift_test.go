package shift_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/call"
	"nxphone/call/shift"
	"nxphone/call/webapi/webapitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tel = "01012345678"

var rules = shift.Rules{AfterCall: true, Rest: 10 * time.Minute, Extension: "1000", Digits: -1}

// rig is a shift beside an engine whose network is made of memory. It lives in
// a bubble of synthetic time.
type rig struct {
	*shift.Shift
	t     *testing.T
	phone *webapitest.Phone
	rules shift.Rules
	stop  func() // ends both, the phone first, and waits
}

func newRig(t *testing.T, opts shift.Options) *rig {
	ctx, cancel := context.WithCancel(context.Background())
	r := &rig{t: t, rules: rules}
	phone, phoneDone := webapitest.RunPhone(ctx)
	r.phone = phone
	opts.Phone = phone
	if opts.Rules == nil {
		opts.Rules = func() shift.Rules { return r.rules }
	}
	r.Shift = shift.New(opts)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(context.Background()) // it ends with the phone
	}()
	r.stop = func() {
		cancel()
		<-phoneDone
		<-done
	}
	synctest.Wait()
	return r
}

func (r *rig) dial() {
	r.t.Helper()
	req := call.Request{Realm: "example.net", DN: "1000", Tel: tel, URL: "ws://127.0.0.1:6080"}
	if _, err := r.phone.Dial(r.t.Context(), req); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
}

// talk is an answered call of this length, ended by the far end.
func (r *rig) talk(d time.Duration) {
	r.t.Helper()
	r.dial()
	r.phone.Answer()
	synctest.Wait()
	time.Sleep(d)
	r.phone.HangUp()
	synctest.Wait()
}

func (r *rig) want(state shift.State) shift.Status {
	r.t.Helper()
	synctest.Wait()
	st := r.Status()
	if st.State != state {
		r.t.Fatalf("state %q, want %q (%+v)", st.State, state, st)
	}
	return st
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestAfterCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, shift.Options{})
		defer r.stop()
		begin := r.want(shift.Ready).Since
		r.talk(90 * time.Second)
		if st := r.want(shift.AfterCall); st.Since.Sub(begin) != 90*time.Second || !st.Until.IsZero() {
			t.Errorf("after-call since %v, until %v", st.Since, st.Until)
		}
		time.Sleep(12 * time.Hour) // it has no limit
		r.want(shift.AfterCall)
		r.dial() // whoever calls again is not asked
		r.want(shift.Ready)
		r.phone.HangUp() // never answered
		r.want(shift.Ready)

		r.rules.AfterCall = false // the settings count at once
		r.talk(time.Second)
		r.want(shift.Ready)
	})
}

func TestRestRunsOutAndCallsDoNotUseItUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, shift.Options{})
		defer r.stop()
		ctx := t.Context()
		r.must(r.Set(ctx, shift.Rest))
		st := r.want(shift.Rest)
		if d := st.Until.Sub(st.Since); d != 10*time.Minute {
			t.Errorf("a rest of %v", d)
		}
		time.Sleep(4 * time.Minute)
		r.talk(time.Minute)
		if again := r.want(shift.Rest); again.Until != st.Until || again.Then != shift.AfterCall {
			t.Errorf("a call made of %+v the rest %+v", st, again)
		}
		time.Sleep(5*time.Minute - time.Millisecond)
		r.want(shift.Rest)
		time.Sleep(time.Millisecond)
		r.want(shift.AfterCall)

		r.must(r.Rest(ctx, 41*time.Second)) // to the moment, not to the next look
		time.Sleep(41*time.Second - time.Millisecond)
		r.want(shift.Rest)
		time.Sleep(time.Millisecond)
		r.want(shift.AfterCall)

		r.must(r.Rest(ctx, time.Minute))
		time.Sleep(30 * time.Second)
		r.must(r.Rest(ctx, time.Minute)) // anew
		time.Sleep(59 * time.Second)
		r.want(shift.Rest)
		r.must(r.Set(ctx, shift.Ready)) // early
		r.want(shift.Ready)
		time.Sleep(time.Hour)
		r.want(shift.Ready)
		if err := r.Set(ctx, "lunch"); !errors.Is(err, shift.ErrState) {
			t.Errorf("an unknown state: %v", err)
		}
		r.rules.Rest = 0
		if err := r.Set(ctx, shift.Rest); !errors.Is(err, shift.ErrNoRest) {
			t.Errorf("no rest: %v", err)
		}
	})
}

func TestLawfulEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state", "lawful-endings.jsonl")
		r := newRig(t, shift.Options{Record: path})
		r.dial()
		r.phone.Answer()
		time.Sleep(61 * time.Second)
		r.phone.Signal(call.LegEnded{Reason: call.Reason{Code: call.CodeFarewell, Local: true}})
		if st := r.want(shift.Rest); st.Then != shift.AfterCall || st.RecordFailed {
			t.Errorf("%+v", st)
		}
		r.stop()
		raw, err := os.ReadFile(path)
		r.must(err)
		var e shift.Ending
		if err := json.Unmarshal(raw, &e); err != nil || e.Seconds != 61 || e.Number != "***5678" || e.Extension != "1000" || e.Notice != "whole" {
			t.Errorf("%s: %v", raw, err)
		}
		if strings.Contains(string(raw), tel) || strings.Count(string(raw), "\n") != 1 {
			t.Errorf("the record: %q", raw)
		}
		info, err := os.Stat(path)
		r.must(err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
	})
}

// TestRecordThatCannotBeWritten: the counsellor is told, and rests all the
// same.
func TestRecordThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir() // in the place of the file
		r := newRig(t, shift.Options{Record: dir})
		defer r.stop()
		lawful := func() {
			r.dial()
			r.phone.Answer()
			synctest.Wait()
			r.phone.Signal(call.LegEnded{Reason: call.Reason{Code: call.CodeFarewell, Local: true}})
		}
		lawful()
		if st := r.want(shift.Rest); !st.RecordFailed {
			t.Error("not told")
		}
		r.must(os.Remove(dir))
		lawful()
		if st := r.want(shift.Rest); st.RecordFailed {
			t.Error("told although it was written")
		}
	})
}

// silent is a phone that tells nothing, and does not end.
type silent struct{}

func (silent) Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		yield(call.Snapshot{}, nil)
		<-ctx.Done()
	}
}

func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := shift.New(shift.Options{Phone: silent{}, Rules: func() shift.Rules { return rules }})
		early := make(chan error, 1)
		go func() { early <- s.Set(t.Context(), shift.Away) }() // before Run: it waits
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		if err := <-early; err != nil {
			t.Error(err)
		}
		var seen []shift.State
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			for st := range s.Watch(context.Background()) { // ends with Run
				seen = append(seen, st.State)
			}
		}()
		synctest.Wait()
		if err := s.Set(ctx, shift.Ready); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		cancel()
		<-done
		<-watched
		if len(seen) != 2 || seen[0] != shift.Away || seen[1] != shift.Ready {
			t.Errorf("watched %v", seen)
		}
		if err := s.Help(context.Background(), true); !errors.Is(err, shift.ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
	})
}
