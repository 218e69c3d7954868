package scrub

import "strings"

// The least digits of somebody's number: in one group, and in all groups of a
// run. A room number and a SIP code stay below; what stands in a log with more
// digits than that is not worth a caller's number.
const (
	groupLimit = 5
	totalLimit = 7
)

// maxGap is how many separators may stand between two digits of one number. What
// nobody sees does not count.
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
		case invisible(c):
			gap = max(gap, 1) // it parts digits, and takes no room
			i += n
		case separator(c) && gap < maxGap:
			gap++
			i += n
		case text[i] == '%' && gap < maxGap && followed(text[i+1:]):
			gap++ // "010%1234": what looks like an escape is none
			i++
		default:
			i = len(text)
		}
	}
	flush()
	r.digits = digits.String()
	return r
}

// followed reports whether a digit of ASCII comes next.
func followed(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }

// particle reports whether a Hangul digit behind one of ASCII is an ending
// rather than a digit: none follows it.
func particle(c rune, rest string) bool {
	if c < 0xac00 || c > 0xd7a3 {
		return false
	}
	next, _ := decode(rest)
	return digit(next) < 0
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
