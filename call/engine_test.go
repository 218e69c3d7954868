package call_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/call"
	"nxphone/call/calltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var request = call.Request{Realm: "example.net", DN: "1000", Tel: "01012345678", URL: "ws://127.0.0.1:6080"}

// phone is a running engine on doubles, and one watcher of it.
type phone struct {
	*call.Engine
	t      *testing.T
	script *calltest.Script
	sig    *calltest.Signaling
	med    *calltest.Media
	next   func() (call.Snapshot, call.Cause, bool)
	stop   context.CancelFunc
}

func start(t *testing.T, opts call.Options) *phone {
	t.Helper()
	s := calltest.NewScript(t)
	p := &phone{t: t, script: s, sig: &calltest.Signaling{Script: s}, med: &calltest.Media{Script: s}}
	opts.Signaling, opts.Media = p.sig, p.med
	p.Engine = call.New(opts)
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	next, end := iter.Pull2(p.Watch(context.Background()))
	p.next = next
	go p.Run(ctx)
	t.Cleanup(func() {
		cancel()
		<-p.Done()
		end()
	})
	if snap, cause, ok := next(); !ok || cause != nil || snap.State != call.Idle {
		t.Fatalf("the first item is %v, %v, %v", snap, cause, ok)
	}
	return p
}

// expect reads causes and compares them, skipping measurements.
func (p *phone) expect(want ...call.Cause) call.Snapshot {
	p.t.Helper()
	var last call.Snapshot
	for _, w := range want {
		for {
			snap, got, ok := p.next()
			if !ok {
				p.t.Fatalf("the watch ended, want %#v", w)
			}
			if snap.Revision < last.Revision {
				p.t.Fatalf("revision went from %d back to %d", last.Revision, snap.Revision)
			}
			last = snap
			if got == nil {
				continue
			}
			if got != w {
				p.t.Fatalf("got %#v, want %#v", got, w)
			}
			break
		}
	}
	return last
}

func (p *phone) dial() int {
	p.t.Helper()
	id, err := p.Dial(p.t.Context(), request)
	if err != nil {
		p.t.Fatal(err)
	}
	p.script.Expect("open leg 01012345678", "open media")
	p.expect(call.Began{ID: id})
	return id
}

func (p *phone) answered() int {
	p.t.Helper()
	id := p.dial()
	p.med.Tell(call.OfferReady{SDP: "o"})
	p.script.Expect("invite o")
	p.sig.Tell(call.Accepted{SDP: "a"})
	p.script.Expect("tone 0", "answer a early=false")
	p.expect(call.Answered{ID: id})
	return id
}

func TestOrdinaryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{RingTimeout: time.Minute})
		id := p.dial()
		p.med.Tell(call.OfferReady{SDP: "offer"})
		p.script.Expect("invite offer")
		p.sig.Tell(call.Provisional{Code: 100})
		p.sig.Tell(call.Provisional{Code: 180})
		p.script.Expect("tone 1")
		p.sig.Tell(call.Provisional{Code: 180})
		p.script.Expect("tone 1")
		p.sig.Tell(call.Provisional{Code: 183, SDP: "early"})
		p.script.Expect("answer early early=true")
		p.med.Tell(call.EarlyHeard{})
		p.script.Expect("tone 0")
		p.med.Tell(call.MediaStarted{Codec: "opus"})
		p.sig.Tell(call.Accepted{})
		p.script.Expect("tone 0", "answer  early=false")
		s := p.expect(call.Tried{ID: id}, call.Rang{ID: id, Code: 180}, call.EarlyMediaHeard{ID: id},
			call.Answered{ID: id}, call.MediaUp{ID: id, Codec: "opus"})
		if s.State != call.InCall || !s.Call.MediaUp || s.Call.Codec != "opus" || s.Call.Answered.IsZero() {
			t.Errorf("in the call: %+v", s)
		}
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		s = p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}})
		if s.State != call.Idle || s.Call.ID != id || s.Call.Ended.IsZero() {
			t.Errorf("after the call: %+v", s)
		}
		if next := p.dial(); next != id+1 {
			t.Errorf("the next call has ID %d", next)
		}
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeUnreachable}})
		p.script.Expect("close media 4")
	})
}

// TestEveryCallHasItsName: the engine makes the name by which the SBC knows a
// call, whatever a caller has put there, and tells it.
func TestEveryCallHasItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		var last string
		for range 2 {
			req := request
			req.CallID = "mine\r\nFrom: somebody"
			id, err := p.Dial(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			p.script.Expect("open leg 01012345678", "open media")
			got := p.expect(call.Began{ID: id}).Call.CallID
			if len(got) < 20 || strings.Contains(got, "mine") || got == last {
				t.Errorf("call %d is called %q", id, got)
			}
			last = got
			p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeLineBusy}})
			p.script.Expect("close media 2")
			p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeLineBusy}})
		}
	})
}

