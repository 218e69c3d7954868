package peer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nxphone/call"
)

func originField(t *testing.T, sdp string, i int) uint64 {
	t.Helper()
	f := strings.Fields(line(sdp, "o="))
	if len(f) < 6 {
		t.Fatalf("o= is %q", line(sdp, "o="))
	}
	n, err := strconv.ParseUint(f[i], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func session(t *testing.T, sdp string) uint64 { t.Helper(); return originField(t, sdp, 1) }
func version(t *testing.T, sdp string) uint64 { t.Helper(); return originField(t, sdp, 2) }

// applied waits for the outcome of a Reoffer.
func (r *rig) applied(ref int) call.PeerOfferApplied {
	r.t.Helper()
	return await(r, func(e call.PeerOfferApplied) bool { return e.Ref == ref })
}

// up is a call that is heard both ways, with its offer and answer.
func up(t *testing.T, set Settings, o farOptions) (r *rig, far *farEnd, offer, answer string) {
	t.Helper()
	r = newRig(t, set)
	o.freq = theirTone
	far = newFarEnd(t, o)
	offer = r.offer()
	answer = far.answer(offer)
	r.s.Answer(answer, false)
	r.hears(theirTone)
	far.hears(ourTone)
	return r, far, offer, answer
}

// TestHold walks through hold and resume as SBCs spell them: the answer flips
// the direction, our voice stops and comes back.
func TestHold(t *testing.T) {
	t.Parallel()
	r, far, offer, answer := up(t, Settings{}, farOptions{})
	before := far.lastVoice()
	for i, c := range []struct {
		name, theirs, ours string
		edit               func(string) string
		held               bool
	}{
		{"sendonly", "a=sendonly", "a=recvonly", nil, true},
		{"back", "a=sendrecv", "a=sendrecv", nil, false},
		{"inactive", "a=inactive", "a=inactive", nil, true},
		{"back again", "a=sendrecv", "a=sendrecv", nil, false},
		{"recvonly", "a=recvonly", "a=sendonly", nil, false},
		{"zeroes", "a=sendrecv", "a=recvonly", rewrite(`^m=audio \d+`, "m=audio 40000"), true},
		{"held twice", "a=inactive", "a=inactive", nil, true},
		{"no direction", "", "a=sendrecv", without("a=\r"), false},
	} {
		text := both(replace("a=sendrecv", c.theirs), rewrite(`^a=setup:\w+`, "a=setup:actpass"))(answer)
		if c.edit != nil {
			text = c.edit(text)
		}
		r.s.Reoffer(i, text)
		got := r.applied(i)
		if got.Code != 200 || got.Held != c.held || !strings.Contains(got.SDP, "\r\n"+c.ours+"\r\n") {
			t.Fatalf("%s: code %d, held %v, want %v and %s in\n%s", c.name, got.Code, got.Held, c.held, c.ours, got.SDP)
		}
		if v := version(t, got.SDP); v != version(t, offer)+uint64(i)+1 || session(t, got.SDP) != session(t, offer) {
			t.Errorf("%s: o= %d %d", c.name, session(t, got.SDP), v)
		}
		for _, same := range []string{"a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=candidate:"} {
			if line(got.SDP, same) != line(offer, same) {
				t.Errorf("%s: %s changed", c.name, same)
			}
		}
		if want := "passive"; line(got.SDP, "a=setup:") != want { // pion began
			t.Errorf("%s: setup %s, want %s", c.name, line(got.SDP, "a=setup:"), want)
		}
		if c.held {
			far.hearsNothing(r)
		} else {
			far.hears(ourTone)
		}
	}
	far.oneStream(before)
}

// lastVoice is the number of voice packets that the far end has got.
func (f *farEnd) lastVoice() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.voice)
}

// hearsNothing lets what is under way arrive, and then a second pass.
func (f *farEnd) hearsNothing(r *rig) {
	f.t.Helper()
	r.measured()
	n := f.samples()
	r.measured()
	if m := f.samples(); m != n {
		f.t.Errorf("the far end got %d samples while it holds", m-n)
	}
}

// measured waits for the statistics of an interval that ends from now on.
func (r *rig) measured() {
	r.t.Helper()
	for len(r.events) > 0 {
		r.seen = append(r.seen, <-r.events)
	}
	r.seen = slices.DeleteFunc(r.seen, func(ev call.MediaEvent) bool {
		_, stats := ev.(call.StatsMeasured)
		return stats
	})
	await[call.StatsMeasured](r, nil)
}

