package sipua_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/sipuatest"
)

func TestRequestsInTheCall(t *testing.T) {
	tests := []struct {
		method string
		extra  []string
		status string
		want   []string
	}{
		{"OPTIONS", nil, "200", []string{"Allow: INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, INFO, NOTIFY", "Accept: application/sdp", "Supported: timer"}},
		{"INFO", []string{"Content-Type: application/dtmf-relay", "", "Signal=1"}, "200", nil},
		{"NOTIFY", []string{"Event: talk", "Subscription-State: active"}, "200", nil},
		{"UPDATE", nil, "200", []string{"Contact: <sip:1001@"}},
		{"REFER", []string{"Refer-To: <sip:x@y>"}, "405", []string{"Allow: INVITE,"}},
		{"MESSAGE", []string{"", "hello"}, "405", []string{"Allow: INVITE,"}},
		{"PRACK", nil, "405", nil},
		{"FOO", nil, "405", []string{"Allow: INVITE,"}},
		{"INFO", []string{"Require: timer, x-one, 100rel"}, "420", []string{"Unsupported: x-one, 100rel"}},
		{"INVITE", []string{"Content-Type: text/plain", "", "hello"}, "415", []string{"Accept: application/sdp"}},
		{"CANCEL", nil, "481", nil},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.status, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv, d := p.answered()
				d.Request(tt.method, tt.extra...)
				res := c.Expect(tt.status)
				if len(res.Values("Via")) != 1 || !strings.Contains(res.Text, ", SIP/2.0/UDP 192.0.2.1;branch=") ||
					res.ToTag != inv.FromTag || res.FromTag != sipuatest.Tag {
					t.Errorf("the response does not fit:\n%s", res.Text)
				}
				for _, w := range tt.want {
					if !strings.Contains(res.Text, w) {
						t.Errorf("no %q in\n%s", w, res.Text)
					}
				}
				d.Request("OPTIONS") // the call lives
				c.Expect("200")
			})
		})
	}
}

func TestARepeatedRequestGetsTheSameResponse(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		for _, method := range []string{"OPTIONS", "INFO", "REFER"} {
			text := d.Request(method)
			first := c.Next()
			c.Send(text)
			if again := c.Next(); again != first {
				t.Errorf("%s: answered\n%s\nthen\n%s", method, first, again)
			}
		}
	})
}

func TestTheOrderOfCSeq(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Seq = -1 // 0 is a number too
		d.Request("INFO")
		c.Expect("200")
		d.Seq = 41
		d.Request("INFO")
		c.Expect("200")
		d.Seq = 99 // a gap is fine (RFC 3261 section 12.2.2)
		d.Request("INFO")
		c.Expect("200")
		for _, seq := range []int{99, 42, 100} {
			d.Seq = seq - 1
			d.Request("INFO")
			c.Expect("500")
		}
		d.Seq = 100
		d.Request("INFO")
		c.Expect("200")
	})
}

func TestRequestsOfOtherDialogs(t *testing.T) {
	tests := []struct {
		name   string
		method string
		change func(text string, inv *sipuatest.Msg) string
		status string
	}{
		{"another To-tag", "BYE", func(s string, inv *sipuatest.Msg) string { return strings.Replace(s, inv.FromTag, "x", 1) }, "481"},
		{"another From-tag", "BYE", func(s string, _ *sipuatest.Msg) string { return strings.Replace(s, sipuatest.Tag, "x", 1) }, "481"},
		{"another Call-ID", "BYE", func(s string, inv *sipuatest.Msg) string { return strings.Replace(s, inv.CallID, "x", 1) }, "481"},
		{"a new call", "INVITE", fresh, "486"},
		{"a new question", "OPTIONS", fresh, "200"},
		{"a notification", "NOTIFY", fresh, "481"},
		{"a message", "MESSAGE", fresh, "405"},
		{"a registration", "REGISTER", fresh, "405"},
		{"a CANCEL for nothing", "CANCEL", fresh, "481"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv, d := p.answered()
				d.Seq++
				c.Send(tt.change(d.Text(tt.method, "z9hG4bKnew"), inv))
				if res := c.Expect(tt.status); res.ToTag == "" {
					t.Errorf("no To-tag:\n%s", res.Text)
				}
				c.Send(tt.change(d.Text("ACK", "z9hG4bKnew"), inv)) // never answered
				d.Request("OPTIONS")                                // our call lives
				c.Expect("200")
			})
		})
	}
}

