package demosbc

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// fixedTime is a moment for tests.
func fixedTime() time.Time { return time.Unix(1_800_000_000, 0) }

// credentials is what a phone answers to a challenge.
func credentials(challenge, method, user, password, qop string) string {
	p, _ := parseDigest(challenge)
	h := func() hash.Hash { return md5.New() }
	if p["algorithm"] == "SHA-256" {
		h = sha256.New
	}
	ha1 := hexHash(h, user+":"+p["realm"]+":"+password)
	ha2 := hexHash(h, method+":sip:600@demo.invalid")
	response := hexHash(h, ha1+":"+p["nonce"]+":"+ha2)
	extra := ""
	if qop != "" {
		response = hexHash(h, strings.Join([]string{ha1, p["nonce"], "00000001", "xyz", qop, ha2}, ":"))
		extra = fmt.Sprintf(`, qop=%s, nc=00000001, cnonce="xyz"`, qop)
	}
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="sip:600@demo.invalid", response="%s", algorithm=%s%s`,
		user, p["realm"], p["nonce"], response, p["algorithm"], extra)
}

// TestDigestVector is the example of RFC 7616 section 3.9.1 (also RFC 2617's).
func TestDigestVector(t *testing.T) {
	for algorithm, response := range map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		g := &guard{auth: Auth{User: "Mufasa", Password: "Circle of Life", Realm: "http-auth@example.org", Algorithm: algorithm}}
		p := map[string]string{
			"username": "Mufasa", "realm": "http-auth@example.org", "uri": "/dir/index.html", "algorithm": algorithm,
			"nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "nc": "00000001", "qop": "auth",
			"cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "response": response,
		}
		if !g.right("GET", p) {
			t.Errorf("%s: the example of the RFC is refused", algorithm)
		}
		p["response"] = strings.Repeat("0", len(response))
		if g.right("GET", p) {
			t.Errorf("%s: a wrong response is taken", algorithm)
		}
	}
}

func TestChallenge(t *testing.T) {
	now := fixedTime()
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		g, err := newGuard(&Auth{User: "1001", Password: "secret", Algorithm: algorithm, Realm: "here"})
		if err != nil {
			t.Fatal(err)
		}
		bare := phoneRequest(t, "INVITE", 1, "z9hG4bK1", "", "")
		res := g.challenge(bare, now)
		if res == nil || res.StatusCode != 407 {
			t.Fatalf("no credentials: %v", res)
		}
		challenge := res.GetHeader("Proxy-Authenticate").Value()

		ask := func(value string, at time.Time) *sip.Response {
			req := phoneRequest(t, "INVITE", 2, "z9hG4bK2", "", "")
			req.AppendHeader(sip.NewHeader("Proxy-Authorization", value))
			return g.challenge(req, at)
		}
		for name, value := range map[string]string{
			"qop auth": credentials(challenge, "INVITE", "1001", "secret", "auth"),
			"no qop":   credentials(challenge, "INVITE", "1001", "secret", ""),
		} {
			if res := ask(value, now.Add(time.Second)); res != nil {
				t.Errorf("%s %s: refused with %d", algorithm, name, res.StatusCode)
			}
		}
		good := credentials(challenge, "INVITE", "1001", "secret", "auth")
		for name, value := range map[string]string{
			"wrong password":   credentials(challenge, "INVITE", "1001", "guess", "auth"),
			"wrong user":       credentials(challenge, "INVITE", "1002", "secret", "auth"),
			"other method":     credentials(challenge, "BYE", "1001", "secret", "auth"),
			"auth-int":         credentials(challenge, "INVITE", "1001", "secret", "auth-int"),
			"foreign nonce":    credentials(strings.Replace(challenge, `nonce="`, `nonce="00`, 1), "INVITE", "1001", "secret", "auth"),
			"other algorithm":  strings.Replace(good, "algorithm="+algorithm, "algorithm=SHA-512", 1),
			"Basic":            "Basic MTAwMTpzZWNyZXQ=",
			"nothing":          "",
			"unclosed quote":   `Digest username="1001`,
			"no equals sign":   "Digest username",
			"nonce not in hex": credentials(`Digest realm="here", nonce="zz", algorithm=`+algorithm, "INVITE", "1001", "secret", "auth"),
		} {
			if res := ask(value, now); res == nil {
				t.Errorf("%s %s: taken", algorithm, name)
			}
		}
		late := ask(good, now.Add(nonceLife+time.Second))
		if late == nil || !strings.Contains(late.GetHeader("Proxy-Authenticate").Value(), "stale=true") {
			t.Errorf("%s: an old nonce is not called stale: %v", algorithm, late)
		}
		if res := ask(good, now.Add(-time.Hour)); res == nil {
			t.Errorf("%s: a nonce of the future is taken", algorithm)
		}
	}
}

func TestGuard(t *testing.T) {
	if g, err := newGuard(nil); g != nil || err != nil {
		t.Errorf("no account: %v, %v", g, err)
	}
	if _, err := newGuard(&Auth{Algorithm: "SHA-512"}); err == nil {
		t.Error("an unknown algorithm is taken")
	}
	if res := (*guard)(nil).challenge(phoneRequest(t, "INVITE", 1, "b", "", ""), time.Now()); res != nil {
		t.Error("a server without an account asks for one")
	}
}

func TestParseDigest(t *testing.T) {
	p, ok := parseDigest(` digest  UserName = "a\"b, c" ,nc=00000001,qop=auth , opaque=""`)
	if !ok || p["username"] != `a"b, c` || p["nc"] != "00000001" || p["qop"] != "auth" || p["opaque"] != "" {
		t.Errorf("%v %v", p, ok)
	}
}
