package web

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// testReload reloads the page in a call and while it rings: the call goes on,
// the fresh page learns where it is, and ends it.
func testReload(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1")})
	p := w.visitor(t).counsel("127.0.0.1", "")
	reload := func() {
		t.Helper()
		if err := p.Reload(within(t, patience)); err != nil {
			t.Fatal(err)
		}
	}
	p.place("602")
	p.await("InCall", 1)
	for n := range 2 { // twice: what a reload leaves behind is a page as before
		reload()
		p.await("InCall", n+2)
		p.want(`nxWebApi.Mute('Audio', true)`, 0)
		p.want(`nxWebApi.Mute('Audio', false)`, 0)
	}
	if got := w.sbc.Calls(); got != 1 {
		t.Errorf("after the reloads the SBC has %d calls", got)
	}
	if got := p.place("602"); got != -1 {
		t.Errorf("a second call after the reload: directCall = %d", got)
	}
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)

	p.place("605")
	p.await("Ringing", 2)
	reload()
	p.await("Ringing", 3)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 2)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 SetCallBack InCall/1 SetCallBack InCall/1 Clear/1 " +
		"Connecting/2 Trying/2 Ringing/2 SetCallBack Ringing/2 Clear/2")
	p.checkDialogs(1)
	p.checkConsole()
}

// testTabClosed closes the tab in a call, which goes on, and opens the page
// again, which takes the call over.
func testTabClosed(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1")})
	v := w.visitor(t)
	first := v.counsel("127.0.0.1", "")
	first.place("600")
	first.await("InCall", 1)
	first.Close()
	w.keepsTalking(t)
	second := v.counsel("127.0.0.1", "")
	second.await("InCall", 1)
	w.keepsTalking(t)
	second.want(`nxWebApi.Mute('Audio', true)`, 0)
	second.want(`nxWebApi.Clear()`, 0)
	second.await("Clear", 1)
	second.checkCallback("SetCallBack InCall/1 Clear/1")
	second.checkConsole()
}

// keepsTalking waits until the SBC has received a second more of the newest
// call.
func (w *world) keepsTalking(t *testing.T) {
	t.Helper()
	id := w.lastCall(t)
	packets := func() int {
		s, _ := w.sbc.Stats(id)
		return s.Packets
	}
	until := packets() + 50 // of 20 ms
	eventually(t, "sound at the SBC", func() bool { return packets() >= until })
}

// testTwoPages has two tabs of one user on one origin: one controls its call,
// the other knows that the phone is taken, and takes over only when the first
// is gone.
func testTwoPages(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1")})
	v := w.visitor(t)
	a, b := v.counsel("127.0.0.1", ""), v.counsel("127.0.0.1", "&news=1")
	a.reachable()
	b.reachable()
	a.place("600")
	a.await("InCall", 1)
	b.awaitNews("MediaUp", 1) // so it has heard of the call
	b.mayNot(t, w)
	b.want(`nxWebApi.take()`, -1)
	w.keepsTalking(t)
	a.want(`nxWebApi.Mute('Audio', true)`, 0)
	a.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1")
	a.Close()
	eventually(t, "that the second page may take the call", func() bool { return b.number(`nxWebApi.take()`) == 0 })
	b.await("InCall", 1)
	b.want(`nxWebApi.Mute('Audio', false)`, 0)
	b.want(`nxWebApi.Clear()`, 0)
	b.await("Clear", 1)
	b.checkCallback("SetCallBack InCall/1 Clear/1")
	// The next call is whose it is.
	b.place("600")
	b.await("InCall", 2)
	b.want(`nxWebApi.Clear()`, 0)
	b.await("Clear", 2)
	a.checkConsole()
	b.checkConsole()
}

// mayNot checks that a page can do nothing with a call of somebody else, and
// that its callback has heard nothing of it.
func (p *tab) mayNot(t *testing.T, w *world) {
	t.Helper()
	_, wss := w.sbc.URLs()
	before := w.invites()
	p.want(fmt.Sprintf(`nxWebApi.directCall('demo.invalid', '1000', '600', %q, '')`, wss), -1)
	p.want(`nxWebApi.Clear()`, -1)
	p.want(`nxWebApi.Mute('Audio', true)`, -1)
	p.want(`nxWebApi.Mute('Video', true)`, -1)
	p.checkCallback("SetCallBack")
	if got := w.invites(); got != before {
		t.Errorf("the SBC has seen %d more calls", got-before)
	}
}

