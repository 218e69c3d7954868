package interop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// ack acknowledges a 2xx; finish hangs up.
func (p *probe) ack(answer Message, id string) {
	p.t.Helper()
	p.send("ACK", contact(answer), answer.Header("To"), id, 1, routes(answer), "")
}

func (p *probe) finish(answer Message, id string) {
	p.t.Helper()
	p.send("BYE", contact(answer), answer.Header("To"), id, 2, routes(answer), "")
	if m := p.final("BYE"); m.Status() != 200 {
		p.t.Errorf("BYE was answered %q", m.StartLine())
	}
}

// request reads until a request of the SBC and answers it.
func (p *probe) request(answerWith string) Message {
	p.t.Helper()
	for {
		m := p.receive()
		if m.Method() == "" {
			continue
		}
		if m.Method() == "ACK" {
			return m
		}
		var reply strings.Builder
		fmt.Fprintf(&reply, "SIP/2.0 200 OK\r\n")
		for line := range strings.SplitSeq(m.Raw, "\r\n") {
			name, _, _ := strings.Cut(line, ":")
			if line == "" {
				break
			}
			if slices.Contains([]string{"Via", "From", "To", "Call-ID", "CSeq", "Record-Route"}, name) {
				reply.WriteString(line + "\r\n")
			}
		}
		fmt.Fprintf(&reply, "Contact: <sip:1001@probe.invalid;transport=ws>\r\n")
		if answerWith != "" {
			fmt.Fprintf(&reply, "Content-Type: application/sdp\r\n")
		}
		fmt.Fprintf(&reply, "Content-Length: %d\r\n\r\n%s", len(answerWith), answerWith)
		if err := p.conn.Write(p.ctx, 1, []byte(reply.String())); err != nil {
			p.t.Fatal(err)
		}
		return m
	}
}

const probeAnswer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"

// TestAgents goes through every number of the PBX, so that a test of the phone
// may rely on what it says to do.
func TestAgents(t *testing.T) {
	t.Parallel()
	l := Start(t, Config{NoReply: time.Second, RingFor: 100 * time.Millisecond})
	for _, code := range RejectCodes() {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			if m, _ := dialProbe(t, l, "ws").call(NumberReject(code)); m.Status() != code {
				t.Errorf("the call was answered %q", m.StartLine())
			}
		})
	}
	for number, want := range map[string]int{NumberUnknown: 404, NumberSilent: 408, NumberAnswer: 200, NumberEcho: 200, NumberEarly: 200, NumberBaresip: 200} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			p := dialProbe(t, l, "wss")
			m, id := p.call(number)
			if m.Status() != want {
				t.Fatalf("the call was answered %q", m.StartLine())
			}
			if want == 200 {
				p.ack(m, id)
				p.finish(m, id)
			}
		})
	}
	t.Run("ring", func(t *testing.T) {
		t.Parallel()
		p := dialProbe(t, l, "ws")
		id := "ring-" + p.tag
		uri := fmt.Sprintf("sip:%s@%s", NumberRing, l.Realm)
		branch := "z9hG4bK" + p.tag
		p.raw("INVITE", uri, branch, id, probeAnswer)
		for p.receive().Status() != 180 {
		}
		p.raw("CANCEL", uri, branch, id, "")
		if m := p.final("CANCEL"); m.Status() != 200 {
			t.Errorf("CANCEL was answered %q", m.StartLine())
		}
		if m := p.final("INVITE"); m.Status() != 487 {
			t.Errorf("INVITE was answered %q", m.StartLine())
		}
	})
	t.Run("bye", func(t *testing.T) {
		t.Parallel()
		p := dialProbe(t, l, "ws")
		m, id := p.call(NumberBye)
		p.ack(m, id)
		if got := p.request("").Method(); got != "BYE" {
			t.Errorf("the PBX sent %s", got)
		}
	})
	for number, want := range map[string]string{
		NumberHold: "INVITE sendonly, ACK , INVITE sendrecv, ACK ", NumberHoldUpdate: "UPDATE sendonly, UPDATE sendrecv",
		NumberHoldInactive: "INVITE inactive, ACK , INVITE sendrecv, ACK ", NumberHoldZero: "INVITE sendonly, ACK , INVITE sendrecv, ACK ",
	} {
		t.Run("hold "+number, func(t *testing.T) {
			t.Parallel()
			p := dialProbe(t, l, "ws")
			m, id := p.call(number)
			p.ack(m, id)
			var got []string
			for range strings.Count(want, ",") + 1 {
				m := p.request(probeAnswer)
				got = append(got, m.Method()+" "+m.Direction())
			}
			if s := strings.Join(got, ", "); s != want {
				t.Errorf("the PBX sent %q, want %q", s, want)
			}
			p.finish(m, id)
		})
	}
}
