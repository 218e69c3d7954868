package demosbc

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// These tests have a phone with ears: pion at both ends, over loopback.

// talk answers a number that rings and answers, and connects the sound.
func talk(t testing.TB, p *phone, m *mouth, number string) *leg {
	t.Helper()
	l := p.leg(number)
	l.invite(m.offer)
	l.expect(100)
	l.expect(180)
	res := l.expect(200)
	l.ack(res)
	m.answer(string(res.Body()))
	return l
}

// sayAll sends packets in real time.
func (m *mouth) sayAll(pt uint8, clock int, packets [][]byte) {
	m.t.Helper()
	ticker := time.NewTicker(packetDur)
	defer ticker.Stop()
	for i, p := range packets {
		m.say(pt, uint32(i*clock/50), p)
		<-ticker.C
	}
}

// listen decodes what comes for d.
func (m *mouth) listen(name codec.Name, pt uint8, d time.Duration) []int16 {
	m.t.Helper()
	dec, err := codec.NewDecoder(name)
	if err != nil {
		m.t.Fatal(err)
	}
	defer dec.Close()
	var all []int16
	pcm := make([]int16, codec.MaxSamples)
	for len(all) < int(d*audio.Rate/time.Second) {
		p := m.hear()
		if p.PayloadType != pt {
			m.t.Fatalf("payload type %d, want %d", p.PayloadType, pt)
		}
		n, err := dec.Decode(p.Payload, pcm)
		if err != nil {
			m.t.Fatal(err)
		}
		all = append(all, pcm[:n]...)
	}
	return all
}

// forget drops what was heard so far.
func (m *mouth) forget() {
	for {
		select {
		case <-m.heard:
		default:
			return
		}
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		codecs []string
		cfg    Config
		pt     uint8
		edit   func(string) string
		answer string // a line that the answer must have
	}{
		{name: "opus", codecs: []string{"opus", "pcmu", "pcma", "event48", "event8"}, pt: 96,
			answer: "m=audio \\d+ UDP/TLS/RTP/SAVPF 96 0 8 105 101"},
		{name: "pcma first", codecs: []string{"pcma", "opus", "event8"}, pt: 8,
			answer: "m=audio \\d+ UDP/TLS/RTP/SAVPF 8 96 101"},
		{name: "pcmu only", codecs: []string{"pcmu"}, pt: 0, answer: "m=audio \\d+ UDP/TLS/RTP/SAVPF 0"},
		{name: "passive DTLS", cfg: Config{PassiveDTLS: true}, pt: 96, answer: "a=setup:passive"},
		{name: "the phone is passive", pt: 96, answer: "a=setup:active",
			edit: func(s string) string { return strings.Replace(s, "a=setup:actpass", "a=setup:passive", 1) }},
		{name: "mDNS candidates only", pt: 96, answer: "a=rtcp-mux",
			edit: func(s string) string {
				return regexp.MustCompile(`(a=candidate:\S+ \d udp \d+) \S+`).ReplaceAllString(s, "$1 4f2c5a3e-9b1d.local")
			}},
		{name: "no candidates, video beside", pt: 96, answer: "m=video 0 UDP/TLS/RTP/SAVPF 97",
			edit: func(s string) string {
				return regexp.MustCompile(`a=candidate:.*\r\n`).ReplaceAllString(s, "") +
					"m=video 9 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtpmap:97 VP8/90000\r\n"
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, c.cfg)
			ws, _ := s.URLs()
			p := dial(t, s, ws)
			mc := mouthConfig{edit: c.edit}
			if c.codecs != nil {
				mc.codecs = testCodecs(c.codecs...)
			}
			m := newMouth(t, mc)
			l := p.leg("600")
			l.invite(m.offer)
			l.expect(100)
			l.expect(180)
			res := l.expect(200)
			l.ack(res)
			answer := string(res.Body())
			if !regexp.MustCompile("(?m)^" + c.answer + "\r$").MatchString(answer) {
				t.Errorf("no %q in\n%s", c.answer, answer)
			}
			// pion wants the same sections back as it offered.
			if i := strings.Index(answer, "m=video"); i >= 0 {
				answer = answer[:i]
			}
			m.answer(answer)
			last := m.settle(c.pt)
			for i := range 5 {
				m.say(c.pt, uint32(1000+960*i), []byte{1, 2, byte(i)})
			}
			for i := range 5 {
				got := m.hear()
				if string(got.Payload) != string([]byte{1, 2, byte(i)}) || got.PayloadType != c.pt ||
					got.SequenceNumber != last.SequenceNumber+1+uint16(i) || got.SSRC != last.SSRC {
					t.Errorf("packet %d is %v", i, got)
				}
			}
			l.bye()
			eventually(t, "no calls", func() bool { return s.Calls() == 0 })
			stats, ok := s.Stats(l.callID)
			if !ok || stats.Packets < 6 || stats.Bytes != 15+2*(stats.Packets-5) || stats.Sources != 1 {
				t.Errorf("stats %+v, %v", stats, ok)
			}
		})
	}
}

