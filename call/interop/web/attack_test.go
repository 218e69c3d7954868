package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"nxphone/call/webapi/webapitest"
)

// testAttack does to a phone in a call whatever hostile pages and programs can
// do, and listens to the call meanwhile.
func testAttack(t *testing.T, w *world) {
	good := w.origin("127.0.0.1")
	h := w.run(t, []string{good})
	p := w.visitor(t).counsel("127.0.0.1", "&news=1")
	p.place("600")
	p.await("InCall", 1)
	before := w.invites()
	stop := w.listenToCall(t)

	honest, evil := w.visitor(t), w.visitor(t)
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"from pages", func(t *testing.T) { attackFromPages(t, w, evil, h) }},
		{"by rebinding", func(t *testing.T) { attackByRebinding(t, evil, h) }},
		{"by requests", func(t *testing.T) { attackByRequests(t, h, good) }},
		{"by another user", func(t *testing.T) { attackByAnotherUser(t, h, good) }},
		{"by messages", func(t *testing.T) { attackByMessages(t, h, good) }},
		{"by proofs", func(t *testing.T) { attackByProofs(t, h, good) }},
		{"by commands", func(t *testing.T) { attackByCommands(t, h, good) }},
		{"by half-open connections", func(t *testing.T) { attackHalfOpen(t, h, good) }},
		{"by floods", func(t *testing.T) { attackByFloods(t, &visitor{honest.Visitor, t, w}, h, good) }},
	} {
		began := time.Now()
		t.Run(c.name, c.test)
		t.Logf("%s: %v", c.name, time.Since(began).Round(time.Millisecond))
	}

	stop()
	if got := w.invites(); got != before {
		t.Errorf("the attacks have placed %d calls", got-before)
	}
	// The page still has its call, and the call its page.
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1")
	if all := p.news("Mute"); len(all) > 0 {
		t.Errorf("somebody has used the microphone's switch: %+v", all)
	}
	p.want(`nxWebApi.Mute('Audio', true)`, 0)
	if ev := p.awaitNews("Mute", 1); ev.Data.On == nil || !*ev.Data.On {
		t.Errorf("Mute was confirmed with %+v", ev)
	}
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1")
	p.checkConsole()
}

// listenToCall counts the newest call's packets at the SBC until stop, which
// says what was wrong with them: never longer than a second without one, and
// as many as 20 ms of sound each make.
func (w *world) listenToCall(t *testing.T) (stop func()) {
	t.Helper()
	id := w.lastCall(t)
	packets := func() int {
		s, _ := w.sbc.Stats(id)
		return s.Packets
	}
	ctx, cancel := context.WithCancel(t.Context())
	var listening sync.WaitGroup
	first, began := packets(), time.Now()
	longest := time.Duration(0)
	listening.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		last, at := first, began
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := time.Now()
			if n := packets(); n != last {
				last, at = n, now
			}
			longest = max(longest, now.Sub(at))
		}
	})
	return func() {
		t.Helper()
		cancel()
		listening.Wait()
		n, d := packets()-first, time.Since(began)
		t.Logf("%d packets in %v, the longest pause was %v", n, d.Round(time.Millisecond), longest.Round(time.Millisecond))
		if want := int(d / (20 * time.Millisecond)); n < want*9/10 || longest > time.Second {
			t.Errorf("in %v of attacks the SBC heard %d packets, want %d; the longest pause was %v", d, n, want, longest)
		}
	}
}

