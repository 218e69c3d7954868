package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// overBoth runs a test over ws and over wss.
func overBoth(t *testing.T, test func(t *testing.T, scheme string)) {
	for _, scheme := range []string{"ws", "wss"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			test(t, scheme)
		})
	}
}

// TestCalls goes through what can become of a call.
func TestCalls(t *testing.T) {
	t.Parallel()
	l := Start(t, Config{})
	for name, test := range map[string]func(*testing.T, *Lab, string){
		"echo":                testEcho,
		"PCMA":                testPCMA,
		"early media":         testEarlyMedia,
		"refused":             testRefused,
		"cancelled":           testCancelled,
		"interrupted":         testInterrupted,
		"ring timeout":        testRingTimeout,
		"silent PBX":          testSilentPBX,
		"remote BYE":          testRemoteBye,
		"hold":                testHold,
		"hold at a 2nd try":   testHoldAtTheSecondTry,
		"requests of the PBX": testRequests,
		"late offer":          testLateOffer,
		"closed by the SBC":   testClosedWebSocket,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(t *testing.T, scheme string) { test(t, l, scheme) })
		})
	}
	// baresip takes one call at a time.
	t.Run("with baresip", func(t *testing.T) {
		t.Parallel()
		for name, test := range map[string]func(*testing.T, *Lab, string){
			"answered": testAnswered, "digits": testDigits, "mute": testMute,
			"our hold": testOurHold, "hold of both": testBothHold, "lawful ending": testFarewell,
		} {
			for _, scheme := range []string{"ws", "wss"} {
				t.Run(name+" over "+scheme, func(t *testing.T) { test(t, l, scheme) })
			}
		}
	})
}

// reserve takes a turn with baresip until the test's end.
func reserve(t *testing.T, l *Lab) {
	t.Helper()
	release, err := l.Baresip.Reserve(within(t, 2*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
}

// baresipHeard waits for the end of the call at baresip and reads its
// recording.
func baresipHeard(c *phoneCall) []int16 {
	c.t.Helper()
	if _, err := c.lab.Baresip.Wait(c.ctx, c.messages()[0].CallID(), "CALL_CLOSED"); err != nil {
		c.t.Fatal(err)
	}
	file, err := c.lab.Baresip.Heard()
	if err != nil {
		c.t.Fatal(err)
	}
	pcm, rate, err := ReadWAV(file)
	if err != nil || rate != 8000 {
		c.t.Fatalf("baresip recorded at %d Hz: %v", rate, err)
	}
	return pcm
}

// testAnswered is the ordinary call, with a phone of another make at the far
// end: both ends hear each other, and both know that it is over.
func testAnswered(t *testing.T, l *Lab, scheme string) {
	reserve(t, l)
	c := place(t, l, l.URL(scheme), NumberBaresip, "--hangup-after", "4s")
	s := c.finish(0, "hangup", "Connecting Trying Ringing InCall Clear")
	if !s.Answered || !s.Local || s.Codec == "" || s.Lost > 0 {
		t.Errorf("%+v", s)
	}
	c.signalIn("baresip's recording", MicSignal(), baresipHeard(c), 8000, 3*time.Second)
	c.signalIn("the phone's recording", PBXSignal(), c.heard(), 48000, 3*time.Second)
	sent := l.FromPhone(c.recording())
	c.signalIn("the relay's recording", MicSignal(), DecodeG711(sent), 8000, 3*time.Second)
	c.checkStream(sent)

	invite := c.sees("the INVITE", true, isRequest("INVITE"))
	for _, bad := range []string{"c=IN IP4 0.0.0.0", "\r\nm=audio 9 "} {
		if strings.Contains(invite.Body(), bad) {
			t.Errorf("the offer has no default candidate (RFC 8839 section 4.2.1.2): it says %q", bad)
		}
	}
	if !strings.Contains(invite.Body(), "a=candidate:") {
		t.Error("the offer has no candidates")
	}
	if to := invite.StartLine(); to != fmt.Sprintf("INVITE sip:%s@%s SIP/2.0", NumberBaresip, l.Realm) {
		t.Errorf("the call was for %q", to)
	}
	if got, want := invite.Header("Via"), "SIP/2.0/"+strings.ToUpper(scheme)+" "; !strings.HasPrefix(got, want) {
		t.Errorf("Via: %s", got)
	}
	if n := c.count("INVITE"); n != 1 {
		t.Errorf("%d INVITEs", n)
	}
	if n := c.count("REGISTER"); n != 0 {
		t.Errorf("%d REGISTERs", n)
	}
	c.sees("the ACK", true, isRequest("ACK"))
	c.sees("the BYE", true, isRequest("BYE"))
	c.sees("the answer to BYE", false, response(200, "BYE"))
}

func testEcho(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberEcho, "--hangup-after", "3s")
	c.finish(0, "hangup", "Connecting Trying InCall Clear")
	c.signalIn("what came back", MicSignal(), c.heard(), 48000, 2*time.Second)
}

func testPCMA(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberAnswer, "--hangup-after", "3s", "--codec", "pcma")
	if s := c.finish(0, "hangup", "Connecting Trying InCall Clear"); s.Codec != "pcma" && s.Codec != "pcmu" {
		t.Errorf("the codec is %q", s.Codec)
	}
	offer := c.sees("the INVITE", true, isRequest("INVITE")).Body()
	_, media, _ := strings.Cut(offer, "\r\nm=audio ")
	line, _, _ := strings.Cut(media, "\r\n")
	if f := strings.Fields(line); len(f) < 3 || f[2] != "8" {
		t.Errorf("PCMA does not come first in the offer: m=audio %s", line)
	}
	c.signalIn("the relay's recording", MicSignal(), DecodeG711(l.FromPhone(c.recording())), 8000, 2*time.Second)
}

