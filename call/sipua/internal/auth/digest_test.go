package auth

import (
	"strings"
	"testing"

	"nxphone/call/sipua/internal/wire"
)

// The figures are those of the RFCs; where a document's own example is wrong,
// the erratum's is taken.
func TestDigestVectors(t *testing.T) {
	const (
		mufasa = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
		client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	)
	circle := request{user: "Mufasa", password: "Circle of Life", method: "GET", uri: "/dir/index.html", cnonce: client, count: 1}
	old := request{user: "Mufasa", password: "Circle Of Life", method: "GET", uri: "/dir/index.html", cnonce: "0a4f113b", count: 1}
	jason := request{user: "J\u00e4s\u00f8n Doe", password: "Secret, or not?", method: "GET", uri: "/doe.json",
		cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", count: 1}
	tests := []struct {
		name      string
		challenge string
		request   request
		response  string
		user      string
	}{
		{"RFC 2617 section 3.5", `Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`,
			old, "6629fae49393a05397450978507c4ef1", "Mufasa"},
		{"RFC 2069, no qop", `Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`,
			old, "670fd8c2df070c60b045671b8b24ff02", "Mufasa"},
		{"RFC 7616 section 3.9.1, MD5", `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="` + mufasa + `"`,
			circle, "8ca523f5e9506fed4657c9700eebdbec", "Mufasa"},
		{"RFC 7616 section 3.9.1, SHA-256", `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="` + mufasa + `"`,
			circle, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", "Mufasa"},
		{"RFC 7616 section 3.9.2, erratum 4897", `Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", charset=UTF-8, userhash=true`,
			jason, "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
			"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Parse([]string{tt.challenge}, false)
			if len(c) != 1 || !c[0].Answerable() {
				t.Fatalf("challenge %+v", c)
			}
			got := c[0].answer(tt.request)
			if r := param(got, "response"); r != tt.response {
				t.Errorf("response %s, want %s", r, tt.response)
			}
			if u := param(got, "username"); u != tt.user {
				t.Errorf("username %s, want %s", u, tt.user)
			}
		})
	}
}

func param(value, name string) string {
	for _, p := range wire.SplitList(strings.TrimPrefix(value, "Digest ")) {
		if v, ok := wire.Param(p, name); ok {
			return v
		}
	}
	return ""
}

func TestBodyIsHashedForAuthInt(t *testing.T) {
	c := Challenge{Realm: "r", Nonce: "n", QOP: []string{"auth-int"}}
	r := request{user: "u", password: "p", method: "INVITE", uri: "sip:a@b", cnonce: "c", count: 1, body: "v=0"}
	one := param(c.answer(r), "response")
	r.body = "v=1"
	if two := param(c.answer(r), "response"); one == two {
		t.Error("the response does not depend on the body")
	}
	if !strings.Contains(c.answer(r), "qop=auth-int, nc=00000001") {
		t.Errorf("credentials %s", c.answer(r))
	}
}

func TestSessionAlgorithm(t *testing.T) {
	// HA1 over nonce and cnonce too (RFC 7616 section 3.4.2): without qop the
	// cnonce must be sent nevertheless.
	c := Challenge{Realm: "r", Nonce: "n", Algorithm: "MD5-sess"}
	r := request{user: "u", password: "p", method: "BYE", uri: "sip:a@b", cnonce: "c1", count: 1}
	one := c.answer(r)
	r.cnonce = "c2"
	if two := c.answer(r); param(one, "response") == param(two, "response") || param(two, "cnonce") != "c2" {
		t.Errorf("%s\n%s", one, two)
	}
}
