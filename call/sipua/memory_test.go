package sipua_test

import (
	"runtime"
	"testing"

	"nxphone/call"
)

// Two hundred short calls, each of which leaves a remnant for 32 s, must not
// add up.
func TestManyCallsLeaveLittleBehind(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered()
		end := func() {
			p.leg.Hangup(hangup)
			c.Reply(c.Expect("BYE"), "200 OK")
			p.ended(call.CodeHangup)
		}
		end()
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		for range 200 {
			p.open()
			p.leg.Invite(offer)
			c.Reply(c.Expect("INVITE"), "200 OK", "", answer(1))
			c.Expect("ACK")
			p.expect(call.Accepted{SDP: answer(1)})
			end()
		}
		if grown := int64(heap()) - int64(before); grown > 2<<20 {
			t.Errorf("200 calls left %d kB behind", grown>>10)
		} else {
			t.Logf("200 calls left %d kB behind", grown>>10)
		}
	})
}
