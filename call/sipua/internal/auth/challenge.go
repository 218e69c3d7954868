package auth

import (
	"strings"

	"nxphone/call/sipua/internal/wire"
)

// Challenge is one digest challenge.
type Challenge struct {
	// Proxy: it came in Proxy-Authenticate (407) and is answered in
	// Proxy-Authorization.
	Proxy bool
	// Realm, Nonce and Opaque are without their quotes.
	Realm, Nonce, Opaque string
	// Algorithm is as the server wrote it, "" when it named none (MD5).
	Algorithm string
	// QOP holds the offered qualities in lower case, nil when none was.
	QOP []string
	// Stale: the password was right, only the nonce was too old.
	Stale bool
	// UserHash: the user's name is wanted as a hash (RFC 7616 section 3.4.4).
	UserHash bool
}

// Of gathers the digest challenges of a response, those of 401 and of 407.
func Of(m *wire.Message) []Challenge {
	out := Parse(m.Values("WWW-Authenticate"), false)
	return append(out, Parse(m.Values("Proxy-Authenticate"), true)...)
}

// Parse reads the digest challenges in header field values; other schemes are
// skipped. What cannot be read is left out.
func Parse(values []string, proxy bool) []Challenge {
	var out []Challenge
	for _, v := range values {
		s := scanner{rest: v}
		for s.next() {
			switch {
			case s.value == nil && strings.EqualFold(s.name, "Digest"):
				out = append(out, Challenge{Proxy: proxy})
				s.digest = true
			case s.value == nil:
				s.digest = false
			case s.digest:
				out[len(out)-1].set(s.name, *s.value)
			}
		}
	}
	return out
}

func (c *Challenge) set(name, value string) {
	switch strings.ToLower(name) {
	case "realm":
		c.Realm = value
	case "nonce":
		c.Nonce = value
	case "opaque":
		c.Opaque = value
	case "algorithm":
		c.Algorithm = value
	case "stale":
		c.Stale = strings.EqualFold(value, "true")
	case "userhash":
		c.UserHash = strings.EqualFold(value, "true")
	case "qop":
		for q := range strings.SplitSeq(value, ",") {
			if q = strings.ToLower(strings.TrimSpace(q)); q != "" {
				c.QOP = append(c.QOP, q)
			}
		}
	}
}

// scanner walks over a list of challenges (RFC 7235 section 4.1). The comma
// separates challenges as well as parameters, so what a name is, is told by
// what follows it: "=" makes it a parameter, anything else a scheme.
type scanner struct {
	rest   string
	name   string
	value  *string // nil for a scheme
	digest bool
}

func (s *scanner) next() bool {
	s.rest = strings.TrimLeft(s.rest, ", \t")
	if s.rest == "" {
		return false
	}
	end := strings.IndexAny(s.rest, "=, \t\"")
	switch end {
	case -1:
		s.name, s.value, s.rest = s.rest, nil, ""
		return true
	case 0:
		// A stray sign; step over it so that the scan always ends.
		s.name, s.value, s.rest = "", nil, s.rest[1:]
		return true
	}
	s.name = s.rest[:end]
	after := strings.TrimLeft(s.rest[end:], " \t")
	if !strings.HasPrefix(after, "=") {
		s.value, s.rest = nil, s.rest[end:]
		return true
	}
	after = strings.TrimLeft(after[1:], " \t")
	var v string
	if strings.HasPrefix(after, `"`) {
		n := quotedLen(after)
		v, s.rest = wire.Unquote(after[:n]), after[n:]
	} else {
		n := strings.IndexAny(after, ", \t")
		if n < 0 {
			n = len(after)
		}
		v, s.rest = after[:n], after[n:]
	}
	s.value = &v
	return true
}

// quotedLen is the length of the quoted-string that s begins with; without a
// closing quote it is all of s.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
