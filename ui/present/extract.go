package present

import (
	"errors"
	"regexp"
	"strings"
	"sync"
)

// ErrAmbiguous: a text holds more than one number that could be meant.
var ErrAmbiguous = errors.New("present: more than one number")

// Extract finds the one number that is meant in a text as people copy it: a
// number in any notation, a link (tel:), or words with a number among them
// ("전화: 02-123-4567 (내선 3)"). Two different numbers are [ErrAmbiguous]: a
// wrong guess calls a stranger. What holds none is the *call.Error of
// [Normalise].
func Extract(text string) (string, error) {
	whole, err := Normalise(text)
	if err == nil && !(grouped(whole) && tooLong(whole)) {
		return whole, nil
	}
	s := strings.Map(plain, strings.ReplaceAll(text, "\n", ";"))
	found, most := "", 0
	for rank, shape := range shapes() {
		for _, at := range shape.FindAllStringSubmatchIndex(s, -1) {
			if rank > 0 && (touches(s, at[2]-1) || touches(s, at[3])) {
				continue // part of a longer row of digits
			}
			n, nerr := Normalise(s[at[2]:at[3]])
			if nerr != nil || n == found {
				continue
			}
			if most > 0 {
				return "", ErrAmbiguous
			}
			found, most = n, 1
		}
		// A link says itself that it is one; short numbers count only where
		// there is no long one.
		if found != "" && (rank == 0 || rank == lastLong) {
			return found, nil
		}
	}
	switch {
	case found != "":
		return found, nil
	case err == nil:
		return "", ErrAmbiguous // digits enough for two
	}
	return "", err
}

// tooLong tells a row of digits that cannot be one number.
func tooLong(s string) bool { return len(strings.Trim(s, "+")) > 15 }

// touches reports a digit at i, which would make another number of a match.
func touches(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// lastLong is the last of shapes that is a whole number.
const lastLong = 3

// shapes are the notations, the surest first: a link, an international number
// (E.164: at most 15 digits), a Korean one (area or carrier, 3 or 4 digits, 4
// digits; the area may stand in brackets), a nation-wide one, a short one.
var shapes = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)tel:([+0-9*#][0-9*#().-]*[0-9*#])`),
		regexp.MustCompile(`(\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,4}\)?){1,4})`),
		regexp.MustCompile(`(\(?0[0-9]{1,3}\)?[ .-]{0,2}[0-9]{3,4}[ .-]?[0-9]{4})`),
		regexp.MustCompile(`(1[568][0-9]{2}[ .-]?[0-9]{4})`),
		regexp.MustCompile(`(1[0-9]{2,3})`),
	}
})
