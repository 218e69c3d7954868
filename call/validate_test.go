package call

import (
	"strings"
	"testing"
)

// Every field of a Request is checked, and each fault has a code of its own.
func TestValidate(t *testing.T) {
	long := strings.Repeat("1", 129)
	good := Request{Realm: "nexuscommunity.net", DN: "1000", Tel: "01012345678", URL: "wss://sbc.nexuscommunity.net:6081/a?b=c"}
	for _, tc := range []struct {
		name string
		edit func(*Request)
		want Code
	}{
		{"good", func(*Request) {}, ""},
		{"default token", func(r *Request) { r.PushToken = "default" }, ""},
		{"token", func(r *Request) { r.PushToken = "fcm:APA91b-_x" }, ""},
		{"ws upper case", func(r *Request) { r.URL = "WS://10.10.30.71:6080" }, ""},
		{"user id", func(r *Request) { r.Tel = "kim.user_1*#+82" }, ""},
		{"user@host", func(r *Request) { r.Tel = "kim@example.net" }, ""},
		{"ipv6", func(r *Request) { r.URL = "ws://[::1]:6080"; r.Realm = "[::1]:5060" }, ""},
		{"128", func(r *Request) { r.Tel = long[:128] }, ""},
		{"no realm", func(r *Request) { r.Realm = "" }, CodeEmptyRealm},
		{"no dn", func(r *Request) { r.DN = "" }, CodeEmptyDN},
		{"no tel", func(r *Request) { r.Tel = "" }, CodeEmptyTel},
		{"no url", func(r *Request) { r.URL = "" }, CodeEmptyURL},
		{"hangul", func(r *Request) { r.Tel = "홍길동" }, CodeHangulTel},
		{"jamo", func(r *Request) { r.Tel = "010ㄱ" }, CodeHangulTel},
		{"decomposed hangul", func(r *Request) { r.Tel = "\u1112\u1169" }, CodeHangulTel},
		{"latin-1", func(r *Request) { r.Tel = "é" }, CodeBadTel},
		{"blank", func(r *Request) { r.Tel = "010 1234" }, CodeBadTel},
		{"tab", func(r *Request) { r.DN = "10\t00" }, CodeBadDN},
		{"line break", func(r *Request) { r.Tel = "1\r\nVia: x" }, CodeBadTel},
		{"nul", func(r *Request) { r.Tel = "1\x00" }, CodeBadTel},
		{"delete", func(r *Request) { r.Tel = "1\x7f" }, CodeBadTel},
		{"broken utf-8", func(r *Request) { r.Tel = "1\xff" }, CodeBadTel},
		{"quote", func(r *Request) { r.DN = `1"0` }, CodeBadDN},
		{"apostrophe", func(r *Request) { r.DN = `1'0` }, CodeBadDN},
		{"angle", func(r *Request) { r.DN = "<1000>" }, CodeBadDN},
		{"at first", func(r *Request) { r.Tel = "@host" }, CodeBadTel},
		{"at last", func(r *Request) { r.Tel = "kim@" }, CodeBadTel},
		{"two ats", func(r *Request) { r.Tel = "a@b@c" }, CodeBadTel},
		{"at in realm", func(r *Request) { r.Realm = "a@b" }, CodeBadRealm},
		{"parameter in realm", func(r *Request) { r.Realm = "a;maddr=10.0.0.1" }, CodeBadRealm},
		{"realm with port", func(r *Request) { r.Realm = "pbx_1.example.net:5060" }, ""},
		{"realm of colons", func(r *Request) { r.Realm = "::" }, CodeBadRealm},
		{"realm of a bracket", func(r *Request) { r.Realm = "[" }, CodeBadRealm},
		{"realm with half a bracket", func(r *Request) { r.Realm = "[::1" }, CodeBadRealm},
		{"realm with more behind", func(r *Request) { r.Realm = "[::1]x" }, CodeBadRealm},
		{"realm with an odd port", func(r *Request) { r.Realm = "a:b" }, CodeBadRealm},
		{"realm with no port", func(r *Request) { r.Realm = "a:" }, CodeBadRealm},
		{"realm that begins with a dot", func(r *Request) { r.Realm = ".a" }, CodeBadRealm},
		{"hangul realm", func(r *Request) { r.Realm = "상담.kr" }, CodeBadRealm},
		{"long tel", func(r *Request) { r.Tel = long }, CodeTooLong},
		{"long dn", func(r *Request) { r.DN = long }, CodeTooLong},
		{"long realm", func(r *Request) { r.Realm = long }, CodeTooLong},
		{"http", func(r *Request) { r.URL = "http://h/" }, CodeBadURL},
		{"no host", func(r *Request) { r.URL = "wss:///x" }, CodeBadURL},
		{"only port", func(r *Request) { r.URL = "ws://:6080" }, CodeBadURL},
		{"opaque", func(r *Request) { r.URL = "ws:host" }, CodeBadURL},
		{"no scheme", func(r *Request) { r.URL = "sbc.example.net:6081" }, CodeBadURL},
		{"bad port", func(r *Request) { r.URL = "ws://h:99999" }, CodeBadURL},
		{"port zero", func(r *Request) { r.URL = "ws://h:0" }, CodeBadURL},
		{"password in url", func(r *Request) { r.URL = "ws://u:p@h" }, CodeBadURL},
		{"blank in url", func(r *Request) { r.URL = "ws://h/a b" }, CodeBadURL},
		{"long url", func(r *Request) { r.URL = "ws://h/" + strings.Repeat("a", 2048) }, CodeBadURL},
		{"token with blank", func(r *Request) { r.PushToken = "a b" }, CodeBadPushToken},
		{"token with line break", func(r *Request) { r.PushToken = "a\nb" }, CodeBadPushToken},
		{"long token", func(r *Request) { r.PushToken = strings.Repeat("a", 4097) }, CodeBadPushToken},
	} {
		r := good
		tc.edit(&r)
		err := r.Validate()
		if CodeOf(err) != tc.want || (err == nil) != (tc.want == "") {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
		if err != nil && r.Tel != "" && strings.Contains(err.Error(), r.Tel) {
			t.Errorf("%s: the error repeats the number: %v", tc.name, err)
		}
	}
	if good.Token() != "" || (Request{PushToken: "default"}).Token() != "" || (Request{PushToken: "x"}).Token() != "x" {
		t.Error("Token does not know what means none")
	}
}
