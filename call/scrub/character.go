package scrub

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// decode reads one character as a reader sees it: escapes of URLs, JSON, Go and HTML
// are what they mean. size is its length in the text, 0 at the end.
func decode(text string) (r rune, size int) {
	if text == "" {
		return utf8.RuneError, 0
	}
	switch text[0] {
	case '%':
		r, size = percent(text)
	case '\\':
		r, size = backslash(text)
	case '&':
		r, size = entity(text)
	}
	if size > 0 {
		return r, size
	}
	return utf8.DecodeRuneInString(text)
}

// percent reads %XX, several of them where they are one character of UTF-8
// (RFC 3986 section 2.1).
func percent(text string) (rune, int) {
	var b [utf8.UTFMax]byte
	n := 0
	for ; n < len(b) && len(text) >= 3*n+3 && text[3*n] == '%'; n++ {
		v, err := strconv.ParseUint(text[3*n+1:3*n+3], 16, 8)
		if err != nil {
			break
		}
		b[n] = byte(v)
		if v < utf8.RuneSelf && n == 0 {
			return rune(v), 3
		}
	}
	r, size := utf8.DecodeRune(b[:n])
	if r == utf8.RuneError {
		return 0, 0
	}
	return r, 3 * size
}

// backslash reads the escapes of JSON (RFC 8259 section 7) and of Go's strings.
func backslash(text string) (rune, int) {
	number := func(from, digits int) (rune, int) {
		if len(text) < from+digits {
			return 0, 0
		}
		v, err := strconv.ParseUint(text[from:from+digits], 16, 21)
		if err != nil {
			return 0, 0
		}
		return rune(v), from + digits
	}
	if len(text) < 2 {
		return 0, 0
	}
	switch text[1] {
	case 't':
		return '\t', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 'x':
		return number(2, 2)
	case 'U':
		if r, n := number(2, 8); n > 0 {
			return r, n
		}
		return number(2, 4)
	case 'u':
		r, n := number(2, 4)
		if n > 0 && utf16.IsSurrogate(r) && strings.HasPrefix(text[n:], `\u`) {
			if low, m := backslash(text[n:]); m > 0 && utf16.DecodeRune(r, low) != utf8.RuneError {
				return utf16.DecodeRune(r, low), n + m
			}
		}
		return r, n
	}
	return 0, 0
}

// longestEntity is the longest that is read, with its semicolon.
const longestEntity = 10

// entity reads a character of HTML by its number, or by its name where that is one
// of those that stand between digits.
func entity(text string) (rune, int) {
	end := strings.IndexByte(text[:min(len(text), longestEntity)], ';')
	if end < 3 {
		return 0, 0
	}
	name := text[1:end]
	if name[0] == '#' {
		digits, base := name[1:], 10
		if rest, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
			digits, base = rest, 16
		}
		if v, err := strconv.ParseUint(digits, base, 21); err == nil {
			return rune(v), end + 1
		}
		return 0, 0
	}
	switch name {
	case "nbsp", "ensp", "emsp", "thinsp":
		return ' ', end + 1
	case "bull", "middot", "ndash", "mdash", "minus", "hellip", "amp", "lt", "gt", "quot", "apos":
		return '-', end + 1
	case "shy", "zwj", "zwnj":
		return '\u00ad', end + 1
	}
	return 0, 0
}

// digit is the value of a digit in any script, -1 for none: decimal ones, those in
// circles or above the line, Chinese ones, and the words of one syllable that Hangul
// has for them.
func digit(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if r < 0x80 {
		return -1
	}
	if unicode.Is(unicode.Nd, r) {
		// Digits of a script stand together in tens.
		zero := r
		for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
			zero--
		}
		return int(r-zero) % 10
	}
	switch r {
	case '공', '영', '〇', '零', '⓪', '⓿':
		return 0
	case '일', '一':
		return 1
	case '이', '二', '²':
		return 2
	case '삼', '三', '³':
		return 3
	case '사', '四':
		return 4
	case '오', '五':
		return 5
	case '육', '륙', '六':
		return 6
	case '칠', '七':
		return 7
	case '팔', '八':
		return 8
	case '구', '九':
		return 9
	case '¹':
		return 1
	}
	for _, row := range []struct{ first, value rune }{
		{'⁰', 0}, {'₀', 0}, {'①', 1}, {'⑴', 1}, {'⒈', 1}, {'⓵', 1}, {'❶', 1}, {'➀', 1}, {'➊', 1},
	} {
		if v := row.value + r - row.first; r >= row.first && v <= 9 {
			return int(v)
		}
	}
	return -1
}

// separator is what may stand between the digits of a number: whatever is neither a
// letter nor the end of a line. A percent sign is one only before a digit, which is
// measure's business: counts of per cent are none.
func separator(r rune) bool {
	if r < 0x80 {
		return r == '\t' || r >= ' ' && r != '%' && r != 0x7f && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	return r == '에' || unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.IsSpace(r) && r != '\u0085' && r != '\u2029'
}

// invisible is what takes no room, or cannot be shown.
func invisible(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	case sign(r) != r: // a word that is kept
		return false
	case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0': // fillers of Hangul
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Co) || r > 0x80 && r < 0xa0 && r != 0x85
}