// attackFromPages is a page of another origin on an address that the browser
// lets connect to loopback: only the phone is between it and the call.
func attackFromPages(t *testing.T, w *world, v *visitor, h *headless) {
	p := v.tab()
	p.t = t
	p.open(w.origin(hostPlain) + "/blank.html")
	ws := `(url, protocols) => new Promise(done => {
		let s;
		try { s = new WebSocket(url, protocols) } catch (e) { return done('error') };
		s.onopen = () => done('open');
		s.onmessage = () => done('open');
		s.onerror = () => done('error');
	})`
	port := h.address()[strings.LastIndexByte(h.address(), ':')+1:]
	for _, c := range []struct{ name, js, want string }{
		{"WebSocket", `(` + ws + `)('ws://` + h.address() + `/v1', 'nxphone.v1')`, "error"},
		{"WebSocket at localhost", `(` + ws + `)('ws://localhost:` + port + `/v1', 'nxphone.v1')`, "error"},
		{"WebSocket without a protocol", `(` + ws + `)('ws://` + h.address() + `/v1')`, "error"},
		{"fetch", `fetch('` + h.base + `/v1').then(r => 'status ' + r.status, () => 'refused')`, "refused"},
		{"fetch with JSON", `fetch('` + h.base + `/v1', {method: 'POST', headers: {'Content-Type': 'application/json'},
			body: '{"type":"dial"}'}).then(r => 'status ' + r.status, () => 'refused')`, "refused"},
		{"no-cors POST", `fetch('` + h.base + `/v1', {method: 'POST', mode: 'no-cors', body: '{"type":"clear","id":1}'})
			.then(r => r.type, () => 'refused')`, ""},
		{"no-cors GET", `fetch('` + h.base + `/v1', {mode: 'no-cors'}).then(r => r.type, () => 'refused')`, ""},
		{"beacon", `String(navigator.sendBeacon('` + h.base + `/v1', '{"type":"clear","id":1}'))`, ""},
		{"image", `new Promise(done => { const i = new Image(); i.onload = () => done('shown'); i.onerror = () => done('refused');
			i.src = '` + h.base + `/v1?clear' })`, "refused"},
		{"form in a frame", `new Promise(done => {
			document.body.innerHTML = '<iframe name=f></iframe><form method=post enctype=text/plain target=f action="` + h.base + `/v1"><input name=\'{"type":"clear","id":1,"x":"\' value=\'"}\'></form>';
			document.querySelector('iframe').onload = () => done('loaded');
			document.querySelector('form').submit() })`, "loaded"},
		{"frame", `new Promise(done => { const f = document.createElement('iframe'); f.onload = () => done('loaded');
			f.src = '` + h.base + `/v1'; document.body.append(f) })`, "loaded"},
		{"sandboxed frame", `new Promise(done => {
			onmessage = e => done(e.data);
			const f = document.createElement('iframe'); f.sandbox = 'allow-scripts';
			f.srcdoc = '<script>(` + strings.ReplaceAll(ws, "'", "\\'") + `)("ws://` + h.address() + `/v1", "nxphone.v1").then(r => parent.postMessage(origin + " " + r, "*"))<\/script>';
			document.body.append(f) })`, "null error"},
	} {
		got := p.text(strings.ReplaceAll(c.js, "\n", " "))
		if c.want != "" && got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	// A navigation reaches every program on the computer; the answer's status
	// is all there is to see of it.
	p.answered(h.base+"/v1", 403)
	p.open(w.origin(hostPlain) + "/blank.html")
	p.text(`new Promise(done => { const o = open('` + h.base + `/v1?dial=600'); const i = setInterval(() => {
		try { o.document.body } catch { clearInterval(i); o.close(); done('gone there') } }, 5) })`)
	p.Close()
}

// answered opens an address as a navigation and checks the answer's status; the
// browser may show a page of its own for it.
func (p *tab) answered(address string, want int) {
	p.t.Helper()
	_ = p.Open(within(p.t, patience), address)
	text := fmt.Sprintf("%d %s", want, address)
	if all := p.Seen("response"); count(all, text) == 0 {
		p.t.Errorf("the answers were %q, want %q", all, text)
	}
}

// rebound is the attacker's computer: it serves one page, and from then on its
// name leads to the phone, as far as the browser and the phone can tell.
type rebound struct {
	net.Listener
	phone string // HOST:PORT

	mu   sync.Mutex
	turn bool
	open sync.WaitGroup
}

// rebind listens on the phone's port of another address until the test ends.
func rebind(t *testing.T, h *headless) *rebound {
	t.Helper()
	_, port, err := net.SplitHostPort(h.address())
	if err != nil {
		t.Fatal(err)
	}
	r := &rebound{phone: h.address()}
	if r.Listener, err = net.Listen("tcp4", net.JoinHostPort(addressRebound, port)); err != nil {
		t.Fatal(err)
	}
	r.open.Go(func() {
		for {
			c, err := r.Accept()
			if err != nil {
				return
			}
			r.open.Go(func() { r.serve(c) })
		}
	})
	t.Cleanup(func() {
		r.Close()
		r.open.Wait()
	})
	return r
}

func (r *rebound) serve(c net.Conn) {
	defer c.Close()
	r.mu.Lock()
	turn := r.turn
	r.mu.Unlock()
	if !turn {
		const page = "<!doctype html><title>evil</title>"
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
		}
		return
	}
	phone, err := net.DialTimeout("tcp4", r.phone, patience)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(c, phone)
		c.Close() // whoever is through first ends both
	})
	_, _ = io.Copy(phone, c)
	phone.Close()
	back.Wait()
}

