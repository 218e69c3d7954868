package sipua_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua"
	"nxphone/call/sipua/sipuatest"
)

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"

// answer is an SDP of the far end, told apart by its version.
func answer(version int) string {
	return fmt.Sprintf("v=0\r\no=far 1 %d IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", version)
}

// phone is an agent with one leg, beside the server that it calls.
type phone struct {
	t      *testing.T
	srv    *sipuatest.Server
	agent  *sipua.Agent
	set    sipua.Settings
	leg    call.Leg
	events chan call.SignalEvent
	opened time.Time
	// onAccept is shown the connection that dial makes.
	onAccept func(*sipuatest.Conn)
}

var request = call.Request{Realm: "example.test", DN: "1001", Tel: "01012345678", URL: "ws://sbc.test/ws"}

// bubble runs a test in which time passes at once, and checks that nothing is
// left when it ends.
func bubble(t *testing.T, test func(p *phone)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &phone{t: t, srv: sipuatest.New(t)}
		p.agent = sipua.New(sipua.Options{
			Settings:    func(call.Request) sipua.Settings { return p.set },
			Logger:      slog.New(slog.DiscardHandler),
			DialContext: p.srv.DialContext,
		})
		defer p.srv.Close()
		defer p.agent.Close(context.Background())
		test(p)
	})
}

// open opens a leg.
func (p *phone) open(change ...func(*call.Request)) {
	req := request
	for _, f := range change {
		f(&req)
	}
	events := make(chan call.SignalEvent, 100)
	p.events = events
	p.opened = time.Now()
	p.leg = p.agent.Open(req, func(ev call.SignalEvent) { events <- ev })
}

// dial opens a leg and gives it the offer; the INVITE has arrived on return.
func (p *phone) dial() (*sipuatest.Conn, *sipuatest.Msg) {
	p.t.Helper()
	p.open()
	p.leg.Invite(offer)
	c := p.srv.Accept()
	if p.onAccept != nil {
		p.onAccept(c)
	}
	return c, c.Expect("INVITE")
}

// answered is a call with its 200 acknowledged.
func (p *phone) answered(extra ...string) (*sipuatest.Conn, *sipuatest.Msg, *sipuatest.Dialog) {
	p.t.Helper()
	c, inv := p.dial()
	c.Reply(inv, "200 OK", append(extra, "", answer(1))...)
	c.Expect("ACK")
	p.expect(call.Accepted{SDP: answer(1)})
	return c, inv, c.Dialog(inv)
}

// expect compares the next events.
func (p *phone) expect(want ...call.SignalEvent) {
	p.t.Helper()
	for _, w := range want {
		if got := p.next(); got != w {
			p.t.Fatalf("the leg told %#v, want %#v", got, w)
		}
	}
}

func (p *phone) next() call.SignalEvent {
	p.t.Helper()
	select {
	case ev := <-p.events:
		return ev
	case <-time.After(100 * time.Second):
		p.t.Fatal("the leg tells nothing")
		return nil
	}
}

// ended waits for LegEnded, which must be the last event.
func (p *phone) ended(code call.Code) call.Reason {
	p.t.Helper()
	ev, ok := p.next().(call.LegEnded)
	if !ok || ev.Reason.Code != code {
		p.t.Fatalf("the leg told %#v, want LegEnded with %s", ev, code)
	}
	synctest.Wait()
	select {
	case more := <-p.events:
		p.t.Fatalf("the leg told %#v after its end", more)
	default:
	}
	return ev.Reason
}

var hangup = call.Reason{Code: call.CodeHangup, Local: true}

// pass lets virtual time pass; it is for bubbles only.
func pass(d time.Duration) { time.Sleep(d) }