// fresh makes a request one outside any dialog.
func fresh(s string, inv *sipuatest.Msg) string {
	s = strings.Replace(s, ";tag="+inv.FromTag, "", 1)
	return strings.Replace(s, inv.CallID, "fresh", 1)
}

func TestRequestsBeforeTheAnswer(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "180 Ringing")
		p.next()
		d := c.Dialog(inv)
		for _, tt := range []struct {
			method, status string
			extra          []string
		}{
			{"OPTIONS", "200", nil},
			{"UPDATE", "200", nil},
			{"UPDATE", "491", []string{"", answer(2)}},
			{"INVITE", "491", []string{"", answer(2)}},
		} {
			d.Request(tt.method, tt.extra...)
			c.Expect(tt.status)
			if tt.method == "INVITE" {
				d.Request("ACK")
			}
		}
		d.Tag = "nobody"
		d.Request("OPTIONS")
		c.Expect("481")
		c.Reply(inv, "200 OK", "", answer(1))
		c.Expect("ACK")
		p.expect(call.Accepted{SDP: answer(1)})
	})
}

func TestManyRequestsAtOnceAreAnsweredInOrder(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		var burst []byte
		for i := range 50 {
			d.Seq++
			burst = append(burst, sipuatest.Encode(sipuatest.Text, true, []byte(sipuatest.CRLF(d.Text("INFO", fmt.Sprintf("z9hG4bK%d", i)))))...)
		}
		c.Raw(burst)
		for i := range 50 {
			if res := c.Expect("200"); res.CSeq != uint32(i+1) {
				t.Fatalf("response %d is to %d", i+1, res.CSeq)
			}
		}
	})
}

func TestDigitsByInfo(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered()
		for _, digit := range "1#A" {
			p.leg.SendInfo(digit)
		}
		for _, digit := range "1#A" {
			info := c.Expect("INFO")
			if info.Value("Content-Type") != "application/dtmf-relay" || info.Body() != "Signal="+string(digit)+"\r\nDuration=160\r\n" {
				t.Errorf("the INFO:\n%s", info.Text)
			}
			c.Quiet(time.Second) // one after the other
			c.Reply(info, "200 OK")
		}
	})
}

func TestTheFarEndHasLostTheCall(t *testing.T) {
	for _, tt := range []struct {
		status string
		code   call.Code
		after  time.Duration
	}{
		{"481 Call/Transaction Does Not Exist", call.CodeServerError, 0},
		{"408 Request Timeout", call.CodeTimeout, 0},
		{"", call.CodeTimeout, 32 * time.Second},
	} {
		t.Run(tt.status, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, _ := p.answered()
				start := time.Now()
				p.leg.SendInfo('1')
				info := c.Expect("INFO")
				if tt.status != "" {
					c.Reply(info, tt.status)
				}
				bye := c.Expect("BYE")
				if got := time.Since(start); got != tt.after {
					t.Errorf("after %v", got)
				}
				c.Reply(bye, "481 Gone")
				p.ended(tt.code)
			})
		})
	}
}

func TestARefusedDigitChangesNothing(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered()
		p.leg.SendInfo('1')
		c.Reply(c.Expect("INFO"), "415 Unsupported Media Type")
		p.leg.SendInfo('2')
		c.Reply(c.Expect("INFO"), "200 OK")
		p.leg.Hangup(hangup)
		c.Reply(c.Expect("BYE"), "200 OK")
		p.ended(call.CodeHangup)
	})
}
