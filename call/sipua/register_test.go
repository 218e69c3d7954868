package sipua_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua"
	"nxphone/call/sipua/sipuatest"
)

// registered opens a leg whose link has registered, for this time.
func (p *phone) registered(expires string) (*sipuatest.Conn, *sipuatest.Msg) {
	p.t.Helper()
	p.set.Register = true
	p.open()
	p.leg.Invite(offer)
	c := p.srv.Accept()
	reg := c.Expect("REGISTER")
	c.Reply(reg, "200 OK", "Contact: <sip:other@127.0.2.1>;expires=7, "+reg.Value("Contact")+";expires="+expires)
	return c, reg
}

func TestRegister(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.SIPHeaders = []sipua.Header{{Name: "X-A", Value: "1"}}
		c, reg := p.registered("120")
		if reg.URI() != "sip:example.test" || reg.Value("To") != "<sip:1001@example.test>" ||
			!strings.HasPrefix(reg.Value("From"), "<sip:1001@example.test>;tag=") || reg.Value("Expires") != "600" || reg.Value("X-A") != "1" {
			t.Errorf("the REGISTER:\n%s", reg.Text)
		}
		inv := c.Expect("INVITE")
		if inv.Value("Contact") != reg.Value("Contact") || inv.CallID == reg.CallID {
			t.Errorf("the INVITE does not fit the registration:\n%s", inv.Text)
		}
		c.Reply(inv, "180 Ringing")
		p.next()
		start := time.Now()
		again := c.Expect("REGISTER")
		if d := time.Since(start); d != 60*time.Second || again.CallID != reg.CallID || again.CSeq != reg.CSeq+1 {
			t.Errorf("after %v:\n%s", d, again.Text)
		}
		c.Reply(again, "200 OK", "Expires: 100")
		pass(50 * time.Second)
		// A refresh that fails is no reason to end the call.
		c.Reply(c.Expect("REGISTER"), "503 Service Unavailable")
		pass(30 * time.Second)
		c.Reply(c.Expect("REGISTER"), "200 OK", "Expires: 3600")
		p.leg.Hangup(hangup)
		c.Reply(c.Expect("CANCEL"), "200 OK")
		c.Reply(inv, "487 Request Terminated")
		c.Expect("ACK")
		p.ended(call.CodeHangup)
		// The next call needs no other registration.
		p.open()
		p.leg.Invite(offer)
		c.Reply(c.Expect("INVITE"), "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
		go p.agent.Close(context.Background())
		bye := c.Expect("REGISTER")
		if bye.Value("Expires") != "0" || bye.CallID != reg.CallID {
			t.Errorf("the good-bye:\n%s", bye.Text)
		}
		c.Reply(bye, "200 OK")
		c.WaitGone()
	})
}

func TestRegisterIsChallenged(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set = sipua.Settings{Register: true, Password: "secret"}
		p.open()
		p.leg.Invite(offer)
		c := p.srv.Accept()
		c.Reply(c.Expect("REGISTER"), "401 Unauthorized", "WWW-Authenticate: "+sha256)
		reg := c.Expect("REGISTER")
		if v := reg.Value("Authorization"); !strings.Contains(v, `uri="sip:example.test"`) {
			t.Errorf("credentials %s", v)
		}
		c.Reply(reg, "423 Interval Too Brief", "Min-Expires: 1000")
		reg = c.Expect("REGISTER")
		if reg.Value("Expires") != "1000" {
			t.Errorf("after 423:\n%s", reg.Text)
		}
		c.Reply(reg, "200 OK")
		c.Expect("INVITE")
	})
}

func TestRegisterFails(t *testing.T) {
	for _, tt := range []struct {
		status string
		extra  string
		code   call.Code
	}{
		{"403 Forbidden", "X: 1", call.CodeForbidden},
		{"401 Unauthorized", "WWW-Authenticate: " + md5First, call.CodeUnauthorized},
		{"423 Interval Too Brief", "Min-Expires: 10", call.CodeServerError},
		{"", "", call.CodeTimeout},
	} {
		t.Run(tt.status, func(t *testing.T) {
			bubble(t, func(p *phone) {
				p.set.Register = true
				p.open()
				p.leg.Invite(offer)
				c := p.srv.Accept()
				reg := c.Expect("REGISTER")
				if tt.status != "" {
					c.Reply(reg, tt.status, tt.extra)
				}
				p.ended(tt.code)
				c.WaitGone()
				// Another call tries again, on a new flow.
				p.open()
				p.leg.Invite(offer)
				c = p.srv.Accept()
				c.Reply(c.Expect("REGISTER"), "200 OK")
				c.Expect("INVITE")
			})
		})
	}
}

func TestHangupWhileRegistering(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.Register = true
		p.open()
		p.leg.Invite(offer)
		c := p.srv.Accept()
		c.Expect("REGISTER")
		p.leg.Hangup(hangup)
		p.ended(call.CodeHangup)
		c.WaitGone()
		synctest.Wait()
	})
}

func TestRequestsToTheRegistration(t *testing.T) {
	bubble(t, func(p *phone) {
		c, reg := p.registered("600")
		inv := c.Expect("INVITE")
		d := c.Dialog(inv)
		d.Seq++
		c.Send(strings.ReplaceAll(fresh(d.Text("OPTIONS", "z9hG4bKx"), inv), "fresh", reg.CallID))
		c.Expect("200")
	})
}
