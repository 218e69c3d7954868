package scrub

import (
	"strings"
	"testing"
)

// person is a number that must never be seen, in the ways in which it is written.
func people() []string {
	return []string{
		"01012345678", "010-1234-5678", "010 1234 5678", "010.1234.5678", "(010) 1234-5678", "+82-10-1234-5678", "+82 (0)10 1234 5678",
		"010_1234_5678", "010/1234/5678", "010–1234–5678", "010\u00a01234\u00a05678", "010\u200b1234\u200b5678", "０１０１２３４５６７８", "０１０－１２３４－５６７８",
		"공일공일이삼사오육칠팔", "공일공 일이삼사 오육칠팔", "공일공에 일이삼사에 오육칠팔", "영일영-일이삼사-오육칠팔", "%2B821012345678", "010%2D1234%2D5678", "%30%31%30%31%32%33%34%35%36%37%38",
		`010\u002d1234\u002d5678`, "٠١٠١٢٣٤٥٦٧٨", "1588-1234", "02-123-4567", "02)123-4567", "010:1234:5678", "#31#01012345678", "010 - 1234 - 5678", "&#48;&#49;&#48;12345678",
		"⓪①⓪①②③④⑤⑥⑦⑧", "⁰¹⁰¹²³⁴⁵⁶⁷⁸", "〇一〇一二三四五六七八", "𝟎𝟏𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", `\ud835\udfce\ud835\udfcf\ud835\udfce\ud835\udfcf\ud835\udfd0\ud835\udfd1\ud835\udfd2\ud835\udfd3`,
		"%EF%BC%90%EF%BC%91%EF%BC%90%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95", "0️⃣1️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣", "02:12:34:567890", "010%1234%5678", "010::1234:5678",
	}
}

// between is what may stand between the digits of one number: what people type, what
// they copy, what nobody sees, and what programs make of it.
func between() []string {
	return []string{
		"•", "|", "¦", "∙", "‧", "⋅", "･", "·", "・", "…", "→", "※", "°", "´", "／", "｜", "，", "、", "．", "−", "～", "〜", "–", "—", "‑",
		" ", "\t", "\u00a0", "\u2003", "\u2007", "\u2009", "\u200a", "\u202f", "\u205f", "\u3000", "\u2028",
		"\u200b", "\u200d", "\u200e", "\u202c", "\u2060", "\u2066", "\u00ad", "\ufeff", "\ufe0f\u20e3", "\u180e", "\u115f", "\u3164", "\u2800", "\x00", "\x1b", "\x7f", "\xa0", "\ufffd",
		"\\", "/", "=", ";", ":", ",", ".", "-", "_", "*", "#", "+", "~", "'", "\"", "`", "[", "]", "{", "}", "(", ")", "<", ">", "&", "@", "!", "?", "^", "$", "%",
		"%20", "%7C", "%C2%A0", "%E2%80%A2", "&bull;", "&nbsp;", "&#8226;", "&#x2022;", "&middot;", `\u2022`, `\u00a0`, `\t`, `\x00`, `\x7c`, `\U00002022`,
		" | ", " • ", "--", ") ", " / ", "\u200b\u200b\u200b\u200b\u200b", "에",
	}
}

