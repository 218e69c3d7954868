package sipua_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/call"
	"nxphone/call/sipua"
	"nxphone/call/sipua/sipuatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCallFromInviteToBye(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "100 Trying")
		c.Reply(inv, "180 Ringing")
		c.Reply(inv, "183 Session Progress", "", answer(1))
		c.Reply(inv, "200 OK", "", answer(1))
		ack := c.Expect("ACK")
		p.expect(call.Provisional{Code: 100, Phrase: "Trying"}, call.Provisional{Code: 180, Phrase: "Ringing"},
			call.Provisional{Code: 183, Phrase: "Session Progress", SDP: answer(1)}, call.Accepted{SDP: answer(1)})
		if ack.CSeq != inv.CSeq || ack.Branch == inv.Branch || ack.ToTag != sipuatest.Tag || ack.FromTag != inv.FromTag {
			t.Errorf("the ACK does not fit:\n%s", ack.Text)
		}
		p.leg.Hangup(hangup)
		bye := c.Expect("BYE")
		if bye.URI() != "sip:pbx@127.0.2.1:5060;transport=udp" || bye.CSeq != inv.CSeq+1 || bye.CallID != inv.CallID {
			t.Errorf("the BYE does not fit:\n%s", bye.Text)
		}
		c.Reply(bye, "200 OK")
		if r := p.ended(call.CodeHangup); r != hangup {
			t.Errorf("reason %+v", r)
		}
		p.leg.Hangup(hangup) // does nothing
		c.Quiet(time.Second)
	})
}

func TestInvite(t *testing.T) {
	bubble(t, func(p *phone) {
		_, inv := p.dial()
		host, _, _ := strings.Cut(strings.TrimPrefix(inv.Value("Via"), "SIP/2.0/WS "), ";")
		if !strings.HasSuffix(host, ".invalid") || len(host) < 16 {
			t.Errorf("sent-by %q", host)
		}
		want := []string{
			"INVITE sip:01012345678@example.test SIP/2.0",
			"Via: SIP/2.0/WS " + host + ";branch=" + inv.Branch,
			"Max-Forwards: 70",
			"From: <sip:1001@example.test>;tag=" + inv.FromTag,
			"To: <sip:01012345678@example.test>",
			"Call-ID: " + inv.CallID,
			"CSeq: 1 INVITE",
			"Contact: <sip:1001@" + host + ";transport=ws;ob>",
			"Allow: INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, INFO, NOTIFY",
			"Supported: timer, outbound",
			"User-Agent: nxphone",
			"Content-Type: application/sdp",
			"Content-Length: 64",
			"",
			offer,
		}
		if got := strings.Join(want, "\r\n"); got != inv.Text {
			t.Errorf("the INVITE is\n%s\nwant\n%s", inv.Text, got)
		}
		if !strings.HasPrefix(inv.Branch, "z9hG4bK") || len(inv.FromTag) < 8 || len(inv.CallID) < 16 {
			t.Errorf("branch %q, tag %q, Call-ID %q", inv.Branch, inv.FromTag, inv.CallID)
		}
	})
}

// TestCallID: the name that the engine has given the call is the one on the
// wire.
func TestCallID(t *testing.T) {
	bubble(t, func(p *phone) {
		p.open(func(r *call.Request) { r.CallID = "ENGINESNAME" })
		p.leg.Invite(offer)
		c := p.srv.Accept()
		inv := c.Expect("INVITE")
		if inv.CallID != "ENGINESNAME" {
			t.Errorf("the INVITE is of %q", inv.CallID)
		}
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
	})
}

