package sipua_test

import (
	"testing"

	"nxphone/call"
)

func TestCallFromInviteToBye(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "100 Trying")
		c.Reply(inv, "180 Ringing")
		c.Reply(inv, "183 Session Progress", "", answer(1))
		c.Reply(inv, "200 OK", "", answer(1))
		c.Expect("ACK")
		p.expect(call.Provisional{Code: 100, Phrase: "Trying"}, call.Provisional{Code: 180, Phrase: "Ringing"},
			call.Provisional{Code: 183, Phrase: "Session Progress", SDP: answer(1)}, call.Accepted{SDP: answer(1)})
		p.leg.Hangup(hangup)
		c.Reply(c.Expect("BYE"), "200 OK")
		p.ended(call.CodeHangup)
	})
}

func TestHangupWhileRinging(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "180 Ringing")
		p.next()
		p.leg.Hangup(hangup)
		c.Reply(c.Expect("CANCEL"), "200 OK")
		c.Reply(inv, "487 Request Terminated")
		c.Expect("ACK")
		p.ended(call.CodeHangup)
	})
}

func TestByeFromTheFarEnd(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("BYE", `Reason: Q.850;cause=16;text="Normal call clearing"`)
		c.Expect("200")
		if r := p.ended(call.CodeRemoteHangup); r.Phrase != "Normal call clearing" {
			t.Errorf("phrase %q", r.Phrase)
		}
	})
}