// TestSeparators: whatever stands between its digits, a number is one.
func TestSeparators(t *testing.T) {
	s := New(Known{Numbers: []string{"7077"}})
	for _, sep := range between() {
		for _, parts := range [][]string{{"010", "1234", "5678"}, {"02", "345", "6789"}, {"+82", "10", "9876", "5432"}, {"1", "2", "3", "4", "5", "6", "7", "8"}} {
			n := strings.Join(parts, sep)
			for _, around := range []string{"call % now", "at=2026-11-25T14:24:25Z tel=% code=486", "10.0.0.1 %"} {
				text := strings.Replace(around, "%", n, 1)
				got := s.Text(text)
				for _, bit := range parts[len(parts)-2:] {
					if strings.Contains(strings.TrimSuffix(got, "486"), bit) {
						t.Errorf("%q became %q", text, got)
					}
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	s := New(Known{})
	for _, n := range people() {
		for _, around := range []string{"%", "call to %", "번호는 %입니다", "a%b", `{"tel":"%"}`, "x=%&y=2", "<sip:%@example.net>", "tel:%", "2026-11-25T14:24:25Z % done", "10.0.0.1:5060 %", "sip:a@10.1.2.3 then %"} {
			text := strings.Replace(around, "%", n, 1)
			got := s.Text(text)
			for _, bit := range []string{"1234", "5678", "4567", "１２３４", "일이삼사", "%31%32", "٤٥٦"} {
				if strings.Contains(n, bit) && strings.Contains(got, bit) {
					t.Errorf("%q became %q", text, got)
				}
			}
		}
	}
}

// TestStays: what a technician needs is not torn up.
func TestStays(t *testing.T) {
	s := New(Known{})
	for _, text := range []string{
		"time=2026-11-25T14:24:25.123+09:00 level=INFO msg=\"the window is shown\"",
		"14:24:25.123 send", "2026-11-25 14:24:25", "2026/11/25 14:24:25 x",
		"dial tcp 127.0.0.1:16081: connect: connection refused", "192.168.10.200 and 10.0.0.1:50123",
		"SIP/2.0 486 Busy Here", "CSeq: 1 INVITE", "HTTP 403 Forbidden", "[2001:db8::1]:5061",
		"sbc.example.net:6081", "version 0.1.0, go 1.25", "/usr/lib/nxphone/files/of/the/program",
		"/home/x/.config/nxphone/settings.json:12", "goroutine 1 [running]:", "포트 5060이 열려 있지 않습니다",
		"password-file=/etc/nxphone/secret.txt", "Chrome/156.0.8078.79 Safari/537.36", "Linux 5.15.0-1051-azure x86_64", "6.1.0-56-amd64", "go1.26.8|v0.14.0",
		"from fe80::1234:5678:9012 to [2001:db8:1234:5678::9012]:5061", "10.0.0.5:50123->10.0.0.1:6081: reset", "10.0.0.5|10.0.0.6", "14:24:25|14:24:26.5", "20261125T142425Z",
		"25/Nov/2026:14:24:25 +0900", "Wed, 25 Nov 2026 14:24:25 GMT", "2026-11-25|600", "50% 60% 70% 100%", "id=4711;n=12", "a\n12\n345\n678", "이 컴퓨터의 시계가 2분 어긋납니다", "the token was refused", "a=rtpmap:111 opus/48000"[:18],
		"Via: SIP/2.0/WSS x.invalid;branch=z9hG4bKDiIk9XwXuNWt8JCa1Bc2;rport", "To: <sip:a.example>;tag=DIiQk9XwXuNWt8JCa1Bc2De3",
		"nothing of a PIN is kept", "no password is stored",
	} {
		if got := s.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestSecrets(t *testing.T) {
	s := New(Known{Secrets: []string{"correct horse"}, Numbers: []string{"1000", "kim-counsel"}, Names: map[string]string{"/home/kim": "~", "kim": User}})
	for text, leak := range map[string]string{
		`password=hunter2 next`:                    "hunter2",
		`{"password": "hun\"ter2"}`:                "ter2",
		`msg="{\"password\":\"hunter2\",\"x\":1}"`: "hunter2",
		"비밀번호: hunter2":                            "hunter2",
		`the password is hunter2`:                  "hunter2",
		"Authorization: Digest username=\"u\", response=\"abc\"\r\n more=\"d\"": "more",
		"Proxy-Authorization: Basic aHVudGVyMjpodW50ZXIy":                       "aHVud",
		"Cookie: a=b; session=hunter2":                                          "hunter2",
		"Authorization=[Bearer hunter2hunter2]":                                 "hunter2",
		"a=ice-pwd:asd88fgpdd777uzjYhagZg":                                      "asd88",
		"a=ice-ufrag:8hhY":                                                      "8hhY",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4": "d0Rm",
		"k=base64:aGVsbG8=": "aGVs",
		"wss://user:hunter2@sbc.example.net/ws?key=hunter2&x=1":                  "hunter2",
		"HTTPS_PROXY=http://kim:a@hunter2@proxy.example.net:3128":                "hunter2",
		`map[Accept:[a/b] X-Api-Key:[hunter2]]`:                                  "hunter2",
		`{"token":["hunter2"]}`:                                                  "hunter2",
		"password=[hunter2":                                                      "hunter2",
		"GET /ws?access=hunter2 HTTP/1.1":                                        "hunter2",
		"https://h.example/p?token=%68unter2":                                    "%68unter",
		"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----": "MHcC",
		"-----BEGIN PRIVATE KEY-----\ncut off here":                              "cut off",
		"$argon2id$v=19$m=65536,t=3,p=2$c2FsdA$aGFzaA":                           "c2FsdA",
		"key d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj end":                       "d0Rm",
		"hash 0123456789abcdef0123456789abcdef":                                  "89abcdef",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraW0ifQ.x_y":                            "eyJ",
		"it was correct horse":                                                   "correct horse",
		"it was correct%20horse or correct+horse":                                "horse",
		"it was Y29ycmVjdCBob3JzZQ== here":                                       "Y29y",
		`From: "홍길동" <sip:hong@example.net>;tag=1`:                               "홍길동",
		"From: Hong Gildong <sip:hong@example.net>":                              "Gildong",
		"To: <sip:hong%40x@example.net>":                                         "hong",
		"<sip:1000@example.net;pn-prid=ABCdef;pn-provider=fcm>":                  "ABCdef",
		"extension 1000 is busy":                                                 "1000",
		"tel:+82-10":                                                             "82",
		"/home/kim/.config":                                                      "kim",
		"user kim logged in, kim-counsel too":                                    "kim",
		"nonce=\"abc\"":                                                          "abc",
		"o=hong 1 1 IN IP4 10.0.0.1":                                             "hong",
		"p=+82 2 123":                                                            "82",
		"push-token = abcdef (file)":                                             "abcdef",
		"TURN credential:s3cr3t!":                                                "s3cr3t",
	} {
		if got := s.Text(text); strings.Contains(got, leak) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestMeaning: what is cut leaves a text that can still be read.
func TestMeaning(t *testing.T) {
	s := New(Known{})
	invite := "INVITE sip:01012345678@example.net SIP/2.0\r\nVia: SIP/2.0/WSS abc.invalid;branch=z9hG4bK1\r\n" +
		"From: \"Kim\" <sip:1000@example.net>;tag=x1\r\nTo: <sip:01012345678@example.net>\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.0.0.5\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
	want := "INVITE sip:[user]@example.net SIP/2.0\r\nVia: SIP/2.0/WSS abc.invalid;branch=z9hG4bK1\r\n" +
		"From: \"[user]\" <sip:[user]@example.net>;tag=x1\r\nTo: <sip:[user]@example.net>\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\no=[user] 1 1 IN IP4 10.0.0.5\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
	if got := s.Text(invite); got != want {
		t.Errorf("%s", got)
	}
	if again := s.Text(want); again != want {
		t.Errorf("a second time: %s", again)
	}
}

// TestKept: what is kept stays, and nothing hides behind it.
func TestKept(t *testing.T) {
	const version, commit = "0.1.0~20261125.181445.a681617", "a6816170ced7e87d45ad2a0f21ff59c0ef33bbcc"
	s := New(Known{Keep: []string{version, commit, ""}, Numbers: []string{"7077"}})
	for text, want := range map[string]string{
		"nxphone " + version + "\ncommit " + commit + "\n":           "nxphone " + version + "\ncommit " + commit + "\n",
		"user-agent=nxphone/" + version + " tel=01012345678":         "user-agent=nxphone/" + version + " tel=[number]",
		"1" + commit + " 7077":                                       "[secret] [number]",
		"\U000f0000 and \U000f0001, 010\U000f00001234\U000f00005678": "\ufffd and \ufffd, [number]",
		"010" + " 1234 " + version + " 5678":                         "[number] " + version + " 5678",
	} {
		if got := s.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// FuzzPlanted: a number is found in whatever text it stands, unless the text
// itself continues it.
func FuzzPlanted(f *testing.F) {
	f.Add("a", "b", uint16(0))
	f.Add("2026-11-25T14:24:25Z ", "", uint16(1))
	f.Add("10.0.0.1:", "/x", uint16(20))
	f.Add("{\"password\":\"", "\"}", uint16(30))
	f.Add("\xff", "\x00", uint16(40))
	for i := range between() {
		f.Add("tel ", " x", uint16(i))
	}
	s := New(Known{Secrets: []string{"wrong pony"}})
	f.Fuzz(func(t *testing.T, before, after string, which uint16) {
		sep := between()[int(which)%len(between())]
		got := s.Text(before + "|01098765432|" + after + " wrong pony")
		if strings.Contains(got, "01098765432") || strings.Contains(got, "wrong pony") {
			t.Errorf("%q %q: %q", before, after, got)
		}
		// Parted, and by letters from what stands around it.
		n := "010" + sep + "9876" + sep + "5432"
		got = s.Text(before + " tel " + n + " x " + after)
		if strings.Contains(got, n) {
			t.Errorf("%q %q %q: %q", before, n, after, got)
		}
		if again := s.Text(got); strings.Contains(again, "9876"+sep+"5432") {
			t.Errorf("%q: a second time %q", got, again)
		}
	})
}

func BenchmarkLine(b *testing.B) {
	s := New(Known{Secrets: []string{"secret-of-the-line"}, Numbers: []string{"1000"}})
	for b.Loop() {
		_ = s.Text(`time=2026-11-25T14:24:25.123+09:00 level=INFO msg="the flow is lost" error="read tcp 10.0.0.5:50123->10.0.0.1:6081: connection reset by peer"`)
	}
}