// oneStream checks that what came since a packet is one SSRC whose sequence
// numbers have no hole and whose timestamps only grow.
func (f *farEnd) oneStream(from int) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := from; i+1 < len(f.voice); i++ {
		a, b := f.voice[i], f.voice[i+1]
		if a.SSRC != b.SSRC || b.SequenceNumber-a.SequenceNumber != 1 || int32(b.Timestamp-a.Timestamp) <= 0 {
			f.t.Errorf("packet %d (%d %d %d) is followed by (%d %d %d)", i,
				a.SSRC, a.SequenceNumber, a.Timestamp, b.SSRC, b.SequenceNumber, b.Timestamp)
		}
	}
}

// TestReofferCodec: the far end may change the codec in mid-call.
func TestReofferCodec(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.s.Reoffer(1, rewrite(`^m=audio (\d+) (\S+) .*\r\n`, "m=audio $1 $2 8 126\r\n")(answer))
	got := r.applied(1)
	if m := line(got.SDP, "m=audio "); !strings.HasSuffix(m, " 8 126") {
		t.Errorf("answered m=audio %s", m)
	}
	eventually(t, "we send PCMA", func() bool {
		far.mu.Lock()
		defer far.mu.Unlock()
		return len(far.voice) > 0 && far.voice[len(far.voice)-1].PayloadType == 8
	})
	far.hears(ourTone)
}

// TestReofferSections: the answer has the offer's sections in their order.
func TestReofferSections(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	text := replace("m=audio", "m=video 5000 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:v\r\nm=audio", "a=mid:0", "a=mid:sound")(answer) +
		"m=application 5002 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n"
	r.s.Reoffer(1, text)
	got := r.applied(1)
	var sections []string
	for l := range strings.Lines(got.SDP) {
		if strings.HasPrefix(l, "m=") || strings.HasPrefix(l, "a=mid") {
			sections = append(sections, strings.TrimSpace(l))
		}
	}
	want := []string{"m=video 0 UDP/TLS/RTP/SAVPF 96 97", "a=mid:v", "m=audio", "a=mid:sound",
		"m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:d"}
	if len(sections) != len(want) {
		t.Fatalf("got %q, want %q", sections, want)
	}
	for i := range want {
		if !strings.HasPrefix(sections[i], want[i]) {
			t.Errorf("line %d is %q, want %q", i, sections[i], want[i])
		}
	}
	far.hears(ourTone)
}

// TestReofferRefused: what cannot be used is refused and changes nothing.
func TestReofferRefused(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	for i, text := range []string{
		"garbage", without("a=fingerprint")(answer), without("a=ice-")(answer),
		rewrite(`^m=audio \d+`, "m=audio 0")(answer),
		rewrite(`^(m=audio \d+ \S+) .*\r\n`, "$1 9 18\r\n")(answer),
	} {
		r.s.Reoffer(i, text)
		if got := r.applied(i); got.Code != 488 || got.SDP != "" || got.Held {
			t.Errorf("%d: %+v", i, got)
		}
	}
	r.hears(theirTone)
	far.hears(ourTone)
}

// TestReofferTooEarly: nothing has been agreed yet.
func TestReofferTooEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	r.s.Reoffer(7, r.offer())
	if got := r.applied(7); got.Code != 491 {
		t.Errorf("code %d, want 491", got.Code)
	}
}

// TestReofferEmpty asks for our offer; the answer comes through Answer, from
// the same peer or, by third-party call control, from another one.
func TestReofferEmpty(t *testing.T) {
	t.Parallel()
	r, far, offer, answer := up(t, Settings{}, farOptions{})
	r.s.Reoffer(1, "")
	got := r.applied(1)
	if got.Code != 200 || version(t, got.SDP) != version(t, offer)+1 || line(got.SDP, "a=setup:") != "actpass" ||
		line(got.SDP, "m=audio ") != line(offer, "m=audio ") || line(got.SDP, "a=ice-ufrag:") != line(offer, "a=ice-ufrag:") {
		t.Fatalf("offered\n%s\nafter\n%s", got.SDP, offer)
	}
	r.s.Answer(replace("a=sendrecv", "a=sendonly")(answer), false)
	if !await[call.HoldAnswered](r, nil).Held {
		t.Error("the hold was not told")
	}
	far.hearsNothing(r)
	r.s.Answer(answer, false)
	if await[call.HoldAnswered](r, nil).Held {
		t.Error("the end of the hold was not told")
	}
	far.hears(ourTone)

	r.s.Reoffer(2, "")
	colleague := newFarEnd(t, farOptions{freq: 1800})
	r.s.Answer(colleague.answer(r.applied(2).SDP), false)
	r.hears(1800)
	colleague.hears(ourTone)
}