func TestWhatTheCallerSays(t *testing.T) {
	tests := []struct {
		name   string
		change func(*call.Request, *sipua.Settings)
		want   []string
		not    []string
	}{
		{"a service code", func(r *call.Request, _ *sipua.Settings) { r.Tel = "#31#010" },
			[]string{"INVITE sip:%2331%23010@example.test SIP/2.0", "To: <sip:%2331%23010@example.test>"}, nil},
		{"plus and star", func(r *call.Request, _ *sipua.Settings) { r.Tel = "+82*10" },
			[]string{"INVITE sip:+82*10@example.test SIP/2.0"}, nil},
		{"escaped already", func(r *call.Request, _ *sipua.Settings) { r.Tel = "%2331" },
			[]string{"INVITE sip:%2331@example.test SIP/2.0"}, nil},
		{"other hosts", func(r *call.Request, _ *sipua.Settings) { r.Tel, r.DN = "1@a.test", "2@b.test" },
			[]string{"INVITE sip:1@a.test SIP/2.0", "From: <sip:2@b.test>;tag=", "Contact: <sip:2@"}, nil},
		{"push token", func(r *call.Request, s *sipua.Settings) {
			r.PushToken, s.PushProvider, s.PushParam = "a:b=c;d", "fcm", "proj"
		}, []string{";transport=ws;ob;pn-provider=fcm;pn-prid=a:b%3Dc%3Bd;pn-param=proj>"}, nil},
		{"push token that is a URL", func(r *call.Request, _ *sipua.Settings) { r.PushToken = "https://push.test/a%2Fb?c#d@e%" },
			[]string{";pn-prid=https://push.test/a%252Fb%3Fc%23d%40e%25>"}, nil},
		{"push token without provider", func(r *call.Request, _ *sipua.Settings) { r.PushToken = "tok" },
			[]string{";ob;pn-prid=tok>"}, []string{"pn-provider", "pn-param"}},
		{"default push token", func(r *call.Request, s *sipua.Settings) { r.PushToken, s.PushProvider = "default", "fcm" },
			[]string{";ob>"}, []string{"pn-", "default"}},
		{"push token in a field", func(r *call.Request, s *sipua.Settings) {
			r.PushToken, s.PushHeader, s.PushProvider = "tok", "X-Push-Token", "fcm"
		}, []string{"X-Push-Token: tok\r\n", ";ob>"}, []string{"pn-"}},
		{"default in a field", func(r *call.Request, s *sipua.Settings) { r.PushToken, s.PushHeader = "default", "X-Push-Token" },
			nil, []string{"X-Push-Token"}},
		{"own fields", func(_ *call.Request, s *sipua.Settings) {
			s.SIPHeaders = []sipua.Header{{Name: "X-B", Value: "2"}, {Name: "X-A", Value: "1"}}
		}, []string{"X-B: 2\r\nX-A: 1\r\n"}, nil},
		{"fields that would break the message", func(_ *call.Request, s *sipua.Settings) {
			s.SIPHeaders = []sipua.Header{{Name: "X-A", Value: "1\r\nX-Evil: 1"}, {Name: "X A", Value: "1"}, {Name: "", Value: "1"},
				{Name: "Via", Value: "SIP/2.0/WS evil"}, {Name: "f", Value: "x"}, {Name: "user-agent", Value: "x"},
				{Name: "Expires", Value: "1"}, {Name: "Session-Expires", Value: "90"}, {Name: "x", Value: "90"}, {Name: "X-Good", Value: "1"}}
		}, []string{"X-Good: 1\r\n"}, []string{"evil", "Evil", "X A", "f: x", "user-agent", "Expires", "x: 90"}},
		{"user agent", func(_ *call.Request, s *sipua.Settings) { s.UserAgent = "test/1" }, []string{"User-Agent: test/1\r\n"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				p.open(func(r *call.Request) { tt.change(r, &p.set) })
				p.leg.Invite(offer)
				text := p.srv.Accept().Expect("INVITE").Text
				for _, w := range tt.want {
					if !strings.Contains(text, w) {
						t.Errorf("no %q in\n%s", w, text)
					}
				}
				for _, n := range tt.not {
					if strings.Contains(text, n) {
						t.Errorf("%q in\n%s", n, text)
					}
				}
			})
		})
	}
}

// Three hundred calls whose responses come in one piece: the order must hold in
// every one of them.
func TestResponsesInABurstKeepTheirOrder(t *testing.T) {
	bubble(t, func(p *phone) {
		var c *sipuatest.Conn
		for range 300 {
			p.open()
			p.leg.Invite(offer)
			if c == nil {
				c = p.srv.Accept()
			}
			inv := c.Expect("INVITE")
			var burst []byte
			for _, status := range []string{"100 Trying", "180 Ringing", "181 Forwarded", "182 Queued", "183 Progress", "200 OK"} {
				text := sipuatest.CRLF(sipuatest.Response(inv, status, "", answer(1)))
				burst = append(burst, sipuatest.Encode(sipuatest.Text, true, []byte(text))...)
			}
			c.Raw(burst)
			for _, code := range []int{100, 180, 181, 182, 183} {
				if pr, ok := p.next().(call.Provisional); !ok || pr.Code != code {
					t.Fatalf("%+v, want %d", pr, code)
				}
			}
			p.expect(call.Accepted{SDP: answer(1)})
			c.Expect("ACK")
			p.leg.Hangup(hangup)
			c.Reply(c.Expect("BYE"), "200 OK")
			p.ended(call.CodeHangup)
		}
	})
}