// testEarlyMedia: the PBX plays 3 s of sound before it answers.
func testEarlyMedia(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberEarly, "--hangup-after", "1s", "--events", "all")
	early, answered := c.await("EarlyMedia"), c.await("InCall")
	if d := answered.At.Sub(early.At); d < 2*time.Second {
		t.Errorf("sound was heard %v before the answer, want almost 3 s", d)
	}
	s := c.finish(0, "hangup", "Connecting Trying Ringing InCall Clear")
	if !s.EarlyMedia {
		t.Error("the summary knows of no early media")
	}
	// Without the early part there would be 1 s.
	c.signalIn("the phone's recording", PBXSignal(), c.heard(), 48000, 3500*time.Millisecond)
}

// testRefused: the final codes and what the phone makes of them.
func testRefused(t *testing.T, l *Lab, scheme string) {
	for _, r := range []struct {
		sip    int
		number string
		code   string
	}{
		{486, NumberReject(486), "busy"}, {600, NumberReject(600), "busy"},
		{404, NumberReject(404), "not-found"}, {404, NumberUnknown, "not-found"},
		{603, NumberReject(603), "declined"}, {480, NumberReject(480), "unavailable"},
		{488, NumberReject(488), "not-acceptable"}, {403, NumberReject(403), "forbidden"},
		{500, NumberReject(500), "server-error"}, {503, NumberReject(503), "server-error"},
	} {
		t.Run(r.number, func(t *testing.T) {
			t.Parallel()
			c := place(t, l, l.URL(scheme), r.number)
			events := "Connecting Trying Clear"
			if r.number == NumberUnknown {
				events = "Connecting Clear" // the SBC itself refuses, without a 100
			}
			if s := c.finish(1, r.code, events); s.SIP != r.sip || s.Answered {
				t.Errorf("%+v", s)
			}
			c.sees("the ACK", true, isRequest("ACK"))
		})
	}
}