// TestResumeByOldAnswer: the far end holds by an offer and resumes by asking for
// ours, which it answers with the very text of its first answer.
func TestResumeByOldAnswer(t *testing.T) {
	t.Parallel()
	r, far, _, answer := up(t, Settings{}, farOptions{})
	r.s.Reoffer(1, replace("a=sendrecv", "a=sendonly")(answer))
	if !r.applied(1).Held {
		t.Fatal("no hold")
	}
	r.s.Reoffer(2, "")
	r.applied(2)
	r.s.Answer(answer, false)
	if await[call.HoldAnswered](r, nil).Held {
		t.Error("the call is still held")
	}
	far.hears(ourTone)
}

// TestReofferNumbers: the far end's offer gives Opus the number that was our
// event's. What it then sends under it is heard.
func TestReofferNumbers(t *testing.T) {
	t.Parallel()
	r, _, _, answer := up(t, Settings{}, farOptions{})
	text := rewrite(`^m=audio (\d+) (\S+) .*\r\n`, "m=audio $1 $2 110\r\n")(answer)
	text = rewrite(`^a=rtpmap:111 .*\r\n`, "a=rtpmap:110 opus/48000/2\r\n")(without("a=rtpmap:110 ")(text))
	r.s.Reoffer(1, text)
	if got := r.applied(1); !strings.Contains(got.SDP, "a=rtpmap:110 opus/48000/2\r\n") {
		t.Fatalf("answered %d\n%s", got.Code, got.SDP)
	}
	if f := r.s.(*Session).ear.formats.Load()[110]; f.Name != "opus" {
		t.Errorf("packets of type 110 are taken for %q", f.Name)
	}
	if v := r.s.(*Session).voice.route.Load().voice; v.PT != 110 || v.Name != "opus" {
		t.Errorf("we send %+v", v)
	}
}

// TestReofferFromElsewhere: the media moves to another box, with another
// certificate. The old one goes on until the new one is up.
func TestReofferFromElsewhere(t *testing.T) {
	for _, passive := range []bool{false, true} {
		t.Run(fmt.Sprint("passive ", passive), func(t *testing.T) {
			t.Parallel()
			r, far, _, _ := up(t, Settings{}, farOptions{})
			other := newFarEnd(t, farOptions{freq: 1800})
			text := other.offer(false)
			r.s.Reoffer(1, text)
			got := r.applied(1)
			if got.Code != 200 || line(got.SDP, "a=setup:") != "active" {
				t.Fatalf("answered %d\n%s", got.Code, got.SDP)
			}
			if passive { // it was there before the answer came
				far.close()
			}
			other.accept(got.SDP)
			r.hears(1800)
			other.hears(ourTone)
			// And back again, with hold on the way.
			third := newFarEnd(t, farOptions{freq: theirTone})
			r.s.Reoffer(2, replace("a=sendrecv", "a=sendonly")(third.offer(false)))
			if got := r.applied(2); got.Code != 200 || !got.Held {
				t.Fatalf("answered %d, held %v", got.Code, got.Held)
			} else {
				third.accept(got.SDP)
			}
			r.hears(theirTone)
			third.hearsNothing(r)
		})
	}
}

// TestICERestart: new addresses under the same encryption.
func TestICERestart(t *testing.T) {
	t.Parallel()
	r, far, offer, _ := up(t, Settings{}, farOptions{})
	before := far.lastVoice()
	for i := range 2 {
		r.s.Reoffer(i, far.offer(true))
		got := r.applied(i)
		if got.Code != 200 || line(got.SDP, "a=ice-ufrag:") == line(offer, "a=ice-ufrag:") ||
			line(got.SDP, "a=fingerprint:") != line(offer, "a=fingerprint:") || line(got.SDP, "a=setup:") != "passive" {
			t.Fatalf("answered %d\n%s", got.Code, got.SDP)
		}
		far.accept(got.SDP)
		far.hears(ourTone)
		r.hears(theirTone)
		offer = got.SDP
	}
	far.mu.Lock()
	defer far.mu.Unlock()
	for _, h := range far.voice[before:] {
		if h.SSRC != far.voice[0].SSRC {
			t.Fatal("our SSRC changed")
		}
	}
}
