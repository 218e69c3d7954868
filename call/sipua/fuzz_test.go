package sipua_test

import (
	"strings"
	"testing"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/sipuatest"
)

// FuzzIncoming throws messages at a call that is up. CALL, US, FAR and BRANCH in
// them become the call's own, so that they get as far as they can. Whatever
// comes, a hang-up must end the leg in time, once.
func FuzzIncoming(f *testing.F) {
	const head = "Via: SIP/2.0/WS sbc;branch=BRANCH\nFrom: <sip:x@y>;tag=FAR\nTo: <sip:z@y>;tag=US\nCall-ID: CALL\nCSeq: 1 "
	for _, s := range []string{
		"BYE sip:a@b SIP/2.0\n" + head + "BYE\n\n",
		"INVITE sip:a@b SIP/2.0\n" + head + "INVITE\nContact: <sip:x@y>\nSession-Expires: 90;refresher=uas\nContent-Type: application/sdp\n\nv=0\n",
		"CANCEL sip:a@b SIP/2.0\n" + head + "CANCEL\nReason: SIP;text=\"x\"\n\n",
		"UPDATE sip:a@b SIP/2.0\n" + head + "UPDATE\nRequire: a, b\nAllow: c\n\n",
		"SIP/2.0 200 OK\n" + strings.Replace(head, "FAR", "other", 1) + "INVITE\nRecord-Route: <sip:a>, <sip:b;lr>\n\n",
		"SIP/2.0 401 No\n" + head + "INVITE\nWWW-Authenticate: Digest realm=a, nonce=b\n\n",
		"\n\n", "hello",
	} {
		f.Add(s, uint8(len(s)))
	}
	f.Fuzz(func(t *testing.T, text string, moment uint8) {
		bubble(t, func(p *phone) {
			p.set.Password = "secret"
			c, inv := p.dial()
			throw := func() {
				c.Send(strings.NewReplacer("CALL", inv.CallID, "US", inv.FromTag, "FAR", sipuatest.Tag, "BRANCH", inv.Branch).Replace(text))
			}
			if moment%3 == 0 {
				throw()
			}
			c.Reply(inv, "180 Ringing")
			if moment%3 == 1 {
				throw()
			}
			c.Reply(inv, "200 OK", "", answer(1))
			throw()
			pass(time.Second)
			p.leg.Reinvite(local)
			throw()
			pass(time.Second)
			start := time.Now()
			p.leg.Hangup(hangup)
			for ended := false; !ended; {
				switch ev := p.next().(type) {
				case call.PeerOffer:
					p.leg.Respond(ev.Ref, 200, local)
				case call.LegEnded:
					ended = true
				}
			}
			p.within(3*time.Second, start)
			throw() // at what is left
			pass(time.Second)
			select {
			case ev := <-p.events:
				t.Errorf("told %#v after the end", ev)
			default:
			}
		})
	})
}
