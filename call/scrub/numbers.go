package scrub

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The least digits of somebody's number: in one group, and in all groups of a
// run. A room number and a SIP code stay below; what stands in a log with more
// digits than that is not worth a caller's number.
const (
	groupLimit = 5
	totalLimit = 7
)

// maxGap is how many separators may stand between two digits of one number.
const maxGap = 3

// numbers takes out every run of digits that may be somebody's number.
func (s *Scrubber) numbers(text string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(text); {
		if n := harmless(text, i); n > 0 {
			i += n
			continue
		}
		r, n := decode(text[i:])
		d := digit(r)
		if d < 0 {
			i += n
			continue
		}
		run := measure(text, i)
		if run.person() || s.short[run.digits] || run.holds(s.short) {
			from := i
			if from > last && text[from-1] == '+' {
				from--
			}
			b.WriteString(text[last:from])
			b.WriteString(Number)
			last = run.end
		}
		i = run.end
	}
	b.WriteString(text[last:])
	return b.String()
}

// run is digits with their separators.
type run struct {
	end     int // just behind the last digit
	digits  string
	groups  []string
	longest int
}

func (r run) person() bool { return r.longest >= groupLimit || len(r.digits) >= totalLimit }

// holds reports whether one of the groups is a known number.
func (r run) holds(known map[string]bool) bool {
	for _, g := range r.groups {
		if known[g] {
			return true
		}
	}
	return false
}

// measure follows the digits from i on.
func measure(text string, i int) run {
	var r run
	group := 0
	gap := 0
	plain := false // the last digit was one of ASCII
	var digits, current strings.Builder
	flush := func() {
		if current.Len() > 0 {
			r.groups = append(r.groups, current.String())
			current.Reset()
		}
	}
	for i < len(text) {
		if gap > 0 && harmless(text, i) > 0 {
			break
		}
		c, n := decode(text[i:])
		d := digit(c)
		switch {
		case d >= 0 && plain && gap == 0 && particle(c, text[i+n:]):
			i = len(text) // "5060이": a word's ending
		case d >= 0:
			if gap > 0 {
				group = 0
				flush()
			}
			gap = 0
			group++
			r.longest = max(r.longest, group)
			digits.WriteByte(byte('0' + d))
			current.WriteByte(byte('0' + d))
			plain = c < 0x80
			i += n
			r.end = i
		case separator(c) && gap < maxGap:
			gap++
			i += n
		default:
			i = len(text)
		}
	}
	flush()
	r.digits = digits.String()
	return r
}

// particle reports whether a Hangul digit behind one of ASCII is an ending
// rather than a digit: none follows it.
func particle(c rune, rest string) bool {
	if c < 0xac00 || c > 0xd7a3 {
		return false
	}
	next, _ := decode(rest)
	return digit(next) < 0
}

// decode reads one character as a reader sees it: percent-encoded and \u
// escapes are what they mean.
func decode(text string) (rune, int) {
	switch {
	case len(text) >= 3 && text[0] == '%':
		if v, err := strconv.ParseUint(text[1:3], 16, 8); err == nil && v < 0x80 {
			return rune(v), 3
		}
	case len(text) >= 6 && text[0] == '\\' && (text[1] == 'u' || text[1] == 'U'):
		if v, err := strconv.ParseUint(text[2:6], 16, 16); err == nil {
			return rune(v), 6
		}
	case len(text) >= 4 && text[0] == '&' && text[1] == '#':
		if end := strings.IndexByte(text[:min(len(text), 9)], ';'); end > 2 {
			if v, err := strconv.ParseUint(text[2:end], 10, 20); err == nil {
				return rune(v), end + 1
			}
		}
	}
	return utf8.DecodeRuneInString(text)
}

// digit is the value of a digit in any script, -1 for none. Hangul has words of
// one syllable for them.
func digit(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if r < 0x80 {
		return -1
	}
	switch r {
	case '공', '영':
		return 0
	case '일':
		return 1
	case '이':
		return 2
	case '삼':
		return 3
	case '사':
		return 4
	case '오':
		return 5
	case '육', '륙':
		return 6
	case '칠':
		return 7
	case '팔':
		return 8
	case '구':
		return 9
	}
	if unicode.Is(unicode.Nd, r) {
		// Digits of a script stand together in tens.
		zero := r
		for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
			zero--
		}
		return int(r-zero) % 10
	}
	return -1
}