func TestHangup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		if err := p.Hangup(t.Context()); !errors.Is(err, call.ErrNoCall) {
			t.Errorf("Hangup when idle: %v", err)
		}
		id := p.answered()
		if _, err := p.Dial(t.Context(), request); !errors.Is(err, call.ErrBusy) {
			t.Errorf("second Dial: %v", err)
		}
		if err := p.Hangup(t.Context()); err != nil {
			t.Error(err)
		}
		p.script.Expect("close media 0", "hangup hangup")
		p.sig.Tell(call.Accepted{SDP: "late"}) // crosses our hang-up
		p.med.Tell(call.StatsMeasured{Stats: call.Stats{PacketsSent: 9}})
		r := call.Reason{Code: call.CodeHangup, Local: true}
		p.sig.Tell(call.LegEnded{Reason: r})
		if s := p.expect(call.HangingUp{ID: id}, call.Ended{ID: id, Reason: r}); s.Call.Stats.PacketsSent != 9 {
			t.Errorf("the last figures are lost: %+v", s.Call.Stats)
		}
	})
}

// A leg that breaks its promise to end must not hold the phone.
func TestHangupIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		old := p.sig.Teller()
		if err := p.Hangup(t.Context()); err != nil {
			t.Error(err)
		}
		p.script.Expect("close media 0", "hangup hangup")
		began := time.Now()
		p.expect(call.HangingUp{ID: id}, call.Ended{ID: id, Reason: call.Reason{Code: call.CodeHangup, Local: true}})
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("it took %v", d)
		}
		next := p.dial()
		old(call.LegEnded{Reason: call.Reason{Code: call.CodeFlowLost}}) // stale: must not end the new call
		p.sig.Tell(call.Provisional{Code: 100})
		p.expect(call.Tried{ID: next})
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeLineBusy, SIP: 486}})
		p.script.Expect("close media 2")
	})
}

func TestRingTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{RingTimeout: time.Minute})
		id := p.dial()
		p.sig.Tell(call.Provisional{Code: 180})
		p.script.Expect("tone 1", "close media 3", "hangup no-answer")
		p.expect(call.Rang{ID: id, Code: 180}, call.HangingUp{ID: id})
		r := call.Reason{Code: call.CodeNoAnswer, Local: true}
		p.sig.Tell(call.LegEnded{Reason: r})
		p.expect(call.Ended{ID: id, Reason: r})
	})
}

func TestMuteIsReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		done := make(chan error, 1)
		go func() { done <- p.Mute(t.Context(), true) }()
		p.script.Expect("mute true")
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("Mute returned before the capture path confirmed")
		}
		if m := p.Snapshot().Call.Mute; m.On || !m.Pending {
			t.Errorf("before the confirmation: %+v", m)
		}
		p.med.Tell(call.MuteConfirmed{On: true})
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s := p.expect(call.MuteChanged{ID: id, On: true}); s.Call.Mute != (call.Switch{On: true}) {
			t.Errorf("after the confirmation: %+v", s.Call.Mute)
		}
		// Two contrary commands: the first one loses, and is told so.
		go func() { done <- p.Mute(t.Context(), false) }()
		p.script.Expect("mute false")
		again := make(chan error, 1)
		go func() { again <- p.Mute(t.Context(), true) }()
		p.script.Expect("mute true")
		if err := <-done; call.CodeOf(err) != call.CodeSuperseded {
			t.Errorf("the overtaken Mute: %v", err)
		}
		p.med.Tell(call.MuteConfirmed{On: false}) // the first command's, late
		p.expect(call.MuteChanged{ID: id, On: false})
		if m := p.Snapshot().Call.Mute; !m.Pending {
			t.Errorf("a late confirmation ended the wait: %+v", m)
		}
		p.med.Tell(call.MuteConfirmed{On: true})
		p.expect(call.MuteChanged{ID: id, On: true})
		if err := <-again; err != nil {
			t.Error(err)
		}
		// The capture path has the last word, asked or not.
		p.med.Tell(call.MuteConfirmed{On: false})
		p.expect(call.MuteChanged{ID: id, On: false})
		// A Mute that no capture path answers any more ends with the call.
		go func() { done <- p.Mute(t.Context(), true) }()
		p.script.Expect("mute true")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		if err := <-done; !errors.Is(err, call.ErrNoCall) {
			t.Errorf("Mute at the end of the call: %v", err)
		}
	})
}

// The wish not to be seen is kept for the call, whatever the call does, and no
// longer: the next one begins without it.
func TestVideoMuteIsRememberedForTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		if err := p.MuteVideo(t.Context(), true); !errors.Is(err, call.ErrNoCall) {
			t.Errorf("without a call: %v", err)
		}
		id := p.answered()
		for range 2 { // the second changes nothing, and tells nothing
			if err := p.MuteVideo(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if s := p.expect(call.VideoMuteChanged{ID: id, On: true}); !s.Call.VideoMuted {
			t.Error("the snapshot does not say so")
		}
		p.med.Tell(call.MediaStarted{Codec: "opus"})
		if s := p.expect(call.MediaUp{ID: id, Codec: "opus"}); !s.Call.VideoMuted || s.Call.Mute.On {
			t.Errorf("later in the call: %+v", s.Call)
		}
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
		if s := p.expect(call.Ended{ID: id, Reason: call.Reason{Code: call.CodeRemoteHangup}}); s.Call.VideoMuted {
			t.Error("the wish outlives its call")
		}
		next := p.answered()
		if s := p.Snapshot(); s.Call.ID != next || s.Call.VideoMuted {
			t.Errorf("the next call: %+v", s.Call)
		}
		p.stop()
		p.script.Expect("close media 0", "hangup shutdown")
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeShutdown, Local: true}})
	})
}

