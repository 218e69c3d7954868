package origin

import (
	"net/url"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, s := range []string{
		"https://helpline.example", "https://helpline.example:8443", "http://intranet", "http://10.10.30.71:8080",
		"http://localhost:3000", "https://xn--9n2bp8q.example", "https://[2001:db8::1]", "http://[::1]:8080", "https://a_b.example",
	} {
		if got, err := Parse(s); got != s || err != nil {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "null", "*", "https://*.example", "https://", "https:///", "helpline.example", "https:helpline.example",
		"https://helpline.example/", "https://helpline.example/a", "https://helpline.example?", "https://helpline.example#",
		"https://helpline.example:443", "http://helpline.example:80", "https://helpline.example:", "https://helpline.example:0",
		"https://helpline.example:08443", "https://helpline.example:65536", "https://Helpline.example", "HTTPS://helpline.example",
		"https://kim@helpline.example", "https://상담.example", "https://helpline.example ", " https://helpline.example",
		"https://helpline.example\n", "https://.example", "https://a..example", "https://[2001:DB8::1]", "https://[2001:db8:0::1]",
		"https://[fe80::1%25eth0]", "ftp://helpline.example", "ws://helpline.example", "file://", "chrome-extension://abc",
		"https://" + strings.Repeat("a", maxLen),
	} {
		if got, err := Parse(s); err == nil {
			t.Errorf("%q was taken as %q", s, got)
		}
	}
	if Plain("https://a") || !Plain("http://a") {
		t.Error("Plain")
	}
}

// Whatever is accepted comes back unchanged from a URL parser, so that no two
// programs can read two hosts in it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"https://a.example", "http://[::1]:8080", "https://a@b", "null"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if got != s || err != nil || u.Scheme+"://"+u.Host != s || u.User != nil || u.Path+u.RawQuery+u.Fragment != "" {
			t.Errorf("%q was accepted", s)
		}
	})
}