// testCancelled: Ctrl-C while it rings.
func testCancelled(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberRing)
	c.await("Ringing")
	c.Interrupt()
	c.finish(1, "cancelled", "Connecting Trying Ringing Clear")
	c.sees("the CANCEL", true, isRequest("CANCEL"))
	c.sees("the answer to CANCEL", false, response(200, "CANCEL"))
	c.sees("the 487", false, response(487, "INVITE"))
	c.sees("the ACK", true, isRequest("ACK"))
}

// testInterrupted: Ctrl-C in a call ends it as hanging up does.
func testInterrupted(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberAnswer)
	c.await("InCall")
	c.Interrupt()
	c.finish(0, "hangup", "Connecting Trying InCall Clear")
	c.sees("the BYE", true, isRequest("BYE"))
	c.sees("the answer to BYE", false, response(200, "BYE"))
}

func testRingTimeout(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberRing, "--ring-timeout", "1s")
	c.finish(1, "no-answer", "Connecting Trying Ringing Clear")
	c.sees("the 487", false, response(487, "INVITE"))
	c.sees("the ACK", true, isRequest("ACK"))
}

func testSilentPBX(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberSilent)
	if s := c.finish(1, "no-answer", "Connecting Trying Clear"); s.SIP != 408 {
		t.Errorf("%+v", s)
	}
}

// testRemoteBye: the far end hangs up 3 s after the answer.
func testRemoteBye(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberBye)
	answered := c.await("InCall")
	s := c.finish(0, "remote-hangup", "Connecting Trying Ringing InCall Clear")
	if s.Local || !s.Answered {
		t.Errorf("%+v", s)
	}
	if d := c.await("Clear").At.Sub(answered.At); d < 2*time.Second || d > 15*time.Second {
		t.Errorf("the call lasted %v, want 3 s", d)
	}
	c.sees("the answer to the PBX's BYE", true, response(200, "BYE"))
	if n := c.count("BYE"); n != 0 {
		t.Errorf("the phone sent %d BYEs of its own", n)
	}
	c.signalIn("the phone's recording", PBXSignal(), c.heard(), 48000, 2*time.Second)
}

// testHold: the PBX holds at 2 s and resumes at 4 s, in four ways.
func testHold(t *testing.T, l *Lab, scheme string) {
	for _, h := range []struct {
		name, number, method string
		answer               string // our direction while held
		music                bool   // the PBX plays on
	}{
		{"sendonly", NumberHold, "INVITE", "recvonly", true},
		{"inactive", NumberHoldInactive, "INVITE", "inactive", false},
		{"by UPDATE", NumberHoldUpdate, "UPDATE", "recvonly", true},
		{"zero address", NumberHoldZero, "INVITE", "recvonly", false},
	} {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			c := place(t, l, l.URL(scheme), h.number, "--hangup-after", "6500ms", "--events", "all")
			c.finish(0, "hangup", "Connecting Trying Ringing InCall Clear")
			held := c.sees("the answer to hold", true, inDialog(h.method, 2))
			asked := c.sees("the request to resume", false, func(m Message) bool {
				n, _ := m.CSeq()
				return m.Method() == h.method && n == 3
			})
			resumed := c.sees("the answer to resume", true, inDialog(h.method, 3))
			if got := held.Direction(); got != h.answer {
				t.Errorf("while held our direction was %q, want %q", got, h.answer)
			}
			if got := resumed.Direction(); got != "sendrecv" {
				t.Errorf("after the resume our direction was %q", got)
			}
			checkHoldEvents(c)

			// What we sent: the signal, then nothing, then the signal again.
			sent := l.FromPhone(c.recording())
			// It may begin again with the request to resume: our first packet and
			// our answer go through different programs of the SBC, and the packet
			// has been recorded 0.3 ms before the answer.
			const settle = 300 * time.Millisecond
			during := Between(sent, held.At.Add(settle), asked.At)
			if r := MicSignal().Check(DecodeG711(during), 8000); r.Heard || len(during) > 5 {
				t.Errorf("while held we sent %d packets: %+v", len(during), r)
			}
			c.signalIn("sent before the hold", MicSignal(), DecodeG711(Between(sent, time.Time{}, held.At)), 8000, time.Second)
			c.signalIn("sent after the resume", MicSignal(), DecodeG711(Between(sent, resumed.At.Add(settle), resumed.At.Add(time.Hour))), 8000, time.Second)

			// What we heard.
			r := PBXSignal().Check(c.heard(), 48000)
			gap, want := r.LongestGap(), 1500*time.Millisecond
			if h.music && gap > 700*time.Millisecond || !h.music && (gap < want || gap > want+1500*time.Millisecond) {
				t.Errorf("music on hold: %v; the longest gap in what we heard is %v%s", h.music, gap, PBXSignal().Timeline(c.heard(), 48000))
			}
			if r.Span < 5*time.Second {
				t.Errorf("we heard the PBX for %v", r.Span)
			}
		})
	}
}

