// Package origin knows how a web page's origin is written. It stands apart from
// package webapi because settings are checked by the same rule that the server
// compares by, and must not bring a server with them.
package origin

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxLen bounds an origin in bytes: a host name has at most 253.
const maxLen = 300

// Parse reads an origin exactly as a browser writes it in the Origin header (RFC
// 6454 section 6.2): scheme http or https, host, and a port where it is not the
// scheme's own. Everything else is an error: "null", wildcards, upper case, a
// path (even "/"), user names. It returns s itself, so what it accepts can be
// compared as a string. The error gives the rule, not the value.
func Parse(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxLen {
		return "", errors.New("not an origin such as https://helpline.example")
	}
	defaultPort := ""
	switch u.Scheme {
	case "http":
		defaultPort = "80"
	case "https":
		defaultPort = "443"
	default:
		return "", errors.New("an origin begins with http:// or https://")
	}
	host, port := u.Hostname(), u.Port()
	if !isHost(host) {
		return "", errors.New("the host is not written as browsers write it (lower case, no wildcards)")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	exact := u.Scheme + "://" + host
	if port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port || port == defaultPort {
			return "", errors.New("the port is wrong, or the scheme's own, which is left out")
		}
		exact += ":" + port
	}
	if exact != s {
		return "", errors.New("an origin is scheme, host and port, and nothing else (no / at the end)")
	}
	return s, nil
}

// isHost accepts what browsers leave in a serialised host: lower-case names in
// ASCII (others have become xn--), and addresses in their shortest form.
func isHost(host string) bool {
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Zone() == "" && a.String() == host
	}
	for _, c := range host {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return host != "" && host[0] != '.' && !strings.Contains(host, "..")
}

// Plain reports whether an origin is that of a page on plain http. Whoever sits
// on the network between can change such a page, so its proof says less.
func Plain(s string) bool { return strings.HasPrefix(s, "http://") }