// testTwoOrigins: the other origin learns that the phone is taken, and nothing
// else; after the call it may.
func testTwoOrigins(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1"), w.origin(hostPlain)})
	v := w.visitor(t)
	a, b := v.counsel("127.0.0.1", ""), v.counsel(hostPlain, "&news=1")
	a.reachable()
	b.reachable()
	a.place("602")
	a.await("InCall", 1)
	eventually(t, "that the other origin knows", func() bool { return b.number(`nxWebApi.state().busy ? 1 : 0`) == 1 })
	b.mayNot(t, w)
	b.want(`nxWebApi.take()`, -1)
	for _, seen := range append(b.Seen(Noted), b.text(`JSON.stringify(nxWebApi.state())`)) {
		for _, secret := range []string{"602", "1000", "demo.invalid", "InCall", "opus"} {
			if strings.Contains(seen, secret) {
				t.Errorf("the other origin has learnt %q: %s", secret, seen)
			}
		}
	}
	w.keepsTalking(t)
	a.want(`nxWebApi.Clear()`, 0)
	a.await("Clear", 1)
	eventually(t, "that the phone is free for the other origin", func() bool { return b.number(`nxWebApi.state().busy ? 1 : 0`) == 0 })
	b.place("600")
	b.await("InCall", 1)
	b.want(`nxWebApi.Clear()`, 0)
	b.await("Clear", 1)
	a.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
	b.checkCallback("SetCallBack Connecting/2 Trying/2 Ringing/2 InCall/2 Clear/2")
	a.checkConsole()
	b.checkConsole()
}

// testPhoneKilled takes the power from the phone in a call: one Clear, and when
// the phone is there again the page is, too, with no hand laid on it.
func testPhoneKilled(t *testing.T, w *world) {
	home := t.TempDir()
	origins := []string{w.origin(hostAllowed)}
	h := w.runIn(t, home, origins)
	p := w.visitor(t).counsel(hostAllowed, "&news=1")
	p.place("600")
	p.await("InCall", 1)
	h.Kill()
	p.await("Clear", 1)
	p.want(`nxWebApi.Clear()`, -1)
	p.want(`nxWebApi.Mute('Audio', true)`, -1)
	err := p.Wait(within(t, patience), "that the page knows", func() bool { return p.lastReason() == "not-running" })
	if err != nil {
		t.Fatal(err)
	}
	if got := p.place("600"); got != -1 {
		t.Errorf("without a phone: directCall = %d", got)
	}
	w.runIn(t, home, origins)
	p.reachable()
	if got := p.place("602"); got != 0 {
		t.Errorf("with the new phone: directCall = %d", got)
	}
	p.await("InCall", 2)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 2)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1 Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
	p.checkDialogs(1)
	for _, text := range p.Seen("exception") {
		t.Errorf("in the page's console: %s", text)
	}
}

// lastReason is why the phone cannot be reached, as the page was last told.
func (p *tab) lastReason() string {
	if all := p.news("Phone"); len(all) > 0 {
		return all[len(all)-1].Data.Reason
	}
	return ""
}

// testPhoneAbsent: the first call is waited for, in vain; later ones are
// refused at once.
func testPhoneAbsent(t *testing.T, w *world) {
	p := w.visitor(t).counsel(hostAllowed, "&news=1&lang=en")
	if got := p.place("600"); got != 0 {
		t.Errorf("right after the page has loaded: directCall = %d", got)
	}
	called := time.Now()
	p.want(`nxWebApi.Mute('Video', true)`, 0)
	p.await("Clear", 1)
	// 5 s; what is more is the machine's.
	if d := time.Since(called); d < 3*time.Second || d > 15*time.Second {
		t.Errorf("Clear came after %v", d)
	}
	p.checkCallback("SetCallBack Connecting/0 Clear/0")
	p.awaitReason("not-running")
	p.checkDialogs(0)
	if got := p.place("600"); got != -1 {
		t.Errorf("later: directCall = %d", got)
	}
	p.want(`nxWebApi.Clear()`, -1)
	p.want(`nxWebApi.Mute('Audio', true)`, -1)
	p.checkCallback("SetCallBack Connecting/0 Clear/0")
	p.checkDialogs(1)
}

// testPhoneStartedLate: the counsellor starts the phone after the click.
func testPhoneStartedLate(t *testing.T, w *world) {
	p := w.visitor(t).counsel("127.0.0.1", "")
	if got := p.place("600"); got != 0 {
		t.Errorf("right after the page has loaded: directCall = %d", got)
	}
	// The page looks for its phone again and again meanwhile.
	p.number(`new Promise(done => setTimeout(done, 1500, 0))`)
	w.run(t, []string{w.origin("127.0.0.1")})
	p.await("InCall", 1)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
}

// awaitReason waits until the page was told that the phone cannot be reached
// for this reason, and checks the sentence that it was told with it.
func (p *tab) awaitReason(reason string) event {
	p.t.Helper()
	var found event
	err := p.Wait(within(p.t, patience), "the reason "+reason, func() bool {
		for _, ev := range p.news("Phone") {
			if ev.Data.Reason == reason {
				found = ev
				return true
			}
		}
		return false
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if found.Data.Reachable || len(found.Data.Message) < 10 {
		p.t.Errorf("the page was told %+v", found)
	}
	// Once, so that a console in the background is no log file.
	if n := count(p.Seen("warning"), "nxWebApi: "+found.Data.Message); n != 1 {
		p.t.Errorf("the console says %d times %q: %q", n, found.Data.Message, p.Seen("warning"))
	}
	return found
}
