package present

import (
	"strings"
	"unicode"

	"nxphone/call"
)

// Normalise turns a number as people write it into what is dialled: blanks,
// dashes, dots and parentheses go, full-width digits become plain ones, +82
// becomes the leading 0 of a Korean number, "tel:" and "sip:" are taken off.
// What is no number in that sense (a user name) stays as it is. What cannot be
// dialled is an *call.Error, with the codes of a Dial.
func Normalise(s string) (string, error) {
	s = strings.TrimSpace(strings.Map(plain, s))
	for _, scheme := range []string{"tel:", "sips:", "sip:", "callto:", "nxphone:"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s, _, _ = strings.Cut(s[len(scheme):], ";") // parameters are for networks, not for people
			s = strings.TrimPrefix(s, "//")
			break
		}
	}
	if grouped(s) {
		s = ungroup(s)
	}
	if err := CheckTel(s); err != nil {
		return "", err
	}
	return s, nil
}

// Type adds one typed character to a number. Signs that only group digits are
// taken without being written. What cannot stand in a number is an *call.Error
// and leaves the number as it was.
func Type(number string, r rune) (string, error) {
	r = plain(r)
	if strings.ContainsRune(" -.()/", r) && (number == "" || grouped(number)) {
		return number, nil
	}
	next := number + string(r)
	if next == "+" || strings.HasSuffix(next, "@") {
		return next, nil // right as far as it goes
	}
	if err := CheckTel(next); err != nil {
		return number, err
	}
	return next, nil
}

// CheckTel checks a number as a Dial would.
func CheckTel(tel string) error {
	return call.Request{Realm: "a", DN: "1", Tel: tel, URL: "ws://a"}.Validate()
}

// Group writes a Korean number in its usual groups, for the eye only. What is
// not certainly one is left alone.
func Group(n string) string {
	if n == "" || strings.Trim(n, "0123456789") != "" {
		return n
	}
	area := 0
	switch {
	case strings.HasPrefix(n, "02"): // Seoul
		area = 2
	case strings.HasPrefix(n, "050"): // personal numbers, 0502 to 0508
		area = 4
	case n[0] == '0' && len(n) > 1 && n[1] != '0': // mobile 010, regions 031 to 064, 070, 080
		area = 3
	case len(n) == 8 && n[0] == '1': // nation-wide numbers, 1588-0000
		return n[:4] + "-" + n[4:]
	}
	rest := len(n) - area
	switch {
	case area == 0 || rest < 1 || rest > 8:
		return n
	case rest <= 4:
		return n[:area] + "-" + n[area:]
	case rest <= 7: // 3 and 4; while it is typed, what will be one of both
		return n[:area] + "-" + n[area:area+3] + "-" + n[area+3:]
	}
	return n[:area] + "-" + n[area:area+4] + "-" + n[area+4:]
}

// plain maps what looks like an ASCII sign to it, and drops what has no shape.
func plain(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e: // full-width forms
		return r - 0xff01 + '!'
	case r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == 0x30fc: // dashes
		return '-'
	case r == 0xfeff || unicode.Is(unicode.Cf, r): // direction marks that spreadsheets leave
		return -1
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// grouped reports that s is digits with nothing but grouping signs.
func grouped(s string) bool {
	digit := false
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digit = true
		case r == '+' && i == 0:
		case strings.ContainsRune(" -.()/*#", r):
		default:
			return false
		}
	}
	return digit
}

func ungroup(s string) string {
	if strings.HasPrefix(s, "+") {
		s = strings.Replace(s, "(0)", "", 1) // +82 (0)10 ...: the 0 is for callers at home
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()/", r) {
			return -1
		}
		return r
	}, s)
	if rest, ok := strings.CutPrefix(s, "+82"); ok && rest != "" {
		return "0" + strings.TrimPrefix(rest, "0")
	}
	return s
}
