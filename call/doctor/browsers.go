package doctor

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"nxphone/call/profile"
)

// Browser is what policies say to one browser that is on this computer.
type Browser struct {
	Name string
	// Engine is "chromium" or "firefox": whose rules count.
	Engine string
	// Allowed and Blocked are patterns of pages that may, or must not, reach
	// programs on this computer; Open: no page is asked.
	Allowed, Blocked []string
	Open             bool
	// Broken names policy files that cannot be read, with why.
	Broken []string
}

// browsers judges whether the allowed pages reach the phone without a question
// that a counsellor may answer wrongly.
//
// Chromium 142 and later ask before a public page reaches this computer (147 for
// WebSockets); LoopbackNetworkAllowedForUrls lets it without. The order is
// Chromium's: blocked before allowed.
func (o Options) browsers(_ context.Context, tell func(...Finding)) {
	var pages []string
	for _, origin := range o.Settings.WebAPIOrigins {
		u, err := url.Parse(origin)
		// A page of this computer is never asked.
		if err == nil && !local(u.Hostname()) {
			pages = append(pages, origin)
		}
	}
	list := o.Browsers()
	if !o.Settings.WebAPI || len(pages) == 0 || len(list) == 0 {
		tell(Find(BrowserNone))
		return
	}
	var out []Finding
	for _, b := range list {
		for _, f := range b.Broken {
			file, why, _ := strings.Cut(f, ": ")
			out = append(out, Find(BrowserFault, "browser", b.Name, "file", file).With(why))
		}
		for _, page := range pages {
			out = append(out, Find(b.judge(page), "browser", b.Name, "page", page))
		}
	}
	tell(out...)
}

func local(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "::1"
}

func (b Browser) judge(page string) Code {
	for _, p := range b.Blocked {
		if matches(p, page) {
			return BrowserBars
		}
	}
	if b.Open {
		return BrowserOK
	}
	for _, p := range b.Allowed {
		if matches(p, page) {
			return BrowserOK
		}
	}
	return BrowserAsks
}

// matches reports whether a page's origin fits a pattern of the browsers'
// policies: [scheme://][[*.]]host[:port], or "*".
func matches(pattern, page string) bool {
	u, err := url.Parse(page)
	if err != nil {
		return false
	}
	if pattern == "*" {
		return true
	}
	scheme, rest, ok := strings.Cut(pattern, "://")
	if !ok {
		scheme, rest = "*", pattern
	}
	if scheme != "*" && !strings.EqualFold(scheme, u.Scheme) {
		return false
	}
	rest, _, _ = strings.Cut(rest, "/")
	host, port := rest, ""
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		host, port = rest[:i], rest[i+1:]
	}
	if port != "" && port != "*" && port != portOfPage(u) {
		return false
	}
	if below, ok := strings.CutPrefix(host, "[*.]"); ok {
		return strings.EqualFold(u.Hostname(), below) || strings.HasSuffix(strings.ToLower(u.Hostname()), "."+strings.ToLower(below))
	}
	if below, ok := strings.CutPrefix(host, "*."); ok { // Firefox
		return strings.HasSuffix(strings.ToLower(u.Hostname()), "."+strings.ToLower(below))
	}
	return host == "*" || strings.EqualFold(host, u.Hostname())
}

func portOfPage(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// chromiumPolicy is the part of Chromium's policies that concerns the phone.
type chromiumPolicy struct {
	LoopbackAllowed []string `json:"LoopbackNetworkAllowedForUrls"`
	LoopbackBlocked []string `json:"LoopbackNetworkBlockedForUrls"`
	LNAAllowed      []string `json:"LocalNetworkAccessAllowedForUrls"`
	LNABlocked      []string `json:"LocalNetworkAccessBlockedForUrls"`
	OptOut          bool     `json:"LocalNetworkAccessRestrictionsTemporaryOptOut"`
}

func (b *Browser) takeChromium(data []byte) error {
	var p chromiumPolicy
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	b.Allowed = append(append(b.Allowed, p.LoopbackAllowed...), p.LNAAllowed...)
	b.Blocked = append(append(b.Blocked, p.LoopbackBlocked...), p.LNABlocked...)
	b.Open = b.Open || p.OptOut
	return nil
}

// firefoxPolicy is the same of Firefox's policies.json.
type firefoxPolicy struct {
	Policies struct {
		LocalNetworkAccess struct {
			Enabled     *bool    `json:"Enabled"`
			SkipDomains []string `json:"SkipDomains"`
		} `json:"LocalNetworkAccess"`
	} `json:"policies"`
}

func (b *Browser) takeFirefox(data []byte) error {
	var p firefoxPolicy
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	l := p.Policies.LocalNetworkAccess
	b.Allowed = append(b.Allowed, l.SkipDomains...)
	b.Open = b.Open || l.Enabled != nil && !*l.Enabled
	return nil
}

// installed are the browsers of Linux, by the files that show them, and where
// their policies lie. A managed folder of JSON files for Chromium and its kin;
// one file for Firefox.
func installed() []struct {
	name, engine      string
	programs, folders []string
} {
	return []struct {
		name, engine      string
		programs, folders []string
	}{
		{"Chromium", "chromium", []string{"usr/bin/chromium", "usr/bin/chromium-browser", "snap/bin/chromium"}, []string{"etc/chromium/policies/managed", "etc/chromium-browser/policies/managed"}},
		{"Google Chrome", "chromium", []string{"usr/bin/google-chrome", "usr/bin/google-chrome-stable", "opt/google/chrome/chrome"}, []string{"etc/opt/chrome/policies/managed"}},
		{"Microsoft Edge", "chromium", []string{"usr/bin/microsoft-edge", "usr/bin/microsoft-edge-stable", "opt/microsoft/msedge/msedge"}, []string{"etc/opt/edge/policies/managed"}},
		{"Firefox", "firefox", []string{"usr/bin/firefox", "usr/bin/firefox-esr", "snap/bin/firefox"}, []string{"etc/firefox/policies/policies.json", "usr/lib/firefox/distribution/policies.json", "usr/lib/firefox-esr/distribution/policies.json", "usr/share/firefox-esr/distribution/policies.json"}},
	}
}

// readBrowsers looks for browsers and their policies below root, as on Linux.
func readBrowsers(root string) []Browser {
	var all []Browser
	for _, i := range installed() {
		if !anyExists(root, i.programs) {
			continue
		}
		b := Browser{Name: i.name, Engine: i.engine}
		for _, place := range i.folders {
			files := []string{filepath.Join(root, place)}
			take := b.takeFirefox
			if i.engine == "chromium" {
				files, _ = filepath.Glob(filepath.Join(root, place, "*.json"))
				take = b.takeChromium
			}
			for _, file := range files {
				data, err := profile.ReadPlain(file)
				if os.IsNotExist(err) {
					continue
				}
				if err == nil {
					err = take(data)
				}
				if err != nil {
					b.Broken = append(b.Broken, file+": "+brief(err))
				}
			}
		}
		all = append(all, b)
	}
	return all
}

func anyExists(root string, paths []string) bool {
	for _, p := range paths {
		if _, err := os.Stat(filepath.Join(root, p)); err == nil {
			return true
		}
	}
	return false
}