func TestMoreThanTenProvisionalResponses(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		for range 30 {
			c.Reply(inv, "183 Session Progress")
			p.expect(call.Provisional{Code: 183, Phrase: "Session Progress"})
			pass(10 * time.Second) // beyond timer B, which a 1xx stops
		}
		c.Reply(inv, "200 OK", "", answer(1))
		c.Expect("ACK")
		p.expect(call.Accepted{SDP: answer(1)})
	})
}

func TestARepeated2xxGetsTheSameACK(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "200 OK", "", answer(1))
		ack := c.Expect("ACK")
		p.expect(call.Accepted{SDP: answer(1)})
		for range 3 {
			c.Reply(inv, "200 OK", "", answer(1))
			if again := c.Expect("ACK"); again.Text != ack.Text {
				t.Errorf("another ACK:\n%s\nbefore\n%s", again.Text, ack.Text)
			}
		}
	})
}

func TestAnAnswerOfAnotherForkIsAcknowledgedAndEnded(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv, d := p.answered()
		to := "To: " + inv.Value("To") + ";tag=far2"
		contact := "Contact: <sip:other@127.0.2.9>"
		c.Reply(inv, "200 OK", to, contact, "", answer(2))
		ack := c.Expect("ACK")
		bye := c.Expect("BYE")
		for _, m := range []*sipuatest.Msg{ack, bye} {
			if m.ToTag != "far2" || m.URI() != "sip:other@127.0.2.9" {
				t.Errorf("not for the other fork:\n%s", m.Text)
			}
		}
		c.Reply(bye, "200 OK")
		// It is repeated: acknowledged again, but ended once.
		c.Reply(inv, "200 OK", to, contact, "", answer(2))
		c.Expect("ACK")
		// The first dialog lives.
		d.Request("OPTIONS")
		c.Expect("200")
		p.leg.Hangup(hangup)
		if m := c.Expect("BYE"); m.ToTag != sipuatest.Tag {
			t.Errorf("BYE for %q", m.ToTag)
		}
	})
}

func TestRoutesAreTextNotAddresses(t *testing.T) {
	tests := []struct {
		name    string
		records []string
		uri     string
		routes  []string
	}{
		{"two records in one field", []string{"Record-Route: <sip:127.0.0.1;r2=on;lr=on;x=>, <sip:127.0.0.1:6081;transport=ws;r2=on;lr=on>"},
			"sip:pbx@127.0.2.1:5060;transport=udp", []string{"<sip:127.0.0.1:6081;transport=ws;r2=on;lr=on>", "<sip:127.0.0.1;r2=on;lr=on;x=>"}},
		{"two fields", []string{"Record-Route: <sip:b;lr>", "record-route: <sip:a;lr>"},
			"sip:pbx@127.0.2.1:5060;transport=udp", []string{"<sip:a;lr>", "<sip:b;lr>"}},
		{"a strict router", []string{"Record-Route: <sip:b;lr>", "Record-Route: <sip:a>"},
			"sip:a", []string{"<sip:b;lr>", "<sip:pbx@127.0.2.1:5060;transport=udp>"}},
		{"none", nil, "sip:pbx@127.0.2.1:5060;transport=udp", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv := p.dial()
				c.Reply(inv, "200 OK", append(tt.records, "", answer(1))...)
				ack := c.Expect("ACK")
				p.leg.Hangup(hangup)
				for _, m := range []*sipuatest.Msg{ack, c.Expect("BYE")} {
					if m.URI() != tt.uri || strings.Join(m.Values("Route"), "|") != strings.Join(tt.routes, "|") {
						t.Errorf("to %s by %q, want %s by %q", m.URI(), m.Values("Route"), tt.uri, tt.routes)
					}
				}
			})
		})
	}
}