// inDialog is our 200 to the PBX's request with this CSeq.
func inDialog(method string, cseq int) func(Message) bool {
	return func(m Message) bool {
		n, of := m.CSeq()
		// The INVITE of our own has another number.
		return m.Status() == 200 && of == method && n == cseq
	}
}

func checkHoldEvents(c *phoneCall) {
	c.t.Helper()
	var got []string
	for _, ev := range c.Events() {
		if ev.Type == "RemoteHold" {
			got = append(got, fmt.Sprint(strings.Contains(string(ev.Data), `"on":true`)))
		}
	}
	if s := strings.Join(got, " "); s != "true false" {
		c.t.Errorf("the phone told of hold: %q", s)
	}
}

// testDigits: RFC 4733, as recognised by baresip and as it was on the wire.
func testDigits(t *testing.T, l *Lab, scheme string) {
	const digits = "159*0#"
	reserve(t, l)
	c := place(t, l, l.URL(scheme), NumberBaresip, "--dtmf", digits, "--hangup-after", "4s")
	if s := c.finish(0, "hangup", "Connecting Trying Ringing InCall Clear"); s.Digits != digits {
		t.Errorf("the summary says that %q was sent", s.Digits)
	}
	if got := l.Baresip.Digits(c.messages()[0].CallID()); got != digits {
		t.Errorf("baresip recognised %q, want %q", got, digits)
	}
	answer := c.sees("the 200", false, response(200, "INVITE"))
	sent := l.FromPhone(c.recording())
	var keys strings.Builder
	for _, d := range Digits(sent, eventType(t, answer.Body())) {
		keys.WriteRune(d.Key)
		if d.Duration < 70*time.Millisecond || d.Duration > 500*time.Millisecond || d.Ends != 3 {
			t.Errorf("on the wire: %c for %v, %d packets with the end bit", d.Key, d.Duration, d.Ends)
		}
	}
	if keys.String() != digits {
		t.Errorf("on the wire: %q", keys.String())
	}
	c.checkStream(sent)
}

// testMute: from 1.5 s to 3.5 s after the answer the PBX must hear silence,
// and the microphone before and after.
func testMute(t *testing.T, l *Lab, scheme string) {
	reserve(t, l)
	c := place(t, l, l.URL(scheme), NumberBaresip, "--mute-after", "1500ms", "--unmute-after", "3500ms", "--hangup-after", "5500ms", "--events", "all")
	c.finish(0, "hangup", "Connecting Trying Ringing InCall Clear")
	var confirmed []time.Time
	for _, ev := range c.Events() {
		if ev.Type == "Mute" {
			confirmed = append(confirmed, ev.At)
		}
	}
	if len(confirmed) != 2 {
		t.Fatalf("%d confirmations of mute", len(confirmed))
	}
	sent := l.FromPhone(c.recording())
	// Between the confirmations there is not one frame of sound, but for what
	// was on its way then, and the time that the events took to be read here.
	const onWay = 100 * time.Millisecond
	muted := DecodeG711(Between(sent, confirmed[0].Add(onWay), confirmed[1].Add(-onWay)))
	if r := MicSignal().Check(muted, 8000); r.Heard || r.Unclear > 0 || r.Length < 1500*time.Millisecond {
		t.Errorf("while muted the relay recorded %+v%s", r, MicSignal().Timeline(muted, 8000))
	}
	c.checkStream(sent) // packets go on, so that the path stays open

	pcm := baresipHeard(c)
	r := MicSignal().Check(pcm, 8000)
	if gap := r.LongestGap(); r.Foreign > 0 || gap < 1900*time.Millisecond || gap > 2700*time.Millisecond {
		t.Errorf("baresip heard silence for %v, want 2 s and the signal's own pauses%s", gap, MicSignal().Timeline(pcm, 8000))
	}
	if r.Span < 4500*time.Millisecond {
		t.Errorf("baresip heard the microphone for %v%s", r.Span, MicSignal().Timeline(pcm, 8000))
	}
	c.signalIn("the phone's recording", PBXSignal(), c.heard(), 48000, 4*time.Second)
}

