package telemetry

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"iter"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	metrics "go.opentelemetry.io/proto/otlp/metrics/v1" // the official types, which read what is exported; Apache-2.0
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"nxphone/call"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What must never be exported.
const (
	tel    = "01087654321"
	dn     = "70771"
	realm  = "secret-realm.example"
	bearer = "token-of-the-collector"
	peer   = "203.0.113.77"
)

// phone is an engine that says what a test tells it.
type phone struct{ seen chan update }

type update struct {
	s call.Snapshot
	c call.Cause
}

func newPhone() *phone { return &phone{make(chan update, 100)} }

func (p *phone) Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		for {
			select {
			case u, ok := <-p.seen:
				if !ok || !yield(u.s, u.c) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// play is a call from dial to end. zero times are steps that do not happen.
func (p *phone) play(id int, ring, answer, length time.Duration, stats call.Stats, r call.Reason) {
	c := call.Call{ID: id, Realm: realm, DN: dn, Tel: tel, Dialed: time.Now(), MediaUp: stats.PacketsReceived > 0, Stats: stats}
	say := func(state call.State, cause call.Cause) {
		p.seen <- update{call.Snapshot{State: state, Call: c}, cause}
	}
	say(call.Connecting, call.Began{ID: id})
	if ring > 0 {
		time.Sleep(ring)
		say(call.Ringing, call.Rang{ID: id, Code: 180})
		synctest.Wait()
		say(call.Ringing, call.Rang{ID: id, Code: 183})
	}
	if answer > 0 {
		time.Sleep(answer - ring)
		c.Answered = time.Now()
		say(call.InCall, call.Answered{ID: id})
		time.Sleep(length)
	}
	c.Ended, c.Reason = time.Now(), r
	say(call.Idle, call.Ended{ID: id, Reason: r})
}

// collector keeps what it is sent and answers as it is told.
type collector struct {
	mu     sync.Mutex
	bodies [][]byte
	heads  []http.Header
	paths  []string
	at     []time.Time
	answer func(n int) (*http.Response, error)
}

func (c *collector) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.bodies, c.heads, c.paths, c.at = append(c.bodies, body), append(c.heads, req.Header), append(c.paths, req.URL.String()), append(c.at, time.Now())
	n := len(c.bodies)
	c.mu.Unlock()
	if c.answer != nil {
		return c.answer(n)
	}
	return answer(200, nil, nil), nil
}

func answer(status int, head http.Header, body []byte) *http.Response {
	if head == nil {
		head = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: head, Body: io.NopCloser(bytes.NewReader(body))}
}

// last is the last export, read by the official types.
func (c *collector) last(t *testing.T) map[string]*metrics.Metric {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	return read(t, c.bodies[len(c.bodies)-1])
}

// read decodes an export. An ExportMetricsServiceRequest and MetricsData have the
// same one field.
func read(t *testing.T, body []byte) map[string]*metrics.Metric {
	t.Helper()
	var data metrics.MetricsData
	if err := (proto.UnmarshalOptions{DiscardUnknown: false}).Unmarshal(body, &data); err != nil {
		t.Fatal(err)
	}
	if len(data.ProtoReflect().GetUnknown()) > 0 || len(data.ResourceMetrics) != 1 || len(data.ResourceMetrics[0].ScopeMetrics) != 1 {
		t.Fatalf("%v", &data)
	}
	all := map[string]*metrics.Metric{}
	for _, m := range data.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		if len(m.ProtoReflect().GetUnknown()) > 0 || m.Data == nil {
			t.Errorf("%v has unknown fields, or no data", m)
		}
		all[m.Name] = m
	}
	return all
}

func (c *collector) options(p Phone) Options {
	return Options{
		Phone: p, URL: "https://collector.example", Version: "1.2.3", Transport: c, Header: http.Header{"Authorization": {"Bearer " + bearer}},
		Resource: []Attribute{{"site", "seoul-1"}},
	}
}

func start(t *testing.T, o Options) (stop func()) {
	t.Helper()
	tm, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { tm.Run(ctx) })
	return func() { cancel(); wg.Wait() }
}

func sum(m *metrics.Metric, cause string) int64 {
	for _, p := range m.GetSum().GetDataPoints() {
		if cause == "" || len(p.Attributes) == 1 && p.Attributes[0].Value.GetStringValue() == cause {
			return p.GetAsInt()
		}
	}
	return -1
}

