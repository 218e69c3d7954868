package wire

import (
	"strings"
	"testing"
)

// message is a sane request; tests spoil it.
const message = `INVITE sip:1001@abc.invalid;transport=ws;ob SIP/2.0
Via: SIP/2.0/WSS 127.0.0.1:6081;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.1
Via: SIP / 2.0 / UDP [2001:db8::1]:5060;branch=z9hG4bKb;received=192.0.2.2
Record-Route: <sip:127.0.0.1:6081;transport=ws;r2=on;lr=on>, "P, x" <sip:127.0.0.1;lr;a=>
From: "Far, \"End\"" <sip:pbx@127.0.2.1;user=phone>;tag=far;x=y
To: sip:1001@example.test;tag=us
Call-ID: abc@host
CSeq: 1 INVITE
Contact: <sip:pbx@127.0.2.1:5060;transport=udp>
Content-Type: application/sdp
Content-Length: 5

v=0
`

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestParse(t *testing.T) {
	m, err := Parse(crlf(message))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][2]string{
		"URI":     {URI(m.Request), "sip:1001@abc.invalid;transport=ws;ob"},
		"method":  {m.Method, "INVITE"},
		"branch":  {m.Branch, "z9hG4bKa"},
		"sent-by": {m.SentBy, "127.0.0.1:6081"},
		"from":    {m.FromTag, "far"},
		"to":      {m.ToTag, "us"},
		"call":    {m.CallID, "abc@host"},
		"body":    {m.SDP(), "v=0\r\n"},
		"route 0": {m.List("Record-Route")[0], "<sip:127.0.0.1:6081;transport=ws;r2=on;lr=on>"},
		"route 1": {m.List("Record-Route")[1], `"P, x" <sip:127.0.0.1;lr;a=>`},
		"via":     {m.Values("Via")[0], "SIP/2.0/WSS 127.0.0.1:6081;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.1"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s is %q, want %q", name, got[0], got[1])
		}
	}
	if m.CSeq != 1 {
		t.Errorf("CSeq %d", m.CSeq)
	}
}