// testRequests: what the PBX may ask within a call, each answered on the flow
// of the call.
func testRequests(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberRequests)
	c.finish(0, "remote-hangup", "Connecting Trying InCall Clear")
	refusal := c.sees("the 405", true, response(405, "UNHEARDOF"))
	for _, method := range []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "NOTIFY", "UPDATE"} {
		if !strings.Contains(refusal.Header("Allow"), method) {
			t.Errorf("Allow lacks %s: %s", method, refusal.Header("Allow"))
		}
	}
	c.sees("the answer to OPTIONS", true, response(200, "OPTIONS"))
	c.sees("the answer to INFO", true, response(200, "INFO"))
	c.sees("the answer to NOTIFY", true, response(200, "NOTIFY"))
	ports := map[string]bool{}
	for _, m := range c.messages() {
		if m.WebSocket() && m.Received {
			ports[m.Src] = true
		}
	}
	if len(ports) != 1 {
		t.Errorf("the phone used the flows %v", ports)
	}
}

// testLateOffer: a PBX that re-INVITEs without SDP, as after a transfer, is
// given an offer, and the sound goes on both ways.
func testLateOffer(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberLateOffer, "--hangup-after", "5s")
	c.finish(0, "hangup", "Connecting Trying InCall Clear")
	offer := c.sees("the offer", true, inDialog("INVITE", 2))
	if offer.Direction() != "sendrecv" || !strings.Contains(offer.Body(), "a=setup:actpass") {
		t.Errorf("our offer is\n%s", offer.Body())
	}
	const settle = 500 * time.Millisecond
	sent := Between(l.FromPhone(c.recording()), offer.At.Add(settle), offer.At.Add(time.Hour))
	c.signalIn("sent after the late offer", MicSignal(), DecodeG711(sent), 8000, 1500*time.Millisecond)
	c.signalIn("the phone's recording", PBXSignal(), c.heard(), 48000, 4*time.Second)
}

// testClosedWebSocket: the SBC closes the connection in mid-call.
func testClosedWebSocket(t *testing.T, l *Lab, scheme string) {
	c := place(t, l, l.URL(scheme), NumberAnswer, "--hangup-after", "25s")
	c.await("InCall")
	port := portOf(t, c.sees("the ACK", true, isRequest("ACK")).Src)
	cut := time.Now()
	if err := l.Kamailio.CloseWebSocketFrom(c.ctx, port); err != nil {
		t.Fatal(err)
	}
	c.finish(1, "flow-lost", "Connecting Trying InCall Clear")
	if d := c.await("Clear").At.Sub(cut); d > 10*time.Second {
		t.Errorf("Clear came %v after the connection was closed", d)
	}
}

