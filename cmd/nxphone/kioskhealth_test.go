package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nxphone/assets/text"
)

func TestKioskHealth(t *testing.T) {
	answer := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/health" {
				t.Errorf("asked for %s", r.URL)
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	for _, tt := range []struct {
		name, address string
		code          int
		out, says     string
	}{
		{"well", answer(200, `{"ok":true}`), exitOK, "{\"ok\":true}\n", ""},
		{"not well", answer(503, `{"ok":false}`), exitFailed, "{\"ok\":false}\n", ""},
		{"somebody else", answer(200, "hello"), exitFailed, "", "no report of a booth"},
		{"nobody", nobody, exitFailed, "", "does not answer"},
		{"no address", "", exitUsage, "", "kiosk-health"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs strings.Builder
			p := &program{stdout: &out, stderr: &errs, words: text.For(text.English)}
			if code := p.askHealth(t.Context(), tt.address); code != tt.code || out.String() != tt.out || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("%d %q %q", code, out.String(), errs.String())
			}
		})
	}
}
