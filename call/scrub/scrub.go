package scrub

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in the place of what was taken out.
const (
	Number = "[number]"
	Secret = "[secret]"
	User   = "[user]"
)

// Known is what the caller knows to be nobody's business.
type Known struct {
	// Secrets are taken out wherever they stand; those shorter than 4
	// characters are no secrets and would tear up the text.
	Secrets []string
	// Numbers are extensions and numbers of any length, with or without
	// separators.
	Numbers []string
	// Names are replaced by their values: a home folder by "~", a user's name.
	Names map[string]string
	// Keep stays as it is where it stands by itself, though it may look like a
	// number or a key: this program's version and commit.
	Keep []string
}

// Scrubber takes things out of text. Make it with [New].
type Scrubber struct {
	known    *strings.Replacer
	short    map[string]bool // known numbers, digits only
	shapes   []shape
	valuedBy *regexp.Regexp
	names    []name
	keep     []name // each by a sign of its own, while the rest is taken out
	kept     *strings.Replacer
}

type shape struct {
	at *regexp.Regexp
	to string
}

type name struct {
	at *regexp.Regexp
	to string
}

// New makes a Scrubber. The zero Known goes by shapes alone.
func New(k Known) *Scrubber {
	s := &Scrubber{known: replacer(k.Secrets), short: map[string]bool{}, shapes: shapes(), valuedBy: regexp.MustCompile(secretName)}
	for _, n := range k.Numbers {
		if d := digitsOf(n); d != "" {
			s.short[d] = true
		} else if n != "" {
			s.names = append(s.names, word(n, User))
		}
	}
	var all []string
	for n := range k.Names {
		if n != "" {
			all = append(all, n)
		}
	}
	var back []string
	for i, text := range k.Keep {
		if text != "" && i < signs {
			sign := string(firstSign + rune(i))
			s.keep = append(s.keep, word(text, sign))
			back = append(back, sign, text)
		}
	}
	s.kept = strings.NewReplacer(back...)
	// A home folder before the name that it ends in.
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, n := range all {
		s.names = append(s.names, word(n, k.Names[n]))
	}
	return s
}

// firstSign is the first of the signs that stand for what is kept. They are for
// private use in Unicode (chapter 23.5), and none of the text's own gets through.
const firstSign, signs = rune(0xf0000), 16

// sign reports whether r is one.
func sign(r rune) rune {
	if r >= firstSign && r < firstSign+signs {
		return utf8.RuneError
	}
	return r
}

// word finds a name where it stands by itself.
func word(n, to string) name {
	at := regexp.QuoteMeta(n)
	if first := rune(n[0]); first < 0x80 && isWord(first) {
		at = `\b` + at
	}
	if last := rune(n[len(n)-1]); last < 0x80 && isWord(last) {
		at += `\b`
	}
	return name{regexp.MustCompile(at), strings.ReplaceAll(to, "$", "$$")}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// minSecret is the shortest secret that is looked for by its value.
const minSecret = 4

// replacer takes secrets out, also in the ways in which they are written into
// URLs, JSON and headers.
func replacer(secrets []string) *strings.Replacer {
	forms := map[string]bool{}
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		quoted, _ := json.Marshal(s)
		for _, f := range []string{
			s, url.QueryEscape(s), url.PathEscape(s), strings.Trim(string(quoted), `"`),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
			hex.EncodeToString([]byte(s)),
		} {
			forms[f] = true
		}
	}
	var all []string
	for f := range forms {
		all = append(all, f)
	}
	// The longest first, so that none leaves a tail of another.
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, f := range all {
		pairs = append(pairs, f, Secret)
	}
	return strings.NewReplacer(pairs...)
}

// shapes are what secrets and identities look like in the languages that the
// phone's texts are written in, in the order in which they are taken out.
func shapes() []shape {
	re := regexp.MustCompile
	return []shape{
		{re(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*-----|$)`), Secret},
		// Header fields that hold credentials, with their continuation lines.
		{re(`(?im)\b((?:proxy-)?authorization|(?:www|proxy)-authenticate|authentication-info|set-cookie2?|cookie)(["']?[ \t]*[:=][ \t]*)[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*`), "$1$2" + Secret},
		{re(`(?i)\b(bearer|basic|digest|negotiate|ntlm)[ \t]+[A-Za-z0-9+/=._~-]{6,}`), "$1 " + Secret},
		// SDP (RFC 8866, RFC 4568, RFC 8839): keys, passwords, people.
		{re(`(?i)\ba=(ice-pwd|ice-ufrag|crypto|key-mgmt|identity|cname)[: ][^\r\n"\\]*`), "a=$1:" + Secret},
		{re(`(?i)\b(inline:)[^\s|"\\]+`), "${1}" + Secret},
		{re(`(?im)^(o=)\S+`), "${1}" + User},
		{re(`(?im)^([kpeiu]=)[^\r\n]+`), "${1}" + Secret},
		{re(`(?i)\b(ufrag)[ =:]+[^\s"\\]+`), "$1 " + Secret},
		// Identities of SIP and telephony (RFC 3261 section 25.1, RFC 3966).
		{re(`(?i)"(?:[^"\\\r\n]|\\.)*"([ \t]*<(?:sips?|tel):)`), `"` + User + `"$1`},
		{re(`(?im)^((?:from|to|contact|f|t|m|p-[a-z-]*identity|remote-party-id|diversion|history-info|referred-by|refer-to|reply-to)[ \t]*:[ \t]*)[^<"\r\n]*(<)`), "$1$2"},
		{re(`(?i)\b(sips?(?::|%3a))[^@\s<>"]{1,200}(@|%40)`), "${1}" + User + "$2"},
		{re(`(?i)\b((?:tel|callto)(?::|%3a)(?://)?)[^\s;<>"',\\]+`), "${1}" + Number},
		{re(`(?i)([;?&](?:pn-prid|pn-param|impi|ha1|user|username|phone-context)=)[^\s;>&"]*`), "${1}" + Secret},
		// URLs: credentials, and every value of a query.
		{re(`(?i)\b([a-z][a-z0-9+.-]*://)[^/\s"'<>?#]+@`), "${1}" + Secret + "@"},
		{re(`([?&][A-Za-z0-9_.~%\[\]-]+=)[^&\s#"'<>\\]+`), "${1}" + Secret},
		{re(`\$argon2[a-z]*\$[^\s"']+`), Secret},
		{re(`\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*`), Secret}, // a JSON web token
	}
}

// Text gives text without what is nobody's business. It never makes it longer
// by more than the marks.
func (s *Scrubber) Text(text string) string {
	text = strings.Map(sign, strings.ToValidUTF8(text, "\uFFFD"))
	for _, k := range s.keep {
		text = k.at.ReplaceAllString(text, k.to)
	}
	text = s.known.Replace(text)
	for _, sh := range s.shapes {
		text = sh.at.ReplaceAllString(text, sh.to)
	}
	text = s.valued(text)
	text = opaque(text)
	for _, n := range s.names {
		text = n.at.ReplaceAllString(text, n.to)
	}
	return s.kept.Replace(s.numbers(text))
}