// TestServerGone: the SBC is killed in mid-call. A process's end closes its
// sockets, so the phone is told by a reset.
func TestServerGone(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, scheme string) {
		l := Start(t, Config{Agents: []string{"answer"}, NoBaresip: true})
		c := place(t, l, l.URL(scheme), NumberAnswer, "--hangup-after", "25s")
		c.await("InCall")
		cut := time.Now()
		l.Kamailio.Kill()
		c.finish(1, "flow-lost", "Connecting Trying InCall Clear")
		if d := c.await("Clear").At.Sub(cut); d > 10*time.Second {
			t.Errorf("Clear came %v after the end of the server", d)
		}
	})
}

// TestPings: an SBC that pings every other second keeps the connections of a
// phone that answers. Kamailio has a race (see Config.Ping), which may take one
// connection; a phone that does not answer would lose all.
func TestPings(t *testing.T) {
	t.Parallel()
	l := Start(t, Config{Ping: 1, Agents: []string{"answer"}, NoBaresip: true})
	var calls []*phoneCall
	for range 3 {
		calls = append(calls, place(t, l, l.URL("ws"), NumberAnswer, "--hangup-after", "7s"))
	}
	kept := 0
	for _, c := range calls {
		status, err := c.Wait(c.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if status == 0 {
			kept++
		}
	}
	if kept == 0 {
		t.Error("none of 3 calls lived through 7 s of pings")
	}
}

// TestDigest: both algorithms, the right password, a wrong one, and none.
func TestDigest(t *testing.T) {
	t.Parallel()
	for _, a := range []struct {
		name string
		auth Auth
	}{
		{"MD5", Auth{Algorithm: "MD5"}},
		{"MD5 without qop", Auth{Algorithm: "MD5", NoQOP: true}},
		{"SHA-256", Auth{Algorithm: "SHA-256"}},
	} {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			a.auth.User, a.auth.Password = "counsellor", "correct horse"
			l := Start(t, Config{Auth: &a.auth, Agents: []string{"answer"}, NoBaresip: true})
			for _, c := range []struct {
				name, password string
				flags          []string
				invites        int
				ok             bool
			}{
				{"right", a.auth.Password, nil, 2, true},
				{"right after REGISTER", a.auth.Password, []string{"NXPHONE_REGISTER=true"}, 2, true},
				{"wrong", "battery staple", nil, 2, false},
				{"none", "", nil, 1, false},
			} {
				t.Run(c.name, func(t *testing.T) { testPassword(t, l, a.auth, c.password, c.flags, c.invites, c.ok) })
			}
		})
	}
}

func testPassword(t *testing.T, l *Lab, auth Auth, password string, flags []string, invites int, ok bool) {
	flags = append(flags, "--user", auth.User, "--hangup-after", "1s")
	if password != "" {
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--password-file", file)
	}
	c := place(t, l, l.URL("wss"), NumberAnswer, flags...)
	if ok {
		c.finish(0, "hangup", "Connecting Trying InCall Clear")
	} else if s := c.finish(1, "unauthorized", "Connecting Clear"); s.SIP != 407 {
		t.Errorf("%+v", s)
	}
	if n := c.count("INVITE"); n != invites {
		t.Errorf("%d INVITEs, want %d\n%s", n, invites, Ladder(c.messages()))
	}
	if invites == 2 {
		second := c.sees("the INVITE with credentials", true, func(m Message) bool {
			return m.Method() == "INVITE" && m.Header("Proxy-Authorization") != ""
		})
		credentials := second.Header("Proxy-Authorization")
		for text, want := range map[string]bool{"SHA-256": auth.Algorithm == "SHA-256", "qop=": !auth.NoQOP, password: false} {
			if strings.Contains(credentials, text) != want {
				t.Errorf("credentials with %q: %s", text, credentials)
			}
		}
	}
	if strings.Contains(c.Log(), auth.Password) {
		t.Error("the password is in what the phone printed")
	}
	c.checkRegistered(len(flags) > 0 && strings.HasPrefix(flags[0], "NXPHONE_REGISTER"))
}