func TestA2xxWithoutContactOrBody(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "183 Session Progress", "", answer(1))
		c.Reply(inv, "200 OK", "Contact: *")
		if ack := c.Expect("ACK"); ack.URI() != inv.URI() {
			t.Errorf("ACK to %s", ack.URI())
		}
		p.expect(call.Provisional{Code: 183, Phrase: "Session Progress", SDP: answer(1)}, call.Accepted{})
	})
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		status string
		extra  string
		rang   bool
		code   call.Code
		phrase string
	}{
		{"302 Moved Temporarily", "Contact: <sip:x@127.0.2.7>", false, call.CodeRedirected, "Moved Temporarily"},
		{"380 Alternative Service", "", false, call.CodeRedirected, "Alternative Service"},
		{"400 Bad Request", "", false, call.CodeServerError, "Bad Request"},
		{"403 Forbidden", "", false, call.CodeForbidden, "Forbidden"},
		{"403 Forbidden", "", true, call.CodeDeclined, "Forbidden"},
		{"404 Not Found", "Reason: Q.850;cause=1;text=\"Unallocated number\"", false, call.CodeNotFound, "Not Found - Unallocated number"},
		{"406 Not Acceptable", "", false, call.CodeNotAcceptable, "Not Acceptable"},
		{"408 Request Timeout", "", false, call.CodeNoAnswer, "Request Timeout"},
		{"410 Gone", "", false, call.CodeNotFound, "Gone"},
		{"415 Unsupported Media Type", "", false, call.CodeNotAcceptable, "Unsupported Media Type"},
		{"480 Temporarily Unavailable", "", false, call.CodeUnavailable, "Temporarily Unavailable"},
		{"480 Temporarily Unavailable", "", true, call.CodeNoAnswer, "Temporarily Unavailable"},
		{"484 Address Incomplete", "", false, call.CodeNotFound, "Address Incomplete"},
		{"486 Busy Here", "Reason: Q.850;cause=17", true, call.CodeLineBusy, "Busy Here - Q.850 17"},
		{"487 Request Terminated", "", true, call.CodeNoAnswer, "Request Terminated"},
		{"488 Not Acceptable Here", "Warning: 304 sbc.test \"no codec\"", false, call.CodeNotAcceptable, "Not Acceptable Here - no codec"},
		{"491 Request Pending", "", false, call.CodeServerError, "Request Pending"},
		{"500 Line 01012345678 failed\x01", "", false, call.CodeServerError, "Line … failed"},
		{"500 Line 010-1234-5678 or 02 123 4567", "", false, call.CodeServerError, "Line … or …"},
		{"500 Cause 16 200 at 192.0.2.10 12:30:45", "", false, call.CodeServerError, "Cause 16 200 at 192.0.2.10 12:30:45"},
		{"503 Service Unavailable", "", false, call.CodeServerError, "Service Unavailable"},
		{"600 Busy Everywhere", "", false, call.CodeLineBusy, "Busy Everywhere"},
		{"603 Decline", "", true, call.CodeDeclined, "Decline"},
		{"604 Does Not Exist", "", false, call.CodeNotFound, "Does Not Exist"},
		{"606 Not Acceptable", "", false, call.CodeNotAcceptable, "Not Acceptable"},
		{"607 Unwanted", "", true, call.CodeDeclined, "Unwanted"},
		{"699 " + strings.Repeat("가", 200), "", false, call.CodeServerError, strings.Repeat("가", 67)},
	}
	for _, tt := range tests {
		t.Run(tt.status[:3], func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv := p.dial()
				if tt.rang {
					c.Reply(inv, "180 Ringing")
					p.next()
				}
				extra := []string{}
				if tt.extra != "" {
					extra = append(extra, tt.extra)
				}
				c.Reply(inv, tt.status, extra...)
				ack := c.Expect("ACK")
				if ack.Branch != inv.Branch || ack.ToTag != sipuatest.Tag || ack.CSeq != inv.CSeq {
					t.Errorf("the ACK does not fit:\n%s", ack.Text)
				}
				r := p.ended(tt.code)
				if r.Phrase != tt.phrase || fmt.Sprint(r.SIP) != tt.status[:3] || r.Local {
					t.Errorf("reason %+v, want phrase %q", r, tt.phrase)
				}
			})
		})
	}
}

func TestNoResponseToTheInvite(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		p.ended(call.CodeTimeout)
		if d := time.Since(p.opened); d != 32*time.Second {
			t.Errorf("after %v, want timer B", d)
		}
		// The answer that comes even later is not left alone.
		c.Reply(inv, "200 OK", "", answer(1))
		c.Expect("ACK")
		c.Expect("BYE")
	})
}

func TestMalformedMessagesAreDropped(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		for _, text := range []string{"hello", "SIP/2.0 200 OK\n\n", "INVITE\n\n",
			strings.Replace(sipuatest.Response(inv, "180 Ringing"), "CSeq: 1 INVITE", "CSeq: x", 1)} {
			c.Send(text)
		}
		c.Reply(inv, "180 Ringing")
		p.expect(call.Provisional{Code: 180, Phrase: "Ringing"})
	})
}

func TestResponsesThatFitNothing(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		text := sipuatest.Response(inv, "486 Busy Here")
		c.Send(strings.Replace(text, inv.Branch, "z9hG4bKother", 1))
		c.Send(strings.Replace(text, inv.CallID, "other", 1))
		c.Send(strings.Replace(text, "1 INVITE", "1 BYE", 1))
		c.Reply(inv, "180 Ringing")
		p.expect(call.Provisional{Code: 180, Phrase: "Ringing"})
	})
}
