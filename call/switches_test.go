package call_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
)

// ask gives a command on the side; its outcome comes on the channel.
func ask(command func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	return done
}

// pending fails when a command has returned.
func (p *phone) pending(done <-chan error) {
	p.t.Helper()
	synctest.Wait()
	if len(done) > 0 {
		p.t.Fatalf("the command has returned: %v", <-done)
	}
}

func (p *phone) code(done <-chan error, want call.Code) {
	p.t.Helper()
	if err := <-done; call.CodeOf(err) != want || (err == nil) != (want == "") {
		p.t.Fatalf("the command returned %v, want %q", err, want)
	}
}

func TestHoldIsReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		hold := func(on bool) <-chan error { return ask(func() error { return p.Hold(t.Context(), on) }) }
		done := hold(true)
		p.script.Expect("hold true")
		p.med.Tell(call.OfferNeeded{SDP: "sendonly"})
		p.script.Expect("reinvite sendonly")
		p.pending(done)
		if h := p.Snapshot().Call.Hold; h.On || !h.Pending {
			t.Errorf("before the far end has accepted: %+v", h)
		}
		p.sig.Tell(call.PeerAnswer{SDP: "recvonly"})
		p.script.Expect("answer recvonly early=false")
		p.pending(done) // the session has the last word
		p.med.Tell(call.HoldConfirmed{On: true})
		p.code(done, "")
		if s := p.expect(call.HoldChanged{ID: id, On: true}); s.Call.Hold != (call.Switch{On: true}) || s.Call.Mute.On {
			t.Errorf("held: %+v, mute %+v", s.Call.Hold, s.Call.Mute)
		}
		// A far end that refuses the resume: the hold stays.
		done = hold(false)
		p.script.Expect("hold false")
		p.med.Tell(call.OfferNeeded{SDP: "sendrecv"})
		p.script.Expect("reinvite sendrecv")
		p.sig.Tell(call.PeerRefused{Code: 488})
		p.script.Expect("refused")
		p.med.Tell(call.HoldRefused{})
		p.code(done, call.CodeHoldRefused)
		if h := p.Snapshot().Call.Hold; h != (call.Switch{On: true}) {
			t.Errorf("after a refused resume: %+v", h)
		}
		// A change of mind: the first command loses, and the call's end takes
		// the other.
		first := hold(false)
		p.script.Expect("hold false")
		second := hold(true)
		p.script.Expect("hold true")
		p.code(first, call.CodeSuperseded)
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		p.code(second, call.CodeNoCall)
		s := p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}})
		if s.Call.Hold != (call.Switch{}) {
			t.Errorf("after the call: %+v", s.Call.Hold)
		}
	})
}

// An offer that is to replace another is dropped when that has had its outcome,
// and goes out while it waits; the answer to an empty offer of the far end is
// not taken for the outcome.
func TestOfferThatReplacesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		p.answered()
		p.med.Tell(call.OfferNeeded{SDP: "1"})
		p.script.Expect("reinvite 1")
		p.sig.Tell(call.PeerOffer{Ref: 7})
		p.script.Expect("reoffer 7 ")
		p.med.Tell(call.OfferNeeded{SDP: "2", Again: true})
		p.med.Tell(call.PeerOfferApplied{Ref: 7, Code: 200, SDP: "offer"})
		p.script.Expect("reinvite 2", "respond 7 200 offer")
		p.sig.Tell(call.PeerAnswer{Ref: 7, SDP: "ack"})
		p.script.Expect("acknowledged ack")
		p.med.Tell(call.OfferNeeded{SDP: "3", Again: true})
		p.script.Expect("reinvite 3")
		p.sig.Tell(call.PeerAnswer{SDP: "answer"})
		p.script.Expect("answer answer early=false")
		p.med.Tell(call.OfferNeeded{SDP: "4", Again: true})
		synctest.Wait()
		p.stop()
		p.script.Expect("close media 0", "hangup shutdown")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeShutdown, Local: true}})
	})
}

func TestDigitsInAHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		p.answered()
		digits := func() <-chan error { return ask(func() error { return p.SendDTMF(t.Context(), "1") }) }
		p.med.Tell(call.HoldAnswered{Held: true})
		p.code(digits(), call.CodeOnHold)
		p.med.Tell(call.HoldAnswered{Held: false})
		done := ask(func() error { return p.Hold(t.Context(), true) })
		p.script.Expect("hold true")
		p.code(digits(), call.CodeOnHold)
		p.med.Tell(call.HoldRefused{})
		p.code(done, call.CodeHoldRefused)
		p.code(digits(), "")
		p.script.Expect("digits 1")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
	})
}

func TestDeafenIsReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.dial() // it works from the first moment
		done := ask(func() error { return p.Deafen(t.Context(), true) })
		p.script.Expect("deafen true")
		p.pending(done)
		p.med.Tell(call.DeafConfirmed{On: true})
		p.code(done, "")
		if s := p.expect(call.DeafChanged{ID: id, On: true}); s.Call.Deaf != (call.Switch{On: true}) {
			t.Errorf("deaf: %+v", s.Call.Deaf)
		}
		p.code(ask(func() error { return p.Deafen(t.Context(), true) }), "")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeLineBusy}})
		p.script.Expect("close media 2")
		if s := p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeLineBusy}}); s.Call.Deaf.On {
			t.Error("deaf after the call")
		}
		p.code(ask(func() error { return p.Deafen(t.Context(), false) }), call.CodeNoCall)
	})
}

// farewell begins a lawful ending; the notice plays on return.
func (p *phone) farewell(id int) {
	p.t.Helper()
	done := ask(func() error { return p.Farewell(p.t.Context()) })
	p.script.Expect("play notice")
	p.pending(done)
	p.med.Tell(call.MuteConfirmed{On: true})
	p.med.Tell(call.NoticeBegan{})
	p.code(done, "")
	s := p.expect(call.MuteChanged{ID: id, On: true}, call.FarewellBegan{ID: id})
	if s.Call.Farewell.IsZero() || s.Call.Mute != (call.Switch{On: true}) || s.State != call.InCall {
		p.t.Errorf("while the notice plays: %+v", s)
	}
}

func TestFarewell(t *testing.T) {
	lawful := call.Reason{Code: call.CodeFarewell, Local: true}
	for name, end := range map[string]func(p *phone){
		"at its end": func(p *phone) { p.med.Tell(call.NoticeEnded{}) },
		"by a hang-up": func(p *phone) {
			if err := p.Hangup(p.t.Context()); err != nil {
				p.t.Error(err)
			}
		},
		"by a second": func(p *phone) {
			if err := p.Farewell(p.t.Context()); err != nil {
				p.t.Error(err)
			}
		},
		"by the clock": func(p *phone) { time.Sleep(70 * time.Second) }, // the bubble's clock
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t, call.Options{})
				id := p.answered()
				p.farewell(id)
				for _, refused := range []func() error{
					func() error { return p.Mute(t.Context(), false) },
					func() error { return p.Hold(t.Context(), true) },
					func() error { return p.SendDTMF(t.Context(), "1") },
				} {
					p.code(ask(refused), call.CodeEnding)
				}
				// What is measured behind the gate is the notice.
				p.med.Tell(call.StatsMeasured{Since: time.Now().Add(time.Hour), Stats: call.Stats{LevelIn: -20}})
				end(p)
				p.script.Expect("close media 0", "hangup lawful-ending")
				p.sig.Tell(call.LegEnded{Reason: lawful})
				s := p.expect(call.HangingUp{ID: id}, call.Ended{ID: id, Reason: lawful})
				if s.Call.Farewell.IsZero() || !s.Call.Reason.OK() || s.Call.MuteLeak {
					t.Errorf("after the call: %+v", s.Call)
				}
			})
		})
	}
}

