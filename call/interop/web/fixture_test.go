package web

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/assets"
	"nxphone/call/demosbc"
	"nxphone/call/interop"
)

// patience bounds every wait of these tests: far more than anything takes on a
// machine that has other things to do, too.
const patience = 30 * time.Second

// The hosts of the secure site, whose pages count as loaded from the internet.
const (
	hostAllowed = "allowed.test" // by the administrator
	hostBlocked = "blocked.test" // by the administrator
	hostRefused = "refused.test" // by the user
	hostAsked   = "asked.test"   // nobody has answered
	hostPlain   = "intranet.test"
	hostRebound = "rebound.test" // an attacker's, on a computer of his own

	addressRebound = "127.0.0.2"
)

// world is what the tests of pages share: one browser, two web servers, and an
// SBC in this process, which tells what it heard.
type world struct {
	browser *Browser
	plain   *Site // http
	secure  *Site // https, in the public address space
	sbc     *demosbc.Server
	ca      string // file: the SBC's authority
	phone   string // file: the binary

	mu    sync.Mutex
	calls []string // Call-IDs, in the order of their INVITEs
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{phone: os.Getenv("NXPHONE_BINARY"), ca: filepath.Join(t.TempDir(), "sbc.crt")}
	var err error
	if w.phone == "" {
		if w.phone, err = interop.BuildPhone(t.Context(), t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	w.sbc, err = demosbc.Start(context.WithoutCancel(t.Context()), demosbc.Config{Record: time.Minute, OnRequest: w.noteCall,
		FlowGrace: time.Second}) // a killed phone's call is soon over
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.sbc.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(w.ca, w.sbc.CA(), 0o644); err != nil {
		t.Fatal(err)
	}
	authority, err := interop.NewAuthority("test authority of the pages")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := authority.Issue(hostAllowed, hostBlocked, hostRefused, hostAsked)
	if err != nil {
		t.Fatal(err)
	}
	if w.plain, err = ServeSite(assets.WebAPI(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.plain.Close)
	if w.secure, err = ServeSite(assets.WebAPI(), &certificate); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.secure.Close)
	policy := Policy{LoopbackAllowed: []string{w.origin(hostAllowed)}, LoopbackBlocked: []string{w.origin(hostBlocked)}}
	policy.Trust(authority.Certificate())
	if err := policy.Install(); err != nil {
		t.Fatal(err)
	}
	w.browser, err = Start(context.WithoutCancel(t.Context()), Options{Dir: t.TempDir(),
		Hosts: []string{hostRebound + " " + addressRebound, "*.test 127.0.0.1"}, Public: []string{w.secure.Address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.browser.Close)
	return w
}

func (w *world) noteCall(method, callID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if method == "INVITE" && (len(w.calls) == 0 || w.calls[len(w.calls)-1] != callID) {
		w.calls = append(w.calls, callID)
	}
}

// invites is how many calls the SBC has been asked for.
func (w *world) invites() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.calls)
}

// lastCall is the Call-ID of the newest call at the SBC.
func (w *world) lastCall(t *testing.T) string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) == 0 {
		t.Fatal("the SBC has seen no call")
	}
	return w.calls[len(w.calls)-1]
}

// origin is that of a page on one of the hosts: 127.0.0.1 and hostPlain are
// served over http, the others over https.
func (w *world) origin(host string) string {
	if host == "127.0.0.1" || host == hostPlain {
		return w.plain.Origin("http", host)
	}
	return w.secure.Origin("https", host)
}

// within bounds a wait inside a test.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	if err := interop.WaitFor(within(t, patience), what, func() (bool, error) { return cond(), nil }); err != nil {
		t.Fatal(err)
	}
}

// headless is a running "nxphone headless".
type headless struct {
	*interop.PhoneRun
	base string // http://127.0.0.1:PORT
	home string
}

// run starts the phone and waits until its web API listens. origins are
// allowed; more goes to the command line as it is, except that NAME=value goes
// into the environment.
func (w *world) run(t *testing.T, origins []string, more ...string) *headless {
	t.Helper()
	return w.runIn(t, t.TempDir(), origins, more...)
}

// runIn is run for a user who has a home already.
func (w *world) runIn(t *testing.T, home string, origins []string, more ...string) *headless {
	t.Helper()
	h := w.launch(t, home, origins, more...)
	h.ready(t)
	return h
}

