package kiosk

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
)

func TestOneCall(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		s := r.screen(Ready)
		if s.Bright || !s.Emergency || s.Network.State != NetReady {
			t.Errorf("%+v", s)
		}
		r.touch()
		r.prompted(PromptWelcome)
		r.press(Counsellor)
		r.prompted(PromptCalling)
		if s := r.screen(Calling); !s.Bright || s.Button != Counsellor || s.Ringing {
			t.Errorf("%+v", s)
		}
		r.phone.ring()
		if s := r.screen(Calling); !s.Ringing {
			t.Errorf("%+v", s)
		}
		r.phone.answer()
		if s := r.screen(Talking); s.Answered.IsZero() || !s.Hears || s.Ringing || s.Prompt != PromptNone {
			t.Errorf("%+v", s)
		}
		r.phone.end(call.CodeRemoteHangup)
		r.prompted(PromptEnded)
		if s := r.screen(Over); s.End.Code != call.CodeRemoteHangup || !s.Bright {
			t.Errorf("%+v", s)
		}
		r.dials(theCounsellor)
		// The next visitor finds nothing of it.
		pass(idleDefault)
		if s := r.screen(Ready); s.Bright || s.Resets != 1 || s.Button != NoButton || s.End != (call.Reason{}) {
			t.Errorf("%+v", s)
		}
	})
}

// A status is all that leaves the booth: no number may be in it, in any field,
// at any moment.
func TestStatusHoldsNoNumber(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		check := func() {
			t.Helper()
			synctest.Wait()
			walk(reflect.ValueOf(r.Status()), func(text string) {
				if strings.Contains(text, theCounsellor) {
					t.Errorf("a status holds %q", text)
				}
			})
		}
		r.press(Counsellor)
		check()
		r.phone.answer()
		check()
		r.phone.end(call.CodeNotFound)
		check()
	})
}

func walk(v reflect.Value, visit func(string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.String:
		visit(v.String())
	}
}

// Every press in every screen, with what is dialled for it.
func TestPress(t *testing.T) {
	calling := func(r *rig) { r.press(Counsellor); r.phone.ring() }
	talking := func(r *rig) { calling(r); r.phone.answer() }
	for _, tt := range []struct {
		name   string
		before func(r *rig)
		press  Button
		err    error
		screen Screen
		button Button
		dials  []string
	}{
		{"ready", func(*rig) {}, Counsellor, nil, Calling, Counsellor, []string{theCounsellor}},
		{"ready, emergency", func(*rig) {}, Emergency, nil, Calling, Emergency, []string{theEmergency}},
		{"no such button", func(*rig) {}, Button(7), ErrNoButton, Ready, NoButton, nil},
		{"twice", func(r *rig) { r.press(Counsellor) }, Counsellor, nil, Calling, Counsellor, []string{theCounsellor}},
		{"twice in a call", talking, Counsellor, nil, Talking, Counsellor, []string{theCounsellor}},
		{"emergency while it rings", calling, Emergency, nil, Calling, Emergency, []string{theCounsellor, theEmergency}},
		{"emergency in a call", talking, Emergency, call.ErrBusy, Talking, Counsellor, []string{theCounsellor}},
		{"counsellor while the emergency number rings", func(r *rig) { r.press(Emergency) }, Counsellor, call.ErrBusy, Calling, Emergency, []string{theEmergency}},
		{"after a call", func(r *rig) { talking(r); r.phone.end(call.CodeRemoteHangup) }, Counsellor, nil, Calling, Counsellor, []string{theCounsellor, theCounsellor}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			booth(t, Options{}, func(r *rig) {
				tt.before(r)
				if err := r.Press(r.ctx, tt.press); !errors.Is(err, tt.err) || err == nil != (tt.err == nil) {
					t.Errorf("%v, want %v", err, tt.err)
				}
				r.dials(tt.dials...)
				if s := r.screen(tt.screen); s.Button != tt.button {
					t.Errorf("button %d, want %d", s.Button, tt.button)
				}
			})
		})
	}
}

func TestPressWhileTheLastCallIsTakenDown(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.phone.clearing = true
		r.press(Counsellor)
		r.phone.answer()
		if err := r.Hangup(r.ctx); err != nil {
			t.Fatal(err)
		}
		r.screen(Ending)
		r.press(Counsellor) // is not lost
		r.screen(Calling)
		r.dials(theCounsellor)
		r.phone.end(call.CodeHangup)
		r.screen(Calling)
		r.dials(theCounsellor, theCounsellor)
		r.phone.answer()
		r.screen(Talking)
	})
}