// The far end may hang up first; what the call was is still to be seen.
func TestFarEndLeavesDuringTheNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		p.farewell(id)
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		s := p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}})
		if s.Call.Farewell.IsZero() {
			t.Error("the beginning of the notice is forgotten")
		}
		if id := p.dial(); p.Snapshot().Call.Farewell != (time.Time{}) {
			t.Errorf("call %d begins with a notice", id)
		}
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeUnreachable}})
		p.script.Expect("close media 4")
	})
}

func TestFarewellWithoutNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		p.answered()
		for _, code := range []call.Code{call.CodeNoNotice, call.CodeBadNotice} {
			done := ask(func() error { return p.Farewell(t.Context()) })
			p.script.Expect("play notice")
			p.med.Tell(call.NoticeFailed{Code: code})
			p.code(done, code)
		}
		time.Sleep(5 * time.Minute) // no clock goes on
		if s := p.Snapshot(); s.State != call.InCall || !s.Call.Farewell.IsZero() {
			t.Fatalf("the call did not go on: %+v", s)
		}
		done := ask(func() error { return p.Farewell(t.Context()) })
		p.script.Expect("play notice")
		p.med.Tell(call.NoticeFailed{Code: call.CodeMedia}) // nobody hears
		p.code(done, "")
		p.script.Expect("close media 0", "hangup lawful-ending")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeFarewell, Local: true}})
	})
}

// The figures of a call that the far end ends are those of its last moment.
func TestLastFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		p.med.Figures = func() (call.Stats, bool) { return call.Stats{PacketsSent: 77}, true }
		id := p.answered()
		p.med.Tell(call.StatsMeasured{Stats: call.Stats{PacketsSent: 50}})
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		s := p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}})
		if s.Call.Stats.PacketsSent != 77 {
			t.Errorf("%d packets, want 77", s.Call.Stats.PacketsSent)
		}
	})
}

// TestMuteSaidAgain: a second order would tell the session that its gate leaks,
// and it would shut the microphone at its source; nobody could be told then that
// they talk into a muted one.
func TestMuteSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		mute := func(on bool) <-chan error {
			return ask(func() error { return p.Mute(t.Context(), on) })
		}
		first := mute(true)
		p.script.Expect("mute true")
		second := mute(true)
		p.pending(first)
		p.pending(second)
		p.script.Expect() // nothing more
		p.med.Tell(call.MuteConfirmed{On: true})
		p.code(first, "")
		p.code(second, "")
		p.expect(call.MuteChanged{ID: id, On: true})
		third, fourth := mute(false), mute(false)
		p.script.Expect("mute false")
		p.pending(third)
		p.pending(fourth)
		fifth := mute(true) // a change of mind is an order
		p.script.Expect("mute true")
		p.code(third, call.CodeSuperseded)
		p.code(fourth, call.CodeSuperseded)
		p.pending(fifth)
		p.med.Tell(call.MuteConfirmed{On: true})
		p.code(fifth, "")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}})
	})
}

// A leak is told once; the gate is asked to shut with every interval of it.
func TestMuteLeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		loud := func() {
			time.Sleep(time.Second)
			p.med.Tell(call.StatsMeasured{Since: time.Now().Add(-time.Second), Stats: call.Stats{LevelIn: -50}})
		}
		loud() // open: that is what it is for
		done := ask(func() error { return p.Mute(t.Context(), true) })
		p.script.Expect("mute true")
		loud() // asked for, not confirmed
		p.med.Tell(call.MuteConfirmed{On: true})
		p.code(done, "")
		p.med.Tell(call.StatsMeasured{Since: time.Now().Add(-time.Second), Stats: call.Stats{LevelIn: -50}}) // in part
		p.expect(call.MuteChanged{ID: id, On: true})
		time.Sleep(time.Second)
		loud()
		p.script.Expect("mute true")
		if s := p.expect(call.MuteLeaked{ID: id}); !s.Call.MuteLeak || !s.Call.Mute.On {
			t.Errorf("%+v", s.Call)
		}
		loud()
		p.script.Expect("mute true")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}})
		if err := p.Hold(t.Context(), true); !errors.Is(err, call.ErrNoCall) {
			t.Error(err)
		}
	})
}
