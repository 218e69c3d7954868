package sipua_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua"
	"nxphone/call/sipua/sipuatest"
)

func TestTheFlowIsLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(p *phone) *sipuatest.Conn
	}{
		{"before the offer", func(p *phone) *sipuatest.Conn { p.open(); return p.srv.Accept() }},
		{"before a response", func(p *phone) *sipuatest.Conn { c, _ := p.dial(); return c }},
		{"while ringing", func(p *phone) *sipuatest.Conn {
			c, inv := p.dial()
			c.Reply(inv, "180 Ringing")
			p.next()
			return c
		}},
		{"in the call", func(p *phone) *sipuatest.Conn { c, _, _ := p.answered(); return c }},
	} {
		for _, cut := range []func(c *sipuatest.Conn){
			func(c *sipuatest.Conn) { c.Cut() },
			func(c *sipuatest.Conn) { c.Frame(sipuatest.CloseFrame, true, []byte("\x03\xe9gone")) },
		} {
			t.Run(tt.name, func(t *testing.T) {
				bubble(t, func(p *phone) {
					c := tt.act(p)
					synctest.Wait()
					start := time.Now()
					cut(c)
					if r := p.ended(call.CodeFlowLost); r.Local || r.Phrase == "" {
						t.Errorf("reason %+v", r)
					}
					p.within(0, start)
					// The next call makes a new flow.
					c, inv := p.dial()
					c.Reply(inv, "486 Busy Here")
					c.Expect("ACK")
					p.ended(call.CodeLineBusy)
				})
			})
		}
	}
}

func TestTheFlowIsLostWhileHangingUp(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered()
		p.leg.Hangup(hangup)
		c.Expect("BYE")
		c.Cut()
		p.ended(call.CodeHangup)
	})
}

func TestNoFlow(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(s *sipuatest.Server)
		code    call.Code
		phrase  string
		after   time.Duration
	}{
		{"refused", func(s *sipuatest.Server) { s.Refuse = 403 }, call.CodeHandshake, "HTTP 403 Forbidden", 0},
		{"silent", func(s *sipuatest.Server) { s.Stall = true }, call.CodeUnreachable, "sbc.test: no answer within 8s", 8 * time.Second},
		{"gone", func(s *sipuatest.Server) { s.Close() }, call.CodeHandshake, "sbc.test: the server closed the connection", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				tt.prepare(p.srv)
				p.open()
				p.leg.Invite(offer)
				if r := p.ended(tt.code); r.Phrase != tt.phrase || r.Local {
					t.Errorf("reason %+v", r)
				}
				if d := time.Since(p.opened); d != tt.after {
					t.Errorf("after %v", d)
				}
			})
		})
	}
}

func TestAFlowIsKeptForTheNextCall(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
		pass(time.Hour)
		for range 3 {
			p.open()
			p.leg.Invite(offer)
			inv := c.Expect("INVITE")
			c.Reply(inv, "404 Not Found")
			c.Expect("ACK")
			p.ended(call.CodeNotFound)
		}
		if n := len(p.srv.Handshakes()); n != 1 {
			t.Errorf("%d handshakes", n)
		}
		// Other settings or another URL are another flow.
		p.set.Header = map[string][]string{"Origin": {"https://a.test"}}
		p.dial()
		p.open(func(r *call.Request) { r.URL = "ws://sbc.test/other" })
		p.srv.Accept()
	})
}

// refused is one call to url that the server turns down.
func (p *phone) refused(url string, c *sipuatest.Conn) *sipuatest.Conn {
	p.t.Helper()
	p.open(func(r *call.Request) { r.URL = url })
	p.leg.Invite(offer)
	if c == nil {
		c = p.srv.Accept()
	}
	inv := c.Expect("INVITE")
	c.Reply(inv, "486 Busy Here")
	c.Expect("ACK")
	p.ended(call.CodeLineBusy)
	return c
}

