package scrub

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// harmless is the length of an IP address with its port, a date, a time or a version
// at i, 0 for none. Only where nothing of a longer run stands before it.
func harmless(text string, i int) int {
	c := text[i]
	plain := c >= '0' && c <= '9'
	if !plain && !inHex(c) && c != ':' {
		return 0
	}
	if i > 0 {
		p := text[i-1]
		if p >= '0' && p <= '9' || p == '.' || p == '+' {
			return 0
		}
		if !plain && (inKey(p) && p != '/' || p == ':') { // within a word
			return 0
		}
	}
	if n := address6(text[i:]); n > 0 || !plain {
		return n
	}
	for _, measure := range []func(string) int{moment, address, release} {
		if n := measure(text[i:]); n > 0 {
			return n
		}
	}
	return 0
}

func inHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// address6 measures an IPv6 address (RFC 4291 section 2.2) that has a letter in it;
// one without could be somebody's number.
func address6(text string) int {
	n, colons, letter := 0, 0, false
	for n < len(text) && (inHex(text[n]) || text[n] == ':') && n <= len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") {
		if text[n] == ':' {
			colons++
		} else if text[n] > '9' {
			letter = true
		}
		n++
	}
	if colons < 2 || !letter || n < len(text) && inKey(text[n]) && text[n] != '/' {
		return 0
	}
	if ip, err := netip.ParseAddr(text[:n]); err != nil || !ip.Is6() {
		return 0
	}
	return n
}

// release measures a version of four parts whose second is 0, as Chromium has them
// (156.0.8078.79), and one of Linux with its flavour (5.15.0-1051-azure). Nobody
// writes a number so.
func release(text string) int {
	ends, n := dotted(text)
	switch {
	case n == 0 || text[0] == '0':
		return 0
	case n == 4 && text[ends[0]:ends[1]] == ".0" && text[:ends[0]] != "82" && !continued(text[ends[3]:]):
		return ends[3]
	case n == 3 && ends[0] <= 2 && ends[2]-ends[0] <= len(".123.123"):
		return flavour(text, ends[2])
	}
	return 0
}

// dotted finds the ends of up to four groups of one to four digits with dots
// between; n is how many there are.
func dotted(text string) (ends [4]int, n int) {
	for i := 0; n < len(ends); n++ {
		from := i
		for i < len(text) && i-from < 4 && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		if i == from || followed(text[i:]) {
			return ends, 0
		}
		ends[n] = i
		if i+1 >= len(text) || text[i] != '.' || !followed(text[i+1:]) {
			return ends, n + 1
		}
		i++
	}
	return ends, n
}

// flavour measures a version with a build's number and a word behind it at n.
func flavour(text string, n int) int {
	m := n + 1
	for m < len(text) && m-n <= 4 && followed(text[m:]) {
		m++
	}
	if text[n:] == "" || text[n] != '-' || m == n+1 || m+1 >= len(text) || text[m] != '-' || text[m+1] < 'a' || text[m+1] > 'z' {
		return 0
	}
	return m
}

// continued reports whether a number goes on.
func continued(rest string) bool {
	if rest == "" {
		return false
	}
	if rest[0] == '.' || rest[0] == '-' {
		rest = rest[1:]
	}
	return followed(rest)
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
	if len(text) >= 15 && text[:2] == "20" && text[8] == 'T' { // the basic format
		if _, err := time.Parse("20060102T150405", text[:15]); err == nil {
			if n = 15; len(text) > n && text[n] == 'Z' {
				n++
			}
			return ended(text, n)
		}
	}
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

// ended is n unless more digits follow, by a colon too.
func ended(text string, n int) int {
	if followed(text[n:]) || n < len(text) && text[n] == ':' && followed(text[n+1:]) {
		return 0
	}
	return n
}