func TestEchoOfDigitsAndSources(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{RingTime: NoRing})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := talk(t, p, m, "600")
	first := m.settle(96)
	for i := range 3 {
		m.say(105, 960, []byte{5, 10, 3, byte(i)})
	}
	for i := range 3 {
		got := m.hear()
		if got.PayloadType != 105 || got.Timestamp != first.Timestamp+960 || got.SequenceNumber != first.SequenceNumber+1+uint16(i) {
			t.Errorf("the digit's packet %d is %v", i, got)
		}
	}
	l.send("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=#\r\nDuration=100\r\n")
	p.response(200)

	// The phone changes its source, as one does after a device change.
	m.out.mu.Lock()
	m.out.header.SSRC += 99
	m.out.mu.Unlock()
	m.say(96, 7, []byte{8})
	got := m.hear()
	if got.SSRC != first.SSRC || got.Payload[0] != 8 || got.SequenceNumber != first.SequenceNumber+4 {
		t.Errorf("after a change of source: %v, first was %v", got, first)
	}
	l.bye()
	if stats, _ := s.Stats(l.callID); stats.Digits != "5#" || stats.Sources != 2 || stats.Codec != "opus" {
		t.Errorf("stats %+v", stats)
	}
	if _, ok := s.Stats("nobody's"); ok {
		t.Error("there are stats of a call that never was")
	}
}

func TestHeard(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{RingTime: NoRing, Record: 10 * time.Second})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := talk(t, p, m, "600")
	m.settle(96)
	m.sayAll(96, 48000, sine(t, codec.Opus, 600, 600*time.Millisecond))
	m.listen(codec.Opus, 96, 500*time.Millisecond)
	l.bye()
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
	got := s.Heard(l.callID)
	if len(got) < audio.Rate/2 {
		t.Fatalf("%d samples were heard", len(got))
	}
	if p := goertzel(got[audio.Rate/10:audio.Rate/2], 600); p < 0.03 {
		t.Errorf("the tone's power is %v", p)
	}
	if got := s.Heard("nobody's"); got != nil {
		t.Error("something was heard of a call that never was")
	}
}

func TestEarlyMedia(t *testing.T) {
	t.Parallel()
	// The usual 3 s may be over on a busy machine before the sound is connected.
	s := startServer(t, Config{earlyTime: 8 * time.Second})
	_, wss := s.URLs()
	p := dial(t, s, wss)
	m := newMouth(t, mouthConfig{})
	l := p.leg("601")
	l.invite(m.offer)
	l.expect(100)
	early := l.expect(183)
	m.answer(string(early.Body()))
	pcm := m.listen(codec.Opus, 96, time.Second)
	if len(p.in) > 0 {
		t.Fatalf("the answer came with the early media: %q", firstLine(<-p.in))
	}
	if power := goertzel(pcm[audio.Rate/2:], EarlyToneHz); power < 0.02 {
		t.Errorf("the early tone's power is %v", power)
	}
	res := l.expect(200)
	if string(res.Body()) != string(early.Body()) {
		t.Error("the 200 has another SDP than the 183")
	}
	l.ack(res)
	last := m.hear()
	for len(m.heard) > 0 {
		last = m.hear()
	}
	m.say(96, 5, []byte{42})
	got := m.hear()
	for got.Payload[0] != 42 {
		last, got = got, m.hear()
	}
	if got.SSRC != last.SSRC || got.SequenceNumber != last.SequenceNumber+1 {
		t.Errorf("the echo %v does not follow the tone %v", got.Header, last.Header)
	}
	l.bye()
}

