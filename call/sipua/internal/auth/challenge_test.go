package auth

import (
	"fmt"
	"strings"
	"testing"

	"nxphone/call/sipua/internal/wire"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   string
	}{
		{"plain", []string{`Digest realm="a", nonce="n1"`}, `a n1 "" [] false`},
		{"two in one field", []string{`Digest realm="a", nonce="n1", Digest realm="b", nonce="n2", algorithm=SHA-256`},
			`a n1 "" [] false; b n2 "SHA-256" [] false`},
		{"two fields", []string{`Digest realm="a",nonce="n1"`, `Digest realm="b",nonce="n2"`},
			`a n1 "" [] false; b n2 "" [] false`},
		{"others between", []string{`Bearer authz_server="https://x", Digest realm="a", nonce="n1", Basic realm="c"`, `Negotiate YII=`},
			`a n1 "" [] false`},
		{"mixed case and blanks", []string{`DIGEST  Realm = "a" ,NONCE= "n1",Stale=TRUE , Qop="Auth , AUTH-INT"`},
			`a n1 "" [auth auth-int] true`},
		{"qop without quotes", []string{`Digest realm="a", nonce="n1", qop=auth`}, `a n1 "" [auth] false`},
		{"commas and quotes in a value", []string{`Digest realm="a, \"b\" c", nonce="n=1,2"`}, `a, "b" c n=1,2 "" [] false`},
		{"an unknown parameter", []string{`Digest realm="a", domain="sip:x sip:y", nonce="n1", foo`}, `a n1 "" [] false`},
		{"no closing quote", []string{`Digest realm="a", nonce="n1`}, `a "n1 "" [] false`},
		{"nonsense", []string{`=,"=,,Digest`, ``}, `  "" [] false`},
		{"nothing", nil, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range Parse(tt.values, false) {
				got = append(got, fmt.Sprintf("%s %s %q %v %v", c.Realm, c.Nonce, c.Algorithm, c.QOP, c.Stale))
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestAnswerable(t *testing.T) {
	for challenge, want := range map[string]bool{
		`Digest realm="a", nonce="n"`:                            true,
		`Digest realm="a", nonce="n", algorithm=md5`:             true,
		`Digest realm="a", nonce="n", algorithm=sha-256-sess`:    true,
		`Digest realm="a", nonce="n", algorithm=SHA-512-256`:     true,
		`Digest realm="a", nonce="n", algorithm=SHA-512`:         false, // no such name in RFC 7616
		`Digest realm="a", nonce="n", algorithm=AKAv1-MD5`:       false,
		`Digest realm="a", nonce="n", qop="auth-conf"`:           false,
		`Digest realm="a", nonce="n", qop="auth-conf, auth-int"`: true,
		`Digest realm="a"`: false,
	} {
		if c := Parse([]string{challenge}, false); c[0].Answerable() != want {
			t.Errorf("%s: %v, want %v", challenge, !want, want)
		}
	}
}

func digest(realm, nonce string, more ...string) Challenge {
	c := Parse([]string{`Digest realm="` + realm + `", nonce="` + nonce + `"` + strings.Join(more, "")}, false)[0]
	return c
}

func TestKeyring(t *testing.T) {
	proxy := digest("a", "n1")
	proxy.Proxy = true
	tests := []struct {
		name string
		// rounds are the challenges of one response after the other; a nil
		// one is a response that was no challenge.
		rounds [][]Challenge
		want   error
		fields int // of the request after the last round
	}{
		{"once", [][]Challenge{{digest("a", "n1")}}, nil, 1},
		{"wrong password", [][]Challenge{{digest("a", "n1")}, {digest("a", "n2")}}, ErrRefused, 0},
		{"stale once", [][]Challenge{{digest("a", "n1")}, {digest("a", "n2", ", stale=true")}}, nil, 1},
		{"stale twice", [][]Challenge{{digest("a", "n1")}, {digest("a", "n2", ", stale=true")}, {digest("a", "n3", ", stale=true")}}, ErrRefused, 0},
		{"a new nonce later", [][]Challenge{{digest("a", "n1")}, nil, {digest("a", "n2")}}, nil, 1},
		{"stale again later", [][]Challenge{{digest("a", "n1")}, nil, {digest("a", "n2")}, nil, {digest("a", "n3", ", stale=true")}}, nil, 1},
		{"two proxies in turn", [][]Challenge{{digest("a", "n1")}, {digest("b", "n2")}}, nil, 2},
		{"two realms at once", [][]Challenge{{digest("a", "n1"), digest("b", "n2")}}, nil, 2},
		{"401 and 407 of one realm", [][]Challenge{{digest("a", "n1"), proxy}}, nil, 2},
		{"the server's first choice", [][]Challenge{{digest("a", "n1", ", algorithm=SHA-256"), digest("a", "n1", ", algorithm=MD5")}}, nil, 1},
		{"the one that we know", [][]Challenge{{digest("a", "n1", ", algorithm=X"), digest("a", "n1")}}, nil, 1},
		{"none that we know", [][]Challenge{{digest("a", "n1", ", algorithm=X")}}, ErrUnsupported, 0},
		{"none at all", [][]Challenge{{}}, ErrUnsupported, 0},
		{"a new realm each time", [][]Challenge{{digest("a", "n")}, {digest("b", "n")}, {digest("c", "n")}, {digest("d", "n")}, {digest("e", "n")}}, ErrRefused, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := Keyring{User: "u", Password: "p"}
			var err error
			var fields []wire.Header
			for _, r := range tt.rounds {
				if r == nil {
					k.Accepted()
					continue
				}
				err = k.Take(r)
				if err == nil {
					fields = k.Authorize("INVITE", "sip:a@b", "")
				}
			}
			if err != tt.want {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if err == nil && len(fields) != tt.fields {
				t.Errorf("%d fields, want %d: %v", len(fields), tt.fields, fields)
			}
		})
	}
}

func TestKeyringCountsUsesOfANonce(t *testing.T) {
	k := Keyring{User: "u", Password: "p"}
	if err := k.Take([]Challenge{digest("a", "n1", `, qop="auth"`)}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"nc=00000001", "nc=00000002"} {
		if v := k.Authorize("INVITE", "sip:a@b", "")[0].Value; !strings.Contains(v, want) {
			t.Errorf("request %d: %s", i, v)
		}
	}
}

func TestWithoutPassword(t *testing.T) {
	k := Keyring{User: "u"}
	if err := k.Take([]Challenge{digest("a", "n")}); err != ErrNoPassword {
		t.Error(err)
	}
	if f := k.Authorize("INVITE", "sip:a@b", ""); f != nil {
		t.Error(f)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`Digest realm="a", nonce="n1", Digest realm="b", nonce="n2", algorithm=SHA-256`)
	f.Add(`DIGEST  Realm = "a\"" ,NONCE= "n1",Stale=TRUE , Qop="Auth , AUTH-INT"`)
	f.Add(`Negotiate YII==, =,"`)
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range Parse([]string{s}, false) {
			if !c.Answerable() {
				continue
			}
			// What we answer must be readable again, as one challenge's
			// parameters, with the same realm and nonce.
			v := c.answer(request{user: "u", password: "p", method: "INVITE", uri: "sip:a@b", cnonce: "c", count: 1})
			back := Parse([]string{v}, false)
			if len(back) != 1 || back[0].Realm != c.Realm || back[0].Nonce != c.Nonce {
				t.Fatalf("%q answered by %q", s, v)
			}
		}
	})
}