func TestHoldAndDigits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		p.sig.Tell(call.PeerOffer{Ref: 1, SDP: "sendonly"})
		p.script.Expect("reoffer 1 sendonly")
		p.med.Tell(call.PeerOfferApplied{Ref: 1, Code: 200, SDP: "recvonly", Held: true})
		p.script.Expect("respond 1 200 recvonly")
		if s := p.expect(call.RemoteHoldChanged{ID: id, On: true}); !s.Call.RemoteHold {
			t.Error("not held")
		}
		p.med.Tell(call.PeerOfferApplied{Ref: 2, Code: 200, SDP: "sendrecv"})
		p.script.Expect("respond 2 200 sendrecv")
		p.expect(call.RemoteHoldChanged{ID: id, On: false})

		if err := p.SendDTMF(t.Context(), "1#"); err != nil {
			t.Error(err)
		}
		p.script.Expect("digits 1#")
		p.med.Tell(call.DTMFSent{Digit: '1'})
		p.med.Tell(call.DTMFByInfo{Digit: '#'})
		p.script.Expect("info #")
		if s := p.expect(call.DigitSent{ID: id, Digit: '1'}, call.DigitSent{ID: id, Digit: '#'}); s.Call.Sent != "1#" {
			t.Errorf("sent %q", s.Call.Sent)
		}
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
	})
}

func TestShutdownEndsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		p.stop()
		p.script.Expect("close media 0", "hangup shutdown")
		if _, err := p.Dial(t.Context(), request); !errors.Is(err, call.ErrStopped) {
			t.Errorf("Dial while stopping: %v", err)
		}
		r := call.Reason{Code: call.CodeShutdown, Local: true}
		p.sig.Tell(call.LegEnded{Reason: r})
		p.expect(call.HangingUp{ID: id}, call.Ended{ID: id, Reason: r})
		if _, _, ok := p.next(); ok {
			t.Error("the watch goes on after the end")
		}
		<-p.Done()
		if err := p.Hangup(t.Context()); !errors.Is(err, call.ErrStopped) {
			t.Errorf("Hangup after the end: %v", err)
		}
	})
}

// A watcher that does not read loses no cause and gets the newest measurement.
func TestSlowWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		id := p.answered()
		for i := range 1000 {
			p.med.Tell(call.StatsMeasured{Stats: call.Stats{PacketsSent: uint64(i)}})
		}
		p.med.Tell(call.MediaStarted{Codec: "pcma"})
		synctest.Wait()
		snap, cause, _ := p.next()
		if cause != nil || snap.Call.Stats.PacketsSent != 999 {
			t.Errorf("measurements were not merged: %v %v", snap.Call.Stats, cause)
		}
		p.expect(call.MediaUp{ID: id, Codec: "pcma"})
		p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		p.script.Expect("close media 3")
	})
}

func TestWatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, call.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan int)
		go func() {
			n := 0
			for range p.Watch(ctx) {
				n++
			}
			done <- n
		}()
		synctest.Wait()
		cancel()
		if n := <-done; n != 1 {
			t.Errorf("%d items, want the snapshot only", n)
		}
	})
}

// The heritage stream of every kind of call: Connecting first, Clear last and
// once, nothing twice.
func TestHeritageOrder(t *testing.T) {
	ways := map[string]struct {
		play func(p *phone)
		want string
	}{
		"unreachable": {func(p *phone) {
			p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeUnreachable}})
			p.script.Expect("close media 4")
		}, "Connecting Clear"},
		"busy": {func(p *phone) {
			p.sig.Tell(call.Provisional{Code: 100})
			p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeLineBusy}})
			p.script.Expect("close media 2")
		}, "Connecting Trying Clear"},
		"answered at once": {func(p *phone) {
			p.sig.Tell(call.Accepted{SDP: "a"})
			p.script.Expect("tone 0", "answer a early=false")
			p.sig.Tell(call.Provisional{Code: 180})
			p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
			p.script.Expect("close media 3")
			p.sig.Tell(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}})
		}, "Connecting InCall Clear"},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t, call.Options{})
				if _, err := p.Dial(t.Context(), request); err != nil {
					t.Fatal(err)
				}
				p.script.Expect("open leg 01012345678", "open media")
				way.play(p)
				synctest.Wait()
				p.stop()
				var got []string
				for {
					snap, cause, ok := p.next()
					if !ok {
						break
					}
					if line, old := call.HeritageJSON(snap, cause); old {
						_, rest, _ := strings.Cut(line, `"Type":"`)
						typ, _, _ := strings.Cut(rest, `"`)
						got = append(got, typ)
					}
				}
				if fmt.Sprint(got) != "["+way.want+"]" {
					t.Errorf("got %v, want %s", got, way.want)
				}
			})
		})
	}
}