func TestMessage(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{codecs: testCodecs("pcma", "event8")})
	begin := time.Now()
	l := talk(t, p, m, "602")
	if took := time.Since(begin); took < 3*time.Second { // TestTimetable: and no longer
		t.Errorf("it rang for %v", took)
	}
	pcm := m.listen(codec.PCMA, 8, 3*time.Second)
	test := pcm[int(2.1*audio.Rate):int(2.9*audio.Rate)]
	if low, high := goertzel(test, TestLowHz), goertzel(test, TestHighHz); low < 0.003 || high < 0.003 {
		t.Errorf("the test tones are %v and %v", low, high)
	}
	if loud := rms(pcm[audio.Rate/5 : audio.Rate]); loud < 500 {
		t.Errorf("no chime: %v", loud)
	}
	l.bye()
}

func TestRemoteHangup(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	begin := time.Now()
	l := talk(t, p, m, "606")
	bye := p.request(sip.BYE)
	if took := time.Since(begin); took < 3*time.Second { // TestTimetable: and no longer
		t.Errorf("the BYE came after %v", took)
	}
	if from, to := tagOf(bye.From().Params), tagOf(bye.To().Params); from != l.to || to != l.from {
		t.Errorf("tags %s and %s, want %s and %s", from, to, l.to, l.from)
	}
	if got := bye.Recipient.String(); got != "sip:1001@abc.invalid;transport=ws;ob" {
		t.Errorf("the BYE is for %s", got)
	}
	p.respond(bye, 200, "OK", "")
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
}

func TestRemoteHold(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := p.leg("607")
	l.headers = "Record-Route: <sip:127.0.2.1;lr>\r\n"
	l.invite(m.offer)
	l.expect(100)
	l.expect(180)
	res := l.expect(200)
	l.ack(res)
	m.answer(string(res.Body()))

	answer := func(d direction) string {
		return regexp.MustCompile("a=(sendrecv|sendonly|recvonly)").ReplaceAllString(m.offer, "a="+string(d))
	}
	hold := p.request(sip.INVITE)
	sdp := string(hold.Body())
	if !strings.Contains(sdp, "a=sendonly\r\n") || hold.GetHeader("Route") == nil {
		t.Errorf("the hold is\n%s", hold)
	}
	p.respond(hold, 200, "OK", answer(recvonly))
	if ack := p.request(sip.ACK); ack.CSeq().SeqNo != hold.CSeq().SeqNo {
		t.Errorf("the ACK is for %d", ack.CSeq().SeqNo)
	}
	m.forget()
	m.say(96, 1, []byte{42}) // is not echoed: the phone is on hold
	if loud := rms(m.listen(codec.Opus, 96, time.Second)); loud < 200 {
		t.Errorf("the music is silent: %v", loud)
	}
	resume := p.request(sip.INVITE)
	if !strings.Contains(string(resume.Body()), "a=sendrecv\r\n") {
		t.Errorf("the resume is\n%s", resume)
	}
	p.respond(resume, 200, "OK", answer(sendrecv))
	p.request(sip.ACK)
	m.forget()
	m.say(96, 2, []byte{43})
	for m.hear().Payload[0] != 43 { // the end of the music may still be on its way
	}
	l.bye()
}

