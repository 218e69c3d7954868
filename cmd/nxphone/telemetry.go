package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"
	"unicode"

	"nxphone/call/profile"
	"nxphone/call/telemetry"
)

// measuring exports the counts of calls while the settings name a collector.
type measuring struct {
	p       *program
	ph      *phone
	started time.Time

	stop      context.CancelFunc // ends following the settings
	following sync.WaitGroup
	now       telemetrySettings
	end       func() // of the one that runs; nil for none
}

// telemetrySettings are what a change of which begins anew.
type telemetrySettings struct{ url, file, attributes, ca string }

// openTelemetry begins to follow the settings, until the function that it returns
// is called, which exports once more: after the phone has been closed, so that
// the last call is counted.
func (p *program) openTelemetry(ph *phone) (closing func()) {
	m := &measuring{p: p, ph: ph, started: time.Now()}
	changed, unwatch := ph.store.Watch()
	var ctx context.Context
	ctx, m.stop = context.WithCancel(context.Background())
	m.follow()
	m.following.Go(func() {
		for {
			select {
			case <-changed:
				m.follow()
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		unwatch()
		m.stop()
		m.following.Wait()
		if m.end != nil {
			m.end()
		}
	}
}

// follow starts, stops or changes what runs, as the settings say.
func (m *measuring) follow() {
	s := m.ph.store.Get()
	want := telemetrySettings{s.TelemetryURL, s.TelemetryHeadersFile, s.TelemetryAttributes, s.CA}
	if want == m.now {
		return
	}
	m.now = want
	if m.end != nil {
		m.end()
		m.end = nil
	}
	if want.url == "" {
		return
	}
	o := telemetry.Options{
		Phone: m.ph.engine, URL: want.url, Version: version, Roots: m.authorities(s), Logger: m.p.log, Started: m.started,
	}
	var err error
	if o.Header, err = headersOf(want.file); err != nil {
		// Without them a collector would refuse every export.
		m.p.log.Error("nothing is exported: the file telemetry-headers-file cannot be used", "error", err)
		return
	}
	attributes := s.Attributes()
	for i := 0; i+1 < len(attributes); i += 2 {
		o.Resource = append(o.Resource, telemetry.Attribute{Key: attributes[i], Value: attributes[i+1]})
	}
	t, err := telemetry.New(o)
	if err != nil {
		m.p.log.Error("nothing is exported", "error", err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { t.Run(ctx) })
	m.end = func() { cancel(); running.Wait() }
}

// authorities are the system's and the organisation's, nil for the system's alone.
func (m *measuring) authorities(s profile.Settings) *x509.CertPool {
	pem := m.ph.authorities(s)
	if len(bytes.TrimSpace(pem)) == 0 {
		return nil
	}
	return roots(pem)
}

// headersOf reads header fields, a line each; none for an empty path. Its errors
// repeat no value.
func headersOf(path string) (http.Header, error) {
	if path == "" {
		return nil, nil
	}
	text, err := profile.ReadPlain(path)
	if err != nil {
		return nil, err
	}
	all := http.Header{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || !isToken(name) || strings.ContainsFunc(value, unicode.IsControl) {
			return nil, errors.New("a line is not \"Name: value\"")
		}
		all.Add(textproto.CanonicalMIMEHeaderKey(name), value)
	}
	return all, nil
}

// isToken reports a header field's name (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}
