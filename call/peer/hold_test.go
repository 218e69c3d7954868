package peer

import (
	"strings"
	"testing"
	"time"

	"nxphone/call"
)

// offers waits for a re-INVITE that is asked for and checks its direction.
func (r *rig) offers(direction string) call.OfferNeeded {
	r.t.Helper()
	o := await[call.OfferNeeded](r, nil)
	if !strings.Contains(o.SDP, "\r\na="+direction+"\r\n") {
		r.t.Fatalf("the offer is not %s:\n%s", direction, o.SDP)
	}
	return o
}

// held puts the far end on hold, or takes it off.
func (r *rig) held(on bool, offered, answer string) call.OfferNeeded {
	r.t.Helper()
	r.s.Hold(on)
	o := r.offers(offered)
	r.s.Answer(answer, false)
	await(r, func(e call.HoldConfirmed) bool { return e.On == on })
	return o
}

// directs writes another direction into a description.
func directs(answer, direction string) string {
	return replace("a=sendrecv", "a="+direction)(answer)
}

// getsSilence lets what is under way arrive, and then looks at 200 ms that must
// be packets, and packets of silence.
func (f *farEnd) getsSilence() {
	f.t.Helper()
	from := f.samples()
	eventually(f.t, "silence arrives", func() bool { return f.samples() > from+window && quiet(f.heard(window)) })
	from = f.samples()
	eventually(f.t, "packets go on", func() bool { return f.samples() > from+2*window })
	if !quiet(f.heard(2 * window)) {
		f.t.Error("the far end hears us")
	}
}

// hearsSilence is the same at our ear.
func (r *rig) hearsSilence() {
	r.t.Helper()
	eventually(r.t, "our ear falls silent", func() bool { return quiet(r.dev.heard(window)) })
	r.measured()
	if !quiet(r.dev.heard(window)) {
		r.t.Error("we hear the far end")
	}
}

// TestOurHold: neither side hears the other from the press on, though the far
// end of this test does not stop, and both do again after the resume. Packets
// go on all through, under the same numbers.
func TestOurHold(t *testing.T) {
	t.Parallel()
	r, far, offer, answer := up(t, Settings{}, farOptions{})
	before := far.lastVoice()
	last := version(t, offer)
	for range 2 {
		r.s.Hold(true)
		hold := r.offers("sendonly")
		far.getsSilence() // not even while the answer is awaited
		r.hearsSilence()
		for _, same := range []string{"a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=candidate:", "a=ssrc:", "a=mid:"} {
			if line(hold.SDP, same) != line(offer, same) {
				t.Errorf("%s changed", same)
			}
		}
		if line(hold.SDP, "a=setup:") != "actpass" || version(t, hold.SDP) != last+1 || session(t, hold.SDP) != session(t, offer) {
			t.Errorf("the offer:\n%s", hold.SDP)
		}
		r.s.Answer(directs(answer, "recvonly"), false)
		await(r, func(e call.HoldConfirmed) bool { return e.On })
		far.getsSilence()
		r.hearsSilence()

		r.s.Hold(false)
		resume := r.offers("sendrecv")
		far.getsSilence() // the microphone waits for the answer
		r.s.Answer(answer, false)
		await(r, func(e call.HoldConfirmed) bool { return !e.On })
		far.hears(ourTone)
		r.hears(theirTone)
		last = version(t, resume.SDP)
	}
	far.oneStream(before)
	for _, ev := range r.seen {
		if h, ok := ev.(call.HoldAnswered); ok {
			t.Errorf("the far end held nobody: %+v", h)
		}
	}
}

// TestHoldRefused: the call goes on, heard both ways; and a resume that is
// refused leaves the hold.
func TestHoldRefused(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.s.Hold(true)
	r.offers("sendonly")
	far.getsSilence()
	r.s.Refused()
	await[call.HoldRefused](r, nil)
	far.hears(ourTone)
	r.hears(theirTone)

	r.held(true, "sendonly", directs(answer, "recvonly"))
	r.s.Hold(false)
	r.offers("sendrecv")
	r.s.Answer("v=0\r\nm=audio 0 RTP/AVP 0\r\n", false) // agreed, and to nothing
	await[call.HoldRefused](r, nil)
	far.getsSilence()
	r.hearsSilence()
	r.held(false, "sendrecv", answer)
	far.hears(ourTone)
	r.hears(theirTone)
}

