package peer

import (
	"strings"
	"testing"

	"nxphone/audio/tone"
	"nxphone/call"
)

// TestEarlyMedia: a 183 with SDP is an early answer. Its sound is heard at
// once, stops the ringback, and the same SDP in the 200 changes nothing.
func TestEarlyMedia(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	offer := r.offer()
	r.s.Tone(call.ToneRingback)
	eventually(t, "ringback sounds", func() bool {
		pcm := r.dev.heard(window)
		return pcm != nil && tone.Presence(pcm, 48000, 440)+tone.Presence(pcm, 48000, 480) > 0.8
	})
	answer := far.answer(offer)
	r.s.Answer(answer, true)
	await[call.EarlyHeard](r, nil)
	r.hears(theirTone)
	// Nobody is heard before the answer: what goes out is silence, as packets.
	eventually(t, "packets arrive", func() bool { return far.samples() > 2*window })
	if !quiet(far.heard(2 * window)) {
		t.Error("the far end hears us before it has answered")
	}
	r.s.Tone(call.ToneRingback) // a late 180: the network's sound has come
	r.s.Answer(answer, true)
	r.s.Answer(answer, false)
	await[call.MediaStarted](r, nil)
	r.hears(theirTone)
	far.hears(ourTone)
}

// TestAnswerWithoutSDP: some PBXs put the SDP into the 183 only.
func TestAnswerWithoutSDP(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), true)
	r.s.Answer("", false)
	r.hears(theirTone)
	far.hears(ourTone)
}

// TestAnswerHeardIsNotEarly: sound that comes after the answer is not told as
// early.
func TestAnswerHeardIsNotEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	await[call.StatsMeasured](r, nil)
	for _, ev := range r.seen {
		if _, early := ev.(call.EarlyHeard); early {
			t.Error("EarlyHeard was told after the answer")
		}
	}
}

// TestFork: the 183 came from one branch and the 200 comes from another; both
// have answered the same offer.
func TestFork(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	offer := r.offer()
	voicemail := newFarEnd(t, farOptions{freq: 600})
	desk := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(voicemail.answer(offer), true)
	r.hears(600)
	r.s.Answer(desk.answer(offer), false)
	r.hears(theirTone)
	desk.hears(ourTone)
	for _, ev := range r.seen {
		if _, asked := ev.(call.OfferNeeded); asked {
			t.Error("a re-INVITE was asked for, and none was needed")
		}
	}
}

// TestForksAtOnce: the answers of three branches come faster than a transport
// is made. The branch in the middle is overtaken: its transport goes, and is
// not heard beside the one that answers.
func TestForksAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	offer := r.offer()
	voicemail := newFarEnd(t, farOptions{freq: 600})
	lobby := newFarEnd(t, farOptions{freq: 1800})
	desk := newFarEnd(t, farOptions{freq: theirTone})
	answers := []string{voicemail.answer(offer), lobby.answer(offer), desk.answer(offer)}
	r.s.Answer(answers[0], true)
	r.s.Answer(answers[1], true)
	r.s.Answer(answers[2], false)
	r.hears(theirTone)
	desk.hears(ourTone)
	s := r.s.(*Session)
	open := make(chan int)
	s.inbox.post(func() { open <- len(s.paths) })
	if n := <-open; n != 1 {
		t.Errorf("%d transports are open, want the one that carries the call", n)
	}
}

// TestForkByReinvite: the branch that answered cannot be reached by the first
// offer, so a second is made, and its answer comes through Answer.
func TestForkByReinvite(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	first := r.offer()
	voicemail := newFarEnd(t, farOptions{freq: 600})
	r.s.Answer(voicemail.answer(first), true)
	r.hears(600)
	// An answer whose peer is nowhere.
	lost := newFarEnd(t, farOptions{freq: theirTone})
	answer := lost.answer(first)
	lost.close()
	r.s.Answer(answer, false)
	again := await[call.OfferNeeded](r, nil).SDP
	if version(t, again) != version(t, first)+1 || session(t, again) != session(t, first) {
		t.Errorf("the second offer has o= %d %d after %d %d",
			session(t, again), version(t, again), session(t, first), version(t, first))
	}
	for _, attr := range []string{"a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"} {
		if line(again, attr) == line(first, attr) {
			t.Errorf("the second offer has the same %s", attr)
		}
	}
	desk := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(desk.answer(again), false)
	r.hears(theirTone)
	desk.hears(ourTone)
}

// TestReinviteRefused: the far end wants no second offer. The way that the call
// has stays, and the far end may offer again at once.
func TestReinviteRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	first := r.offer()
	desk := newFarEnd(t, farOptions{freq: theirTone})
	answer := desk.answer(first)
	r.s.Answer(answer, true)
	r.hears(theirTone)
	lost := newFarEnd(t, farOptions{freq: 600})
	elsewhere := lost.answer(first)
	lost.close()
	r.s.Answer(elsewhere, false)
	await[call.OfferNeeded](r, nil)
	r.s.Refused()
	r.s.Reoffer(1, strings.Replace(answer, "a=setup:active", "a=setup:actpass", 1))
	if got := r.applied(1); got.Code != 200 {
		t.Errorf("the far end's offer got %d", got.Code)
	}
	r.hears(theirTone)
	desk.hears(ourTone)
}

// line is the rest of the first line with a prefix.
func line(sdp, prefix string) string {
	for l := range strings.Lines(sdp) {
		if rest, ok := strings.CutPrefix(l, prefix); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