// A press that is taken back before its Dial has come back still hangs up.
func TestHangupBeforeTheDialIsBack(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.phone.slow = make(chan struct{})
		r.press(Counsellor)
		if err := r.Hangup(r.ctx); err != nil {
			t.Fatal(err)
		}
		r.screen(Ending)
		close(r.phone.slow)
		if s := r.screen(Over); s.End.Code != call.CodeCancelled || r.phone.hangups != 1 {
			t.Errorf("%+v, %d hang-ups", s, r.phone.hangups)
		}
	})
}

func TestHangupWithoutACall(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		if err := r.Hangup(r.ctx); !errors.Is(err, call.ErrNoCall) {
			t.Error(err)
		}
	})
}

func TestRefusedDial(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.phone.refuse = &call.Error{Code: call.CodeBadTel}
		r.press(Counsellor)
		if s := r.screen(Over); s.End.Code != call.CodeBadTel {
			t.Errorf("%+v", s)
		}
		r.prompted(PromptFailed)
		r.phone.refuse = nil
		r.press(Counsellor) // and the booth is not stuck
		r.screen(Calling)
	})
}

func TestEndsAreSpoken(t *testing.T) {
	for code, want := range map[call.Code]Prompt{
		call.CodeRemoteHangup: PromptEnded, call.CodeLineBusy: PromptBusy, call.CodeNoAnswer: PromptNoAnswer,
		call.CodeUnavailable: PromptNoAnswer, call.CodeDeclined: PromptNoAnswer, call.CodeUnreachable: PromptNoNetwork,
		call.CodeCertificate: PromptNoNetwork, call.CodeHandshake: PromptNoNetwork, call.CodeTimeout: PromptNoNetwork,
		call.CodeFlowLost: PromptNoNetwork, call.CodeNotFound: PromptFailed, call.CodeServerError: PromptFailed,
		call.CodeAudioDevice: PromptFailed, CodeSilence: PromptEndedSilence,
	} {
		if got := promptFor(call.Reason{Code: code}, false); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	if got := promptFor(call.Reason{Code: call.CodeMedia}, true); got != PromptEnded {
		t.Errorf("an answered call that breaks: %q", got)
	}
}

func TestPatience(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.press(Counsellor)
		r.phone.ring()
		id := r.prompted(PromptCalling)
		pass(waitEvery)
		first := r.prompted(PromptWait)
		pass(waitEvery)
		if second := r.prompted(PromptWait); first != id+1 || second != first+1 {
			t.Error(id, first, second)
		}
		// A queue of the network that speaks for itself is not talked over.
		r.phone.set(func(s *call.Snapshot) { s.Call.EarlyMedia = true })
		before := r.Status().PromptID
		pass(5 * waitEvery)
		if r.Status().PromptID != before {
			t.Error("the booth talks over the network's announcement")
		}
	})
}

// The screen is reset when nobody is there, and never under a call.
func TestIdle(t *testing.T) {
	booth(t, Options{Idle: 30 * time.Second}, func(r *rig) {
		r.touch()
		pass(29 * time.Second)
		r.touch()
		pass(29 * time.Second)
		if s := r.Status(); !s.Bright || s.Resets != 0 {
			t.Errorf("reset although somebody is there: %+v", s)
		}
		pass(time.Second)
		if s := r.Status(); s.Bright || s.Resets != 1 {
			t.Errorf("not reset: %+v", s)
		}
		r.press(Counsellor)
		r.phone.answer()
		pass(24 * time.Hour)
		if s := r.screen(Talking); !s.Bright || s.Resets != 1 {
			t.Errorf("reset in a call: %+v", s)
		}
		r.phone.end(call.CodeRemoteHangup)
		pass(30 * time.Second)
		if s := r.screen(Ready); s.Resets != 2 {
			t.Errorf("not reset after a call: %+v", s)
		}
		// Nothing at all happens in an empty booth.
		before := r.Status().Revision
		pass(24 * time.Hour)
		if r.Status().Revision != before {
			t.Error("an empty booth changes what it shows")
		}
	})
}

func TestHome(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.press(Counsellor)
		r.Home() // not in a call
		r.screen(Calling)
		r.phone.end(call.CodeLineBusy)
		r.Home()
		if s := r.screen(Ready); s.End != (call.Reason{}) || s.Prompt != PromptNone {
			t.Errorf("%+v", s)
		}
	})
}

