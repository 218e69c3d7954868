package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"nxphone/audio/audiotest/trace"
	"nxphone/audio/codec"
)

// caller is the SBC's side of one call.
type caller struct {
	t         *testing.T
	sip       *net.UDPConn
	rtp, rtcp *net.UDPConn
	to        *net.UDPAddr // the exchange's RTP
	id        string
	payload   int
}

func udp(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func newCaller(t *testing.T, payload int) *caller {
	return &caller{t: t, sip: udp(t), rtp: udp(t), rtcp: udp(t), id: fmt.Sprintf("call-%d", payload), payload: payload}
}

// ask sends a request and gives the response.
func (c *caller) ask(x *exchange, method, number, body string) *sip.Response {
	c.t.Helper()
	text := strings.Join([]string{
		method + " sip:" + number + "@127.0.0.1 SIP/2.0", fmt.Sprintf("Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s%s", port(c.sip), c.id, method),
		"From: <sip:1000@interop.test>;tag=1", "To: <sip:" + number + "@interop.test>", "Call-ID: " + c.id, "CSeq: 1 " + method,
		"Max-Forwards: 70", "Record-Route: <sip:127.0.0.1;lr>", "Content-Type: application/sdp", fmt.Sprintf("Content-Length: %d", len(body)), "", body,
	}, "\r\n")
	if _, err := c.sip.WriteToUDP([]byte(text), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: x.port()}); err != nil {
		c.t.Fatal(err)
	}
	buf := make([]byte, 65535)
	n, err := c.sip.Read(buf)
	if err != nil {
		c.t.Fatal(err)
	}
	msg, err := sip.ParseMessage(buf[:n])
	if err != nil {
		c.t.Fatal(err)
	}
	return msg.(*sip.Response)
}

func (c *caller) offer() string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 %d\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:%d opus/48000/2\r\na=rtcp:%d\r\n",
		port(c.rtp), c.payload, c.payload, port(c.rtcp))
}

func tagOf(res *sip.Response) string {
	tag, _ := res.To().Params.Get("tag")
	return tag
}

// dial calls and keeps where to send.
func (c *caller) dial(x *exchange, number string) *leg {
	c.t.Helper()
	res := c.ask(x, "INVITE", number, c.offer())
	if res.StatusCode != 200 || len(res.GetHeaders("Record-Route")) != 1 || tagOf(res) == "" {
		c.t.Fatalf("answered\n%s", res)
	}
	var there int
	for line := range strings.Lines(string(res.Body())) {
		if n, _ := fmt.Sscanf(line, "m=audio %d RTP/AVP", &there); n == 1 {
			break
		}
	}
	c.to = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: there}
	l, err := x.leg(c.t.Context(), number)
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

// hear reads one RTP packet.
func (c *caller) hear() rtp.Packet {
	c.t.Helper()
	buf := make([]byte, 2048)
	n, err := c.rtp.Read(buf)
	if err != nil {
		c.t.Fatal(err)
	}
	var p rtp.Packet
	if err := p.Unmarshal(buf[:n]); err != nil {
		c.t.Fatal(err)
	}
	return p
}

func startExchange(t *testing.T) *exchange {
	t.Helper()
	x, err := newExchange()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.close)
	return x
}

func TestExchangeJoinsTwoCallers(t *testing.T) {
	x := startExchange(t)
	a, b := newCaller(t, 96), newCaller(t, 111)
	la, lb := a.dial(x, "0700000001"), b.dial(x, "0700000002")
	if again := a.ask(x, "INVITE", "0700000001", a.offer()); tagOf(again) != la.tag {
		t.Error("a repeated INVITE is another call")
	}
	join(la, lb)
	p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: 7, Timestamp: 960, SSRC: 5, Marker: true}, Payload: []byte{1, 2, 3}}
	text, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.rtp.WriteToUDP(text, a.to); err != nil {
		t.Fatal(err)
	}
	got := b.hear()
	if got.PayloadType != 111 || !got.Marker || got.SequenceNumber != 7 || got.SSRC != 5 || !bytes.Equal(got.Payload, p.Payload) {
		t.Errorf("heard %v", got)
	}
	if la.heard.Load() != 1 {
		t.Errorf("%d packets counted", la.heard.Load())
	}
	if res := a.ask(x, "BYE", "0700000001", ""); res.StatusCode != 200 {
		t.Errorf("BYE: %d", res.StatusCode)
	}
	for _, c := range []*net.UDPConn{la.rtp, la.rtcp} {
		if _, err := c.WriteToUDP(text, a.to); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a call that was hung up goes on: %v", err)
		}
	}
}

func TestExchangeRefusesWhatIsNotOpus(t *testing.T) {
	x := startExchange(t)
	c := newCaller(t, 96)
	if res := c.ask(x, "INVITE", "0700000001", strings.ReplaceAll(c.offer(), "opus", "G722")); res.StatusCode != 488 {
		t.Errorf("answered %d", res.StatusCode)
	}
	if res := c.ask(x, "OPTIONS", "0700000001", ""); res.StatusCode != 200 {
		t.Errorf("OPTIONS: %d", res.StatusCode)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err := x.leg(ctx, "0700000001"); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Error("a call that was refused is there")
	}
}

func TestEverybodyIsSentTheSameTrace(t *testing.T) {
	x := startExchange(t)
	a, b := newCaller(t, 96), newCaller(t, 111)
	la, lb := a.dial(x, "0700000001"), b.dial(x, "0700000002")
	tr := trace.Trace{Name: "made up", Fates: []trace.Fate{{}, {Lost: true}, {Delay: 35 * time.Millisecond}, {}, {Delay: 5 * time.Millisecond}}}
	s := newSchedule([][]byte{{0}, {1}, {2}, {3}, {4}}, tr)
	began, late, err := play(t.Context(), s, la, lb)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 84*time.Millisecond || len(late) != 4 {
		t.Errorf("%d packets in %v", len(late), took)
	}
	for _, c := range []*caller{a, b} {
		for i, want := range []int{0, 3, 2, 4} {
			p := c.hear()
			if int(p.Payload[0]) != want || int(p.SequenceNumber) != 1000+want || int(p.Timestamp) != 96000+960*want ||
				int(p.PayloadType) != c.payload || p.Marker != (want == 0) {
				t.Errorf("packet %d is %v, want number %d", i, p, want)
			}
		}
	}
}

func TestEncodeMakesAPacketForEveryTwentyMilliseconds(t *testing.T) {
	packets, err := encode(codec.Opus, make([]int16, 960*5+100), 10)
	if err != nil || len(packets) != 5 {
		t.Errorf("%d packets, %v", len(packets), err)
	}
}

func TestSchedule(t *testing.T) {
	ms := time.Millisecond
	got := newSchedule(make([][]byte, 4), trace.Trace{Fates: []trace.Fate{{Delay: 50 * ms}, {Lost: true}, {Delay: 5 * ms}, {Delay: 0}}})
	want := schedule{{45 * ms, 2, nil}, {50 * ms, 0, nil}, {60 * ms, 3, nil}}
	if !slices.EqualFunc(got, want, func(a, b departure) bool { return a.at == b.at && a.number == b.number }) {
		t.Errorf("%v, want %v", got, want)
	}
}
