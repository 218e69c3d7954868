package sipua_test

import (
	"strings"
	"testing"

	"nxphone/call"
	"nxphone/call/sipua"
)

const (
	md5First = `Digest realm="a", nonce="n1", qop="auth"`
	md5Again = `Digest realm="a", nonce="n2", qop="auth"`
	stale    = `Digest realm="a", nonce="n2", qop="auth", stale=true`
	sha256   = `Digest realm="a", nonce="n1", algorithm=SHA-256, qop="auth-int, auth"`
)

func TestChallenges(t *testing.T) {
	const (
		www   = "WWW-Authenticate: "
		proxy = "Proxy-Authenticate: "
	)
	tests := []struct {
		name string
		// rounds are the fields of the refusals, one after the other; then
		// comes a 200, if the call is still up.
		rounds [][]string
		status string
		// want are pieces of the last INVITE.
		want []string
		code call.Code // "" means that it is answered
	}{
		{"MD5", [][]string{{proxy + md5First}}, "407 Proxy Authentication Required",
			[]string{"Proxy-Authorization: Digest username=\"1001\", realm=\"a\", nonce=\"n1\", uri=\"sip:01012345678@example.test\", response=\"", ", qop=auth, nc=00000001, cnonce=\""}, ""},
		{"SHA-256", [][]string{{www + sha256}}, "401 Unauthorized",
			[]string{"Authorization: Digest username=\"1001\"", "algorithm=SHA-256, qop=auth,"}, ""},
		{"no qop", [][]string{{www + `Digest realm="a", nonce="n1"`}}, "401 Unauthorized", []string{"Authorization: Digest"}, ""},
		{"unknown first, in another field", [][]string{{www + `Digest realm="a", nonce="n", algorithm=X`, www + md5First}}, "401 Unauthorized",
			[]string{"nonce=\"n1\""}, ""},
		{"another scheme in the same field", [][]string{{www + `Bearer realm="x", ` + md5First}}, "401 Unauthorized", []string{"nonce=\"n1\""}, ""},
		{"mixed case", [][]string{{www + `dIGEST Realm="a", NONCE="n1", QoP="AUTH"`}}, "401 Unauthorized", []string{"realm=\"a\"", "qop=auth"}, ""},
		{"401 and 407 together", [][]string{{www + md5First, proxy + `Digest realm="b", nonce="n2"`}}, "407 Proxy Authentication Required",
			[]string{"\r\nAuthorization: Digest username=\"1001\", realm=\"a\"", "\r\nProxy-Authorization: Digest username=\"1001\", realm=\"b\""}, ""},
		{"two proxies in turn", [][]string{{proxy + md5First}, {proxy + `Digest realm="b", nonce="n2"`}}, "407 Proxy Authentication Required",
			[]string{"realm=\"a\", nonce=\"n1\"", "nc=00000002", "realm=\"b\", nonce=\"n2\""}, ""},
		{"stale", [][]string{{proxy + md5First}, {proxy + stale}}, "407 Proxy Authentication Required",
			[]string{"nonce=\"n2\"", "nc=00000001"}, ""},
		{"stale for ever", [][]string{{proxy + md5First}, {proxy + stale}, {proxy + stale}}, "407 Proxy Authentication Required", nil, call.CodeUnauthorized},
		{"wrong password", [][]string{{proxy + md5First}, {proxy + md5Again}}, "407 Proxy Authentication Required", nil, call.CodeUnauthorized},
		{"unknown algorithm", [][]string{{www + `Digest realm="a", nonce="n", algorithm=X`}}, "401 Unauthorized", nil, call.CodeUnauthorized},
		{"no challenge in it", [][]string{{}}, "401 Unauthorized", nil, call.CodeUnauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				p.set.Password = "secret"
				c, inv := p.dial()
				for i, fields := range tt.rounds {
					c.Reply(inv, tt.status, fields...)
					if ack := c.Expect("ACK"); ack.Branch != inv.Branch {
						t.Errorf("the ACK has another branch than its INVITE")
					}
					if i == len(tt.rounds)-1 && tt.code != "" {
						if r := p.ended(tt.code); r.SIP == 0 {
							t.Errorf("reason %+v", r)
						}
						return
					}
					next := c.Expect("INVITE")
					if next.CSeq != inv.CSeq+1 || next.Branch == inv.Branch || next.ToTag != "" ||
						next.FromTag != inv.FromTag || next.CallID != inv.CallID || next.SDP() != offer {
						t.Errorf("the next INVITE does not fit:\n%s", next.Text)
					}
					inv = next
				}
				for _, w := range tt.want {
					if !strings.Contains(inv.Text, w) {
						t.Errorf("no %q in\n%s", w, inv.Text)
					}
				}
				c.Reply(inv, "200 OK", "", answer(1))
				ack := c.Expect("ACK")
				p.expect(call.Accepted{SDP: answer(1)})
				for _, name := range []string{"Authorization", "Proxy-Authorization"} {
					// The ACK carries the INVITE's own (RFC 3261 section 22.1).
					if a, i := ack.Values(name), inv.Values(name); strings.Join(a, "|") != strings.Join(i, "|") {
						t.Errorf("%s of the ACK is %q, of the INVITE %q", name, a, i)
					}
				}
				p.leg.Hangup(hangup)
				bye := c.Expect("BYE")
				if strings.Contains(inv.Text, "nonce=\"n1\", ") && !strings.Contains(bye.Text, `realm="a"`) {
					t.Errorf("the BYE carries no credentials:\n%s", bye.Text)
				}
				c.Reply(bye, "200 OK")
				p.ended(call.CodeHangup)
			})
		})
	}
}

func TestAChallengeWithoutPassword(t *testing.T) {
	bubble(t, func(p *phone) {
		c, inv := p.dial()
		c.Reply(inv, "407 Proxy Authentication Required", "Proxy-Authenticate: "+md5First)
		c.Expect("ACK")
		r := p.ended(call.CodeUnauthorized)
		if r.SIP != 407 || r.Phrase != "the server asks for a password and none is set" {
			t.Errorf("reason %+v", r)
		}
	})
}

func TestAnotherUserForThePassword(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set = sipua.Settings{User: "auth-1", Password: "secret"}
		c, inv := p.dial()
		c.Reply(inv, "401 Unauthorized", "WWW-Authenticate: "+md5First)
		c.Expect("ACK")
		if inv = c.Expect("INVITE"); !strings.Contains(inv.Text, `username="auth-1"`) || !strings.Contains(inv.Text, "From: <sip:1001@") {
			t.Error(inv.Text)
		}
	})
}

func TestHangupWhileBeingChallenged(t *testing.T) {
	bubble(t, func(p *phone) {
		p.set.Password = "secret"
		c, inv := p.dial()
		c.Reply(inv, "100 Trying")
		p.next()
		p.leg.Hangup(hangup)
		c.Expect("CANCEL")
		c.Reply(inv, "407 Proxy Authentication Required", "Proxy-Authenticate: "+md5First)
		c.Expect("ACK")
		p.ended(call.CodeHangup)
	})
}
