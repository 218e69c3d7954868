package wire

import "strings"

// SplitList splits a field's value at the commas that are neither in quotes
// nor in angle brackets, and trims the parts. It gives at least one part.
func SplitList(s string) []string { return split(s, ',') }

func split(s string, sep byte) []string {
	var out []string
	start, quoted, angle := 0, false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == sep && !angle:
			out = append(out, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[start:]))
}

// Param looks for a parameter in text like "a=1;b;c=\"x\"", by name without
// regard to case. A value in quotes is given without them.
func Param(params, name string) (value string, ok bool) {
	for _, p := range split(params, ';') {
		k, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return Unquote(strings.TrimSpace(v)), true
		}
	}
	return "", false
}

// Unquote takes the quotes off a quoted-string and resolves its escapes
// (RFC 3261 section 25.1). Other text is returned as it is.
func Unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Quote makes a quoted-string.
func Quote(s string) string {
	if strings.ContainsAny(s, `"\`) {
		s = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
	}
	return `"` + s + `"`
}

// Address takes a From, To, Contact or Record-Route value apart: the URI, and
// the field's own parameters without the leading semicolon. Without angle
// brackets every parameter belongs to the field (RFC 3261 section 20.10).
func Address(v string) (uri, params string) {
	quoted := false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			end := strings.IndexByte(v[i:], '>')
			if end < 0 {
				return "", ""
			}
			_, params, _ = strings.Cut(v[i+end+1:], ";")
			return strings.TrimSpace(v[i+1 : i+end]), strings.TrimSpace(params)
		}
	}
	uri, params, _ = strings.Cut(v, ";")
	return strings.TrimSpace(uri), strings.TrimSpace(params)
}
