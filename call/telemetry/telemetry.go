package telemetry

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"nxphone/call"
)

// The times of the exporter.
const (
	// every is the usual time between two exports.
	every = time.Minute
	// sendTime bounds one export, lastTime the one at the end.
	sendTime = 10 * time.Second
	lastTime = 2 * time.Second
	// drainTime is for what the engine has said before the end.
	drainTime = 100 * time.Millisecond
	// After a failure the next attempt comes after firstPause, twice as long each
	// time up to maxPause; Retry-After is heeded up to maxPause.
	firstPause = 5 * time.Second
	maxPause   = 5 * time.Minute
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 64 << 10
)

// Phone is the engine; *call.Engine is one.
type Phone interface {
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Options configure a Telemetry. Phone and URL are required.
type Options struct {
	Phone Phone
	// URL is the collector's: where it has no path, /v1/metrics is asked, as the
	// specification of OTLP exporters has it.
	URL string
	// Header is added to each request: a token, a tenant.
	Header http.Header
	// Resource describes this program beside version, system and instance: a
	// site's name. It is exported with everything.
	Resource []Attribute
	Version  string
	// Roots are the authorities that are trusted, nil for the system's.
	Roots *x509.CertPool
	// Every is the time between exports, a minute where 0.
	Every  time.Duration
	Logger *slog.Logger
	// Transport is http.DefaultTransport's kind where nil; tests hand in one.
	Transport http.RoundTripper
	// Started is when the program was; now where zero.
	Started time.Time
}

// Telemetry counts calls and exports the counts. Make it with [New].
type Telemetry struct {
	o        Options
	to       string
	resource []Attribute
	seen     iter.Seq2[call.Snapshot, call.Cause]
	unwatch  context.CancelFunc
	client   *http.Client
	close    func()

	mu   sync.Mutex
	book *book
}

// ErrURL: the collector's address cannot be used. It holds no address.
var ErrURL = errors.New("telemetry: the address must be https://, or http:// on this computer")

// New makes a Telemetry, which counts from now on and exports while Run runs.
func New(o Options) (*Telemetry, error) {
	to, err := endpoint(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Every <= 0 {
		o.Every = every
	}
	if o.Started.IsZero() {
		o.Started = time.Now()
	}
	t := &Telemetry{o: o, to: to, book: newBook(), close: func() {}}
	transport := o.Transport
	if transport == nil {
		own := &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			MaxIdleConns: 1, IdleConnTimeout: 2 * o.Every, TLSHandshakeTimeout: sendTime,
		}
		transport, t.close = own, own.CloseIdleConnections
	}
	t.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the header fields are for this collector
	}}
	// The instance is new with each start and derived from nothing: series of two
	// desks are kept apart, and nobody is followed from one day to the next.
	t.resource = append([]Attribute{
		{"service.name", "nxphone"}, {"service.version", o.Version}, {"service.instance.id", rand.Text()}, {"os.type", runtime.GOOS},
	}, o.Resource...)
	var ctx context.Context
	ctx, t.unwatch = context.WithCancel(context.Background())
	t.seen = o.Phone.Watch(ctx)
	return t, nil
}

// endpoint is where metrics go.
func endpoint(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", ErrURL
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/metrics"
	}
	return u.String(), nil
}

// Run counts and exports until ctx ends; then what has not been exported is, in
// 2 s at most. It owns one more goroutine and waits for it. A collector that
// cannot be reached costs a log line and nothing else: there is one request at a
// time, nothing is queued (the next export holds what a lost one held), and no
// call ever waits for it.
func (t *Telemetry) Run(ctx context.Context) {
	defer t.close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for s, cause := range t.seen {
			t.mu.Lock()
			t.book.take(s, cause)
			t.mu.Unlock()
		}
	}()
	failures := 0
	pause := t.o.Every
	for ctx.Err() == nil {
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			wait.Stop()
			continue
		case <-wait.C:
		}
		send, cancel := context.WithTimeout(ctx, sendTime)
		after, err := t.export(send)
		cancel()
		switch {
		case err == nil:
			failures, pause = 0, t.o.Every
		case ctx.Err() != nil:
		default:
			failures++
			pause = t.pause(failures, after, err)
			if failures == 1 { // the same again would only fill the log
				t.o.Logger.Info("the measurements were not exported", "error", err, "again", pause)
			}
		}
	}
	// An engine that has ended has said its last word, which is still taken.
	late := time.NewTimer(drainTime)
	select {
	case <-ended:
	case <-late.C:
	}
	late.Stop()
	t.unwatch()
	<-ended
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTime)
	defer cancel()
	if _, err := t.export(last); err != nil {
		t.o.Logger.Debug("the last measurements were not exported", "error", err)
	}
}

// pause is how long is waited after a failure, shaken by a quarter, so that 500
// desks do not come back at once.
func (t *Telemetry) pause(failures int, after time.Duration, err error) time.Duration {
	var no refusal
	if errors.As(err, &no) && !no.again() {
		return max(t.o.Every, maxPause) // the same again would be refused again
	}
	d := min(firstPause<<min(failures-1, 8), maxPause)
	d = max(d, min(after, maxPause))
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return d + d/4*time.Duration(b[0])/256
}

// refusal is an answer that says no.
type refusal int

func (r refusal) Error() string { return "telemetry: the collector answered " + strconv.Itoa(int(r)) }

// again reports whether the same may be sent again (OTLP specification, "Failures").
func (r refusal) again() bool {
	switch int(r) {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// export sends everything once. after is what the collector asks for as a pause.
func (t *Telemetry) export(ctx context.Context) (after time.Duration, err error) {
	t.mu.Lock()
	body := t.book.encode(t.resource, t.o.Version, t.o.Started, time.Now())
	t.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.to, bytes.NewReader(body))
	if err != nil {
		return 0, ErrURL
	}
	for name, values := range t.o.Header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("User-Agent", "nxphone/"+t.o.Version)
	resp, err := t.client.Do(req)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode/100 != 2 {
		return retryAfter(resp.Header.Get("Retry-After"), time.Now()), refusal(resp.StatusCode)
	}
	if err != nil {
		return 0, withoutURL(err)
	}
	if n := rejected(answer); n > 0 {
		t.o.Logger.Warn("the collector did not take all measurements", "points", n)
	}
	return 0, nil
}

// withoutURL is an error without the address, which may hold a key.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("telemetry: %w", err)
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3).
func retryAfter(value string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(value); err == nil && s > 0 {
		return time.Duration(min(s, 1<<20)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
