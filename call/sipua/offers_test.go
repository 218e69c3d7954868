package sipua_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/sipuatest"
)

const local = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=recvonly\r\n"

const local2 = "v=0\r\no=- 1 3 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=sendonly\r\n"

// offers waits for a PeerOffer.
func (p *phone) offers(sdp string) int {
	p.t.Helper()
	o, ok := p.next().(call.PeerOffer)
	if !ok || o.SDP != sdp {
		p.t.Fatalf("the leg told %#v, want PeerOffer with %q", o, sdp)
	}
	return o.Ref
}

func TestHoldByTheFarEnd(t *testing.T) {
	for _, method := range []string{"INVITE", "UPDATE"} {
		t.Run(method, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, d := p.answered()
				for v := 2; v < 5; v++ { // hold, resume, hold
					d.Request(method, "Contact: <sip:moved"+strconv.Itoa(v)+"@127.0.2.2>", "", answer(v))
					if method == "INVITE" {
						c.Expect("100")
					}
					ref := p.offers(answer(v))
					p.leg.Respond(ref, 200, local)
					res := c.Expect("200")
					if res.SDP() != local || res.Value("Contact") == "" || res.Value("Allow") == "" {
						t.Errorf("the answer:\n%s", res.Text)
					}
					if method == "INVITE" {
						d.Request("ACK")
					}
				}
				p.leg.Hangup(hangup)
				if bye := c.Expect("BYE"); bye.URI() != "sip:moved4@127.0.2.2" {
					t.Errorf("the target was not refreshed: %s", bye.URI())
				}
			})
		})
	}
}

func TestRefusedOffersOfTheFarEnd(t *testing.T) {
	for _, tt := range []struct {
		name   string
		code   int
		answer string
		status string
	}{
		{"not acceptable", 488, "", "488"},
		{"pending", 491, "", "491"},
		{"failed", 500, "", "500"},
		{"an answer without SDP", 200, "", "488"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, d := p.answered()
				d.Request("INVITE", "", answer(2))
				c.Expect("100")
				p.leg.Respond(p.offers(answer(2)), tt.code, tt.answer)
				c.Expect(tt.status)
				d.Request("ACK")
				p.leg.Respond(1, 200, local) // a second answer is none
				c.Quiet(time.Second)
				d.Request("UPDATE", "", answer(3))
				p.leg.Respond(p.offers(answer(3)), 200, local)
				c.Expect("200")
			})
		})
	}
}

func TestTheMediaSessionTakesTooLong(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("INVITE", "", answer(2))
		c.Expect("100")
		ref := p.offers(answer(2))
		pass(11 * time.Second)
		c.Expect("500")
		p.leg.Respond(ref, 200, local)
		c.Quiet(time.Second)
	})
}

// The 200 is repeated until its ACK comes, at 0.5, 1.5, 3.5 and then every 4
// seconds (RFC 3261 section 13.3.1.4).
func TestTheAnswerToAnOfferIsRepeated(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("INVITE", "", answer(2))
		c.Expect("100")
		p.leg.Respond(p.offers(answer(2)), 200, local)
		first := c.Expect("200")
		start := time.Now()
		for _, at := range []time.Duration{500, 1500, 3500, 7500} {
			if again := c.Expect("200"); again.Text != first.Text || time.Since(start) != at*time.Millisecond {
				t.Errorf("after %v, want %v: %s", time.Since(start), at*time.Millisecond, again.Text)
			}
		}
		d.Request("ACK")
		c.Quiet(15 * time.Second)
	})
}

func TestNoAckEver(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("INVITE", "", answer(2))
		c.Expect("100")
		p.leg.Respond(p.offers(answer(2)), 200, local)
		start := time.Now()
		for {
			text := c.Next()
			if strings.HasPrefix(text, "BYE") {
				break
			}
			if !strings.HasPrefix(text, "SIP/2.0 200") {
				t.Fatalf("the client sent\n%s", text)
			}
		}
		if d := time.Since(start); d != 32*time.Second {
			t.Errorf("BYE after %v", d)
		}
		p.ended(call.CodeTimeout)
	})
}

