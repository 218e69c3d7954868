package demosbc

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
)

// These tests run a call in the synthetic time of testing/synctest, with a
// wire and a voice made of memory, so that hours cost nothing and every moment
// is exact.

// journal is what a call did, each line with the time since its INVITE.
type journal struct {
	start time.Time
	mu    sync.Mutex
	lines []string
	sent  []sip.Message
}

func (j *journal) add(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf("%v %s", time.Since(j.start), what))
}

// send makes the journal the call's wire.
func (j *journal) send(msg sip.Message) error {
	what := ""
	switch m := msg.(type) {
	case *sip.Response:
		what = fmt.Sprintf("%d %s", m.StatusCode, m.CSeq().MethodName)
	case *sip.Request:
		what = string(m.Method)
	}
	if sdp := sdpOf(msg); sdp != "" {
		_, media := splitSDP(sdp)
		what += " " + string(directionOf(media[0], nil))
	}
	j.add(what)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sent = append(j.sent, msg)
	return nil
}

// take empties the journal once the call has nothing more to do now.
func (j *journal) take() []string {
	synctest.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// last is the newest message that was sent.
func (j *journal) last() sip.Message {
	synctest.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.sent[len(j.sent)-1]
}

// fakeVoice writes into the journal.
type fakeVoice struct {
	j     *journal
	id    int
	local local
	gone  chan struct{}
}

func (v *fakeVoice) describe(o *offer, d direction, asOffer bool) string {
	return v.local.describe(o, d, asOffer)
}
func (v *fakeVoice) play(what sound, _ *offer) {
	v.j.add(fmt.Sprintf("voice %d plays %s", v.id, soundName(what)))
}
func (v *fakeVoice) prepare(what sound, _ *offer) {
	v.j.add(fmt.Sprintf("voice %d prepares %s", v.id, soundName(what)))
}
func (v *fakeVoice) hold(on bool) {
	if on {
		v.j.add(fmt.Sprintf("voice %d is silent", v.id))
	}
}
func (v *fakeVoice) lost() <-chan struct{} { return v.gone }
func (v *fakeVoice) close()                { v.j.add(fmt.Sprintf("voice %d closed", v.id)) }

func soundName(s sound) string {
	return [...]string{"nothing", "echo", "tone", "message", "music"}[s]
}

// rig is a call under test.
type rig struct {
	*journal
	t      *testing.T
	c      *call
	voices []*fakeVoice
	cancel context.CancelFunc
	done   chan struct{}
}

// offerText is a phone's offer; id makes another transport of it.
func offerText(id string, d direction) string {
	return strings.Join([]string{
		"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
		"m=audio 4000 UDP/TLS/RTP/SAVPF 96 0", "c=IN IP4 127.0.0.1", "a=mid:0", "a=rtpmap:96 opus/48000/2",
		"a=ice-ufrag:" + id, "a=ice-pwd:password", "a=fingerprint:sha-256 AB:CD", "a=setup:actpass", "a=rtcp-mux",
		"a=" + string(d), "",
	}, "\r\n")
}

// phoneRequest is a request as a phone would send it in the rig's dialog.
func phoneRequest(t *testing.T, method string, seq int, branch, toTag, sdp string) *sip.Request {
	t.Helper()
	l := &leg{number: "600", callID: "call-1", from: "phone", to: toTag}
	msg, err := newParser().ParseSIP([]byte(l.text(method, seq, branch, "", sdp)))
	if err != nil {
		t.Fatal(err)
	}
	return msg.(*sip.Request)
}

// startCall runs a number in the bubble of the test.
func startCall(t *testing.T, number string, sdp string) *rig {
	t.Helper()
	r := &rig{journal: &journal{start: time.Now()}, t: t, done: make(chan struct{})}
	invite := phoneRequest(t, "INVITE", 1, "z9hG4bKinvite", "", sdp)
	r.c = &call{
		inbox: newInbox(), plan: planFor(number, DefaultRingTime, Config{}.withDefaults().earlyTime), wire: r.journal, invite: invite,
		grace: DefaultFlowGrace, log: slog.New(slog.DiscardHandler),
		dlg: newDialog(invite, "WS", "127.0.0.1:5000"), ear: newEar(0),
	}
	r.c.open = func(context.Context, *offer) (voice, error) {
		v := &fakeVoice{
			j: r.journal, id: len(r.voices) + 1, gone: make(chan struct{}),
			local: local{ufrag: "u", pwd: "p", fingerprint: "sha-256 00", setup: "active", port: "6000"},
		}
		r.voices = append(r.voices, v)
		return v, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() {
		defer close(r.done)
		r.c.run(ctx)
	}()
	return r
}

// put gives the call a message of the phone.
func (r *rig) put(msg sip.Message) {
	r.t.Helper()
	if !r.c.inbox.put(input{r.journal, msg}) {
		r.t.Fatal("the call took nothing")
	}
}

// request sends a request in the dialog.
func (r *rig) request(method string, seq int, sdp string) {
	r.t.Helper()
	r.put(phoneRequest(r.t, method, seq, "z9hG4bK"+method+fmt.Sprint(seq), r.c.dlg.localTag, sdp))
}

// respond answers the call's newest request.
func (r *rig) respond(code int, sdp string) {
	r.t.Helper()
	req, ok := r.last().(*sip.Request)
	if !ok {
		r.t.Fatalf("the newest message is %q", firstLine(r.last()))
	}
	res := sip.NewResponseFromRequest(req, code, "Because", nil)
	setSDP(res, sdp)
	r.put(res)
}

// want compares the journal with what should be in it.
func (r *rig) want(lines ...string) {
	r.t.Helper()
	got := r.take()
	if !slices.Equal(got, lines) {
		r.t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// ended fails unless the call is over.
func (r *rig) ended() {
	r.t.Helper()
	synctest.Wait()
	select {
	case <-r.done:
	default:
		r.t.Error("the call is not over")
		r.cancel()
	}
}

// answered brings a number past its 200 and ACK, and empties the journal.
func answeredCall(t *testing.T, number string) *rig {
	r := startCall(t, number, offerText("a", sendrecv))
	time.Sleep(DefaultRingTime)
	synctest.Wait()
	r.request("ACK", 1, "")
	r.take()
	return r
}

// in runs a test in a bubble.
func in(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func TestTimetable(t *testing.T) {
	in(t, "600 rings shortly and answers", func(t *testing.T) {
		r := startCall(t, "600", offerText("a", sendrecv))
		r.want("0s 180 INVITE")
		time.Sleep(DefaultRingTime)
		r.want("50ms voice 1 plays echo", "50ms 200 INVITE sendrecv")
		r.request("ACK", 1, "")
		time.Sleep(time.Hour)
		r.want()
		r.request("BYE", 2, "")
		r.want("1h0m0.05s 200 BYE", "1h0m0.05s voice 1 closed")
		r.ended()
	})
	in(t, "601 has early media for 3 s", func(t *testing.T) {
		r := startCall(t, "601", offerText("a", sendrecv))
		r.want("0s voice 1 plays tone", "0s 183 INVITE sendrecv")
		early := sdpOf(r.last())
		time.Sleep(3 * time.Second)
		r.want("3s voice 1 plays echo", "3s 200 INVITE sendrecv")
		if got := sdpOf(r.last()); got != early {
			t.Errorf("the 200 has another SDP than the 183:\n%s\nand\n%s", got, early)
		}
		r.cancel()
		r.want("3s voice 1 closed", "3s BYE")
		time.Sleep(shutdownGrace)
		r.ended()
	})
	in(t, "602 rings 3 s and plays a message", func(t *testing.T) {
		r := startCall(t, "602", offerText("a", sendrecv))
		r.want("0s voice 1 prepares message", "0s 180 INVITE")
		time.Sleep(3 * time.Second)
		r.want("3s voice 1 plays message", "3s 200 INVITE sendrecv")
		r.request("ACK", 1, "")
		r.request("BYE", 2, "")
		r.want("3s 200 BYE", "3s voice 1 closed")
		r.ended()
	})
	in(t, "605 rings for ever", func(t *testing.T) {
		r := startCall(t, "605", offerText("a", sendrecv))
		time.Sleep(150 * time.Second)
		r.want("0s 180 INVITE", "1m0s 180 INVITE", "2m0s 180 INVITE")
		r.put(phoneRequest(t, "CANCEL", 1, "z9hG4bKinvite", "", ""))
		r.want("2m30s 200 CANCEL", "2m30s 487 INVITE", "2m30s voice 1 closed")
		r.ended()
	})
	in(t, "606 hangs up 3 s after the answer", func(t *testing.T) {
		r := startCall(t, "606", offerText("a", sendrecv))
		time.Sleep(time.Second)
		r.take()
		r.request("ACK", 1, "")
		time.Sleep(3 * time.Second)
		r.want("4s voice 1 closed", "4s BYE")
		r.respond(200, "")
		r.ended()
	})
	in(t, "607 holds at 3 s and resumes at 6 s", func(t *testing.T) {
		r := startCall(t, "607", offerText("a", sendrecv))
		time.Sleep(DefaultRingTime)
		r.want("0s voice 1 prepares music", "0s 180 INVITE", "50ms voice 1 plays echo", "50ms 200 INVITE sendrecv")
		first := sdpOf(r.last())
		r.request("ACK", 1, "")
		time.Sleep(3 * time.Second)
		r.want("3.05s voice 1 plays music", "3.05s INVITE sendonly")
		hold := sdpOf(r.last())
		if !strings.Contains(first, " 1 IN IP4") || !strings.Contains(hold, " 2 IN IP4") {
			t.Errorf("the versions are wrong:\n%s\n%s", first, hold)
		}
		r.respond(200, offerText("a", recvonly))
		r.want("3.05s ACK", "3.05s voice 1 plays music")
		time.Sleep(3 * time.Second)
		r.want("6.05s voice 1 plays echo", "6.05s INVITE sendrecv")
		r.respond(200, offerText("a", sendrecv))
		r.want("6.05s ACK", "6.05s voice 1 plays echo")
		r.request("BYE", 2, "")
		r.want("6.05s 200 BYE", "6.05s voice 1 closed")
		r.ended()
	})
}

func TestPlan(t *testing.T) {
	for number, want := range map[string]plan{
		"603": {refuse: 486, reason: "Busy Here"},
		"604": {refuse: 404, reason: "Not Found", silent: true},
		"":    {refuse: 404, reason: "Not Found"},
		"608": {refuse: 404, reason: "Not Found"},
	} {
		got := planFor(number, 0, 0)
		if got.refuse != want.refuse || got.reason != want.reason || got.silent != want.silent || got.steps != nil {
			t.Errorf("planFor(%q) = %+v, want %+v", number, got, want)
		}
	}
}

func TestAnswerWithoutAck(t *testing.T) {
	in(t, "the 200 is repeated and then given up", func(t *testing.T) {
		r := startCall(t, "600", offerText("a", sendrecv))
		time.Sleep(DefaultRingTime)
		r.take()
		time.Sleep(8 * time.Second)
		r.want("550ms 200 INVITE sendrecv", "1.55s 200 INVITE sendrecv", "3.55s 200 INVITE sendrecv",
			"7.55s 200 INVITE sendrecv")
		time.Sleep(23900 * time.Millisecond)
		r.take()
		time.Sleep(4 * time.Second)
		r.want("35.55s voice 1 closed", "35.55s BYE")
		time.Sleep(timerB)
		r.ended()
	})
}

func TestOfferOfThePhone(t *testing.T) {
	in(t, "hold and resume", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.request("INVITE", 2, offerText("a", sendonly))
		r.want("50ms voice 1 plays echo", "50ms voice 1 is silent", "50ms 200 INVITE recvonly")
		r.request("ACK", 2, "")
		r.want()
		r.request("INVITE", 3, offerText("a", inactive))
		r.want("50ms voice 1 plays echo", "50ms voice 1 is silent", "50ms 200 INVITE inactive")
		r.request("ACK", 3, "")
		r.request("UPDATE", 4, offerText("a", sendrecv))
		r.want("50ms voice 1 plays echo", "50ms 200 UPDATE sendrecv")
		r.request("UPDATE", 5, "")
		r.want("50ms 200 UPDATE")
		r.request("BYE", 6, "")
		r.want("50ms 200 BYE", "50ms voice 1 closed")
		r.ended()
	})
	in(t, "another transport gets another voice", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.request("INVITE", 2, offerText("b", sendrecv))
		r.want("50ms voice 2 plays echo", "50ms 200 INVITE sendrecv")
		r.request("ACK", 2, "")
		time.Sleep(retireAfter)
		r.want("2.05s voice 1 closed")
		r.request("INVITE", 3, offerText("c", sendrecv))
		r.request("ACK", 3, "")
		r.request("INVITE", 4, offerText("d", sendrecv))
		r.request("ACK", 4, "")
		r.want("2.05s voice 3 plays echo", "2.05s 200 INVITE sendrecv",
			"2.05s voice 2 closed", "2.05s voice 4 plays echo", "2.05s 200 INVITE sendrecv")
		r.request("BYE", 5, "")
		r.want("2.05s 200 BYE", "2.05s voice 3 closed", "2.05s voice 4 closed")
		r.ended()
	})
	in(t, "none asks for ours", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.request("INVITE", 2, "")
		r.want("50ms voice 1 plays echo", "50ms 200 INVITE sendrecv")
		if sdp := sdpOf(r.last()); !strings.Contains(sdp, "a=setup:actpass") {
			t.Errorf("our offer leaves no DTLS role open:\n%s", sdp)
		}
		r.request("ACK", 2, offerText("a", sendonly))
		r.want("50ms voice 1 plays echo", "50ms voice 1 is silent")
		r.request("BYE", 3, "")
		r.ended()
	})
	in(t, "a bad one leaves the call alone", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.request("INVITE", 2, "v=0\r\n")
		r.request("UPDATE", 3, "v=0\r\n")
		r.want("50ms 488 INVITE", "50ms 488 UPDATE")
		r.request("BYE", 4, "")
		r.want("50ms 200 BYE", "50ms voice 1 closed")
		r.ended()
	})
	in(t, "before the answer it has to wait", func(t *testing.T) {
		r := startCall(t, "605", offerText("a", sendrecv))
		r.request("INVITE", 2, offerText("a", sendonly))
		r.request("UPDATE", 3, offerText("a", sendonly))
		r.want("0s 180 INVITE", "0s 500 INVITE", "0s 491 UPDATE")
		r.request("BYE", 4, "")
		r.want("0s 200 BYE", "0s 487 INVITE", "0s voice 1 closed")
		r.ended()
	})
	in(t, "the first one is refused", func(t *testing.T) {
		r := startCall(t, "600", "v=0\r\n")
		r.want("0s 488 INVITE")
		r.ended()
	})
}

func TestOfferOfOurs(t *testing.T) {
	in(t, "glare: refused with 491, tried again", func(t *testing.T) {
		r := answeredCall(t, "607")
		time.Sleep(3 * time.Second)
		r.want("3.05s voice 1 plays music", "3.05s INVITE sendonly")
		ours := r.last()
		r.request("INVITE", 2, offerText("a", sendrecv))
		r.want("3.05s 491 INVITE")
		res := sip.NewResponseFromRequest(ours.(*sip.Request), 491, "Request Pending", nil)
		r.put(res)
		r.want("3.05s ACK")
		time.Sleep(2100 * time.Millisecond)
		if got := r.take(); len(got) != 2 || !strings.HasSuffix(got[1], " INVITE sendonly") {
			t.Errorf("after the glare: %q", got)
		}
		r.respond(200, offerText("a", recvonly))
		r.take()
		r.request("BYE", 3, "")
		r.ended()
	})
	in(t, "refused: the call goes on as it was", func(t *testing.T) {
		r := answeredCall(t, "607")
		time.Sleep(3 * time.Second)
		r.take()
		r.respond(488, "")
		r.want("3.05s ACK", "3.05s voice 1 plays echo")
		time.Sleep(4 * time.Second)
		r.want() // nothing to resume
		r.request("BYE", 2, "")
		r.ended()
	})
	in(t, "unknown dialog: hung up", func(t *testing.T) {
		r := answeredCall(t, "607")
		time.Sleep(3 * time.Second)
		r.take()
		r.respond(481, "")
		r.want("3.05s ACK", "3.05s voice 1 closed", "3.05s BYE")
		r.respond(481, "")
		r.ended()
	})
	in(t, "no answer at all: hung up", func(t *testing.T) {
		r := answeredCall(t, "607")
		time.Sleep(3 * time.Second)
		r.take()
		time.Sleep(timerB)
		r.want("35.05s voice 1 closed", "35.05s BYE")
		time.Sleep(timerB)
		r.ended()
	})
	in(t, "a slow answer to the hold does not lose the resume", func(t *testing.T) {
		r := answeredCall(t, "607")
		time.Sleep(3 * time.Second)
		r.take()
		time.Sleep(5 * time.Second)
		r.want()
		r.respond(200, offerText("a", recvonly))
		r.want("8.05s ACK", "8.05s voice 1 plays echo", "8.05s voice 1 plays echo", "8.05s INVITE sendrecv")
		r.respond(200, offerText("a", sendrecv))
		r.want("8.05s ACK", "8.05s voice 1 plays echo")
		r.request("BYE", 2, "")
		r.ended()
	})
	in(t, "a repeated 200 gets its ACK again", func(t *testing.T) {
		r := answeredCall(t, "607")
		time.Sleep(3 * time.Second)
		r.take()
		ours := r.last().(*sip.Request)
		for range 2 {
			res := sip.NewResponseFromRequest(ours, 200, "OK", nil)
			setSDP(res, offerText("a", recvonly))
			r.put(res)
		}
		r.want("3.05s ACK", "3.05s voice 1 plays music", "3.05s ACK")
		r.request("BYE", 2, "")
		r.ended()
	})
}

func TestLosses(t *testing.T) {
	in(t, "the flow, while ringing", func(t *testing.T) {
		r := startCall(t, "605", offerText("a", sendrecv))
		r.take()
		r.c.inbox.put(input{from: r.journal})
		r.want("0s voice 1 closed")
		r.ended()
	})
	in(t, "the flow, in the call, for good", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.c.inbox.put(input{from: r.journal})
		time.Sleep(DefaultFlowGrace)
		r.want("32.05s voice 1 closed")
		r.ended()
	})
	in(t, "the flow and then the media", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.c.inbox.put(input{from: r.journal})
		close(r.voices[0].gone)
		time.Sleep(mediaGrace)
		r.want("2.05s voice 1 closed")
		r.ended()
	})
	in(t, "the flow, and the phone is back on another", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.c.inbox.put(input{from: r.journal})
		time.Sleep(DefaultFlowGrace / 2)
		other := &journal{start: r.start}
		r.c.inbox.put(input{other, phoneRequest(t, "OPTIONS", 2, "z9hG4bKo", r.c.dlg.localTag, "")})
		time.Sleep(DefaultFlowGrace)
		if got := other.take(); len(got) != 1 || got[0] != "16.05s 200 OPTIONS" {
			t.Errorf("on the new flow: %q", got)
		}
		r.c.inbox.put(input{from: r.journal}) // the old flow's end, told late
		time.Sleep(2 * DefaultFlowGrace)
		r.request("BYE", 3, "")
		r.want("1m52.05s 200 BYE", "1m52.05s voice 1 closed")
		r.ended()
	})
	in(t, "the media, with a BYE soon after", func(t *testing.T) {
		r := answeredCall(t, "600")
		close(r.voices[0].gone)
		time.Sleep(mediaGrace / 2)
		r.request("BYE", 2, "")
		r.want("1.05s 200 BYE", "1.05s voice 1 closed")
		r.ended()
	})
	in(t, "the media, without", func(t *testing.T) {
		r := answeredCall(t, "600")
		close(r.voices[0].gone)
		time.Sleep(mediaGrace)
		r.want("2.05s voice 1 closed", "2.05s BYE")
		r.respond(200, "")
		r.ended()
	})
	in(t, "the media, while ringing", func(t *testing.T) {
		r := startCall(t, "605", offerText("a", sendrecv))
		close(r.voicesWhenReady()[0].gone)
		time.Sleep(mediaGrace)
		r.want("0s 180 INVITE", "2s 500 INVITE", "2s voice 1 closed")
		r.ended()
	})
}