// checkRegistered looks for a REGISTER that was accepted.
func (c *phoneCall) checkRegistered(want bool) {
	c.t.Helper()
	all, err := c.lab.Trace.Messages()
	if err != nil {
		c.t.Fatal(err)
	}
	got := false
	for _, m := range all {
		_, method := m.CSeq()
		got = got || method == "REGISTER" && m.Status() == 200 && strings.Contains(m.Header("From"), "sip:"+c.dn+"@")
	}
	if got != want {
		c.t.Errorf("registered: %v, want %v", got, want)
	}
}

// TestCertificates: what the phone must not trust. The SBC sees no SIP then.
func TestCertificates(t *testing.T) {
	t.Parallel()
	l := Start(t, Config{Agents: []string{"answer"}, NoBaresip: true})
	for _, c := range []struct{ name, url, ca string }{
		{"signed by another CA", l.URL("wss"), l.OtherCA},
		{"no CA given", l.URL("wss"), ""},
		{"for another name", l.URLWithFault("other-name"), l.CA},
		{"expired", l.URLWithFault("expired"), l.CA},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			call := place(t, l, c.url, NumberAnswer, "--ca", c.ca)
			s := call.finish(1, "certificate", "Connecting Clear")
			if s.Phrase == "" {
				t.Error("the summary does not say what is wrong with the certificate")
			}
			if !strings.Contains(call.Log(), "certificate") {
				t.Errorf("the phone's words say nothing of the certificate:\n%s", call.Log())
			}
			if msgs := call.messages(); len(msgs) > 0 {
				t.Errorf("the SBC was sent\n%s", Ladder(msgs))
			}
		})
	}
}

// TestServerNotThere: Connecting and Clear within 10 s, whatever the reason.
func TestServerNotThere(t *testing.T) {
	t.Parallel()
	l := Start(t, Config{Agents: []string{"answer"}, NoBaresip: true})
	silent := map[string]string{}
	for _, scheme := range []string{"ws", "wss"} {
		url, err := l.URLSilent(scheme)
		if err != nil {
			t.Fatal(err)
		}
		silent[scheme] = url
	}
	for _, c := range []struct{ name, url, code string }{
		{"nobody listens", l.URLNobody(), "server-unreachable"},
		{"no such name", "ws://no-such-host.invalid:80", "server-unreachable"},
		{"silent after TCP, ws", silent["ws"], "server-unreachable"},
		{"silent after TCP, wss", silent["wss"], "server-unreachable"},
		{"TLS where there is none", "wss" + strings.TrimPrefix(l.URL("ws"), "ws"), "server-unreachable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			call := place(t, l, c.url, NumberAnswer)
			began := call.await("Connecting")
			call.finish(1, c.code, "Connecting Clear")
			if d := call.await("Clear").At.Sub(began.At); d > 10*time.Second {
				t.Errorf("Clear came after %v", d)
			}
		})
	}
}

// TestHandshake: an SBC that wants an Origin and a path.
func TestHandshake(t *testing.T) {
	t.Parallel()
	const origin, path = "https://counsel.example", "/sip/ws?a=b"
	l := Start(t, Config{Origin: origin, Path: path, Agents: []string{"answer"}, NoBaresip: true})
	for _, c := range []struct {
		name, url, origin string
		ok                bool
	}{
		{"as wanted, ws", l.URL("ws"), origin, true},
		{"as wanted, wss", l.URL("wss"), origin, true},
		{"no Origin", l.URL("wss"), "", false},
		{"another Origin", l.URL("wss"), "https://evil.example", false},
		{"another path", strings.TrimSuffix(l.URL("wss"), path), origin, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			flags := []string{"--hangup-after", "500ms"}
			if c.origin != "" {
				flags = append(flags, "NXPHONE_ORIGIN="+c.origin)
			}
			call := place(t, l, c.url, NumberAnswer, flags...)
			if c.ok {
				call.finish(0, "hangup", "Connecting Trying InCall Clear")
			} else {
				call.finish(1, "handshake", "Connecting Clear")
			}
		})
	}
}