func TestTheFarEndAsksForAnOffer(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("INVITE")
		c.Expect("100")
		p.leg.Respond(p.offers(""), 200, local)
		if res := c.Expect("200"); res.SDP() != local {
			t.Errorf("the offer:\n%s", res.Text)
		}
		// Our offer is unanswered: theirs has to wait (RFC 3261 section 14.2).
		seq := d.Seq
		d.Request("UPDATE", "", answer(3))
		c.Expect("491")
		d.Seq = seq
		d.Request("ACK", "", answer(2))
		p.expect(call.PeerAnswer{Ref: 1, SDP: answer(2)})
	})
}

func TestASecondOfferWhileOneIsPending(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("INVITE", "", answer(2))
		c.Expect("100")
		ref := p.offers(answer(2))
		for _, method := range []string{"INVITE", "UPDATE"} {
			d.Request(method, "", answer(3))
			res := c.Expect("500")
			if n, err := strconv.Atoi(res.Value("Retry-After")); err != nil || n < 0 || n > 10 {
				t.Errorf("Retry-After %q", res.Value("Retry-After"))
			}
		}
		d.Request("UPDATE") // carries no offer
		c.Expect("200")
		p.leg.Respond(ref, 200, local)
		c.Expect("200")
	})
}

func TestTheFarEndCancelsItsOffer(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Seq++
		c.Send(d.Text("INVITE", "z9hG4bKre", "", answer(2)))
		c.Expect("100")
		ref := p.offers(answer(2))
		c.Send(d.Text("CANCEL", "z9hG4bKre"))
		c.Expect("200")
		c.Expect("487")
		c.Send(d.Text("ACK", "z9hG4bKre"))
		p.leg.Respond(ref, 200, local) // too late
		c.Quiet(time.Second)
		// Cancelled after the answer: nothing to cancel.
		d.Seq++
		c.Send(d.Text("INVITE", "z9hG4bKri", "", answer(2)))
		c.Expect("100")
		p.leg.Respond(p.offers(answer(2)), 200, local)
		c.Expect("200")
		c.Send(d.Text("CANCEL", "z9hG4bKri"))
		c.Expect("200")
		d.Request("ACK")
	})
}

func TestTheCallEndsWhileAnOfferIsPending(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(p *phone, c *sipuatest.Conn, d *sipuatest.Dialog)
		want []string
	}{
		{"we hang up", func(p *phone, _ *sipuatest.Conn, _ *sipuatest.Dialog) { p.leg.Hangup(hangup) }, []string{"487", "BYE"}},
		{"they hang up", func(_ *phone, _ *sipuatest.Conn, d *sipuatest.Dialog) { d.Request("BYE") }, []string{"200", "487"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, d := p.answered()
				d.Request("INVITE", "", answer(2))
				c.Expect("100")
				ref := p.offers(answer(2))
				tt.act(p, c, d)
				for _, w := range tt.want {
					c.Expect(w)
				}
				p.leg.Respond(ref, 200, local)
			})
		})
	}
}

func TestOurOffer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status string
		body   string
		want   call.SignalEvent
	}{
		{"taken", "200 OK", answer(2), call.PeerAnswer{SDP: answer(2)}},
		{"refused", "488 Not Acceptable Here", "", call.PeerRefused{Code: 488}},
		{"failed", "500 Server Internal Error", "", call.PeerRefused{Code: 500}},
		{"answered without SDP", "200 OK", "", call.PeerRefused{Code: 488}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, inv, d := p.answered()
				p.leg.Reinvite(local)
				re := c.Expect("INVITE")
				if re.SDP() != local || re.CSeq != inv.CSeq+1 || re.ToTag != sipuatest.Tag || re.Value("Contact") != inv.Value("Contact") {
					t.Errorf("the re-INVITE:\n%s", re.Text)
				}
				c.Reply(re, "100 Trying")
				// Glare: both have sent one (RFC 3261 section 14.2).
				d.Request("INVITE", "", answer(7))
				c.Expect("491")
				d.Request("UPDATE", "", answer(7))
				c.Expect("491")
				c.Reply(re, tt.status, "", tt.body)
				ack := c.Expect("ACK")
				if same := ack.Branch == re.Branch; same != !strings.HasPrefix(tt.status, "2") || ack.CSeq != re.CSeq {
					t.Errorf("the ACK:\n%s", ack.Text)
				}
				p.expect(tt.want)
				if strings.HasPrefix(tt.status, "2") {
					c.Reply(re, tt.status, "", tt.body)
					if again := c.Expect("ACK"); again.Text != ack.Text {
						t.Errorf("another ACK:\n%s", again.Text)
					}
				}
				d.Request("UPDATE", "", answer(3)) // their turn
				p.leg.Respond(p.offers(answer(3)), 200, local)
				c.Expect("200")
			})
		})
	}
}

