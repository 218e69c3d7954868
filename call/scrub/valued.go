package scrub

import (
	"strings"
	"unicode"
)

// secretName is a name behind which a secret stands, in logs (name=value), JSON
// ("name": "value"), headers and prose.
const secretName = `(?i)[\w.-]*(?:passw(?:or)?d|passphrase|passwort|\bpass\b|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|cnonce|nonce|opaque|\bresponse\b|\bha1\b|signature|\bpin\b|\botp\b|ice-ufrag|session[_-]?id|push[_-]?id|비밀번호|비밀 번호|비번|암호|토큰|인증번호)[\w-]*`

// valued takes out what stands behind such a name.
func (s *Scrubber) valued(text string) string {
	var b strings.Builder
	last := 0
	for _, m := range s.valuedBy.FindAllStringIndex(text, -1) {
		if m[0] < last || strings.HasSuffix(strings.ToLower(text[m[0]:m[1]]), "file") {
			continue // the path of a file with a secret is none
		}
		from, to := value(text, m[1])
		if to <= from || marked(text[from:]) {
			continue
		}
		b.WriteString(text[last:from])
		b.WriteString(Secret)
		last = to
	}
	b.WriteString(text[last:])
	return b.String()
}

// marked reports whether a mark stands there already.
func marked(text string) bool {
	for _, mark := range []string{Number, Secret, User} {
		if strings.HasPrefix(text, mark) {
			return true
		}
	}
	return false
}

// value finds the value behind a name that ends at i: an equals sign or a colon,
// then a string in quotes, perhaps escaped, or what goes on to the next blank.
func value(text string, i int) (from, to int) {
	j := i
	// The name's own closing quote, as in JSON, escaped where JSON stands in a log.
	j = skip(text, j, `\"'`)
	j = skip(text, j, " \t")
	if j < len(text) && (text[j] == '=' || text[j] == ':') {
		j++
	} else if r, ok := strings.CutPrefix(text[j:], "is "); ok && !plainWord(r) {
		j += len("is ")
	} else {
		return 0, 0
	}
	j = skip(text, j, " \t")
	if !marked(text[j:]) { // a list, of which the first item is taken
		j = skip(text, j, "[ \t")
	}
	quote := j
	for quote < len(text) && text[quote] == '\\' {
		quote++
	}
	if quote < len(text) && (text[quote] == '"' || text[quote] == '\'') {
		open := text[j : quote+1]
		from = quote + 1
		for k := from; k < len(text); k++ {
			if strings.HasPrefix(text[k:], open) && (len(open) > 1 || text[k-1] != '\\') {
				return from, k
			}
		}
		return from, len(text)
	}
	end := strings.IndexFunc(text[j:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;&\"'<>(){}", r) })
	if end < 0 {
		return j, len(text)
	}
	return j, j + end
}

// plainWord reports whether a sentence goes on with a word of a language: "the
// password is wrong".
func plainWord(s string) bool {
	s, _, _ = strings.Cut(s, " ")
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz.,;") == ""
}

func skip(text string, i int, set string) int {
	for i < len(text) && strings.IndexByte(set, text[i]) >= 0 {
		i++
	}
	return i
}

// opaque takes out strings that look like keys: long, of Base64's letters, with
// large and small ones and digits, or long hexadecimal ones.
func opaque(text string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(text); {
		if !inKey(text[i]) {
			i++
			continue
		}
		j := i
		for j < len(text) && inKey(text[j]) {
			j++
		}
		if isKey(text[i:j]) && !isMark(text[:i], text[i:j]) {
			b.WriteString(text[last:i])
			b.WriteString(Secret)
			last = j
		}
		i = j
	}
	b.WriteString(text[last:])
	return b.String()
}

func inKey(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("+/_-", c) >= 0
}

// isMark reports a branch or a tag of SIP (RFC 3261 sections 8.1.1.7 and 19.3):
// random, nobody's secret, and what messages are put together by.
func isMark(before, s string) bool {
	return strings.HasPrefix(s, "z9hG4bK") || strings.HasSuffix(before, ";tag=")
}

// The lengths from which a string is taken for a key: 128 bits in Base64, and
// in hexadecimal.
const (
	minKey = 22
	minHex = 32
)

func isKey(s string) bool {
	if strings.HasPrefix(s, "/") || len(s) < minKey {
		return false // a path
	}
	upper, lower, digit, hex := false, false, false, true
	for i := range len(s) {
		c := s[i]
		upper = upper || c >= 'A' && c <= 'Z'
		lower = lower || c >= 'a' && c <= 'z'
		digit = digit || c >= '0' && c <= '9'
		hex = hex && (c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == '-')
	}
	return upper && lower && digit || hex && digit && len(s) >= minHex
}