// attackByRebinding is the page whose own name leads to the phone's address.
func attackByRebinding(t *testing.T, v *visitor, h *headless) {
	p := v.tab()
	p.t = t
	evil := rebind(t, h)
	_, port, _ := net.SplitHostPort(h.address())
	base := net.JoinHostPort(hostRebound, port)
	p.open("http://" + base + "/")
	evil.mu.Lock()
	evil.turn = true
	evil.mu.Unlock()
	if got := p.text(`location.origin`); got != "http://"+base {
		t.Fatalf("the page is of %s", got)
	}
	for _, path := range []string{"/v1", "/nxWebApi.js", "/"} {
		p.want(`fetch('`+path+`').then(r => r.status)`, 421)
	}
	p.want(`fetch('/v1', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"type":"clear","id":1}'}).then(r => r.status)`, 421)
	got := p.text(`new Promise(done => { const s = new WebSocket('ws://` + base + `/v1', 'nxphone.v1'); s.onopen = () => done('open'); s.onerror = () => done('error') })`)
	if got != "error" {
		t.Errorf("a WebSocket by the attacker's name: %s", got)
	}
	p.answered("http://"+base+"/v1", 421)
	p.Close()
}

// request is one request as a program writes it.
type request struct {
	name   string
	first  string   // of its lines
	lines  []string // Host first, unless it is the point
	body   string
	status int
}