func hist(m *metrics.Metric) *metrics.HistogramDataPoint { return m.GetHistogram().GetDataPoints()[0] }

var good = call.Stats{PacketsReceived: 990, PacketsLost: 10, Played: 48000, Concealed: 480, RTT: 80 * time.Millisecond, Jitter: 4 * time.Millisecond, MOS: 4.2,
	Treatment: call.Treatment{Tones: 2, Jumps: 1}}

func TestCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c := newPhone(), &collector{}
		stop := start(t, c.options(p))
		p.play(1, 2*time.Second, 7*time.Second, 90*time.Second, good, call.Reason{Code: call.CodeRemoteHangup})
		p.play(2, time.Second, 0, 0, call.Stats{}, call.Reason{Code: call.CodeLineBusy, SIP: 486, Phrase: "Busy at " + peer})
		p.play(3, 0, 0, 0, call.Stats{}, call.Reason{Code: call.CodeCancelled, Local: true})
		p.play(4, 0, 0, 0, call.Stats{}, call.Reason{Code: "a-code-of-tomorrow"})
		p.play(5, 0, time.Second, time.Second, call.Stats{}, call.Reason{Code: call.CodeHangup, Local: true})
		p.seen <- update{call.Snapshot{State: call.InCall, Call: call.Call{Test: true}}, call.Began{ID: 6}}
		p.seen <- update{call.Snapshot{State: call.Idle, Call: call.Call{Test: true}}, call.Ended{ID: 6, Reason: call.Reason{Code: call.CodeLineBusy}}}
		time.Sleep(2 * time.Minute)
		stop()
		got := c.last(t)
		for name, want := range map[string]int64{Placed: 5, AnsweredN: 2, Cancelled: 1, Silent: 1, Loud: 3} {
			if n := sum(got[name], ""); n != want {
				t.Errorf("%s: %d, want %d", name, n, want)
			}
		}
		for cause, want := range map[string]int64{"busy": 1, "other": 1, "timeout": 0, "hangup": -1} {
			if n := sum(got[Failed], cause); n != want {
				t.Errorf("failed by %s: %d, want %d", cause, n, want)
			}
		}
		for name, want := range map[string]struct {
			count uint64
			sum   float64
		}{SetupRing: {2, 3}, SetupReply: {2, 8}, Duration: {2, 91}, Loss: {1, 0.01}, Concealed: {1, 0.01}, RTT: {1, 0.08}, Jitter: {1, 0.004}} {
			h := hist(got[name])
			if h.Count != want.count || math.Abs(h.GetSum()-want.sum) > 1e-9 {
				t.Errorf("%s: %v", name, h)
			}
			var n uint64
			for _, b := range h.BucketCounts {
				n += b
			}
			if n != h.Count || len(h.BucketCounts) != len(h.ExplicitBounds)+1 {
				t.Errorf("%s: buckets do not add up: %v", name, h)
			}
		}
		if h := hist(got[MOS]); h.Count != 1 || h.GetSum() != 4.2 {
			t.Errorf("MOS: %v", h)
		}
		if up := got[Uptime].GetGauge().DataPoints[0].GetAsDouble(); up < 100 {
			t.Errorf("up for %v s", up)
		}
	})
}

