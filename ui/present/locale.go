package present

import (
	"strconv"
	"strings"
	"time"
)

// How numbers, times and lengths are written in the user's language. The
// patterns stand in the catalogue, so that a language is one file; the code
// here only chooses among them.

// Thousands writes a count with its thousands apart, which Korean and English do
// alike: 12,345.
func Thousands(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Count writes how many of something: "count.KEY.one" is for exactly one (the
// plural rule of English; Korean has one form and writes it twice),
// "count.KEY.other" for all else.
func Count(t Texts, key string, n int) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return t.Text("count."+key+form, "n", Thousands(n))
}

// Length writes how long something took or will take, in words, in at most two
// units: "3분 24초", "1 h 5 min". Below a minute it is seconds.
func Length(t Texts, d time.Duration) string {
	s := max(int(d/time.Second), 0)
	part := func(key string, n int) string { return t.Text("length."+key, "n", Thousands(n)) }
	var parts []string
	switch {
	case s >= 3600:
		parts = append(parts, part("hours", s/3600))
		if m := s / 60 % 60; m > 0 {
			parts = append(parts, part("minutes", m))
		}
	case s >= 60:
		parts = append(parts, part("minutes", s/60))
		if s%60 > 0 {
			parts = append(parts, part("seconds", s%60))
		}
	default:
		parts = append(parts, part("seconds", s))
	}
	return strings.Join(parts, " ")
}

// TimeOfDay writes the hour and minute of at, in at's own zone: "오후 3:05",
// "3:05 PM".
func TimeOfDay(t Texts, at time.Time) string {
	half := "am"
	if at.Hour() >= 12 {
		half = "pm"
	}
	hour := at.Hour() % 12
	if hour == 0 {
		hour = 12
	}
	return t.Text("time."+half, "time", strconv.Itoa(hour)+":"+at.Format("04"))
}

// Date writes a day: "3월 2일 (월)", with the year where it is not now's.
func Date(t Texts, at, now time.Time) string {
	key := "date.day"
	if at.Year() != now.Year() {
		key = "date.year"
	}
	return t.Text(key,
		"year", strconv.Itoa(at.Year()), "month", t.Text("date.month."+strconv.Itoa(int(at.Month()))),
		"day", strconv.Itoa(at.Day()), "weekday", t.Text("date.weekday."+strconv.Itoa(int(at.Weekday()))))
}

// When writes a moment of the past as a person would: the time alone for today,
// "어제" in front for yesterday, the day in front for what is older. Both times
// are to be in the same zone.
func When(t Texts, at, now time.Time) string {
	day := func(x time.Time) time.Time { return time.Date(x.Year(), x.Month(), x.Day(), 0, 0, 0, 0, time.UTC) }
	clock := TimeOfDay(t, at)
	switch day(now).Sub(day(at)) / (24 * time.Hour) {
	case 0:
		return clock
	case 1:
		return t.Text("date.yesterday", "time", clock)
	}
	return t.Text("date.at", "date", Date(t, at, now), "time", clock)
}

// Telephone writes a number as it is written in Korea, in both languages: groups
// behind a national 0, and behind +82. Numbers of other countries and names
// stay as they are.
func Telephone(tel string) string {
	if rest, ok := strings.CutPrefix(tel, "+82"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		grouped := Group("0" + strings.TrimPrefix(rest, "0"))
		return "+82 " + strings.TrimPrefix(grouped, "0")
	}
	return Group(tel)
}
