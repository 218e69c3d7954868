package kiosk

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

// Health is how a booth tells its keeper how it is. It holds nothing of calls
// but that there is one now, and no number.
type Health struct {
	// OK: a press of the button would work, as far as is known.
	OK bool `json:"ok"`
	// State is the screen's name, Since when that began. The file leaves them
	// out: it says nothing of when somebody was there.
	State   string    `json:"state,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Version string    `json:"version"`
	// Started is when the program was.
	Started time.Time     `json:"started"`
	Fault   Fault         `json:"fault,omitempty"`
	Missing []string      `json:"missing,omitempty"`
	Network HealthNetwork `json:"network"`
	// SelfTest is the last one; nil: none yet.
	SelfTest *HealthTest `json:"self-test,omitempty"`
}

// HealthNetwork is Status.Network in words.
type HealthNetwork struct {
	State string    `json:"state"`
	Since time.Time `json:"since"`
	Code  string    `json:"code,omitempty"`
}

// HealthTest is a Report with a sentence for people.
type HealthTest struct {
	At         time.Time `json:"at"`
	OK         bool      `json:"ok"`
	Says       string    `json:"says"`
	Sound      Finding   `json:"sound"`
	Line       Finding   `json:"line,omitempty"`
	LevelDBFS  float64   `json:"level-dbfs"`
	DelayMS    int64     `json:"delay-ms"`
	EchoMS     int64     `json:"echo-ms,omitempty"`
	DeadNights int       `json:"dead-nights"`
}

// Reporter turns statuses into health reports.
type Reporter struct {
	Version string
	Started time.Time
	// Say gives the sentence for a report; nil: none.
	Say func(Report) string
}

// Health is the report of a moment.
func (r Reporter) Health(s Status) Health {
	h := Health{
		State: s.Screen.String(), Since: s.Since, Version: r.Version, Started: r.Started, Fault: s.Fault, Missing: s.Missing,
		Network: HealthNetwork{State: s.Network.State.String(), Since: s.Network.Since, Code: string(s.Network.Code)},
	}
	if t := s.Test; !t.At.IsZero() {
		h.SelfTest = &HealthTest{
			At: t.At, OK: t.OK, Sound: t.Sound, Line: t.Line, LevelDBFS: t.Level,
			DelayMS: t.Delay.Milliseconds(), EchoMS: t.Echo.Milliseconds(), DeadNights: t.DeadNights,
		}
		if r.Say != nil {
			h.SelfTest.Says = r.Say(t)
		}
	}
	h.OK = s.Fault == FaultNone && s.Network.State == NetReady && (h.SelfTest == nil || h.SelfTest.OK)
	return h
}

// File keeps a health file up to date until the booth or ctx ends. Screens do
// not change it: only network, faults and self-tests do.
func (r Reporter) File(ctx context.Context, b *Booth, path string, log *slog.Logger) {
	var last Health
	first := true
	for s := range b.Watch(ctx) {
		h := r.Health(s)
		h.State, h.Since = "", time.Time{}
		if !first && sameHealth(h, last) {
			continue
		}
		first, last = false, h
		data, err := json.MarshalIndent(h, "", "  ")
		if err == nil {
			err = writeFile(path, append(data, '\n'))
		}
		if err != nil {
			log.Warn("the health file cannot be written", "error", err)
		}
	}
}

func sameHealth(a, b Health) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

// ReadReport is the last self-test that a health file tells of; the zero Report
// where there is none.
func ReadReport(path string) Report {
	data, err := os.ReadFile(path)
	if err != nil {
		return Report{}
	}
	var h Health
	if json.Unmarshal(data, &h) != nil || h.SelfTest == nil {
		return Report{}
	}
	t := h.SelfTest
	return Report{
		At: t.At, OK: t.OK, Sound: t.Sound, Line: t.Line, Level: t.LevelDBFS, Delay: time.Duration(t.DelayMS) * time.Millisecond,
		Echo: time.Duration(t.EchoMS) * time.Millisecond, DeadNights: t.DeadNights,
	}
}

// Handler answers GET /health on a loopback address, with status 200 where the
// booth is well and 503 where it is not. It answers to nobody who was led here
// by a name (DNS rebinding) and to no web page.
func (r Reporter) Handler(b *Booth) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := r.Health(b.Status())
		data, err := json.MarshalIndent(h, "", "  ")
		if err != nil {
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if !h.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(append(data, '\n'))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case !loopbackHost(req.Host):
			http.Error(w, "misdirected", http.StatusMisdirectedRequest)
		case req.Header.Get("Origin") != "" || req.Header.Get("Sec-Fetch-Site") != "":
			http.Error(w, "not for web pages", http.StatusForbidden)
		default:
			mux.ServeHTTP(w, req)
		}
	})
}

// loopbackHost reports whether a Host field names this machine itself.
func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ErrNotLoopback: a health report is for this machine only.
var ErrNotLoopback = errors.New("kiosk: the address for the health report is not on this machine")

// retryListen is how long a port that is taken is waited for.
const retryListen = 30 * time.Second

// Serve answers at addr (HOST:PORT, HOST a loopback address) until ctx ends. A
// port that is taken is tried again for ever; listening is told with the
// address each time it has been got.
func (r Reporter) Serve(ctx context.Context, b *Booth, addr string, log *slog.Logger, listening func(net.Addr)) error {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return ErrNotLoopback
	}
	srv := &http.Server{
		Handler: r.Handler(b), ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	for ctx.Err() == nil {
		var lc net.ListenConfig
		lis, err := lc.Listen(ctx, "tcp", addr)
		if err == nil {
			if listening != nil {
				listening(lis.Addr())
			}
			err = srv.Serve(lis)
		}
		if errors.Is(err, http.ErrServerClosed) || ctx.Err() != nil {
			break
		}
		log.Warn("nobody can ask for the booth's health", "error", err)
		sleepUntil(ctx, time.Now().Add(retryListen))
	}
	return nil
}
