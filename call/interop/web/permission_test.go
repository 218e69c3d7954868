package web

import (
	"testing"
	"unicode"
)

// notLet checks a page that its browser does not let connect to the phone,
// in both languages.
func notLet(t *testing.T, v *visitor, host, reason string) {
	t.Helper()
	for _, lang := range []string{"ko", "en"} {
		p := v.counsel(host, "&news=1&lang="+lang)
		if got := p.place("600"); got != 0 {
			t.Errorf("right after the page has loaded: directCall = %d", got)
		}
		ev := p.awaitReason(reason)
		hangul := false
		for _, c := range ev.Data.Message {
			hangul = hangul || unicode.Is(unicode.Hangul, c)
		}
		if hangul != (lang == "ko") {
			t.Errorf("in %s the page was told %q", lang, ev.Data.Message)
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
	notLet(t, w.visitor(t), hostBlocked, "browser")
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
	notLet(t, v, hostRefused, "browser")
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
	notLet(t, v, hostAsked, "browser-asks")
}

// testNotAllowed: the browser lets the page, the phone does not.
func testNotAllowed(t *testing.T, w *world) {
	w.run(t, []string{w.origin(hostBlocked)})
	before := w.invites()
	notLet(t, w.visitor(t), hostAllowed, "not-allowed")
	notLet(t, w.visitor(t), hostPlain, "not-allowed")
	if got := w.invites(); got != before {
		t.Errorf("the SBC has seen %d calls", got-before)
	}
}
