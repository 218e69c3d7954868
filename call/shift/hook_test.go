package shift_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/call"
	"nxphone/call/shift"
	"nxphone/call/webapi/webapitest"
)

// supervisor is a real HTTPS server on loopback.
type supervisor struct {
	*httptest.Server
	mu    sync.Mutex
	notes []map[string]any
	codes []int // the answers to come, 204 after them
	hold  chan struct{}
	came  chan struct{} // one token for each request
}

func newSupervisor(t *testing.T, tls bool) *supervisor {
	s := &supervisor{came: make(chan struct{}, 100)}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var n map[string]any
		if err := json.Unmarshal(body, &n); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %q", r.Method, r.Header, body)
		}
		s.mu.Lock()
		s.notes = append(s.notes, n)
		code := http.StatusNoContent
		if len(s.codes) > 0 {
			code, s.codes = s.codes[0], s.codes[1:]
		}
		hold := s.hold
		s.mu.Unlock()
		s.came <- struct{}{}
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		if code/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(code)
	})
	s.Server = httptest.NewUnstartedServer(h)
	s.Server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *supervisor) answer(codes ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes = codes
}

func (s *supervisor) got() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

func (s *supervisor) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// desk runs a shift beside a phone until the test ends, in real time: what it
// talks to is real.
func desk(t *testing.T, r shift.Rules, roots func() *x509.CertPool) (*shift.Shift, *webapitest.Phone, *strings.Builder) {
	phone := webapitest.NewPhone(t)
	var log strings.Builder
	s := shift.New(shift.Options{
		Phone: phone, Rules: func() shift.Rules { return r }, Roots: roots, Agent: "nxphone/test",
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Pause: func(int) time.Duration { return time.Millisecond },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return s, phone, &log
}

// await waits until the status is as wanted.
func await(t *testing.T, s *shift.Shift, ok func(shift.Status) bool) shift.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for st := range s.Watch(ctx) {
		if ok(st) {
			return st
		}
	}
	t.Fatalf("never so; last %+v", s.Status())
	return shift.Status{}
}

func isHook(h shift.Hook) func(shift.Status) bool {
	return func(st shift.Status) bool { return st.Hook == h }
}

func TestHelpReachesTheSupervisor(t *testing.T) {
	sup := newSupervisor(t, true)
	r := shift.Rules{HelpURL: sup.URL + "/help?key=s3cret", Extension: "1000"}
	s, phone, _ := desk(t, r, sup.roots)
	if _, err := phone.Dial(t.Context(), call.Request{Realm: "example.net", DN: "1007", Tel: tel, URL: "ws://127.0.0.1:6080"}); err != nil {
		t.Fatal(err)
	}
	phone.Answer()
	sup.answer(503, 429) // a server that is just starting is tried again
	for {                // the shift learns of the call by itself
		if err := s.Help(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if s.Status().HelpCall == 1 {
			break
		}
	}
	await(t, s, isHook(shift.HookTold))
	if err := s.Help(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	await(t, s, func(st shift.Status) bool { return !st.Help && st.Hook == shift.HookTold })
	notes := sup.got()
	last := notes[len(notes)-1]
	if last["event"] != "help" || last["on"] != false || last["callId"] != 1.0 || last["extension"] != "1007" {
		t.Errorf("the last note: %v", last)
	}
	if _, err := time.Parse(time.RFC3339, last["at"].(string)); err != nil {
		t.Error(err)
	}
	first := notes[len(notes)-2]
	if first["on"] != true || first["callId"] != 1.0 {
		t.Errorf("the note before: %v", first)
	}
	for snap := range phone.Watch(t.Context()) {
		if id := snap.Call.CallID; id == "" || first["sipCallId"] != id || last["sipCallId"] != id {
			t.Errorf("the SBC knows the call as %q; told %v, then %v", id, first["sipCallId"], last["sipCallId"])
		}
		break
	}
	for _, n := range notes {
		if _, ok := n["number"]; ok {
			t.Errorf("the number was told: %v", n)
		}
	}
}

func TestHelpThatNobodyHears(t *testing.T) {
	for _, tt := range []struct {
		name  string
		codes []int
		tries int
		url   func(s *supervisor) string
		roots bool
	}{
		{"down for long", []int{500, 502, 503, 204}, 3, nil, true},
		{"refused for good", []int{403, 204}, 1, nil, true},
		{"sent elsewhere", []int{307, 204}, 1, nil, true},
		{"another's certificate", nil, 0, nil, false},
		{"nobody there", nil, 0, func(s *supervisor) string { s.Close(); return s.URL }, true},
		{"in clear over a wire", nil, 0, func(*supervisor) string { return "http://192.0.2.1/" }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sup := newSupervisor(t, true)
			sup.answer(tt.codes...)
			r := shift.Rules{HelpURL: sup.URL + "/?key=s3cret"}
			if tt.url != nil {
				r.HelpURL = tt.url(sup) + "/?key=s3cret"
			}
			var roots func() *x509.CertPool
			if tt.roots {
				roots = sup.roots
			}
			s, _, log := desk(t, r, roots)
			if err := s.Help(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			st := await(t, s, isHook(shift.HookFailed))
			if !st.Help {
				t.Error("the request itself is gone")
			}
			if n := len(sup.got()); n != tt.tries {
				t.Errorf("%d tries, want %d", n, tt.tries)
			}
			if strings.Contains(log.String(), "s3cret") {
				t.Errorf("the log has the address: %s", log)
			}
		})
	}
}

// TestNewestHelpWins: what is taken back while the server is slow is not told
// as a request any more once the server answers.
func TestNewestHelpWins(t *testing.T) {
	sup := newSupervisor(t, false) // http, on this computer
	hold := make(chan struct{})
	sup.mu.Lock()
	sup.hold = hold
	sup.mu.Unlock()
	s, _, _ := desk(t, shift.Rules{HelpURL: sup.URL}, nil)
	if err := s.Help(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-sup.came
	if err := s.Help(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	<-sup.came // at once, without the end of the first
	close(hold)
	st := await(t, s, isHook(shift.HookTold))
	if st.Help {
		t.Error("help is still asked for")
	}
	if n := sup.got(); len(n) != 2 || n[1]["on"] != false {
		t.Errorf("told %v", n)
	}
}

func TestCheckURL(t *testing.T) {
	for address, good := range map[string]bool{
		"https://sup.example/help": true, "https://10.0.0.7:8443/x?k=v": true, "HTTPS://sup.example": true,
		"http://127.0.0.1:8080/": true, "http://[::1]/": true, "http://localhost:1/": true, "http://127.9.9.9": true,
		"http://sup.example/": false, "http://10.0.0.7/": false, "http://localhost.sup.example/": false,
		"ftp://sup.example/": false, "https://": false, "sup.example/help": false, "https:sup.example": false, "": false, "http://[::1": false,
	} {
		if err := shift.CheckURL(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}