func upgrade(more ...string) []string {
	return append([]string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: nxphone.v1"}, more...)
}

// attackRequests are what every program on the computer may send. HOST and
// GOOD stand for the phone's own Host and the allowed origin.
func attackRequests() []request {
	host := "Host: HOST"
	with := func(lines ...string) []string { return append([]string{host}, lines...) }
	return []request{
		{"ws without an origin", "GET /v1 HTTP/1.1", with(upgrade()...), "", 403},
		{"ws of origin null", "GET /v1 HTTP/1.1", with(upgrade("Origin: null")...), "", 403},
		{"ws of another origin", "GET /v1 HTTP/1.1", with(upgrade("Origin: https://evil.test")...), "", 403},
		{"ws of an origin that ends like ours", "GET /v1 HTTP/1.1", with(upgrade("Origin: http://evil.GOODHOST")...), "", 403},
		{"ws of an origin that begins like ours", "GET /v1 HTTP/1.1", with(upgrade("Origin: GOOD.evil.test")...), "", 403},
		{"ws of our origin's host on another port", "GET /v1 HTTP/1.1", with(upgrade("Origin: http://127.0.0.1:1")...), "", 403},
		{"ws of two origins", "GET /v1 HTTP/1.1", with(upgrade("Origin: GOOD", "Origin: https://evil.test")...), "", 403},
		{"ws to another host", "GET /v1 HTTP/1.1", append([]string{"Host: evil.test"}, upgrade("Origin: GOOD")...), "", 421},
		{"ws to another host with our port", "GET /v1 HTTP/1.1", append([]string{"Host: evil.test:PORT"}, upgrade("Origin: GOOD")...), "", 421},
		{"ws to our host without the port", "GET /v1 HTTP/1.1", append([]string{"Host: 127.0.0.1"}, upgrade("Origin: GOOD")...), "", 421},
		{"ws as a navigation", "GET /v1 HTTP/1.1", with(upgrade("Origin: GOOD", "Sec-Fetch-Mode: navigate")...), "", 403},
		{"ws as no-cors", "GET /v1 HTTP/1.1", with(upgrade("Origin: GOOD", "Sec-Fetch-Mode: no-cors")...), "", 403},
		{"ws on another path", "GET / HTTP/1.1", with(upgrade("Origin: GOOD")...), "", 404},
		{"no upgrade", "GET /v1 HTTP/1.1", with("Origin: GOOD"), "", 426},
		{"no upgrade, no origin", "GET /v1 HTTP/1.1", with(), "", 403},
		{"no-cors", "GET /v1 HTTP/1.1", with("Sec-Fetch-Mode: no-cors", "Origin: GOOD"), "", 403},
		{"navigation", "GET /v1 HTTP/1.1", with("Sec-Fetch-Mode: navigate"), "", 403},
		{"form", "POST /v1 HTTP/1.1", with("Origin: null", "Sec-Fetch-Mode: navigate", "Content-Type: text/plain"), `{"type":"clear","id":1}`, 403},
		{"form of our origin", "POST /v1 HTTP/1.1", with("Origin: GOOD", "Content-Type: application/x-www-form-urlencoded"), "type=clear", 415},
		{"JSON of our origin", "POST /v1 HTTP/1.1", with("Origin: GOOD", "Content-Type: application/json"), `{"type":"clear","id":1}`, 404},
		{"JSON of another origin", "POST /v1 HTTP/1.1", with("Origin: https://evil.test", "Content-Type: application/json"), `{"type":"clear","id":1}`, 403},
		{"preflight of another origin", "OPTIONS /v1 HTTP/1.1", with("Origin: https://evil.test", "Access-Control-Request-Method: POST"), "", 403},
		{"preflight of our origin", "OPTIONS /v1 HTTP/1.1", with("Origin: GOOD", "Access-Control-Request-Method: POST"), "", 204},
		{"DELETE", "DELETE /v1 HTTP/1.1", with("Origin: GOOD"), "", 405},
		{"a path with dots", "GET /../../etc/passwd HTTP/1.1", with("Origin: GOOD"), "", 404},
		{"no Host", "GET /nxWebApi.js HTTP/1.1", nil, "", 400},
		{"two Hosts", "GET /nxWebApi.js HTTP/1.1", with("Host: evil.test"), "", 400},
		{"an absolute address", "GET http://evil.test/nxWebApi.js HTTP/1.1", with(), "", 421},
		{"HTTP/1.0 without Host", "GET /nxWebApi.js HTTP/1.0", nil, "", 421},
		{"malformed", "GET", nil, "", 400},
		{"endless header", "GET /v1 HTTP/1.1", with("X: " + strings.Repeat("x", 2<<20)), "", 431},
		{"the script", "GET /nxWebApi.js HTTP/1.1", with("Sec-Fetch-Mode: no-cors"), "", 200},
	}
}

// send sends a request and gives the answer's status; 0 for a connection that
// was closed without one.
func (r request) send(address, good string) (int, http.Header, error) {
	c, err := net.DialTimeout("tcp4", address, patience)
	if err != nil {
		return 0, nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	lines := append([]string{r.first}, r.lines...)
	if r.body != "" {
		lines = append(lines, fmt.Sprint("Content-Length: ", len(r.body)))
	}
	text := strings.Join(lines, "\r\n") + "\r\n\r\n" + r.body
	_, port, _ := net.SplitHostPort(address)
	_, goodHost, _ := strings.Cut(good, "://")
	text = strings.NewReplacer("HOST:PORT", address, "GOODHOST", goodHost, "GOOD", good, "HOST", address, "PORT", port).Replace(text)
	// The other side may have enough before everything is written.
	_, writeErr := io.WriteString(c, text)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, nil, errors.Join(writeErr, err)
	}
	res.Body.Close()
	return res.StatusCode, res.Header, nil
}

func attackByRequests(t *testing.T, h *headless, good string) {
	for _, r := range attackRequests() {
		got, header, err := r.send(h.address(), good)
		// Whoever writes on while being refused may lose the refusal.
		if r.status == 431 && got == 0 {
			continue
		}
		if got != r.status {
			t.Errorf("%s: %d (%v), want %d", r.name, got, err, r.status)
		}
		if allow := header.Get("Access-Control-Allow-Origin"); allow != "" && r.name != "the script" && (allow != good || !slices.Contains(r.lines, "Origin: GOOD")) {
			t.Errorf("%s: allowed to read the answer: %q", r.name, allow)
		}
		if len(header["Set-Cookie"]) > 0 {
			t.Errorf("%s: the phone sets a cookie", r.name)
		}
	}
}

// otherUserEnv makes the test binary the other user: it holds the phone's
// address and an origin, comma between them.
const otherUserEnv = "NXPHONE_WEB_OTHER_USER"

// runAsOtherUser sends one good request after another and prints the answers.
func runAsOtherUser(arg string) int {
	address, good, _ := strings.Cut(arg, ",")
	for _, r := range []request{
		{"ws", "GET /v1 HTTP/1.1", append([]string{"Host: HOST"}, upgrade("Origin: GOOD")...), "", 0},
		{"script", "GET /nxWebApi.js HTTP/1.1", []string{"Host: HOST"}, "", 0},
	} {
		status, _, err := r.send(address, good)
		fmt.Printf("uid %d: %s %d %v\n", os.Getuid(), r.name, status, err)
	}
	return 0
}

// attackByAnotherUser needs root, who alone may be somebody else: then a real
// process of the user nobody forges a page's request, to the letter.
func attackByAnotherUser(t *testing.T, h *headless, good string) {
	if os.Getenv(plainUserEnv) != "" {
		t.Log("not root: package webapi has this with an owner of its own making")
		return
	}
	const nobody = 65534
	cmd := exec.CommandContext(within(t, patience), "/proc/self/exe")
	cmd.Env = append(os.Environ(), otherUserEnv+"="+h.address()+","+good)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := "uid 65534: ws 403 <nil>\nuid 65534: script 403 <nil>\n"; string(out) != want {
		t.Errorf("another user was answered\n%swant\n%s", out, want)
	}
}

// attackByMessages says wrong things on connections of the allowed origin.
func attackByMessages(t *testing.T, h *headless, good string) {
	ctx := within(t, patience)
	for _, c := range []struct{ name, text string }{
		{"no JSON", "}{"},
		{"an array", "[]"},
		{"null", "null"},
		{"commands before the proof", `{"type":"clear","id":1}`},
		{"dial before the proof", `{"type":"dial","id":1,"key":"00112233445566778899aabbccddeeff","realm":"demo.invalid","dn":"1","tel":"600","url":"ws://127.0.0.1:1"}`},
		{"a proof without hello", `{"type":"prove","proof":"` + strings.Repeat("00", 32) + `","tab":"` + strings.Repeat("00", 16) + `","epoch":"","n":0}`},
		{"deep", strings.Repeat("[", 8000) + strings.Repeat("]", 8000)},
		{"oversized", `{"type":"hello","nonce":"` + strings.Repeat("a", 17<<10) + `"}`},
		{"not UTF-8", "{\"type\":\"hello\xff\"}"},
	} {
		conn, _, err := greet(ctx, h, good)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(c.text)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := endOf(ctx, conn); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		conn.CloseNow()
	}
	conn, _, err := greet(ctx, h, good)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if err := conn.Write(ctx, websocket.MessageBinary, []byte(`{"type":"hello"}`)); err != nil {
		t.Error(err)
	}
	if err := endOf(ctx, conn); err != nil {
		t.Errorf("binary: %v", err)
	}
}

// endOf reads until the phone closes the connection; nothing of the call may
// come before.
func endOf(ctx context.Context, conn *websocket.Conn) error {
	for {
		_, text, err := conn.Read(ctx)
		switch {
		case ctx.Err() != nil:
			return errors.New("the phone keeps the connection open")
		case err != nil:
			return nil
		case strings.Contains(string(text), "events") || strings.Contains(string(text), "welcome"):
			return fmt.Errorf("the phone answered %s", text)
		}
	}
}

// attackByProofs shows wrong proofs and old ones.
func attackByProofs(t *testing.T, h *headless, good string) {
	ctx := within(t, patience)
	honest, err := webapitest.Dial(ctx, h.address(), webapitest.Options{Origin: good})
	if err != nil {
		t.Fatal(err)
	}
	honest.Close()
	other := honest.Key
	other.Secret = bytes.Repeat([]byte{1}, len(other.Secret))
	for name, o := range map[string]webapitest.Options{
		"a wrong proof":       {Key: &honest.Key, Proof: func(string) string { return strings.Repeat("0", 64) }},
		"the phone's own":     {Key: &honest.Key, Proof: func(right string) string { return strings.ToUpper(right) }},
		"none":                {Key: &honest.Key, Proof: func(string) string { return "" }},
		"a replayed proof":    {Key: &honest.Key, Nonce: honest.Nonce, Proof: func(string) string { return honest.Proof }},
		"another client's":    {Key: &webapitest.Key{Phone: honest.Key.Phone, Client: strings.Repeat("0", 32), Secret: honest.Key.Secret}, TrustAnybody: true},
		"a key that is wrong": {Key: &other, TrustAnybody: true},
	} {
		o.Origin = good
		c, err := webapitest.Dial(ctx, h.address(), o)
		if err == nil {
			c.Close()
			t.Errorf("%s: the phone says welcome", name)
		} else if got := webapitest.CloseCode(err); got != 4401 && got != 4400 {
			t.Errorf("%s: %v, want the code 4401", name, err)
		}
	}
}

// attackByCommands is a page of the allowed origin gone mad: it has proved
// itself, but the call is another page's.
func attackByCommands(t *testing.T, h *headless, good string) {
	ctx := within(t, patience)
	c, err := webapitest.Dial(ctx, h.address(), webapitest.Options{Origin: good})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	commands := []map[string]any{
		{"type": "clear"}, {"type": "mute", "kind": "Audio", "on": true}, {"type": "dtmf", "digits": "1"}, {"type": "take"},
		{"type": "dial", "key": webapitest.Random(16), "realm": "demo.invalid", "dn": "1", "tel": "600", "url": "ws://127.0.0.1:1"},
	}
	for i := 0; c.Err() == nil; i++ {
		result, err := c.Do(ctx, maps.Clone(commands[i%len(commands)]))
		if ctx.Err() != nil {
			t.Fatalf("after %d commands the page is still heard", i)
		}
		if err == nil && result.OK {
			t.Errorf("%v was obeyed", commands[i%len(commands)])
		}
	}
	if code, err := c.Ended(ctx); code != 4429 || err != nil {
		t.Errorf("the flood ended with the code %d (%v), want 4429", code, err)
	}
}

// attackHalfOpen opens connections and says nothing, or not all; each must be
// closed by the phone.
func attackHalfOpen(t *testing.T, h *headless, good string) {
	var all []net.Conn
	defer func() {
		for _, c := range all {
			c.Close()
		}
	}()
	for i := range 100 {
		c, err := net.DialTimeout("tcp4", h.address(), patience)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		begin := []string{"", "GET /v1 HT", "GET /v1 HTTP/1.1\r\nHost: " + h.address() + "\r\n",
			"GET /v1 HTTP/1.1\r\nHost: " + h.address() + "\r\nOrigin: " + good + "\r\n" + strings.Join(upgrade(), "\r\n") + "\r\n\r\n"}[i%4]
		if _, err := io.WriteString(c, begin); err != nil {
			t.Fatal(err)
		}
	}
	limit := time.Now().Add(patience)
	for i, c := range all {
		if err := c.SetReadDeadline(limit); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("half-open connection %d is still open", i)
		}
	}
}