// TestShape: every metric of the list is there from the first export, with unit,
// kind and temporality, and nothing else is.
func TestShape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c := newPhone(), &collector{}
		stop := start(t, c.options(p))
		p.seen <- update{call.Snapshot{State: call.InCall}, nil}
		time.Sleep(61 * time.Second)
		stop()
		got := c.last(t)
		if len(got) != len(Metrics()) {
			t.Errorf("%d metrics, want %d", len(got), len(Metrics()))
		}
		for _, want := range Metrics() {
			m := got[want.Name]
			if m == nil || m.Unit != want.Unit || m.Description != want.Doc {
				t.Errorf("%s: %v", want.Name, m)
				continue
			}
			switch want.Kind {
			case Counter:
				if s := m.GetSum(); !s.IsMonotonic || s.AggregationTemporality != metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE ||
					s.DataPoints[0].StartTimeUnixNano == 0 || s.DataPoints[0].TimeUnixNano <= s.DataPoints[0].StartTimeUnixNano {
					t.Errorf("%s: %v", want.Name, m)
				}
				if n := len(m.GetSum().DataPoints); want.Cause && n != len(Causes()) || !want.Cause && n != 1 {
					t.Errorf("%s has %d series", want.Name, n)
				}
			case Histogram:
				if h := m.GetHistogram(); h.AggregationTemporality != metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE ||
					!slices.Equal(h.DataPoints[0].ExplicitBounds, want.Bounds) || !slices.IsSorted(want.Bounds) {
					t.Errorf("%s: %v", want.Name, m)
				}
			}
		}
		if n := got[Active].GetGauge().DataPoints[0].GetAsInt(); n != 1 {
			t.Errorf("%d calls are up", n)
		}
		var data metrics.MetricsData
		if err := proto.Unmarshal(c.bodies[0], &data); err != nil {
			t.Fatal(err)
		}
		about := map[string]string{}
		for _, a := range data.ResourceMetrics[0].Resource.Attributes {
			about[a.Key] = a.Value.GetStringValue()
		}
		if about["service.name"] != "nxphone" || about["service.version"] != "1.2.3" || about["site"] != "seoul-1" || about["service.instance.id"] == "" || len(about) != 5 {
			t.Errorf("%v", about)
		}
		if h := c.heads[0]; h.Get("Content-Type") != "application/x-protobuf" || h.Get("Authorization") != "Bearer "+bearer || c.paths[0] != "https://collector.example/v1/metrics" {
			t.Errorf("%v to %s", h, c.paths[0])
		}
	})
}

// TestNothingOfAnybody: of a call in which everything is somebody's business, no
// byte of it is exported or logged.
func TestNothingOfAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		p, c := newPhone(), &collector{}
		c.answer = func(n int) (*http.Response, error) {
			if n == 1 {
				return nil, errors.New("dial " + "x")
			}
			return answer(200, nil, nil), nil
		}
		o := c.options(p)
		o.URL = "https://collector.example/otlp?key=" + bearer
		o.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
		stop := start(t, o)
		p.play(1, time.Second, 2*time.Second, time.Second, good, call.Reason{Code: call.CodeServerError, SIP: 500, Phrase: tel + " at " + peer + " in " + realm})
		p.play(2, 0, 0, 0, call.Stats{}, call.Reason{Code: call.Code("to-" + tel), Phrase: dn})
		time.Sleep(3 * time.Minute)
		stop()
		if len(c.bodies) < 3 {
			t.Fatalf("%d exports", len(c.bodies))
		}
		for _, secret := range []string{tel, tel[1:], dn, realm, peer, bearer} {
			for i, body := range c.bodies {
				if bytes.Contains(body, []byte(secret)) {
					t.Errorf("export %d holds %s", i, secret)
				}
			}
			if strings.Contains(logged.String(), secret) {
				t.Errorf("the log holds %s:\n%s", secret, logged.String())
			}
		}
		if !strings.Contains(logged.String(), "not exported") {
			t.Errorf("the failure was not logged: %s", logged.String())
		}
		// Digits of a number packed as an integer would be no text.
		n, _ := strconv.ParseUint(tel, 10, 64)
		var m message
		m.fixed64(1, n)
		for i, body := range c.bodies {
			if bytes.Contains(body, m[1:]) {
				t.Errorf("export %d holds the number as an integer", i)
			}
		}
	})
}