// TestPhoneHold puts the server on hold by re-INVITE and by UPDATE.
func TestPhoneHold(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{RingTime: NoRing})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := talk(t, p, m, "600")
	offer := func(d direction) string { return strings.Replace(m.offer, "a=sendrecv", "a="+string(d), 1) }
	first := m.settle(96)
	echoed := func(word byte, number uint16) {
		t.Helper()
		m.say(96, 960, []byte{word})
		if got := m.hear(); got.Payload[0] != word || got.SequenceNumber != first.SequenceNumber+number {
			t.Errorf("heard %v, want the echo of %d, %d after %v", got, word, number, first.Header)
		}
	}
	echoed(1, 1)
	l.send("INVITE", "", offer(sendonly))
	res := l.expect(200)
	if !strings.Contains(string(res.Body()), "a=recvonly\r\n") {
		t.Errorf("the hold's answer is\n%s", res.Body())
	}
	l.ack(res)
	// What is said on hold arrives and has no echo: the next one is that of
	// what is said after it.
	before, _ := s.Stats(l.callID)
	m.say(96, 960, []byte{2})
	m.say(96, 960, nil) // an empty packet, behind which the first is done with
	eventually(t, "both packets arrived", func() bool {
		stats, _ := s.Stats(l.callID)
		return stats.Packets == before.Packets+2
	})
	l.send("UPDATE", "", offer(sendrecv))
	if res := l.expect(200); !strings.Contains(string(res.Body()), "a=sendrecv\r\n") {
		t.Errorf("the resume's answer is\n%s", res.Body())
	}
	echoed(3, 2)
	l.bye()
}

// TestNewTransport has a phone that changes its network: another offer in the
// same dialog.
func TestNewTransport(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{RingTime: NoRing})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := talk(t, p, m, "600")
	m.settle(96)

	n := newMouth(t, mouthConfig{codecs: testCodecs("pcmu")})
	l.send("INVITE", "", n.offer)
	res := l.expect(200)
	l.ack(res)
	n.answer(string(res.Body()))
	if got := n.settle(0); got.PayloadType != 0 {
		t.Errorf("on the new transport: %v", got)
	}
	l.bye()
}

// TestMediaLost ends the sound without a BYE.
func TestMediaLost(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{RingTime: NoRing})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	talk(t, p, m, "600")
	if err := m.pc.GracefulClose(); err != nil {
		t.Fatal(err)
	}
	p.respond(p.request(sip.BYE), 200, "OK", "")
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
}

// TestCallsAtOnce has several phones, and two calls of one phone on one flow.
func TestCallsAtOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{})
	ws, wss := s.URLs()
	t.Run("phones", func(t *testing.T) {
		for i, u := range []string{ws, wss, ws, wss} {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				p := dial(t, s, u)
				for range 3 {
					m := newMouth(t, mouthConfig{})
					l := talk(t, p, m, "600")
					m.settle(96)
					m.say(96, 1, []byte{byte(i)})
					if got := m.hear(); got.Payload[0] != byte(i) {
						t.Errorf("phone %d heard phone %d", i, got.Payload[0])
					}
					l.bye()
				}
			})
		}
	})
	p := dial(t, s, ws)
	m, n := newMouth(t, mouthConfig{}), newMouth(t, mouthConfig{})
	first, second := talk(t, p, m, "600"), talk(t, p, n, "600")
	for i, x := range []*mouth{m, n} {
		x.settle(96)
		x.say(96, 1, []byte{byte(i)})
		if got := x.hear(); got.Payload[0] != byte(i) {
			t.Errorf("call %d heard call %d", i, got.Payload[0])
		}
	}
	if got := s.Calls(); got != 2 {
		t.Errorf("%d calls, want 2", got)
	}
	second.bye()
	m.settle(96)
	first.bye()
}

// BenchmarkCall is a whole call with sound: INVITE to the first echoed packet,
// and BYE.
func BenchmarkCall(b *testing.B) {
	s := startServer(b, Config{RingTime: NoRing})
	ws, _ := s.URLs()
	p := dial(b, s, ws)
	for b.Loop() {
		m := newMouth(b, mouthConfig{})
		l := talk(b, p, m, "600")
		m.settle(96)
		l.bye()
		_ = m.pc.GracefulClose()
	}
}

// BenchmarkEarHears is what a received packet costs a server that does not
// record.
func BenchmarkEarHears(b *testing.B) {
	e := newEar(0)
	e.expect([]format{{pt: 96, name: "opus", clock: 48000}})
	h := rtp.Header{SSRC: 1, PayloadType: 96}
	payload := make([]byte, 80)
	b.ReportAllocs()
	for b.Loop() {
		e.hear(&h, payload)
	}
}