// attackByFloods opens more than anybody may, of strangers and of the allowed
// origin; those who are over are refused, the rest go on.
func attackByFloods(t *testing.T, honest *visitor, h *headless, good string) {
	var flood sync.WaitGroup
	statuses := make(chan int, 1000)
	lanes := make(chan struct{}, 16)
	for range cap(statuses) {
		lanes <- struct{}{}
		flood.Go(func() {
			defer func() { <-lanes }()
			r := request{"", "GET /v1 HTTP/1.1", append([]string{"Host: HOST"}, upgrade("Origin: https://evil.test")...), "", 403}
			status, _, _ := r.send(h.address(), good)
			statuses <- status
		})
	}
	flood.Wait()
	close(statuses)
	for status := range statuses {
		if status != 403 && status != 503 {
			t.Errorf("a stranger in a flood was answered %d", status)
			break
		}
	}
	// Connections of the allowed origin that never prove themselves: however
	// many there are, an honest page is let through.
	ctx := within(t, patience)
	var open []*websocket.Conn
	defer func() {
		for _, c := range open {
			c.CloseNow()
		}
	}()
	for range 80 {
		c, _, err := websocket.Dial(ctx, "ws://"+h.address()+"/v1", &websocket.DialOptions{
			Subprotocols: []string{"nxphone.v1"}, HTTPHeader: http.Header{"Origin": {good}}})
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	honest.counsel("127.0.0.1", "").reachable()
	for _, c := range open {
		if err := endOf(ctx, c); err != nil {
			t.Error(err)
		}
	}
}