// launch starts the phone and does not wait.
func (w *world) launch(t *testing.T, home string, origins []string, more ...string) *headless {
	t.Helper()
	g, err := interop.NewGroup(filepath.Join(t.TempDir(), "logs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Stop)
	args := []string{"headless", "--lang", "en", "--log-level", "info"}
	for _, o := range origins {
		args = append(args, "--allow-origin", o)
	}
	env := append(interop.Home(home), "XDG_RUNTIME_DIR="+filepath.Join(home, "run"))
	if err := os.MkdirAll(filepath.Join(home, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	quiet := true // no sound device
	for _, m := range more {
		if name, _, ok := strings.Cut(m, "="); ok && name == strings.ToUpper(name) {
			env = append(env, m)
			continue
		}
		quiet = quiet && m != "--audio"
		args = append(args, m)
	}
	if quiet {
		args = append(args, "--audio", "null")
	}
	h := &headless{home: home}
	if h.PhoneRun, err = g.StartPhone("phone", w.phone, env, append(args, "--ca", w.ca)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the phone's standard error:\n%s", h.Log())
		}
	})
	return h
}

func (h *headless) ready(t *testing.T) {
	t.Helper()
	base, err := h.WaitLine(within(t, patience), "web-api ")
	if err != nil {
		t.Fatal(err)
	}
	h.base = base
}

// address is HOST:PORT of the web API.
func (h *headless) address() string { return strings.TrimPrefix(h.base, "http://") }

// end asks the phone to end and waits for it.
func (h *headless) end(t *testing.T) {
	t.Helper()
	h.Interrupt()
	if _, err := h.Wait(within(t, patience)); err != nil {
		t.Fatal(err)
	}
}

// visitor is a user of the browser in a test.
type visitor struct {
	*Visitor
	t *testing.T
	w *world
}

func (w *world) visitor(t *testing.T) *visitor {
	t.Helper()
	v, err := w.browser.NewVisitor()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return &visitor{v, t, w}
}

// tab is a page in a test.
type tab struct {
	*Page
	t *testing.T
	w *world
}

// tab opens an empty tab.
func (v *visitor) tab() *tab {
	v.t.Helper()
	p, err := v.NewTab()
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(p.Close)
	v.t.Cleanup(func() {
		if v.t.Failed() {
			v.t.Logf("the page:%s", p.story())
		}
	})
	return &tab{p, v.t, v.w}
}

// story is everything that was seen of a page, a line each.
func (p *Page) story() string {
	var b strings.Builder
	for _, s := range p.All() {
		fmt.Fprintf(&b, "\n%s %-9s %s", s.At.Format("05.000"), s.Kind, s.Text)
	}
	return b.String()
}

// open loads an address.
func (p *tab) open(address string) {
	p.t.Helper()
	if err := p.Open(within(p.t, patience), address); err != nil {
		p.t.Fatal(err)
	}
}

// counsel opens the counselling page of a host; query is added to its address.
func (v *visitor) counsel(host, query string) *tab {
	v.t.Helper()
	p := v.tab()
	p.open(v.w.counsel(host, query))
	return p
}

// counsel is the address of the counselling page, with the SBC of this test.
func (w *world) counsel(host, query string) string {
	_, wss := w.sbc.URLs()
	return w.origin(host) + "/counsel.html?url=" + wss + query
}

// number evaluates an expression whose value is a number.
func (p *tab) number(expression string) int {
	p.t.Helper()
	n, err := Eval[int](within(p.t, patience), p.Page, expression)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// text evaluates an expression whose value is a string.
func (p *tab) text(expression string) string {
	p.t.Helper()
	s, err := Eval[string](within(p.t, patience), p.Page, expression)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// do evaluates an expression for what it does.
func (p *tab) do(expression string) {
	p.t.Helper()
	p.number("(() => {" + expression + "; return 0})()")
}

// want checks what an expression gives.
func (p *tab) want(expression string, want int) {
	p.t.Helper()
	if got := p.number(expression); got != want {
		p.t.Errorf("%s = %d, want %d", expression, got, want)
	}
}

// place calls a number; the page's own code shows an alert for a result that
// is not 0.
func (p *tab) place(tel string) int {
	p.t.Helper()
	return p.number(fmt.Sprintf("place(%q)", tel))
}

// types are the events that the callback was given so far.
func (p *tab) types() []string {
	var types []string
	for _, text := range p.Seen(Told) {
		var ev struct{ Type string }
		if err := json.Unmarshal([]byte(text), &ev); err != nil {
			types = append(types, "not JSON: "+text)
			continue
		}
		types = append(types, ev.Type)
	}
	return types
}

// await waits until the callback was given an event n times.
func (p *tab) await(typ string, n int) {
	p.t.Helper()
	err := p.Wait(within(p.t, patience), fmt.Sprintf("%d times %s", n, typ), func() bool {
		return count(p.types(), typ) >= n
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func count(all []string, one string) int {
	n := 0
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

// words are the members of each event as the specification writes them.
func words(typ string) string {
	return map[string]string{
		"Connecting": `"status":"connecting","desc":"Call in progress..."`,
		"Trying":     `"status":" i_ao_request","desc":"Trying"`,
		"Ringing":    `"status":" i_ao_request","desc":"Ringing"`,
		"InCall":     `"status":"connected","desc":"In call"`,
		"Clear":      `"status":"terminated","desc":"Call terminated"`,
	}[typ]
}

// checkCallback compares everything that the callback was given with what it
// should have been, character by character: "SetCallBack", and TYPE/ID for the
// events of a call.
func (p *tab) checkCallback(want string) {
	p.t.Helper()
	var expected []string
	for ev := range strings.FieldsSeq(want) {
		typ, id, _ := strings.Cut(ev, "/")
		if typ == "SetCallBack" {
			expected = append(expected, `{"Type":"SetCallBack","Data":{"result":"Success"}}`)
			continue
		}
		expected = append(expected, fmt.Sprintf(`{"Kind":"SIP","Type":"%s","Data":{%s,"dn":"1000","id":%s}}`, typ, words(typ), id))
	}
	if a, b := strings.Join(p.Seen(Told), "\n"), strings.Join(expected, "\n"); a != b {
		p.t.Errorf("the callback was given\n%s\nwant\n%s", a, b)
	}
}

// checkDialogs compares the alerts that the page has shown.
func (p *tab) checkDialogs(want int) {
	p.t.Helper()
	if got := p.Seen("dialog"); len(got) != want {
		p.t.Errorf("the page showed the alerts %q, want %d", got, want)
	}
}

// checkConsole fails on exceptions and errors that the page did not expect.
func (p *tab) checkConsole() {
	p.t.Helper()
	for _, text := range append(p.Seen("exception"), p.Seen("error")...) {
		p.t.Errorf("in the page's console: %s", text)
	}
}

// news are the script's own events of one type, "" for all, on a page that was
// opened with "&news=1".
func (p *tab) news(typ string) []event {
	var all []event
	for _, text := range p.Seen(Noted) {
		var ev event
		if err := json.Unmarshal([]byte(text), &ev); err != nil {
			p.t.Errorf("%v in %s", err, text)
		}
		if typ == "" || ev.Type == typ {
			all = append(all, ev)
		}
	}
	return all
}

// event is one of the script's own events.
type event struct {
	N    int `json:"n"`
	Kind string
	Type string
	Data struct {
		ID        int    `json:"id"`
		On        *bool  `json:"on"`
		Code      string `json:"code"`
		Reachable bool   `json:"reachable"`
		Reason    string `json:"reason"`
		Message   string `json:"message"`
	}
}

// awaitNews waits until there are n of the script's own events of a type, and
// gives the n-th.
func (p *tab) awaitNews(typ string, n int) event {
	p.t.Helper()
	err := p.Wait(within(p.t, patience), fmt.Sprintf("%d new events %s", n, typ), func() bool { return len(p.news(typ)) >= n })
	if err != nil {
		p.t.Fatal(err)
	}
	return p.news(typ)[n-1]
}

// reachable waits until the script has found the phone.
func (p *tab) reachable() {
	p.t.Helper()
	if _, err := Eval[bool](within(p.t, patience), p.Page, untilReachable); err != nil {
		p.t.Fatalf("the script has not found the phone: %v\n%s", err, p.story())
	}
}

// untilReachable is a promise that is kept when the phone has been found.
const untilReachable = `new Promise(done => {
	if (nxWebApi.state().reachable) return done(true)
	const off = nxWebApi.on('Phone', e => { if (e.Data.reachable) { off(); done(true) } })
})`
