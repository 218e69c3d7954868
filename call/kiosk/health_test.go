package kiosk

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nxphone/call"
)

var quiet = slog.New(slog.DiscardHandler)

func TestHealth(t *testing.T) {
	at := time.Date(2026, 5, 5, 3, 30, 0, 0, time.UTC)
	r := Reporter{Version: "1.2", Started: at, Say: func(Report) string { return "a sentence" }}
	good := Status{Screen: Talking, Network: Network{State: NetReady}}
	for _, tt := range []struct {
		name   string
		status Status
		ok     bool
		has    string
	}{
		{"well", good, true, `"state":"talking"`},
		{"no network", Status{Network: Network{State: NetDown, Code: call.CodeCertificate}}, false, `"code":"certificate"`},
		{"connecting", Status{}, false, `"state":"connecting"`},
		{"closed", Status{Screen: Closed, Fault: FaultPolicy, Missing: []string{"realm"}, Network: good.Network}, false, `"missing":["realm"]`},
		{"a good test", Status{Network: good.Network, Test: Report{At: at, OK: true, Delay: 80 * time.Millisecond}}, true, `"delay-ms":80`},
		{"a bad test", Status{Network: good.Network, Test: Report{At: at, Sound: FindingUnheard}}, false, `"says":"a sentence"`},
	} {
		h := r.Health(tt.status)
		data, err := json.Marshal(h)
		if err != nil || h.OK != tt.ok || !strings.Contains(string(data), tt.has) {
			t.Errorf("%s: %s %v", tt.name, data, err)
		}
	}
}

func TestHealthHandler(t *testing.T) {
	b := New(Options{Phone: &phone{}})
	h := Reporter{Version: "1.2"}.Handler(b)
	for _, tt := range []struct {
		method, host, path string
		header             [2]string
		want               int
	}{
		{"GET", "127.0.0.1:1", "/health", [2]string{}, 200},
		{"GET", "[::1]:1", "/health", [2]string{}, 200},
		{"GET", "localhost:1", "/health", [2]string{}, 200},
		{"HEAD", "127.0.0.1:1", "/health", [2]string{}, 200},
		{"GET", "booth.example:1", "/health", [2]string{}, 421},
		{"GET", "127.0.0.1.evil.test:1", "/health", [2]string{}, 421},
		{"GET", "192.0.2.1:1", "/health", [2]string{}, 421},
		{"GET", "127.0.0.1:1", "/health", [2]string{"Origin", "https://page.test"}, 403},
		{"GET", "127.0.0.1:1", "/health", [2]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"POST", "127.0.0.1:1", "/health", [2]string{}, 405},
		{"GET", "127.0.0.1:1", "/", [2]string{}, 404},
	} {
		req := httptest.NewRequest(tt.method, "http://"+tt.host+tt.path, nil)
		if tt.header[0] != "" {
			req.Header.Set(tt.header[0], tt.header[1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != tt.want || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%+v: %d", tt, w.Code)
		}
	}
	b = New(Options{Fault: FaultPolicy})
	w := httptest.NewRecorder()
	Reporter{}.Handler(b).ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/health", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"ok": false`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestServe(t *testing.T) {
	b := New(Options{Phone: &phone{}})
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:0", ":0", "localhost:0", "nonsense"} {
		if err := (Reporter{}).Serve(t.Context(), b, addr, quiet, nil); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v", addr, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	got, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- (Reporter{}).Serve(ctx, b, "127.0.0.1:0", quiet, func(a net.Addr) { got <- a }) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + (<-got).String() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	var h Health
	if err != nil || json.Unmarshal(body, &h) != nil || !h.OK || h.State != "ready" {
		t.Errorf("%s %v", body, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// The file tells of the machine, never of people: a call leaves no trace in it,
// not even a time.
func TestHealthFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "health.json")
	test := Report{OK: true, Sound: FindingOK, Line: FindingOK, Level: -20.5, Delay: 80 * time.Millisecond, Echo: 90 * time.Millisecond, DeadNights: 2}
	test.At = time.Date(2026, 5, 5, 3, 30, 0, 0, time.UTC)
	booth(t, Options{Before: test}, func(r *rig) {
		done := make(chan struct{})
		go func() { defer close(done); Reporter{Version: "1.2"}.File(r.ctx, r.Booth, path, quiet) }()
		pass(time.Second)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		info, _ := os.Stat(path)
		r.press(Counsellor)
		r.phone.answer()
		pass(time.Minute)
		r.phone.end(call.CodeRemoteHangup)
		pass(time.Hour)
		after, _ := os.ReadFile(path)
		if again, _ := os.Stat(path); string(before) != string(after) || !os.SameFile(info, again) {
			t.Errorf("a call has changed the file:\n%s%s", before, after)
		}
		if got := ReadReport(path); got != test {
			t.Errorf("read back as %+v", got)
		}
		left, _ := os.ReadDir(filepath.Dir(path))
		if len(left) != 1 || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, mode %v", left, info.Mode())
		}
	})
	for _, text := range []string{"", "{", "[]", "{}"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := ReadReport(path); got != (Report{}) {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if got := ReadReport(filepath.Join(path, "nothing")); got != (Report{}) {
		t.Errorf("%+v", got)
	}
}