// A server that somebody else chose is not kept for ever, but long enough for
// the next call.
func TestKeepIdle(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.KeepIdle = 10 * time.Minute
		c := p.refused(request.URL, nil)
		for range 3 {
			pass(9 * time.Minute)
			p.refused(request.URL, c)
		}
		pass(9*time.Minute + 59*time.Second)
		if c.Closed() {
			t.Fatal("closed too early")
		}
		pass(2 * time.Second)
		c.WaitGone()

		// A call is never cut by it.
		c, _, far := p.answered()
		pass(time.Hour)
		far.Request("BYE")
		p.ended(call.CodeRemoteHangup)
		// What is warmed is the settings' own and stays.
		p.agent.Warm(request)
		pass(time.Hour)
		if c.Closed() {
			t.Error("a flow that was warmed went")
		}
		if n := len(p.srv.Handshakes()); n != 2 {
			t.Errorf("%d handshakes", n)
		}
	})
}

// A page that dials one server after the other cannot pile up connections.
func TestIdleFlowsAreFew(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.KeepIdle = 10 * time.Minute
		var flows []*sipuatest.Conn
		for i := range 7 {
			flows = append(flows, p.refused(fmt.Sprintf("ws://sbc.test/%d", i), nil))
			pass(time.Second)
		}
		for _, c := range flows[:3] {
			c.WaitGone()
		}
		for i, c := range flows[3:] {
			if c.Closed() {
				t.Errorf("flow %d of the newest four is closed", i)
			}
		}
		p.refused("ws://sbc.test/6", flows[6])
	})
}

func TestAnIdleFlowThatIsDeadIsNoticedAtOnce(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
		pass(25 * time.Second)
		c.Deafen()
		start := time.Now()
		p.open()
		p.leg.Invite(offer)
		p.ended(call.CodeFlowLost)
		p.within(3*time.Second, start)
	})
}

func TestCloseIdle(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.CloseIdle = true
		c, inv := p.dial()
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
		c.WaitGone()
		if !c.Closed() {
			t.Error("no close frame")
		}
		// What is left of a call keeps it open as long as it may be needed.
		c, inv = p.dial()
		c.Reply(inv, "180 Ringing")
		p.next()
		p.leg.Hangup(hangup)
		c.Expect("CANCEL")
		p.ended(call.CodeHangup)
		pass(20 * time.Second)
		c.Reply(inv, "200 OK", "", answer(1))
		c.Expect("ACK")
		c.Expect("BYE")
		c.WaitGone()
	})
}

func TestWarm(t *testing.T) {
	bubble(t, func(p *phone) {
		p.agent.Warm(request)
		p.agent.Warm(request)
		c := p.srv.Accept()
		pass(time.Minute)
		p.open()
		p.leg.Invite(offer)
		inv := c.Expect("INVITE")
		if n := len(p.srv.Handshakes()); n != 1 {
			t.Errorf("%d handshakes", n)
		}
		// Other settings want another flow. The first stays while a call is
		// on it, and goes when none is.
		p.agent.Warm(call.Request{URL: "ws://other.test"})
		other := p.srv.Accept()
		pass(time.Second)
		if c.Closed() {
			t.Fatal("a flow was closed under a call")
		}
		p.leg.Hangup(hangup)
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeHangup)
		p.agent.Warm(call.Request{URL: "ws://other.test"})
		c.WaitGone()
		if other.Closed() {
			t.Error("the flow that is wanted was closed")
		}
		// A registration needs to know whose.
		p.set.Register = true
		p.agent.Warm(request)
		synctest.Wait()
		if n := len(p.srv.Handshakes()); n != 2 {
			t.Errorf("%d handshakes", n)
		}
	})
}

