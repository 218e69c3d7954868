package call

import (
	"net/netip"
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

// checkRealm checks the domain: a host, perhaps with a port, as it stands in
// every URI (RFC 3261 section 25.1, hostport), where a ";" or "?" would begin
// parameters.
func checkRealm(s string) error {
	if s == "" {
		return &Error{Code: CodeEmptyRealm}
	}
	if len(s) > maxField {
		return &Error{Code: CodeTooLong}
	}
	host, port, _ := strings.Cut(s, ":")
	ok := isHostname(host)
	if rest, found := strings.CutPrefix(s, "["); found {
		ip, after, _ := strings.Cut(rest, "]")
		addr, err := netip.ParseAddr(ip)
		ok = err == nil && addr.Is6() && addr.Zone() == "" && strings.Contains(rest, "]")
		ok = ok && (after == "" || after[0] == ':')
		port = strings.TrimPrefix(after, ":")
	}
	if !ok || strings.HasSuffix(s, ":") || port != "" && !isPort(port) {
		return &Error{Code: CodeBadRealm}
	}
	return nil
}

// isHostname is a little wider than DNS: realms of PBXs have underscores.
func isHostname(s string) bool {
	part := func(c rune) bool {
		return c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(".-_", c))
	}
	return s != "" && !strings.ContainsAny(s[:1], ".-") && !strings.Contains(s, "..") &&
		!strings.ContainsFunc(s, func(c rune) bool { return !part(c) })
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= 65535 && s[0] != '+'
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
	if p := u.Port(); p != "" && !isPort(p) {
		return &Error{Code: CodeBadURL, Detail: "no such port"}
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