func (r *rig) voicesWhenReady() []*fakeVoice {
	synctest.Wait()
	return r.voices
}

func TestShutdown(t *testing.T) {
	in(t, "ringing", func(t *testing.T) {
		r := startCall(t, "605", offerText("a", sendrecv))
		r.take()
		r.cancel()
		r.want("0s 503 INVITE", "0s voice 1 closed")
		r.ended()
	})
	in(t, "talking, and the phone answers", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.cancel()
		r.want("50ms voice 1 closed", "50ms BYE")
		r.respond(200, "")
		r.ended()
	})
	in(t, "talking, and the phone does not", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.cancel()
		time.Sleep(shutdownGrace)
		r.want("50ms voice 1 closed", "50ms BYE")
		r.ended()
	})
	in(t, "already hanging up", func(t *testing.T) {
		r := answeredCall(t, "606")
		time.Sleep(4 * time.Second)
		r.take()
		r.cancel()
		time.Sleep(shutdownGrace)
		r.ended()
	})
}

func TestRequestsInTheDialog(t *testing.T) {
	in(t, "are answered", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.request("OPTIONS", 2, "")
		r.request("NOTIFY", 3, "")
		r.request("INFO", 4, "")
		r.request("MESSAGE", 5, "")
		r.request("REFER", 6, "")
		r.request("OPTIONS", 6, "") // a number that was used
		r.want("50ms 200 OPTIONS", "50ms 200 NOTIFY", "50ms 200 INFO", "50ms 405 MESSAGE", "50ms 405 REFER",
			"50ms 500 OPTIONS")
		r.request("BYE", 7, "")
		r.ended()
	})
	in(t, "a repeated INVITE gets the last response", func(t *testing.T) {
		r := startCall(t, "600", offerText("a", sendrecv))
		r.put(phoneRequest(t, "INVITE", 1, "z9hG4bKinvite", "", offerText("a", sendrecv)))
		r.want("0s 180 INVITE", "0s 180 INVITE")
		time.Sleep(DefaultRingTime)
		r.take()
		r.put(phoneRequest(t, "INVITE", 1, "z9hG4bKinvite", "", offerText("a", sendrecv)))
		r.want("50ms 200 INVITE sendrecv")
		r.request("BYE", 2, "")
		r.ended()
	})
	in(t, "a CANCEL after the answer changes nothing", func(t *testing.T) {
		r := answeredCall(t, "600")
		r.put(phoneRequest(t, "CANCEL", 1, "z9hG4bKinvite", "", ""))
		r.want("50ms 200 CANCEL")
		r.request("BYE", 2, "")
		r.want("50ms 200 BYE", "50ms voice 1 closed")
		r.ended()
	})
	in(t, "both hang up at once", func(t *testing.T) {
		r := answeredCall(t, "606")
		time.Sleep(3 * time.Second)
		r.request("OPTIONS", 2, "")
		r.request("BYE", 3, "")
		r.want("3.05s voice 1 closed", "3.05s BYE", "3.05s 481 OPTIONS", "3.05s 200 BYE")
		r.ended()
	})
	in(t, "what comes too late is answered", func(t *testing.T) {
		r := answeredCall(t, "600")
		// Both at one stroke: a BYE alone ends the call at once, and what comes
		// afterwards is answered by the server instead.
		box := r.c.inbox
		box.mu.Lock()
		for i, method := range []string{"BYE", "OPTIONS"} {
			req := phoneRequest(t, method, 2+i, "z9hG4bKlate"+method, r.c.dlg.localTag, "")
			box.items = append(box.items, input{r.journal, req})
		}
		box.signal()
		box.mu.Unlock()
		got := r.take()
		if !slices.Contains(got, "50ms 481 OPTIONS") {
			t.Errorf("got %q", got)
		}
		r.ended()
		if r.c.inbox.put(input{from: r.journal}) {
			t.Error("a call that has ended took something")
		}
	})
}

func TestInfoDigit(t *testing.T) {
	for body, want := range map[string]string{
		"Signal=5\r\nDuration=160\r\n": "5",
		"signal = #\n":                 "#",
		"Signal=11\r\n":                "#",
		"Signal=10\r\n":                "*",
		"a":                            "A",
		"12":                           "",
		"":                             "",
		"Signal=\r\n":                  "",
		"Signal=X\r\n":                 "",
	} {
		got := ""
		if d, ok := infoDigit(body); ok {
			got = string(d)
		}
		if got != want {
			t.Errorf("infoDigit(%q) = %q, want %q", body, got, want)
		}
	}
}
