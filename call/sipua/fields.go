package sipua

import (
	"strings"

	"nxphone/call/sipua/internal/wire"
)

const (
	// allowed are the methods that are answered other than by 405.
	allowed = "INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, INFO, NOTIFY"
	// supported are the extensions that the far end may use: RFC 4028 session
	// timers and RFC 5626 outbound, as far as a client without registrar goes.
	supported = "timer, outbound"
)

func allow() wire.Header    { return wire.Header{Name: "Allow", Value: allowed} }
func supports() wire.Header { return wire.Header{Name: "Supported", Value: supported} }

// address is the SIP URI of an extension or a number in a realm. One that
// brings its own host keeps it.
func address(user, realm string) string {
	if name, host, ok := strings.Cut(user, "@"); ok {
		return "sip:" + escape(name, userChars) + "@" + host
	}
	return "sip:" + escape(user, userChars) + "@" + realm
}

// What may stand unescaped besides letters, digits and the marks (RFC 3261
// section 25.1): in the user part, and in a URI parameter.
const (
	marks      = "-_.!~*'()"
	userChars  = marks + "&=+$,;?/"
	paramChars = marks + "[]/:&+$"
)

// escape writes everything else as %HH. "#", which begins many service codes,
// is the one that matters. What is escaped already stays.
func escape(s, plain string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			strings.IndexByte(plain, c) >= 0,
			c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// contact is where the far end sends its requests: a name that leads nowhere
// but down this flow (RFC 7118 section 5, "ob" from RFC 5626 section 5.4), and
// the push token's parameters (RFC 8599 section 4).
func (l *identity) contact() string {
	user, _, _ := strings.Cut(l.req.DN, "@")
	uri := "sip:" + escape(user, userChars) + "@" + l.link.host + ";transport=ws;ob"
	if token := l.req.Token(); token != "" && l.set.PushHeader == "" {
		for _, p := range []wire.Header{
			{Name: "pn-provider", Value: l.set.PushProvider},
			{Name: "pn-prid", Value: token},
			{Name: "pn-param", Value: l.set.PushParam},
		} {
			if p.Value != "" {
				// Unlike a number, a token is never escaped by whoever gives
				// it: a "%" in it is its own, and the server must read it.
				uri += ";" + p.Name + "=" + escape(strings.ReplaceAll(p.Value, "%", "%25"), paramChars)
			}
		}
	}
	return "<" + uri + ">"
}

// pushField is the header field that carries the push token, where the settings
// name one.
func (l *identity) pushField() []wire.Header {
	if token := l.req.Token(); token != "" && l.set.PushHeader != "" {
		return l.usable(Header{l.set.PushHeader, token})
	}
	return nil
}

// ownFields are the fields from the settings.
func (l *identity) ownFields() []wire.Header {
	return l.usable(l.set.SIPHeaders...)
}

// usable leaves out fields that would break the message, or that the phone
// itself writes.
func (l *identity) usable(fields ...Header) []wire.Header {
	var out []wire.Header
	for _, f := range fields {
		if !isToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") || isReserved(f.Name) {
			l.link.agent.log.Warn("a SIP header field of the settings cannot be sent", "name", f.Name)
			continue
		}
		out = append(out, wire.Header{Name: f.Name, Value: f.Value})
	}
	return out
}

func isToken(s string) bool {
	return s != "" && escape(s, "-.!%*_+`'~") == s
}

func isReserved(name string) bool {
	switch strings.ToLower(name) {
	case "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "contact", "m", "route", "record-route",
		"max-forwards", "content-length", "l", "content-type", "c", "authorization", "proxy-authorization",
		"expires", "session-expires", "x", "user-agent":
		return true
	}
	return false
}