// TestHoldOfBothSides: each takes off its own, in either order.
func TestHoldOfBothSides(t *testing.T) {
	t.Parallel()
	for name, theirsFirst := range map[string]bool{"theirs first": true, "ours first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, far, _, answer := up(t, Settings{}, farOptions{})
			theirs := func(ref int, offered, answered string, held bool) {
				t.Helper()
				r.s.Reoffer(ref, directs(answer, offered))
				a := r.applied(ref)
				if a.Code != 200 || a.Held != held || !strings.Contains(a.SDP, "\r\na="+answered+"\r\n") {
					t.Fatalf("code %d, held %v, want %v and %s in\n%s", a.Code, a.Held, held, answered, a.SDP)
				}
			}
			theirs(1, "sendonly", "recvonly", true)
			// What we want is told whatever they hold; their answer says the
			// same of them.
			r.held(true, "sendonly", directs(answer, "inactive"))
			far.hearsNothing(r)
			r.hearsSilence()
			theirs(2, "sendonly", "inactive", true) // a refresh: both stay
			r.s.Reoffer(3, "")                      // and one without an offer
			if a := r.applied(3); !strings.Contains(a.SDP, "\r\na=sendonly\r\n") || !a.Held {
				t.Errorf("held %v, our offer:\n%s", a.Held, a.SDP)
			}
			r.s.Acknowledged(directs(answer, "inactive"))
			if theirsFirst {
				theirs(4, "sendrecv", "sendonly", false)
				far.getsSilence()
				r.hearsSilence()
				r.held(false, "sendrecv", answer)
			} else {
				r.held(false, "sendrecv", directs(answer, "sendonly"))
				far.hearsNothing(r)
				r.hears(theirTone) // their music
				theirs(4, "sendrecv", "sendrecv", false)
			}
			far.hears(ourTone)
			r.hears(theirTone)
		})
	}
}

// TestHoldAnsweredInactive: many a PBX answers a hold so. It holds nobody.
func TestHoldAnsweredInactive(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.held(true, "sendonly", directs(answer, "inactive"))
	r.held(false, "sendrecv", answer)
	far.hears(ourTone)
	r.hears(theirTone)
	for _, ev := range r.seen {
		if h, ok := ev.(call.HoldAnswered); ok {
			t.Errorf("told %+v", h)
		}
	}
}

// TestMuteAndHoldAreIndependent: neither takes the other off.
func TestMuteAndHoldAreIndependent(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.muted(true)
	r.held(true, "sendonly", directs(answer, "recvonly"))
	r.held(false, "sendrecv", answer)
	r.hears(theirTone)
	far.getsSilence()
	r.held(true, "sendonly", directs(answer, "recvonly"))
	r.muted(false)
	far.getsSilence()
	r.held(false, "sendrecv", answer)
	far.hears(ourTone)
}

// TestHoldBeforeTheWayIsUp: the press counts as soon as the call is answered.
func TestHoldBeforeTheWayIsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	offer := r.offer()
	r.s.Hold(true) // the answer is on its way
	answer := far.answer(offer)
	r.s.Answer(answer, false)
	r.offers("sendonly")
	r.s.Answer(directs(answer, "recvonly"), false)
	await(r, func(e call.HoldConfirmed) bool { return e.On })
	eventually(t, "packets arrive", func() bool { return far.samples() > 2*window })
	if !quiet(far.heard(2 * window)) {
		t.Error("the far end hears us")
	}
	r.hearsSilence()
	r.held(false, "sendrecv", answer)
	far.hears(ourTone)
	r.hears(theirTone)
}

// TestHoldPressedOften: one exchange at a time, and the last
// press wins.
func TestHoldPressedOften(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.s.Hold(true)
	r.offers("sendonly")
	for i := range 7 {
		r.s.Hold(i%2 == 1)
	}
	r.s.Answer(directs(answer, "recvonly"), false)
	r.offers("sendrecv")
	r.s.Answer(answer, false)
	if e := await[call.HoldConfirmed](r, nil); e.On {
		t.Error("the last press was a resume")
	}
	far.hears(ourTone)
	r.hears(theirTone)
	r.s.Hold(false) // it is so already
	await(r, func(e call.HoldConfirmed) bool { return !e.On })

	// A change of mind before a refusal: what is wanted is so.
	r.s.Hold(true)
	r.offers("sendonly")
	r.s.Hold(false)
	r.s.Refused()
	await(r, func(e call.HoldConfirmed) bool { return !e.On })
	far.hears(ourTone)
}