// TestFailures: what is tried again, when, and that nothing is lost by it.
func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		answer      func() (*http.Response, error)
		least, most time.Duration // until the next attempt
	}{
		"not there":  {func() (*http.Response, error) { return nil, errors.New("refused") }, 5 * time.Second, 7 * time.Second},
		"overloaded": {func() (*http.Response, error) { return answer(503, nil, nil), nil }, 5 * time.Second, 7 * time.Second},
		"slow down":  {func() (*http.Response, error) { return answer(429, http.Header{"Retry-After": {"120"}}, nil), nil }, 120 * time.Second, 151 * time.Second},
		"for a long time": {func() (*http.Response, error) {
			return answer(503, http.Header{"Retry-After": {"999999999"}}, nil), nil
		}, 300 * time.Second, 376 * time.Second},
		"no such path": {func() (*http.Response, error) { return answer(404, nil, nil), nil }, 300 * time.Second, 301 * time.Second},
		"a redirection": {func() (*http.Response, error) {
			return answer(307, http.Header{"Location": {"https://elsewhere.example"}}, nil), nil
		}, 300 * time.Second, 301 * time.Second},
		"does not answer":  {nil, 5 * time.Second, 7 * time.Second},
		"a partial answer": {func() (*http.Response, error) { return answer(200, nil, []byte{10, 2, 8, 3}), nil }, 60 * time.Second, 61 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, got := newPhone(), &collector{}
				hang := make(chan struct{})
				got.answer = func(n int) (*http.Response, error) {
					switch {
					case n > 1:
						return answer(200, nil, nil), nil
					case c.answer == nil:
						<-hang
						return nil, context.DeadlineExceeded
					}
					return c.answer()
				}
				began := time.Now()
				stop := start(t, got.options(p))
				p.play(1, 0, 0, 0, call.Stats{}, call.Reason{Code: call.CodeNotFound})
				if c.answer == nil {
					time.AfterFunc(time.Minute+sendTime, func() { close(hang) })
					began = began.Add(sendTime)
				}
				time.Sleep(20 * time.Minute)
				stop()
				wait := got.at[1].Sub(began) - time.Minute
				if wait < c.least || wait > c.most {
					t.Errorf("the second attempt came after %v", wait)
				}
				if n := sum(got.last(t)[Failed], "not-found"); n != 1 {
					t.Errorf("%d failures are told", n)
				}
				if gap := got.at[3].Sub(got.at[2]); gap != time.Minute {
					t.Errorf("then every %v", gap)
				}
			})
		})
	}
}

// TestBackOff: pauses grow, and have an end.
func TestBackOff(t *testing.T) {
	tm := &Telemetry{o: Options{Every: every}}
	last := time.Duration(0)
	for n := 1; n < 40; n++ {
		d := tm.pause(n, 0, errors.New("x"))
		if d < firstPause || d > maxPause*5/4 || n < 6 && d < last*5/4 {
			t.Errorf("%d: %v after %v", n, d, last)
		}
		last = d
	}
}

// TestEnd: the last call is exported, and a dead collector holds up nothing.
func TestEnd(t *testing.T) {
	for _, dead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p, c := newPhone(), &collector{}
			o := c.options(p)
			if dead {
				o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() })
			}
			stop := start(t, o)
			p.play(1, 0, 0, 0, call.Stats{}, call.Reason{Code: call.CodeNotFound})
			close(p.seen) // the engine has ended
			began := time.Now()
			stop()
			if took := time.Since(began); took > lastTime+drainTime {
				t.Errorf("the end took %v", took)
			}
			if !dead {
				if n := sum(c.last(t)[Failed], "not-found"); n != 1 {
					t.Errorf("%d failures are told", n)
				}
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOverTLS: a collector on loopback with a certificate of its own.
func TestOverTLS(t *testing.T) {
	bodies := make(chan []byte, 10)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
	}))
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	p := newPhone()
	stop := start(t, Options{Phone: p, URL: srv.URL + "/v1/metrics", Version: "x", Roots: roots, Every: 5 * time.Millisecond})
	read(t, <-bodies)
	close(p.seen)
	stop()
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example": "https://a.example/v1/metrics", "https://a.example/": "https://a.example/v1/metrics", "http://127.0.0.1:4318": "http://127.0.0.1:4318/v1/metrics",
		"https://a.example/otlp/v1/metrics": "https://a.example/otlp/v1/metrics", "ftp://a": "", "a": "", "https://": "", ":": "",
	} {
		got, err := endpoint(in)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if _, err := New(Options{URL: "https://"}); !errors.Is(err, ErrURL) {
		t.Error(err)
	}
}

// TestCausesAreComplete: a code of an ended call that is added to package call is
// added here.
func TestCausesAreComplete(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "../errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	block := 0
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		if block++; block != 2 { // the codes of ended calls
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			reason := call.Reason{Code: call.Code(code)}
			if reason.OK() || reason.Code == call.CodeCancelled {
				continue
			}
			if !slices.Contains(Causes(), code) {
				t.Errorf("%s is no cause here", code)
			}
		}
	}
	if block < 2 {
		t.Errorf("found %d blocks of codes", block)
	}
}

func BenchmarkExport(b *testing.B) {
	book := newBook()
	for b.Loop() {
		_ = book.encode(nil, "1", time.Now(), time.Now())
	}
}
