package web

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nxphone/call/interop"
)

// TestPages goes through what a counsellor's page does and suffers. One at a
// time: a page looks for its phone on the same ports as every other.
func TestPages(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *world)
	}{
		{"call from a page of the internet", testCallInternet},
		{"call from an intranet page", testCallIntranet},
		{"call with the phone's own demo", testCallDemo},
		{"outcomes", testOutcomes},
		{"mute", testMute},
		{"the shift", testShift},
		{"return values", testReturnValues},
		{"refused arguments", testRefusedArguments},
		{"reload", testReload},
		{"tab closed in a call", testTabClosed},
		{"two pages of one origin", testTwoPages},
		{"two origins", testTwoOrigins},
		{"phone killed in a call", testPhoneKilled},
		{"phone absent", testPhoneAbsent},
		{"phone started late", testPhoneStartedLate},
		{"loopback blocked by policy", testBlockedByPolicy},
		{"loopback refused by the user", testRefusedByUser},
		{"nobody has answered the browser", testNotAsked},
		{"origin not allowed", testNotAllowed},
		{"a stranger on the port", testStranger},
		{"an impostor on the port", testImpostor},
		{"a relay on the port", testRelay},
		{"attack in a call", testAttack},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, w) })
	}
}

// callThrough is the first minute of every customer: the page of the samples,
// a call, mute, the end.
func callThrough(t *testing.T, w *world, host string) {
	w.run(t, []string{w.origin(host)})
	p := w.visitor(t).counsel(host, "")
	// The phone has perhaps not been found yet: the call waits for that.
	if got := p.place("600"); got != 0 {
		t.Errorf("directCall = %d", got)
	}
	p.await("InCall", 1)
	p.want(`nxWebApi.Mute('Audio', true)`, 0)
	p.want(`nxWebApi.Mute('Audio', false)`, 0)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
	want := "서버 접속 시도... 발신중 통화연결 통화종료 또는 서버 접속 실패"
	err := p.Wait(within(t, patience), "what the page says itself", func() bool { return strings.Join(p.Seen("log"), " ") == want })
	if err != nil {
		t.Error(err)
	}
	p.checkDialogs(0)
	p.checkConsole()
	eventually(t, "the end of the call at the SBC", func() bool { return w.sbc.Calls() == 0 })
}

func testCallInternet(t *testing.T, w *world) { callThrough(t, w, hostAllowed) }

// On plain http a page has no WebCrypto.
func testCallIntranet(t *testing.T, w *world) { callThrough(t, w, hostPlain) }

// testCallDemo has nothing but the one line that a newcomer types, and the
// page gets the script from the phone itself.
func testCallDemo(t *testing.T, w *world) {
	const host = "127.0.0.1"
	h := w.run(t, []string{w.origin(host)}, "--demo")
	var urls []string
	for _, scheme := range []string{"wss", "ws"} {
		url, err := h.WaitLine(within(t, patience), "sbc "+scheme+"://")
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, scheme+"://"+url)
	}
	var lines []string
	for _, ev := range h.Events() {
		lines = append(lines, ev.Line)
	}
	if want := []string{"web-api " + h.base, "sbc " + urls[0], "sbc " + urls[1]}; strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("the phone printed %q, want %q", lines, want)
	}
	p := w.visitor(t).tab()
	p.open(w.origin(host) + "/blank.html")
	load := fmt.Sprintf(`new Promise((done, failed) => {
		const s = document.createElement('script')
		s.src = %q
		s.onload = () => { nxWebApi.SetCallBack(told); done(0) }
		s.onerror = () => failed(new Error('the phone does not give the script'))
		document.head.append(s)
	})`, h.base+"/nxWebApi.js")
	p.want(load, 0)
	for i, url := range urls {
		p.want(fmt.Sprintf(`nxWebApi.directCall('demo.invalid', '1000', '602', %q, 'default')`, url), 0)
		p.await("InCall", i+1)
		p.want(`nxWebApi.Clear()`, 0)
		p.await("Clear", i+1)
	}
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1 Connecting/2 Trying/2 Ringing/2 InCall/2 Clear/2")
	p.checkConsole()
	h.end(t)
	if got := h.ExitStatus(); got != 0 {
		t.Errorf("after Ctrl-C: exit status %d", got)
	}
}

