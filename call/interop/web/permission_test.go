package web

import (
	"strings"
	"testing"
	"unicode"
)

// notLet checks pages that do not get through to the phone, in both languages.
func notLet(t *testing.T, v *visitor, reason string, hosts ...string) {
	t.Helper()
	type opened struct {
		*tab
		lang string
	}
	var pages []opened
	for _, host := range hosts {
		for _, lang := range []string{"ko", "en"} {
			p := v.counsel(host, "&news=1&lang="+lang)
			if got := p.place("600"); got != 0 {
				t.Errorf("right after the page has loaded: directCall = %d", got)
			}
			pages = append(pages, opened{p, lang})
		}
	}
	for _, p := range pages {
		ev := p.awaitReason(reason)
		hangul := strings.ContainsFunc(ev.Data.Message, func(c rune) bool { return unicode.Is(unicode.Hangul, c) })
		if hangul != (p.lang == "ko") {
			t.Errorf("in %s the page was told %q", p.lang, ev.Data.Message)
		}
		t.Logf("%s: %s", reason, ev.Data.Message)
		p.await("Clear", 1)
		p.checkCallback("SetCallBack Connecting/0 Clear/0")
		if got := p.place("600"); got != -1 {
			t.Errorf("later: directCall = %d", got)
		}
	}
}

// testBlockedByPolicy: the administrator forbids loopback to this page.
func testBlockedByPolicy(t *testing.T, w *world) {
	w.run(t, []string{w.origin(hostBlocked)})
	notLet(t, w.visitor(t), "browser", hostBlocked)
}

// testRefusedByUser: the user has clicked on Block.
func testRefusedByUser(t *testing.T, w *world) {
	w.run(t, []string{w.origin(hostRefused)})
	v := w.visitor(t)
	for _, permission := range []string{"loopback-network", "local-network-access"} {
		if err := v.Permit(w.origin(hostRefused), permission, "denied"); err != nil {
			t.Fatal(err)
		}
	}
	notLet(t, v, "browser", hostRefused)
}

// testNotAsked: without a window there is nobody to answer the browser's
// question, which then stays open.
func testNotAsked(t *testing.T, w *world) {
	w.run(t, []string{w.origin(hostAsked)})
	v := w.visitor(t)
	// Without a window Chromium takes its own question for dismissed, and from
	// the third time on for refused; said in this way it stays open.
	for _, permission := range []string{"loopback-network", "local-network-access"} {
		if err := v.Permit(w.origin(hostAsked), permission, "prompt"); err != nil {
			t.Fatal(err)
		}
	}
	notLet(t, v, "browser-asks", hostAsked)
}

// testNotAllowed: the browser lets the page, the phone does not.
func testNotAllowed(t *testing.T, w *world) {
	w.run(t, []string{w.origin(hostBlocked)})
	before := w.invites()
	notLet(t, w.visitor(t), "not-allowed", hostAllowed, hostPlain)
	if got := w.invites(); got != before {
		t.Errorf("the SBC has seen %d calls", got-before)
	}
}