func TestTwoCallsOnOneFlow(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv1 := p.dial()
		leg1, events1 := p.leg, p.events
		p.open()
		p.leg.Invite(offer)
		inv2 := c.Expect("INVITE")
		if inv1.CallID == inv2.CallID || inv1.FromTag == inv2.FromTag {
			t.Error("two calls with one identity")
		}
		c.Reply(inv2, "180 Ringing")
		c.Reply(inv1, "183 Progress")
		p.expect(call.Provisional{Code: 180, Phrase: "Ringing"})
		leg2, events2 := p.leg, p.events
		p.leg, p.events = leg1, events1
		p.expect(call.Provisional{Code: 183, Phrase: "Progress"})
		c.Reply(inv1, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
		p.leg, p.events = leg2, events2
		c.Reply(inv2, "404 Not Found")
		c.Expect("ACK")
		p.ended(call.CodeNotFound)
	})
}

func TestClose(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(p *phone)
		// expect is what the server sees and does.
		expect func(c *sipuatest.Conn)
		conn   bool
	}{
		{"in the call", func(p *phone) { p.answered() }, func(c *sipuatest.Conn) { c.Reply(c.Expect("BYE"), "200 OK") }, true},
		{"in the call, no answer", func(p *phone) { p.answered() }, func(c *sipuatest.Conn) { c.Expect("BYE") }, true},
		{"before a response", func(p *phone) { p.dial() }, func(*sipuatest.Conn) {}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				var c *sipuatest.Conn
				p.onAccept = func(x *sipuatest.Conn) { c = x }
				tt.act(p)
				start := time.Now()
				done := make(chan struct{})
				go func() { p.agent.Close(context.Background()); close(done) }()
				tt.expect(c)
				p.ended(call.CodeShutdown)
				<-done
				if d := time.Since(start); d > 4*time.Second {
					t.Errorf("Close took %v", d)
				}
				c.WaitGone()
				p.open() // refused, and told so
				p.ended(call.CodeShutdown)
				p.leg.Invite(offer)
				p.leg.Hangup(hangup)
				p.agent.Warm(request)
				p.agent.Close(context.Background())
			})
		})
	}
}

func TestCloseInAHurry(t *testing.T) {
	bubble(t, func(p *phone) {
		p.answered()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		start := time.Now()
		p.agent.Close(ctx)
		p.within(100*time.Millisecond, start)
		p.ended(call.CodeShutdown)
	})
}

func TestCloseWhileDialling(t *testing.T) {
	bubble(t, func(p *phone) {
		p.srv.Stall = true
		p.open()
		p.agent.Warm(call.Request{URL: "ws://other.test"})
		synctest.Wait()
		start := time.Now()
		p.agent.Close(context.Background())
		p.within(0, start)
		p.ended(call.CodeShutdown)
	})
}

// Hang-ups at every moment of a call, a hundred of them, must leave nothing
// behind: neither a goroutine (bubble checks) nor a far end in a call.
func TestHangupAtAnyMoment(t *testing.T) {
	for step := range 100 {
		bubble(t, func(p *phone) {
			p.open()
			p.leg.Invite(offer)
			var events, acked, byed int
			var wg sync.WaitGroup
			c := p.srv.Accept()
			wg.Go(func() {
				for {
					text, ok := c.Try(10 * time.Second)
					if !ok {
						return
					}
					switch method, _, _ := strings.Cut(text, " "); method {
					case "INVITE":
						go func() {
							inv := c.Take(text)
							for _, s := range []string{"100 Trying", "180 Ringing", "200 OK"} {
								pass(10 * time.Millisecond)
								c.Reply(inv, s, "", answer(1))
							}
						}()
					case "ACK":
						acked++
					case "BYE":
						byed++
						c.Send(okTo(text))
					case "CANCEL": // lost, so that the answer always comes
					}
				}
			})
			pass(time.Duration(step) * 500 * time.Microsecond)
			p.leg.Hangup(hangup)
			for {
				ev := p.next()
				events++
				if _, ok := ev.(call.LegEnded); ok {
					break
				}
			}
			wg.Wait()
			if acked != byed {
				t.Errorf("step %d: %d ACK, %d BYE, %d events", step, acked, byed, events)
			}
		})
	}
}

func TestTraceAndOnSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sipuatest.New(t)
		defer srv.Close()
		var mu sync.Mutex
		var trace, sent []string
		var logged bytes.Buffer
		agent := sipua.New(sipua.Options{
			Settings:    func(call.Request) sipua.Settings { return sipua.Settings{Password: "secret", PushHeader: "X-Push"} },
			DialContext: srv.DialContext,
			Logger:      slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Trace: func(dir string, msg []byte, at time.Time) {
				mu.Lock()
				defer mu.Unlock()
				trace = append(trace, dir+" "+string(msg))
				if !at.Equal(time.Now()) {
					t.Errorf("time %v", at)
				}
			},
			OnSend: func(method string, at time.Time) {
				mu.Lock()
				defer mu.Unlock()
				sent = append(sent, method)
			},
		})
		p := &phone{t: t, srv: srv, agent: agent}
		p.open(func(r *call.Request) { r.PushToken = "TOKEN" })
		p.leg.Invite(offer)
		c := srv.Accept()
		c.Reply(c.Expect("INVITE"), "407 Proxy Authentication Required", "Proxy-Authenticate: "+md5First)
		c.Expect("ACK")
		inv := c.Expect("INVITE")
		c.Send("garbage 01012345678\n\n")
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeLineBusy)
		agent.Close(context.Background())
		if got := fmt.Sprint(sent); got != "[INVITE ACK INVITE ACK]" {
			t.Errorf("sent %s", got)
		}
		all := strings.Join(trace, "\n")
		for _, w := range []string{"send INVITE sip:", "receive SIP/2.0 407", "Proxy-Authorization: (masked)", "X-Push: (masked)", "receive garbage"} {
			if !strings.Contains(all, w) {
				t.Errorf("no %q in the trace", w)
			}
		}
		for _, secret := range []string{"response=", "TOKEN", "secret"} {
			if strings.Contains(all, secret) {
				t.Errorf("%q in the trace", secret)
			}
		}
		for _, secret := range []string{"0101", "1001", "TOKEN", "secret"} {
			if strings.Contains(logged.String(), secret) {
				t.Errorf("%q in the log:\n%s", secret, logged.String())
			}
		}
		if !strings.Contains(logged.String(), "malformed") {
			t.Error("the malformed message was not logged")
		}
	})
}

// The lab's and every SBC's Record-Route and Contact hold addresses. Nothing
// may be dialled but the URL.
func TestNothingElseIsDialled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sipuatest.New(t)
		defer srv.Close()
		var mu sync.Mutex
		var dialled []string
		p := &phone{t: t, srv: srv}
		p.agent = sipua.New(sipua.Options{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			mu.Lock()
			dialled = append(dialled, addr)
			mu.Unlock()
			return srv.DialContext(ctx, network, addr)
		}})
		defer p.agent.Close(context.Background())
		c, _, d := p.answered("Record-Route: <sip:127.0.0.1:6081;transport=ws;lr>")
		p.leg.SendInfo('1')
		c.Reply(c.Expect("INFO"), "200 OK", "Contact: <sip:127.0.0.1:7>")
		p.leg.Reinvite(local)
		c.Reply(c.Expect("INVITE"), "200 OK", "Contact: <sip:127.0.0.1:7>", "", answer(2))
		c.Expect("ACK")
		d.Request("OPTIONS")
		c.Expect("200")
		p.leg.Hangup(hangup)
		if bye := c.Expect("BYE"); bye.URI() != "sip:127.0.0.1:7" {
			t.Errorf("BYE to %s", bye.URI())
		}
		if got := fmt.Sprint(dialled); got != "[sbc.test:80]" {
			t.Errorf("dialled %s", got)
		}
	})
}