func TestOurOfferMeetsTheirs(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		p.leg.Reinvite(local)
		for try := range 4 {
			start := time.Now()
			re := c.Expect("INVITE")
			if wait := time.Since(start); try > 0 && (wait < 2100*time.Millisecond || wait > 4*time.Second) {
				t.Errorf("try %d after %v", try, wait)
			}
			c.Reply(re, "491 Request Pending")
			c.Expect("ACK")
			if try == 0 {
				// While we wait, theirs comes and is answered.
				d.Request("UPDATE", "", answer(3))
				p.leg.Respond(p.offers(answer(3)), 200, local)
				c.Expect("200")
			}
		}
		p.expect(call.PeerRefused{Code: 491})
	})
}

// A far end that is busy with another exchange says when to come again.
func TestOurOfferComesAgain(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered()
		p.leg.Reinvite(local)
		for _, after := range []string{"3", "0", "10;duration=5"} {
			c.Reply(c.Expect("INVITE"), "500 Server Internal Error", "Retry-After: "+after)
			c.Expect("ACK")
			start := time.Now()
			want, _ := strconv.Atoi(strings.TrimSuffix(after, ";duration=5"))
			re := c.Expect("INVITE")
			if got := time.Since(start); got != time.Duration(want)*time.Second || re.SDP() != local {
				t.Errorf("Retry-After %s: again after %v", after, got)
			}
			if after == "10;duration=5" {
				c.Reply(re, "500 Server Internal Error", "Retry-After: 3600")
				c.Expect("ACK")
			} else {
				c.Reply(re, "200 OK", "", answer(2))
				c.Expect("ACK")
				p.expect(call.PeerAnswer{SDP: answer(2)})
				p.leg.Reinvite(local)
			}
		}
		p.expect(call.PeerRefused{Code: 500})
	})
}

func TestOurOfferWaitsForTheirs(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		d.Request("INVITE", "", answer(2))
		c.Expect("100")
		ref := p.offers(answer(2))
		p.leg.Reinvite(local)
		c.Quiet(time.Second)
		p.leg.Reinvite(local2) // what theirs changes has made the first one old
		p.leg.Respond(ref, 200, local)
		c.Expect("200")
		d.Request("ACK")
		re := c.Expect("INVITE")
		if re.SDP() != local2 {
			t.Errorf("the re-INVITE:\n%s", re.Text)
		}
		p.leg.Reinvite(local) // too late: one at a time, with one outcome
		c.Reply(re, "200 OK", "", answer(4))
		c.Expect("ACK")
		p.expect(call.PeerAnswer{SDP: answer(4)})
		c.Quiet(10 * time.Second)
	})
}

// An offer that met one of theirs goes out again as it is then, not as it was.
func TestOurOfferIsReplacedInAGlare(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered()
		p.leg.Reinvite(local)
		c.Reply(c.Expect("INVITE"), "491 Request Pending")
		c.Expect("ACK")
		d.Request("UPDATE", "", answer(3))
		ref := p.offers(answer(3))
		p.leg.Reinvite(local2)
		p.leg.Respond(ref, 200, local)
		c.Expect("200")
		re := c.Expect("INVITE")
		if re.SDP() != local2 {
			t.Errorf("the re-INVITE:\n%s", re.Text)
		}
		c.Reply(re, "200 OK", "", answer(4))
		c.Expect("ACK")
		p.expect(call.PeerAnswer{SDP: answer(4)})
	})
}

