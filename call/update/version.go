package update

import (
	"regexp"
	"strings"
)

// maxVersion bounds a version's length in bytes.
const maxVersion = 64

var versionForm = regexp.MustCompile(`^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}([~+][0-9A-Za-z.~+]*)?$`)

// Version is one of packaging/version: X.Y.Z, with "~..." for what comes before
// it and "+..." for what comes after.
type Version string

// ParseVersion checks a version's form. "-" in place of the first "~" is taken:
// that is how a program calls itself that was built outside of the packages.
func ParseVersion(s string) (Version, error) {
	s = strings.Replace(s, "-", "~", 1)
	if len(s) > maxVersion || !versionForm.MatchString(s) {
		return "", wrong(CodeBroken, "not a version")
	}
	return Version(s), nil
}

// Compare is -1, 0 or 1: v is older than w, as old, newer. The order is that of
// Debian's packages (Debian Policy, section 5.6.12), which apt goes by.
func (v Version) Compare(w Version) int {
	a, b := string(v), string(w)
	for a != "" || b != "" {
		for a != "" && !digit(a[0]) || b != "" && !digit(b[0]) {
			if x, y := weight(a), weight(b); x != y {
				return sign(x - y)
			}
			a, b = rest(a), rest(b)
		}
		var m, n string
		m, a = number(a)
		n, b = number(b)
		if len(m) != len(n) {
			return sign(len(m) - len(n))
		}
		if c := strings.Compare(m, n); c != 0 {
			return c
		}
	}
	return 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// weight orders the first character: "~" before the end, the end (a digit is one
// too) before letters, letters before all others.
func weight(s string) int {
	switch {
	case s == "" || digit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 'a' && s[0] <= 'z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

func rest(s string) string {
	if s == "" {
		return s
	}
	return s[1:]
}

// number takes a number off the front, without zeros before it.
func number(s string) (digits, rest string) {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	return strings.TrimLeft(s[:i], "0"), s[i:]
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
