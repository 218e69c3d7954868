package sipua

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nxphone/call"
	"nxphone/call/sipua/internal/wire"
)

// refusal translates a final response to the INVITE. rang: the far end was
// being alerted before.
func refusal(m *wire.Message, rang bool) call.Reason {
	code := m.Code()
	return call.Reason{Code: codeOf(code, rang), SIP: code, Phrase: explain(m)}
}

func codeOf(status int, rang bool) call.Code {
	switch status {
	case 401, 407:
		return call.CodeUnauthorized
	case 403:
		if rang { // only a person can forbid after the ringing
			return call.CodeDeclined
		}
		return call.CodeForbidden
	case 404, 410, 484, 604:
		return call.CodeNotFound
	case 406, 415, 488, 606:
		return call.CodeNotAcceptable
	case 408, 487: // 487 without our CANCEL: the server gave up for us
		return call.CodeNoAnswer
	case 480:
		if rang {
			return call.CodeNoAnswer
		}
		return call.CodeUnavailable
	case 486, 600:
		return call.CodeLineBusy
	case 603, 607: // RFC 8197 for 607
		return call.CodeDeclined
	}
	if status/100 == 3 {
		return call.CodeRedirected
	}
	return call.CodeServerError
}

// explain is the server's own words: the text of a Reason field (RFC 3326), or
// of a Warning (RFC 3261 section 20.43), behind the phrase of the status line.
func explain(m *wire.Message) string {
	phrase := ""
	if m.Response != nil {
		phrase = m.Response.Reason
	}
	for _, more := range []string{reasonText(m), warningText(m)} {
		if more == "" || strings.EqualFold(more, phrase) {
			continue
		}
		if phrase != "" {
			phrase += " - "
		}
		phrase += more
	}
	return clean(phrase)
}

// reasonText reads `Q.850;cause=17;text="User busy"`.
func reasonText(m *wire.Message) string {
	for _, v := range m.List("Reason") {
		protocol, params, _ := strings.Cut(v, ";")
		if text, ok := wire.Param(params, "text"); ok && text != "" {
			return text
		}
		if cause, ok := wire.Param(params, "cause"); ok {
			return strings.TrimSpace(protocol) + " " + cause
		}
	}
	return ""
}

// warningText reads `399 host "text"`.
func warningText(m *wire.Message) string {
	for _, v := range m.List("Warning") {
		if i := strings.IndexByte(v, '"'); i >= 0 {
			if text := wire.Unquote(strings.TrimSpace(v[i:])); text != "" {
				return text
			}
		}
	}
	return ""
}

const maxPhrase = 200 // bytes

// clean makes the server's words fit for logs and screens: no control
// characters, no overlong text, and no numbers of people: longer runs of digits
// become "…", also when they are written in groups (010-1234-5678).
func clean(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if n, person := number(s[i:]); n > 0 {
			if person {
				b.WriteString("…")
			} else {
				b.WriteString(s[i : i+n])
			}
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
		if b.Len() > maxPhrase {
			break
		}
	}
	return strings.TrimSpace(b.String())
}

// number measures the digits that s begins with, groups of them joined by one
// hyphen or blank included, and tells whether they may be somebody's number
// rather than a code or two: a group of more than 4 digits, or more than 6 in
// all.
func number(s string) (n int, person bool) {
	group, total := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			group++
			total++
			n = i + 1
			person = person || group > 4 || total > 6
		case (c == '-' || c == ' ') && group > 0:
			group = 0
		default:
			return n, person
		}
	}
	return n, person
}