// A refresh of the session is a re-INVITE too, and ours waits for its end.
func TestOurOfferWaitsForTheRefresh(t *testing.T) {
	for _, status := range []string{"200 OK", "500 Server Internal Error"} {
		bubble(t, func(p *phone) {
			c, _, _ := p.answered("Session-Expires: 100;refresher=uac", "Allow: INVITE, ACK, BYE")
			refresh := c.Expect("INVITE")
			p.leg.Reinvite(local)
			p.leg.Reinvite(local2)
			c.Quiet(time.Second)
			c.Reply(refresh, status, "", answer(1))
			c.Expect("ACK")
			re := c.Expect("INVITE")
			if re.SDP() != local2 {
				t.Errorf("the re-INVITE:\n%s", re.Text)
			}
			c.Reply(re, "200 OK", "", answer(4))
			c.Expect("ACK")
			p.expect(call.PeerAnswer{SDP: answer(4)})
		})
	}
}

// A far end that begins to answer and never does so is given up.
func TestOurOfferIsNeverAnswered(t *testing.T) {
	for _, status := range []string{"487 Request Terminated", "200 OK", ""} {
		t.Run(status, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, _ := p.answered()
				p.leg.Reinvite(local)
				re := c.Expect("INVITE")
				c.Reply(re, "100 Trying")
				start := time.Now()
				cancel := c.Expect("CANCEL")
				if cancel.Branch != re.Branch || cancel.CSeq != re.CSeq || time.Since(start) != 32*time.Second {
					t.Errorf("after %v:\n%s", time.Since(start), cancel.Text)
				}
				c.Reply(cancel, "200 OK")
				if status == "" {
					c.Reply(c.Expect("BYE"), "200 OK")
					p.ended(call.CodeTimeout)
					return
				}
				c.Reply(re, status, "", answer(2)) // it may have crossed the CANCEL
				c.Expect("ACK")
				if status == "200 OK" {
					p.expect(call.PeerAnswer{SDP: answer(2)})
				} else {
					p.expect(call.PeerRefused{Code: 487})
				}
				c.Quiet(40 * time.Second)
			})
		})
	}
}

func TestOurOfferIsChallenged(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.Password = "secret"
		c, _, _ := p.answered()
		p.leg.Reinvite(local)
		c.Reply(c.Expect("INVITE"), "407 Proxy Authentication Required", "Proxy-Authenticate: "+md5First)
		c.Expect("ACK")
		re := c.Expect("INVITE")
		if re.Value("Proxy-Authorization") == "" || re.SDP() != local {
			t.Errorf("the second re-INVITE:\n%s", re.Text)
		}
		c.Reply(re, "200 OK", "", answer(2))
		if ack := c.Expect("ACK"); ack.Value("Proxy-Authorization") != re.Value("Proxy-Authorization") {
			t.Errorf("the ACK:\n%s", ack.Text)
		}
		p.expect(call.PeerAnswer{SDP: answer(2)})
	})
}

func TestOurOfferFindsNobody(t *testing.T) {
	for _, tt := range []struct {
		status string
		code   call.Code
	}{{"481 Gone", call.CodeServerError}, {"408 Timeout", call.CodeTimeout}, {"", call.CodeTimeout}} {
		t.Run(tt.status, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, _ := p.answered()
				p.leg.Reinvite(local)
				re := c.Expect("INVITE")
				if tt.status != "" {
					c.Reply(re, tt.status)
					c.Expect("ACK")
				}
				c.Reply(c.Expect("BYE"), "200 OK")
				if r := p.ended(tt.code); tt.status != "" && fmt.Sprint(r.SIP) != tt.status[:3] {
					t.Errorf("reason %+v", r)
				}
			})
		})
	}
}

func TestHangupWithAnOfferOfOursUnderWay(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered()
		p.leg.Reinvite(local)
		re := c.Expect("INVITE")
		p.leg.Hangup(hangup)
		bye := c.Expect("BYE")
		c.Reply(re, "200 OK", "", answer(2))
		c.Expect("ACK")
		c.Reply(bye, "200 OK")
		p.ended(call.CodeHangup)
		synctest.Wait()
	})
}
