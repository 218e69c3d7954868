package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"nxphone/call"
	"nxphone/call/profile"
)

// TestTelemetry: a phone without a collector talks to none; with one in its
// settings, changed while it runs, it exports its calls at the end at the latest,
// with the header fields of the file and the attributes, and nobody's number.
func TestTelemetry(t *testing.T) {
	quietHome(t)
	type export struct {
		body []byte
		head http.Header
	}
	collector := func() (url string, got chan export) {
		got = make(chan export, 100)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- export{body, r.Header}
		}))
		t.Cleanup(srv.Close)
		return srv.URL, got
	}
	first, before := collector()
	second, got := collector()
	t.Setenv("NXPHONE_TELEMETRY_URL", "")
	file := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(file, []byte("# the collector's\nX-Token: open sesame\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NXPHONE_TELEMETRY_HEADERS_FILE", file)
	t.Setenv("NXPHONE_TELEMETRY_ATTRIBUTES", "site=seoul-1")
	o, err := parse([]string{"headless", "--demo", "--dn", "70771", "--audio", "null"})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{stdout: io.Discard, stderr: io.Discard, log: slog.New(slog.DiscardHandler)}
	p.openSettings(o)
	if err := p.store.Set(func(s *profile.Settings) { s.TelemetryURL = first }); err != nil {
		t.Fatal(err)
	}
	ph, err := p.openPhone(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer ph.close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	dial(t, ctx, ph, "603")
	if err := ph.store.Set(func(s *profile.Settings) { s.TelemetryURL = second }); err != nil {
		t.Fatal(err)
	}
	e := <-before // the first collector is told before it is left
	if err := ph.close(); err != nil {
		t.Error(err)
	}
	p.logs.close()
	if last := <-got; len(last.body) == 0 {
		t.Error("the second collector is told nothing")
	}
	if e.head.Get("X-Token") != "open sesame" {
		t.Errorf("%v", e.head)
	}
	var data metrics.MetricsData
	if err := proto.Unmarshal(e.body, &data); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, m := range data.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		if m.Name == "nxphone.calls.failed" {
			for _, point := range m.GetSum().DataPoints {
				found = found || point.Attributes[0].Value.GetStringValue() == "busy" && point.GetAsInt() >= 1
			}
		}
	}
	if !found {
		t.Errorf("the busy call is not told: %v", &data)
	}
	for _, leak := range []string{"70771", "603", "demo.invalid", "127.0.0.1", "sesame"} {
		if bytes.Contains(e.body, []byte(leak)) {
			t.Errorf("%s is exported", leak)
		}
	}
	if !bytes.Contains(e.body, []byte("seoul-1")) {
		t.Error("the site is not told")
	}
}

// dial makes a call and waits for its end.
func dial(t *testing.T, ctx context.Context, ph *phone, tel string) {
	t.Helper()
	seen := ph.engine.Watch(ctx)
	if _, err := ph.engine.Dial(ctx, ph.request(tel)); err != nil {
		t.Fatal(err)
	}
	for _, cause := range seen {
		if _, ok := cause.(call.Ended); ok {
			return
		}
	}
	t.Fatal("the call did not end")
}

func TestHeadersFile(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]int{"": 0, "A: b\nC: d\n": 2, "# x\n\n": 0, "A b\n": -1, "A b: c\n": -1, ": c\n": -1, "A: b\x01\n": -1} {
		path := filepath.Join(dir, "h")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := headersOf(path)
		if (err != nil) != (want < 0) || err == nil && len(h) != want {
			t.Errorf("%q: %v, %v", text, h, err)
		}
	}
	if h, err := headersOf(""); h != nil || err != nil {
		t.Errorf("%v, %v", h, err)
	}
	if _, err := headersOf(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there")
	}
}
