package present

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Clock writes a duration as 03:24, or 1:03:24 from an hour on. Fractions of a
// second are cut off, not rounded: a call of 59.9 s has not lasted a minute.
func Clock(d time.Duration) string {
	s := max(int(d/time.Second), 0)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// nextSecond is the next moment at which Clock(now - since) changes.
func nextSecond(now, since time.Time) time.Time {
	d := now.Sub(since)
	if d < 0 {
		return since.Add(time.Second)
	}
	return since.Add(d.Truncate(time.Second) + time.Second)
}

// short cuts the server's own words to what fits in two lines, and drops what
// cannot be shown.
func short(s string) string {
	const most = 90
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	r := []rune(strings.TrimSpace(s))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

func itoa(n int) string { return strconv.Itoa(n) }
