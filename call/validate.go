package call

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const (
	// maxField bounds realm, extension and number, in characters.
	maxField = 128
	// maxURL and maxToken bound what the server's own strings may need: a
	// gateway path with a query, and the longest push tokens in use (about
	// 4 kB for web push).
	maxURL   = 2048
	maxToken = 4096
)

// Validate says whether a Dial may go on the wire, by an *Error whose code
// names the first fault. Nothing is sent for a request that it refuses.
func (r Request) Validate() error {
	if err := checkRealm(r.Realm); err != nil {
		return err
	}
	if err := checkUser(r.DN, CodeEmptyDN, CodeBadDN); err != nil {
		return err
	}
	if hasHangul(r.Tel) {
		return &Error{Code: CodeHangulTel}
	}
	if err := checkUser(r.Tel, CodeEmptyTel, CodeBadTel); err != nil {
		return err
	}
	if err := checkURL(r.URL); err != nil {
		return err
	}
	if len(r.PushToken) > maxToken || strings.ContainsFunc(r.PushToken, forbidden) {
		return &Error{Code: CodeBadPushToken}
	}
	return nil
}

// Token is the push token to be sent, "" for none.
func (r Request) Token() string {
	if r.PushToken == "default" {
		return ""
	}
	return r.PushToken
}

// forbidden holds of everything that could end a SIP URI or a header field
// early, and of what is not printable ASCII. Control characters are the
// dangerous ones: a line break would smuggle header fields.
func forbidden(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune("\"'`<>\\", c)
}

// checkUser checks a user part. An "@" is right only between a user and a
// host, once.
func checkUser(s string, empty, bad Code) error {
	if s == "" {
		return &Error{Code: empty}
	}
	if len(s) > maxField {
		return &Error{Code: CodeTooLong}
	}
	if strings.ContainsFunc(s, forbidden) {
		return &Error{Code: bad}
	}
	if at := strings.IndexByte(s, '@'); at >= 0 {
		if at == 0 || checkRealm(s[at+1:]) != nil {
			return &Error{Code: bad}
		}
	}
	return nil
}

// checkRealm checks the domain: it stands in the host part of every URI, where
// a ";" or "?" would begin parameters.
func checkRealm(s string) error {
	if s == "" {
		return &Error{Code: CodeEmptyRealm}
	}
	if len(s) > maxField {
		return &Error{Code: CodeTooLong}
	}
	ok := func(c rune) bool {
		return c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(".-_:[]", c))
	}
	if strings.ContainsFunc(s, func(c rune) bool { return !ok(c) }) {
		return &Error{Code: CodeBadRealm}
	}
	return nil
}

func checkURL(s string) error {
	if s == "" {
		return &Error{Code: CodeEmptyURL}
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > maxURL || u.Hostname() == "" || u.User != nil || u.Opaque != "" ||
		strings.ContainsFunc(s, forbidden) {
		// The parser's own words repeat the address: they stay out.
		return &Error{Code: CodeBadURL}
	}
	if u.Scheme != "ws" && u.Scheme != "wss" {
		return &Error{Code: CodeBadURL, Detail: "the scheme is neither ws nor wss"}
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return &Error{Code: CodeBadURL, Detail: "no such port"}
		}
	}
	return nil
}

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return unicode.Is(unicode.Hangul, c) })
}

// ValidateDigits says whether SendDTMF would send these digits, by an *Error.
func ValidateDigits(s string) error {
	if s == "" || len(s) > maxField || strings.Trim(s, "0123456789*#ABCDabcd") != "" {
		return &Error{Code: CodeBadDigits}
	}
	return nil
}
