package sipua_test

import (
	"strings"
	"testing"
	"time"

	"nxphone/call"
)

func TestWeRefreshTheSession(t *testing.T) {
	for _, tt := range []struct {
		name  string
		allow string
		want  string
	}{
		{"by UPDATE", "Allow: INVITE, ACK, BYE, UPDATE", "UPDATE"},
		{"by re-INVITE", "Allow: INVITE, ACK, BYE", "INVITE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, _ := p.answered(tt.allow, "Session-Expires: 100;refresher=uac")
				for range 3 {
					start := time.Now()
					m := c.Expect(tt.want)
					if d := time.Since(start); d != 50*time.Second {
						t.Errorf("refreshed after %v", d)
					}
					if m.Value("Session-Expires") != "100;refresher=uac" || !m.Has("Supported", "timer") {
						t.Errorf("the refresh:\n%s", m.Text)
					}
					if tt.want == "UPDATE" {
						if m.Body() != "" {
							t.Errorf("the UPDATE has a body:\n%s", m.Text)
						}
						c.Reply(m, "200 OK", "Session-Expires: 100;refresher=uac")
						continue
					}
					if m.SDP() != offer {
						t.Errorf("the re-INVITE offers something new:\n%s", m.Text)
					}
					c.Reply(m, "200 OK", "x: 100;refresher=uac", "", answer(1))
					c.Expect("ACK")
				}
				p.leg.Hangup(hangup)
				c.Reply(c.Expect("BYE"), "200 OK")
				p.ended(call.CodeHangup) // no event before: nobody was bothered
			})
		})
	}
}

func TestRefusedRefreshes(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, _ := p.answered("Allow: UPDATE, INVITE", "Session-Expires: 100;refresher=uac")
		c.Reply(c.Expect("UPDATE"), "422 Session Interval Too Small", "Min-SE: 200")
		m := c.Expect("UPDATE")
		if m.Value("Session-Expires") != "200;refresher=uac" {
			t.Errorf("after 422:\n%s", m.Text)
		}
		c.Reply(m, "501 Not Implemented")
		re := c.Expect("INVITE") // by the other way
		c.Reply(re, "491 Request Pending")
		c.Expect("ACK")
		c.Reply(c.Expect("INVITE"), "200 OK", "Session-Expires: 200;refresher=uac", "", answer(1))
		c.Expect("ACK")
	})
}

func TestTheSessionExpires(t *testing.T) {
	for _, tt := range []struct {
		name  string
		value string
		after time.Duration
	}{
		{"nobody takes our refresh", "100;refresher=uac", 100 * time.Second},
		{"they do not refresh", "90;refresher=uas", 60 * time.Second},
		{"they do not refresh a long one", "1800;refresher=uas", 1768 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				c, _, _ := p.answered("Allow: UPDATE", "Session-Expires: "+tt.value)
				start := time.Now()
				done := make(chan string, 1)
				go func() {
					for {
						text := c.NextWithin(time.Hour)
						if !strings.HasPrefix(text, "UPDATE") {
							done <- text
							return
						}
						c.Send(strings.Replace(okTo(text), "200 OK", "403 Forbidden", 1))
					}
				}()
				text := <-done
				if d := time.Since(start); d != tt.after || !strings.HasPrefix(text, "BYE") {
					t.Errorf("after %v: %.10s", d, text)
				}
				p.ended(call.CodeTimeout)
			})
		})
	}
}

// okTo answers any request by its own lines.
func okTo(text string) string {
	var out strings.Builder
	out.WriteString("SIP/2.0 200 OK\n")
	for line := range strings.SplitSeq(text, "\r\n") {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if strings.HasPrefix(line, name) {
				out.WriteString(line + "\n")
			}
		}
	}
	return out.String() + "Content-Length: 0\n\n"
}

func TestTheyRefreshTheSession(t *testing.T) {
	bubble(t, func(p *phone) {
		c, _, d := p.answered("Session-Expires: 90;refresher=uas")
		for range 5 {
			pass(45 * time.Second)
			d.Request("UPDATE", "Supported: timer", "Session-Expires: 90;refresher=uac")
			res := c.Expect("200")
			if res.Value("Session-Expires") != "90;refresher=uac" || res.Value("Require") != "timer" {
				t.Errorf("the answer:\n%s", res.Text)
			}
		}
		// The roles change: from here on we refresh.
		d.Request("UPDATE", "Allow: UPDATE", "Supported: timer", "Session-Expires: 90;refresher=uas")
		if res := c.Expect("200"); res.Value("Session-Expires") != "90;refresher=uas" || res.Value("Require") != "" {
			t.Errorf("the answer:\n%s", res.Text)
		}
		pass(45 * time.Second)
		c.Reply(c.Expect("UPDATE"), "200 OK", "Session-Expires: 90;refresher=uac")
		// And without Session-Expires the timer is off (RFC 4028 section 9).
		d.Request("UPDATE")
		c.Expect("200")
		c.Quiet(10 * time.Minute)
	})
}
