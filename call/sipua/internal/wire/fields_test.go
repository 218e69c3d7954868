package wire

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{
		"":                          {""},
		"a":                         {"a"},
		" a , b ,c":                 {"a", "b", "c"},
		`"a,\",b" <sip:x,y>;z=1, c`: {`"a,\",b" <sip:x,y>;z=1`, "c"},
		`"a, b`:                     {`"a, b`},
		"a,":                        {"a", ""},
	} {
		if got := SplitList(in); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string][2]string{
		"<sip:a@b;x=1>;tag=t":       {"sip:a@b;x=1", "tag=t"},
		"sip:a@b;tag=t":             {"sip:a@b", "tag=t"},
		`"x <y>" <sip:a@b> ; tag=t`: {"sip:a@b", "tag=t"},
		"Name <sip:a@b>":            {"sip:a@b", ""},
		"<sip:a@b":                  {"", ""},
		"*":                         {"*", ""},
	} {
		uri, params := Address(in)
		if uri != want[0] || params != want[1] {
			t.Errorf("%q gives %q and %q, want %q", in, uri, params, want)
		}
	}
}

func TestQuoting(t *testing.T) {
	for _, s := range []string{"", "plain", `with "quotes" and \ back`, "한국"} {
		if got := Unquote(Quote(s)); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got := Unquote(`"open`); got != `"open` {
		t.Errorf("got %q", got)
	}
}

func TestSDP(t *testing.T) {
	const sdp = "v=0\r\ns=-\r\n"
	parts := "--x\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--x\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n--x--\r\n"
	for _, tt := range []struct{ name, kind, body, want string }{
		{"plain", "application/sdp", sdp, sdp},
		{"in capitals, with a parameter", "Application/SDP; charset=utf-8", sdp, sdp},
		{"not said", "", sdp, sdp},
		{"not said and something else", "", "hello", ""},
		{"something else", "application/dtmf-relay", "Signal=1", ""},
		{"multipart", `multipart/mixed;boundary="x"`, parts, sdp},
		{"multipart without boundary", "multipart/mixed", parts, ""},
		{"multipart cut off", "multipart/mixed;boundary=x", parts[:80], ""},
		{"none", "application/sdp", "", ""},
	} {
		text := strings.Replace(message, "Content-Type: application/sdp\nContent-Length: 5\n\nv=0\n", "", 1)
		if tt.kind != "" {
			text += "Content-Type: " + tt.kind + "\n"
		}
		m, err := Parse(append(crlf(text+"\n"), tt.body...))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := m.SDP(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMask(t *testing.T) {
	text := string(crlf(`INVITE sip:1@b SIP/2.0
Contact: <sip:1001@x.invalid;transport=ws;ob;pn-provider=fcm;PN-PRID=secret:token;pn-param=a>
Authorization: Digest username="u",
 response="secret"
proxy-authorization : Digest secret
X-Push: secret
To: <sip:1@b>

Authorization: not a field`))
	got := string(Mask([]byte(text), "X-Push", ""))
	want := string(crlf(`INVITE sip:1@b SIP/2.0
Contact: <sip:1001@x.invalid;transport=ws;ob;pn-provider=fcm;PN-PRID=(masked);pn-param=a>
Authorization: (masked)
proxy-authorization : (masked)
X-Push: (masked)
To: <sip:1@b>

Authorization: not a field`))
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestMaskKeepsTheRest(t *testing.T) {
	for _, text := range []string{string(crlf(message)), "\r\n", "", "İpn-prid", "pn-prid=", "\r\n\r\n"} {
		if got := string(Mask([]byte(text))); !strings.HasPrefix(got, text) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestRequestURIIsWrittenAsGiven(t *testing.T) {
	for _, uri := range []string{
		"sip:a@b", "sips:a@[2001:db8::1]:5061;transport=ws;a=;lr", "sip:a;phone=1:pw@b?h=1&h=2", "tel:+8210;ext=1", "sip:b",
	} {
		req := NewRequest("BYE", uri)
		if got := req.StartLine(); got != "BYE "+uri+" SIP/2.0" {
			t.Errorf("%s gives %s", uri, got)
		}
	}
}

func TestTokensDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		tok := Token(10)
		if len(tok) != 10 || seen[tok] {
			t.Fatalf("token %q", tok)
		}
		seen[tok] = true
	}
}