func TestClosed(t *testing.T) {
	booth(t, Options{Fault: FaultPolicy, Missing: []string{"kiosk-number"}, PINHash: cheapPIN(t, "4711")}, func(r *rig) {
		if s := r.screen(Closed); s.Fault != FaultPolicy || s.Missing[0] != "kiosk-number" || !s.PIN {
			t.Errorf("%+v", s)
		}
		if err := r.Press(r.ctx, Counsellor); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		r.prompted(PromptClosed)
		r.dials()
		pass(idleDefault)
		r.screen(Closed)
		if ok, _ := r.PIN(r.ctx, "4711"); !ok {
			t.Error("no way out of a closed booth")
		}
		if o := <-r.outcome; o != Left {
			t.Error(o)
		}
	})
}

func TestHeld(t *testing.T) {
	booth(t, Options{Silence: time.Minute}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.phone.set(func(s *call.Snapshot) { s.Call.RemoteHold = true })
		r.prompted(PromptHeld)
		if !r.screen(Talking).Held {
			t.Error("not held")
		}
		r.phone.levels(39, -90, -20) // music
		if s := r.screen(Talking); !s.SilenceEnds.IsZero() {
			t.Errorf("warned too early: %+v", s)
		}
		r.phone.levels(2, -90, -20)
		if s := r.screen(Talking); s.SilenceEnds.IsZero() {
			t.Error("no warning in a long hold")
		}
		r.prompted(PromptSilence)
		r.Touch() // the visitor is there, and waits on
		synctest.Wait()
		if s := r.screen(Talking); !s.SilenceEnds.IsZero() {
			t.Errorf("the touch does not count: %+v", s)
		}
		r.phone.levels(39, -90, -20)
		r.phone.set(func(s *call.Snapshot) { s.Call.RemoteHold = false })
		r.phone.levels(39, -90, -127)
		if s := r.screen(Talking); s.Held || !s.SilenceEnds.IsZero() {
			t.Errorf("%+v", s)
		}
		r.phone.levels(2, -90, -127)
		if r.screen(Talking).SilenceEnds.IsZero() {
			t.Error("the silence after a hold does not count")
		}
	})
}

// TestForgottenHold: a call that the far end has put on hold and forgotten does
// not keep the booth from the next visitor, whatever music is played.
func TestForgottenHold(t *testing.T) {
	booth(t, Options{Silence: time.Minute}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.phone.set(func(s *call.Snapshot) { s.Call.RemoteHold = true })
		r.phone.levels(61, -35, -20)
		if s := r.screen(Over); s.End.Code != CodeSilence {
			t.Errorf("ended by %q", s.End.Code)
		}
		r.prompted(PromptEndedSilence)
	})
}

// TestHoldWithoutBound: where the policy ends no call for silence, it ends no
// held one either.
func TestHoldWithoutBound(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.phone.set(func(s *call.Snapshot) { s.Call.RemoteHold = true })
		r.phone.levels(7200, -90, -127)
		if s := r.screen(Talking); !s.Held || !s.SilenceEnds.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}

func TestWatchGivesTheNewest(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		ctx, cancel := context.WithCancel(r.ctx)
		defer cancel()
		seen := make(chan Status)
		go func() {
			for s := range r.Watch(ctx) {
				seen <- s
			}
			close(seen)
		}()
		if s := <-seen; s.Screen != Ready {
			t.Error(s.Screen)
		}
		r.press(Counsellor) // two changes before the watcher looks again
		r.phone.ring()
		r.phone.answer()
		var last Status
		for last.Screen != Talking {
			s := <-seen
			if s.Revision <= last.Revision {
				t.Fatalf("revision %d after %d", s.Revision, last.Revision)
			}
			last = s
		}
		cancel()
		if _, more := <-seen; more {
			t.Error("a watch that has been cancelled goes on")
		}
	})
}

func TestStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		b := New(Options{Phone: &phone{}})
		done := make(chan Outcome)
		go func() { done <- b.Run(ctx) }()
		synctest.Wait()
		cancel()
		if o := <-done; o != Stopped {
			t.Error(o)
		}
		if err := b.Press(context.Background(), Counsellor); !errors.Is(err, call.ErrStopped) {
			t.Error(err)
		}
		b.Touch() // must not wait for anybody
		for range b.Watch(context.Background()) {
		} // ends by itself
	})
}

func TestFinishWaitsForTheVisitor(t *testing.T) {
	booth(t, Options{}, func(r *rig) {
		r.press(Counsellor)
		r.phone.answer()
		r.Finish(r.ctx, Restart)
		pass(time.Hour)
		r.screen(Talking)
		r.phone.end(call.CodeRemoteHangup)
		r.screen(Over)
		pass(idleDefault)
		if o := <-r.outcome; o != Restart {
			t.Error(o)
		}
	})
}
