package webapi

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxOrigin bounds an origin in bytes: a host name has at most 253.
const maxOrigin = 300

// ParseOrigin reads an origin exactly as a browser writes it in the Origin
// header (RFC 6454 section 6.2): scheme http or https, host, and a port where
// it is not the scheme's own. Everything else is an error: "null", wildcards,
// upper case, a path (even "/"), user names. It returns s itself, so what it
// accepts can be compared as a string.
func ParseOrigin(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxOrigin {
		return "", errors.New("webapi: not an origin")
	}
	defaultPort := ""
	switch u.Scheme {
	case "http":
		defaultPort = "80"
	case "https":
		defaultPort = "443"
	default:
		return "", errors.New("webapi: an origin begins with http:// or https://")
	}
	host, port := u.Hostname(), u.Port()
	if !isOriginHost(host) {
		return "", errors.New("webapi: the origin's host is not one (lower case, no wildcards)")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	exact := u.Scheme + "://" + host
	if port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port || port == defaultPort {
			return "", errors.New("webapi: the origin's port is wrong, or the scheme's own, which is left out")
		}
		exact += ":" + port
	}
	if exact != s {
		return "", errors.New("webapi: an origin is scheme, host and port, and nothing else")
	}
	return s, nil
}

// isOriginHost accepts what browsers leave in a serialised host: lower-case
// names in ASCII (others have become xn--), and addresses in their shortest
// form.
func isOriginHost(host string) bool {
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
func Plain(origin string) bool { return strings.HasPrefix(origin, "http://") }