// separator is what people write between the digits of a number.
func separator(r rune) bool {
	switch r {
	case ' ', '\t', '-', '.', ',', '(', ')', '/', '_', ':', '*', '#', '+', '~', '에',
		'\u00a0', '\u00ad', '\u00b7', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u3000', '\u30fb', '\u318d', '\uff0d', '\uff0e', '\uff08', '\uff09':
		return true
	}
	return unicode.Is(unicode.Pd, r)
}

// harmless is the length of an IP address with its port, a date or a time at i, 0
// for none. Only where nothing of a longer run stands before it.
func harmless(text string, i int) int {
	if c := text[i]; c < '0' || c > '9' {
		return 0
	}
	if i > 0 {
		if p := text[i-1]; p >= '0' && p <= '9' || p == '.' || p == '+' {
			return 0
		}
	}
	if n := moment(text[i:]); n > 0 {
		return n
	}
	return address(text[i:])
}

// address measures an IPv4 address, perhaps with a port.
func address(text string) int {
	n := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if n < 0 {
		n = len(text)
	}
	ip, err := netip.ParseAddr(text[:n])
	if err != nil || !ip.Is4() {
		return 0
	}
	rest := text[n:]
	if len(rest) > 1 && rest[0] == ':' {
		m := 1
		for m < len(rest) && rest[m] >= '0' && rest[m] <= '9' {
			m++
		}
		if port, err := strconv.ParseUint(rest[1:m], 10, 16); err == nil && port > 0 {
			return n + m
		}
	}
	return n
}

// moment measures a date, a time or both by ISO 8601, as logs write them. Dates
// are of this century, so that a number is none.
func moment(text string) int {
	n := 0
	if len(text) >= 10 && (text[:2] == "20" && (text[4] == '-' || text[4] == '/')) {
		if _, err := time.Parse(time.DateOnly, strings.ReplaceAll(text[:10], "/", "-")); err != nil {
			return 0
		}
		n = 10
		if len(text) == n || text[n] != 'T' && text[n] != ' ' {
			return ended(text, n)
		}
		if m := clock(text[n+1:]); m > 0 {
			return n + 1 + m
		}
		return ended(text, n)
	}
	return clock(text)
}

// clock measures HH:MM:SS with a fraction and a zone.
func clock(text string) int {
	if len(text) < 8 {
		return 0
	}
	if _, err := time.Parse(time.TimeOnly, text[:8]); err != nil {
		return 0
	}
	n := 8
	if len(text) > n+1 && (text[n] == '.' || text[n] == ',') {
		m := n + 1
		for m < len(text) && m-n <= 9 && text[m] >= '0' && text[m] <= '9' {
			m++
		}
		if m > n+1 {
			n = m
		}
	}
	switch {
	case len(text) > n && text[n] == 'Z':
		n++
	case len(text) >= n+6 && (text[n] == '+' || text[n] == '-') && text[n+3] == ':':
		if _, err := time.Parse("15:04", text[n+1:n+6]); err == nil {
			n += 6
		}
	case len(text) >= n+5 && (text[n] == '+' || text[n] == '-'):
		if _, err := time.Parse("1504", text[n+1:n+5]); err == nil {
			n += 5
		}
	}
	return ended(text, n)
}

// ended is n unless more digits follow.
func ended(text string, n int) int {
	if n < len(text) && text[n] >= '0' && text[n] <= '9' {
		return 0
	}
	return n
}

// digitsOf are the digits of a number that the caller knows, "" for a name.
func digitsOf(n string) string {
	var b strings.Builder
	for len(n) > 0 {
		r, size := decode(n)
		n = n[size:]
		switch d := digit(r); {
		case d >= 0:
			b.WriteByte(byte('0' + d))
		case !separator(r):
			return ""
		}
	}
	return b.String()
}
