package web

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"nxphone/call/interop"
)

// supervisor is the server that an organisation names for requests for help:
// https, with a certificate of the organisation's own authority.
type supervisor struct {
	*httptest.Server
	mu    sync.Mutex
	notes []string
}

func newSupervisor(t *testing.T, certificate tls.Certificate) *supervisor {
	s := &supervisor{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.notes = append(s.notes, string(body))
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *supervisor) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// trusting is a CA file with the SBC's authority and one more.
func (w *world) trusting(t *testing.T, more []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "both.crt")
	if err := os.WriteFile(path, append(append(w.sbc.CA(), '\n'), more...), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// testShift is a counsellor's page that leads the shift: it reads and sets the
// state, is told of the phone's own changes, asks for help, and sees that the
// supervisor's server was told without the number.
func testShift(t *testing.T, w *world) {
	authority, err := interop.NewAuthority("the organisation")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := authority.Issue("localhost")
	if err != nil {
		t.Fatal(err)
	}
	sup := newSupervisor(t, certificate)
	ca := w.ca
	w.ca = w.trusting(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw}))
	defer func() { w.ca = ca }()
	h := w.run(t, []string{w.origin("127.0.0.1")}, "NXPHONE_AFTER_CALL=true", "NXPHONE_REST_MINUTES=15",
		"NXPHONE_HELP_URL="+strings.Replace(sup.URL, "127.0.0.1", "localhost", 1)+"/help?key=s3cret")
	p := w.visitor(t).counsel("127.0.0.1", "&news=1")
	p.reachable()
	state := func(want string) {
		t.Helper()
		if got := p.text(`nxWebApi.shift().state`); got != want {
			t.Errorf("the page reads %q, want %q", got, want)
		}
	}
	state("ready")
	p.want(`nxWebApi.setShift('away')`, 0)
	p.awaitNews("Shift", 1)
	state("away")
	p.want(`nxWebApi.setShift('lunch')`, 0)
	p.awaitNews("Refused", 1)
	p.want(`nxWebApi.setShift('ready')`, 0)
	p.awaitNews("Shift", 2)

	p.place("602")
	p.await("InCall", 1)
	p.want(`nxWebApi.help(true)`, 0)
	p.awaitNews("Help", 1)
	p.want(`nxWebApi.shift().helpCall`, 1)
	eventually(t, "that the supervisor's server is told", func() bool { return len(sup.told()) == 1 })
	p.want(`nxWebApi.help('seen')`, 0)
	p.awaitNews("Help", 2)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", 1)
	p.awaitNews("Help", 3) // seen, and its call is over
	eventually(t, "that after-call begins", func() bool { return p.text(`nxWebApi.shift().state`) == "after-call" })
	eventually(t, "that the supervisor's server hears of the end", func() bool { return len(sup.told()) == 2 })
	p.want(`nxWebApi.setShift('rest')`, 0)
	eventually(t, "that a rest begins", func() bool { return p.text(`nxWebApi.shift().state`) == "rest" })
	if minutes := p.number(`Math.round((nxWebApi.shift().until - nxWebApi.shift().since) / 60000)`); minutes != 15 {
		t.Errorf("a rest of %d minutes", minutes)
	}
	// A page that comes later finds the state.
	later := w.visitor(t).counsel("127.0.0.1", "")
	later.reachable()
	if got := later.text(`nxWebApi.shift().state`); got != "rest" {
		t.Errorf("another page reads %q", got)
	}

	for i, note := range sup.told() {
		var n struct {
			Event, Extension, At string
			On                   bool
			CallID               int `json:"callId"`
		}
		err := json.Unmarshal([]byte(note), &n)
		if err != nil || n.Event != "help" || n.On != (i == 0) || n.CallID != 1 || n.Extension != "1000" || n.At == "" || strings.Contains(note, "602") {
			t.Errorf("note %d: %s (%v)", i, note, err)
		}
	}
	p.checkCallback("SetCallBack Connecting/1 Trying/1 Ringing/1 InCall/1 Clear/1") // old pages see nothing new
	p.checkConsole()
	h.end(t)
	audited, err := os.ReadFile(filepath.Join(h.home, "state", "nxphone", "web-api.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`"command":"shift","outcome":"ok","set":"away"`, `"command":"shift","outcome":"bad-request"`,
		`"command":"help","outcome":"ok","set":"seen"`} {
		if !strings.Contains(string(audited), line) {
			t.Errorf("the audit has no %s:\n%s", line, audited)
		}
	}
	if strings.Contains(h.Log(), "s3cret") {
		t.Error("the address of the supervisor's server is in the log")
	}
}
