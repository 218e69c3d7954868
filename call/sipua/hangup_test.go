package sipua_test

import (
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/sipuatest"
)

// within3s checks the contract of Hangup.
func (p *phone) within(d time.Duration, since time.Time) {
	p.t.Helper()
	if got := time.Since(since); got > d {
		p.t.Errorf("LegEnded came %v after the hang-up, want at most %v", got, d)
	}
}

func TestHangupBeforeTheInvite(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(p *phone)
	}{
		{"while connecting", func(p *phone) { p.srv.Stall = true; p.open(); p.leg.Invite(offer); pass(time.Second) }},
		{"connected, no offer yet", func(p *phone) { p.open(); p.srv.Accept() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				tt.act(p)
				synctest.Wait()
				start := time.Now()
				p.leg.Hangup(hangup)
				p.ended(call.CodeHangup)
				p.within(0, start)
				p.leg.Invite(offer) // too late
			})
		})
	}
}

func TestCancelWaitsForTheFirstResponse(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		p.leg.Hangup(hangup)
		c.Quiet(time.Second) // RFC 3261 section 9.1
		c.Reply(inv, "100 Trying")
		cancel := c.Expect("CANCEL")
		if cancel.Branch != inv.Branch || cancel.CSeq != inv.CSeq || cancel.URI() != inv.URI() || cancel.ToTag != "" {
			t.Errorf("the CANCEL does not fit:\n%s", cancel.Text)
		}
		c.Reply(cancel, "200 OK")
		c.Reply(inv, "487 Request Terminated")
		c.Expect("ACK")
		p.ended(call.CodeHangup)
	})
}

func TestCancelWhileRinging(t *testing.T) {
	for _, tt := range []struct {
		name, cancel, invite string
	}{
		{"200 and 487", "200 OK", "487 Request Terminated"},
		{"487 alone", "", "487 Request Terminated"},
		{"481 for the CANCEL", "481 Call/Transaction Does Not Exist", "487 Request Terminated"},
		{"refused before", "", "486 Busy Here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv := p.dial()
				c.Reply(inv, "180 Ringing")
				p.next()
				p.leg.Hangup(hangup)
				cancel := c.Expect("CANCEL")
				c.Reply(inv, "180 Ringing") // no second CANCEL, no event
				if tt.cancel != "" {
					c.Reply(cancel, tt.cancel)
				}
				c.Reply(inv, tt.invite)
				c.Expect("ACK")
				p.ended(call.CodeHangup)
			})
		})
	}
}

func TestTheAnswerCrossesTheHangup(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(c *sipuatest.Conn, inv *sipuatest.Msg)
	}{
		{"before a 1xx", func(c *sipuatest.Conn, inv *sipuatest.Msg) {}},
		{"behind the CANCEL", func(c *sipuatest.Conn, inv *sipuatest.Msg) {
			c.Reply(inv, "180 Ringing")
			c.Reply(c.Expect("CANCEL"), "200 OK")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv := p.dial()
				p.leg.Hangup(hangup)
				synctest.Wait()
				tt.act(c, inv)
				c.Reply(inv, "200 OK", "", answer(1))
				c.Expect("ACK")
				c.Reply(c.Expect("BYE"), "200 OK")
				p.ended(call.CodeHangup)
			})
		})
	}
}

func TestNoAnswerToTheCancel(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status string // of the late answer
		expect []string
	}{
		{"then an answer", "200 OK", []string{"ACK", "BYE"}},
		{"then a refusal", "487 Request Terminated", []string{"ACK"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv := p.dial()
				c.Reply(inv, "180 Ringing")
				p.next()
				start := time.Now()
				p.leg.Hangup(hangup)
				c.Expect("CANCEL")
				p.ended(call.CodeHangup)
				p.within(3*time.Second, start)
				// The leg is over; what is left of it does not leave the far
				// end in a call with nobody.
				pass(10 * time.Second)
				c.Reply(inv, tt.status, "", answer(1))
				for _, m := range tt.expect {
					c.Expect(m)
				}
				// Nor does it twice, nor for ever.
				c.Reply(inv, tt.status, "", answer(1))
				c.Expect("ACK")
				pass(32 * time.Second)
				c.Reply(inv, tt.status, "", answer(1))
				c.Quiet(time.Second)
			})
		})
	}
}