// testOutcomes are the calls that come to nothing, the one that the far end
// ends, and one that the page gives up while it rings. The new events say why.
func testOutcomes(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1")})
	p := w.visitor(t).counsel("127.0.0.1", "&news=1")
	want := "SetCallBack"
	for i, c := range []struct{ tel, events, code string }{
		{"603", "Connecting Trying Clear", "busy"},
		{"604", "Connecting Clear", "not-found"},
		{"605", "Connecting Trying Ringing Clear", "cancelled"},
		{"606", "Connecting Trying Ringing InCall Clear", "remote-hangup"},
	} {
		p.place(c.tel)
		if c.tel == "605" {
			p.await("Ringing", count(strings.Fields(want), fmt.Sprintf("Ringing/%d", i))+1)
			p.want(`nxWebApi.Clear()`, 0)
		}
		p.await("Clear", i+1)
		for typ := range strings.FieldsSeq(c.events) {
			want += fmt.Sprintf(" %s/%d", typ, i+1)
		}
		if got := p.awaitNews("Ended", i+1).Data.Code; got != c.code {
			t.Errorf("%s ended with %q, want %q", c.tel, got, c.code)
		}
	}
	p.checkCallback(want)
	p.checkDialogs(0)
	p.checkConsole()
}

// testMute has a sound card whose microphone never stops, so that the SBC
// hears whether mute is what it says.
func testMute(t *testing.T, w *world) {
	g, err := interop.NewGroup(filepath.Join(t.TempDir(), "logs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Stop)
	desktop, err := interop.StartDesktop(within(t, patience), g, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(desktop.Close)
	t.Cleanup(g.Stop) // before Close
	said := filepath.Join(t.TempDir(), "said")
	if err := interop.MicSignal().WriteRaw(said, 48000, 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := desktop.Speak("speak", said); err != nil {
		t.Fatal(err)
	}
	w.run(t, []string{w.origin("127.0.0.1")}, append(desktop.Env, "--audio", "default")...)
	p := w.visitor(t).counsel("127.0.0.1", "&news=1")
	p.place("602")
	p.await("InCall", 1)
	id := w.lastCall(t)

	// mark is how much the SBC has heard; newest is what it has since.
	mark := func() int { return len(w.sbc.Heard(id)) }
	hears := func(what string, signal bool) {
		t.Helper()
		from := mark()
		eventually(t, what+": a second of sound at the SBC", func() bool {
			pcm := w.sbc.Heard(id)[from:]
			if len(pcm) < 48000 {
				return false
			}
			pcm = pcm[len(pcm)-48000:] // buffers on the way have run dry by then
			r := interop.MicSignal().Check(pcm, 48000)
			return r.Heard == signal && (signal && r.OK() || !signal && r.Unclear == 0)
		})
	}
	confirmed := func(n int, on bool) {
		t.Helper()
		if ev := p.awaitNews("Mute", n); ev.Data.On == nil || *ev.Data.On != on {
			t.Errorf("Mute was confirmed with %+v, want %t", ev, on)
		}
	}
	hears("before", true)
	p.want(`nxWebApi.Mute('Audio', true)`, 0)
	confirmed(1, true)
	hears("muted", false)
	p.want(`nxWebApi.Mute('Audio', false)`, 0)
	confirmed(2, false)
	hears("unmuted", true)
	p.want(`nxWebApi.Mute('Video', true)`, 0) // a promise about later, nothing else
	hears("with the camera forbidden", true)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
	p.checkConsole()
}

// testReturnValues asks for everything in every state.
func testReturnValues(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1")})
	p := w.visitor(t).counsel("127.0.0.1", "&callback=later")
	_, wss := w.sbc.URLs()
	dial := func(tel string) string {
		return fmt.Sprintf(`nxWebApi.directCall('demo.invalid', '1000', %q, %q, '')`, tel, wss)
	}
	noCall := func(when string) {
		t.Helper()
		t.Log(when)
		for _, e := range []string{`nxWebApi.Clear()`, `nxWebApi.Mute('Audio', true)`, `nxWebApi.Mute('Audio', false)`,
			`nxWebApi.Mute('Video', true)`, `nxWebApi.Mute('Sound', true)`} {
			p.want(e, -1)
		}
	}
	// up is true of every state of a call.
	up := func(when string) {
		t.Helper()
		t.Log(when)
		p.want(dial("602"), -1)
		p.want(`nxWebApi.Mute('Video', true)`, 0)
		p.want(`nxWebApi.Mute('Sound', true)`, -1)
		p.want(`nxWebApi.Mute()`, -1)
		p.want(`nxWebApi.Mute('Audio', true)`, 0)
		p.want(`nxWebApi.Mute('Audio', false)`, 0)
	}
	noCall("before SetCallBack")
	p.reachable()
	// A page that never asks for events may call all the same.
	p.want(dial("605"), 0)
	up("at once after directCall")
	p.want(`nxWebApi.Clear()`, 0)
	eventually(t, "that the page knows the end of the call without a callback", func() bool {
		return p.number(`nxWebApi.Mute('Audio', true)`) == -1
	})

	p.do(`register()`)
	p.await("Clear", 1) // the end of that call is not lost
	noCall("idle")
	p.want(dial("602"), 0)
	up("connecting")
	p.await("Ringing", 1)
	up("ringing")
	p.await("InCall", 1)
	up("in the call")
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 2)
	noCall("after Clear")
	p.want(dial("605"), 0)
	p.await("Ringing", 2)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 3)
	noCall("after a cancelled call")
	p.checkConsole()
	p.checkCallback("SetCallBack Clear/1 Connecting/2 Trying/2 Ringing/2 InCall/2 Clear/2 Connecting/3 Trying/3 Ringing/3 Clear/3")
}

// testRefusedArguments: -1, no event, nothing on the wire, an alert by the
// page; and the call after that is an ordinary one.
func testRefusedArguments(t *testing.T, w *world) {
	w.run(t, []string{w.origin("127.0.0.1")})
	p := w.visitor(t).counsel("127.0.0.1", "")
	p.reachable()
	before := w.invites()
	_, wss := w.sbc.URLs()
	for _, args := range []string{
		``,
		`'demo.invalid', '1000', '600'`,
		`'demo.invalid', '1000', '600', ''`,
		`'', '1000', '600', URL, ''`,
		`'demo.invalid', '', '600', URL, ''`,
		`'demo.invalid', '1000', '', URL, ''`,
		`undefined, '1000', '600', URL, ''`,
		`null, '1000', '600', URL, ''`,
		`'demo.invalid', '1000', '상담원', URL, ''`,
		`'demo.invalid', '1000', '010ㄱ', URL, ''`,
		`'demo.invalid', '1000', '600', 'https://sbc.invalid', ''`,
		`'demo.invalid', '1000', '600', 'sbc.invalid:6081', ''`,
		`{}, [], '600', URL, ''`,
	} {
		p.want(`nxWebApi.directCall(`+strings.ReplaceAll(args, "URL", fmt.Sprintf("%q", wss))+`)`, -1)
	}
	if got := p.place("상담원"); got != -1 {
		t.Errorf("directCall with Hangul = %d", got)
	}
	p.checkDialogs(1)
	// The token alone may be missing.
	p.want(fmt.Sprintf(`nxWebApi.directCall('demo.invalid', '1000', '600', %q)`, wss), 0)
	p.await("InCall", 1)
	if got := w.invites(); got != before+1 {
		t.Errorf("the SBC has seen %d calls, want 1", got-before)
	}
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
	p.checkConsole()
}