// TestHoldMeetsTheirOffer: ours waits in the leg while theirs is answered. What
// theirs changes is in the one that then goes out.
func TestHoldMeetsTheirOffer(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.s.Hold(true)
	first := r.offers("sendonly")
	r.s.Reoffer(1, answer) // a refresh
	again := r.offers("sendonly")
	a := r.applied(1)
	if !again.Again || first.Again || version(t, again.SDP) != version(t, a.SDP)+1 || version(t, a.SDP) != version(t, first.SDP)+1 {
		t.Errorf("again %v; versions %d, %d, %d", again.Again, version(t, first.SDP), version(t, a.SDP), version(t, again.SDP))
	}
	if !strings.Contains(a.SDP, "\r\na=sendrecv\r\n") {
		t.Errorf("the answer holds before the far end was asked:\n%s", a.SDP)
	}
	r.s.Reoffer(2, far.offer(true)) // an ICE restart
	again = r.offers("sendonly")
	a = r.applied(2)
	far.accept(a.SDP)
	for _, same := range []string{"a=ice-ufrag:", "a=ice-pwd:"} {
		if line(again.SDP, same) != line(a.SDP, same) || line(again.SDP, same) == line(first.SDP, same) {
			t.Errorf("%s of the offer is not that of the answer", same)
		}
	}
	// A move to another box: the offer is on the new way, before it is up.
	other := newFarEnd(t, farOptions{freq: 1800})
	theirs := other.offer(false)
	r.s.Reoffer(3, theirs)
	again = r.offers("sendonly")
	a = r.applied(3)
	other.accept(a.SDP)
	if line(again.SDP, "a=ice-ufrag:") != line(a.SDP, "a=ice-ufrag:") {
		t.Error("the offer is on the old way")
	}
	r.s.Answer(directs(theirs, "recvonly"), false)
	await(r, func(e call.HoldConfirmed) bool { return e.On })
	other.getsSilence()
	r.held(false, "sendrecv", theirs)
	other.hears(ourTone)
	r.hears(1800)
}

// TestHoldWaitsForANewWay: while theirs moves the call, ours is not begun.
func TestHoldWaitsForANewWay(t *testing.T) {
	t.Parallel()
	r, _, _, _ := up(t, Settings{}, farOptions{})
	other := newFarEnd(t, farOptions{freq: 1800})
	theirs := other.offer(false)
	r.s.Reoffer(1, theirs)
	a := r.applied(1)
	r.s.Hold(true)
	r.measured()
	for _, ev := range r.seen {
		if _, ok := ev.(call.OfferNeeded); ok {
			t.Fatal("an offer crosses the making of a new way")
		}
	}
	other.accept(a.SDP)
	o := r.offers("sendonly")
	if line(o.SDP, "a=ice-ufrag:") != line(a.SDP, "a=ice-ufrag:") {
		t.Error("the offer is on the old way")
	}
	r.s.Answer(directs(theirs, "recvonly"), false)
	await(r, func(e call.HoldConfirmed) bool { return e.On })
}

// TestDigitsAreForgottenInAHold: what was pressed does not go out of turn.
func TestDigitsAreForgottenInAHold(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]func(r *rig, answer string, on bool){
		"theirs": func(r *rig, answer string, on bool) {
			r.s.Reoffer(1, directs(answer, map[bool]string{true: "sendonly", false: "sendrecv"}[on]))
			r.applied(1)
		},
		"ours": func(r *rig, answer string, on bool) {
			r.held(on, map[bool]string{true: "sendonly", false: "sendrecv"}[on], directs(answer, map[bool]string{true: "recvonly", false: "sendrecv"}[on]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, far, _, answer := up(t, Settings{}, farOptions{})
			r.s.SendDTMF("123456789") // 1.6 s of them
			await[call.DTMFSent](r, nil)
			hold(r, answer, true)
			if name == "ours" {
				far.getsSilence() // what was under way has arrived
			} else {
				far.hearsNothing(r)
			}
			far.mu.Lock()
			n := len(far.events)
			far.mu.Unlock()
			hold(r, answer, false)
			far.hears(ourTone)
			r.measured()
			far.mu.Lock()
			defer far.mu.Unlock()
			if len(far.events) != n {
				t.Errorf("%d packets of digits after the resume", len(far.events)-n)
			}
		})
	}
}

// TestHoldAnsweredFromElsewhere: a box that answers the hold from elsewhere is
// followed like any other.
func TestHoldAnsweredFromElsewhere(t *testing.T) {
	t.Parallel()
	r, _, offer, _ := up(t, Settings{}, farOptions{})
	other := newFarEnd(t, farOptions{freq: 1800})
	answer := other.answer(offer)
	r.s.Hold(true)
	r.offers("sendonly")
	r.s.Answer(directs(answer, "recvonly"), false)
	await(r, func(e call.HoldConfirmed) bool { return e.On })
	r.hearsSilence()
	r.held(false, "sendrecv", answer)
	r.hears(1800)
	other.hears(ourTone)
}

// TestHoldAfterTheEnd: nothing is told after the end.
func TestHoldAfterTheEnd(t *testing.T) {
	t.Parallel()
	r, _, _, _ := up(t, Settings{}, farOptions{})
	r.s.Close(call.ToneNone)
	r.s.Hold(true)
	r.s.Deafen(true)
	r.s.Play()
	r.close()
	limit := time.After(time.Millisecond)
	for {
		select {
		case ev := <-r.events:
			switch ev.(type) {
			case call.OfferNeeded, call.HoldConfirmed, call.DeafConfirmed, call.NoticeBegan, call.NoticeFailed:
				t.Fatalf("told %T", ev)
			}
		case <-limit:
			return
		}
	}
}