func TestAServerThatSaysNothingUntilAfterTheHangup(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		start := time.Now()
		p.leg.Hangup(hangup)
		p.ended(call.CodeHangup)
		p.within(3*time.Second, start)
		c.Reply(inv, "180 Ringing")
		c.Reply(c.Expect("CANCEL"), "200 OK")
		c.Reply(inv, "487 Request Terminated")
		c.Expect("ACK")
	})
}

func TestAnswersToTheBye(t *testing.T) {
	for _, status := range []string{"200 OK", "202 Accepted", "401 Unauthorized", "408 Request Timeout", "481 Gone", "500 Error", "none", "100 Trying"} {
		t.Run(status, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, _ := p.answered()
				start := time.Now()
				p.leg.Hangup(hangup)
				bye := c.Expect("BYE")
				if status != "none" {
					c.Reply(bye, status)
				}
				p.ended(call.CodeHangup)
				p.within(2*time.Second, start)
			})
		})
	}
}

func TestByesCross(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		p.leg.Hangup(hangup)
		c.Expect("BYE")
		d.Request("BYE")
		c.Expect("200")
		p.ended(call.CodeHangup)
	})
}

func TestByeFromTheFarEnd(t *testing.T) {
	for _, tt := range []struct{ field, phrase string }{
		{`Reason: Q.850;cause=16;text="Normal call clearing"`, "Normal call clearing"},
		{"Reason: SIP ;cause=200", "SIP 200"},
		{"X-Nothing: 1", ""},
	} {
		bubble(t, func(p *phone) {
			c, _, d := p.answered()
			bye := d.Request("BYE", tt.field)
			c.Expect("200")
			if r := p.ended(call.CodeRemoteHangup); r.Phrase != tt.phrase || r.Local {
				t.Errorf("reason %+v", r)
			}
			// A repetition after the end: the dialog is gone, which tells the
			// far end the same.
			c.Send(bye)
			c.Expect("481")
		})
	}
}

func TestByeBeforeTheAnswer(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "180 Ringing")
		p.next()
		c.Dialog(inv).Request("BYE")
		c.Expect("200")
		c.Expect("CANCEL")
		p.ended(call.CodeRemoteHangup)
		c.Reply(inv, "487 Request Terminated")
		c.Expect("ACK")
	})
}

func TestTheByeIsChallenged(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.Password = "secret"
		c, _, _ := p.answered()
		p.leg.Hangup(hangup)
		bye := c.Expect("BYE")
		c.Reply(bye, "407 Proxy Authentication Required", `Proxy-Authenticate: Digest realm="r", nonce="n"`)
		again := c.Expect("BYE")
		if again.CSeq != bye.CSeq+1 || again.Value("Proxy-Authorization") == "" {
			t.Errorf("the second BYE:\n%s", again.Text)
		}
		c.Reply(again, "200 OK")
		p.ended(call.CodeHangup)
	})
}

// Messages wait in the leg's mailbox behind the one that ends it. They are not
// lost: what is left of the leg takes them.
func TestAnswersQueuedBehindTheEnd(t *testing.T) {
	bubble(t, func(p *phone) {
		hold := make(chan struct{})
		leg := p.agent.Open(request, func(ev call.SignalEvent) {
			if _, ok := ev.(call.Accepted); ok {
				<-hold // the actor stands still
			}
		})
		leg.Invite(offer)
		c := p.srv.Accept()
		inv := c.Expect("INVITE")
		c.Reply(inv, "200 OK", "", answer(1))
		c.Expect("ACK")
		c.Dialog(inv).Request("BYE")
		c.Reply(inv, "200 OK", "", answer(1))
		c.Reply(inv, "200 OK", "To: "+inv.Value("To")+";tag=fork", "", answer(1))
		synctest.Wait()
		close(hold)
		for _, want := range []string{"200", "ACK", "ACK", "BYE"} {
			c.Expect(want)
		}
	})
}