func TestParseTolerates(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(message, old) {
			t.Fatalf("the message has no %q", old)
		}
		return strings.Replace(message, old, new, 1)
	}
	for name, text := range map[string]string{
		"no Content-Length":        replace("Content-Length: 5\n", ""),
		"empty lines before":       "\n\n" + message,
		"compact names":            replace("Call-ID:", "i:"),
		"names in any case":        replace("CSeq:", "cseq :"),
		"a folded field":           replace("From: ", "From:\n  "),
		"a body that is too long":  message + "more",
		"blanks in CSeq":           replace("CSeq: 1 INVITE", "CSeq:  1 \t INVITE "),
		"the same length twice":    replace("Content-Length: 5", "Content-Length: 5\nl: 5"),
		"a tag in capitals":        replace(";tag=us", ";TAG=us"),
		"no Max-Forwards":          message,
		"version in small letters": replace("SIP/2.0\nVia", "sip/2.0\nVia"),
	} {
		if _, err := Parse(crlf(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	without := func(field string) string {
		var out []string
		for line := range strings.SplitSeq(message, "\n") {
			if !strings.HasPrefix(line, field) {
				out = append(out, line)
			}
		}
		return strings.Join(out, "\n")
	}
	replace := func(old, new string) string { return strings.Replace(message, old, new, 1) }
	response := strings.Replace(message, "INVITE sip:1001@abc.invalid;transport=ws;ob SIP/2.0", "SIP/2.0 200 OK", 1)
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "not a SIP message"},
		{"garbage", "hello", "does not end"},
		{"garbage in lines", "hello\nworld\n\n", "not a SIP message"},
		{"half a message", message[:120], "does not end"},
		{"a field without colon", replace("CSeq: 1", "CSeq 1"), "not a SIP message"},
		{"no Via", without("Via"), "no Via"},
		{"a broken Via", replace("SIP/2.0/WSS 127.0.0.1:6081", "hello"), "Via"},
		{"no From", without("From"), "0 From"},
		{"no To", without("To"), "0 To"},
		{"no Call-ID", without("Call-ID"), "0 Call-ID"},
		{"no CSeq", without("CSeq"), "0 CSeq"},
		{"two From", replace("To:", "From:"), "2 From"},
		{"two CSeq", replace("Contact:", "CSeq:"), "2 CSeq"},
		{"no address", replace("To: sip:1001@example.test;tag=us", "To: ;tag=us"), "no address"},
		{"no closing bracket", replace("user=phone>", "user=phone"), "no address"},
		{"CSeq of another method", replace("1 INVITE", "1 BYE"), "another method"},
		{"CSeq out of range", replace("CSeq: 1 ", "CSeq: 2147483648 "), "out of range"},
		{"CSeq that is no number", replace("CSeq: 1 ", "CSeq: x "), "out of range"},
		{"CSeq without method", replace("CSeq: 1 INVITE", "CSeq: 1"), "not number and method"},
		{"another version", replace("ob SIP/2.0", "ob SIP/7.0"), "version"},
		{"a status that is none", strings.Replace(response, "200", "99", 1), "does not exist"},
		{"a status that is too high", strings.Replace(response, "200", "700", 1), "does not exist"},
		{"a response without branch", strings.Replace(response, ";branch=z9hG4bKa", "", 1), "without branch"},
		{"a body that is too short", replace("Content-Length: 5", "Content-Length: 6"), "shorter"},
		{"a negative length", replace("Content-Length: 5", "Content-Length: -5"), "not a SIP message"},
		{"two lengths", replace("Content-Length: 5", "Content-Length: 5\nl: 4"), "two different"},
	} {
		m, err := Parse(crlf(tt.text))
		if err == nil {
			t.Errorf("%s: parsed as %+v", tt.name, m)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	// Lines that end in LF alone are another protocol's.
	if _, err := Parse([]byte(message)); err == nil {
		t.Error("LF line ends were parsed")
	}
	if _, err := Parse(make([]byte, MaxMessage+1)); err == nil {
		t.Error("a message over MaxMessage was parsed")
	}
}

func TestErrorsDoNotRepeatTheMessage(t *testing.T) {
	for _, text := range []string{
		"01012345678", "INVITE 01012345678\n\n", strings.Replace(message, "To: ", "To 01012345678 ", 1),
		strings.Replace(message, "CSeq: 1 INVITE", "CSeq: 01012345678 x", 1),
	} {
		if _, err := Parse(crlf(text)); err == nil || strings.Contains(err.Error(), "0101") {
			t.Errorf("error %v", err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(crlf(message))
	f.Add(crlf(strings.Replace(message, "INVITE sip:1001@abc.invalid;transport=ws;ob SIP/2.0", "SIP/2.0 200 OK", 1)))
	f.Add([]byte("SIP/2.0 200 \r\nv:/// a;branch=b\r\nf:a\r\nt:b\r\ni:c\r\ncseq:1 A\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		m.SDP()
		for _, name := range []string{"Contact", "Reason", "Warning", "Session-Expires"} {
			for _, v := range m.List(name) {
				_, params := Address(v)
				Param(params, "text")
			}
		}
		if m.Request == nil || m.Branch == "" {
			return // an old request without branch gets a response without
		}
		// Whatever was accepted can be answered, and the answer read.
		res := NewResponse(m, 481, "No", "tag")
		SetBody(res, "", "")
		back, err := Parse(Bytes(res))
		if err != nil {
			t.Fatalf("our own answer is refused: %v\n%q", err, Bytes(res))
		}
		if back.CallID != m.CallID || back.Branch != m.Branch || back.CSeq != m.CSeq {
			t.Fatalf("%+v became %+v", m, back)
		}
	})
}
