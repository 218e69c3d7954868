package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
)

// shell runs commands as the process would, with settings of its own.
type shell struct {
	t              *testing.T
	stdout, stderr buffer
}

// buffer is a bytes.Buffer for two goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
	// grew has a token after each Write.
	grew chan struct{}
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.b.Write(p)
	select {
	case b.grew <- struct{}{}:
	default:
	}
	return n, err
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newShell(t *testing.T) *shell {
	t.Setenv("NXPHONE_CONFIG", filepath.Join(t.TempDir(), "settings.json"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("LC_ALL", "en_US.UTF-8")
	return &shell{t: t}
}

func (s *shell) run(ctx context.Context, args ...string) int {
	s.stdout = buffer{grew: make(chan struct{}, 1)}
	s.stderr = buffer{grew: make(chan struct{}, 1)}
	return run(ctx, args, &s.stdout, &s.stderr)
}

// types is the Type of each event on standard output, which must hold events
// and nothing else.
func (s *shell) types() string {
	s.t.Helper()
	var types []string
	for line := range strings.Lines(s.stdout.String()) {
		var ev struct {
			Kind, Type string
			Data       struct{ Status, Desc, DN string }
		}
		if err := json.Unmarshal([]byte(line), &ev); err != nil {
			s.t.Errorf("not an event: %q", line)
		}
		types = append(types, ev.Type)
	}
	return strings.Join(types, " ")
}

func TestCallDemoNumbers(t *testing.T) {
	for _, tc := range []struct {
		tel    string
		args   []string
		status int
		types  string
		code   string
	}{
		{"600", []string{"--hangup-after", "300ms"}, exitOK, "Connecting Trying Ringing InCall Clear", "hangup"},
		{"603", nil, exitFailed, "Connecting Trying Clear", "busy"},
		{"604", nil, exitFailed, "Connecting Clear", "not-found"},
		{"605", []string{"--ring-timeout", "300ms"}, exitFailed, "Connecting Trying Ringing Clear", "no-answer"},
	} {
		t.Run(tc.tel, func(t *testing.T) {
			s := newShell(t)
			file := filepath.Join(t.TempDir(), "s.json")
			args := append([]string{"call", "--demo", "--audio", "null", "--summary", file}, tc.args...)
			status := s.run(t.Context(), append(args, tc.tel)...)
			if got := s.types(); status != tc.status || got != tc.types {
				t.Errorf("status %d, events %s\n%s", status, got, s.stderr.String())
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var sum summary
			if err := json.Unmarshal(text, &sum); err != nil {
				t.Fatal(err)
			}
			if string(sum.Code) != tc.code || sum.DialToInvite == nil || *sum.DialToInvite <= 0 {
				t.Errorf("summary %s", text)
			}
			// Its texts, that is: "603" stands in 31.603 ms by chance.
			var members map[string]any
			if err := json.Unmarshal(text, &members); err != nil {
				t.Fatal(err)
			}
			for name, v := range members {
				if words, ok := v.(string); ok && strings.Contains(words, tc.tel) {
					t.Errorf("%s of the summary holds the number: %s", name, text)
				}
			}
		})
	}
}

// TestCallEcho hears through --record what --play said, by way of the echo. On a
// busy machine sound in real time has holes; a fault of ours is there each time,
// and nothing but holes is forgiven.
func TestCallEcho(t *testing.T) {
	s := newShell(t)
	dir := t.TempDir()
	play, record := filepath.Join(dir, "in.wav"), filepath.Join(dir, "out.wav")
	said := make([]int16, 4*audio.Rate)
	gen := tone.NewGenerator(tone.TwoTone(1000, 1400))
	for f := range slices.Chunk(said, audio.FrameLen) {
		gen.Fill(f)
	}
	w, err := audio.CreateWAV(play)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(said); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const attempts = 8
	for i := 1; ; i++ {
		status := s.run(t.Context(), "call", "--demo", "--audio", "null", "--play", play, "--record", record, "--hangup-after", "3s", "600")
		if status != exitOK {
			t.Fatalf("status %d\n%s", status, s.stderr.String())
		}
		heard, err := audio.ReadWAV(record, 60*audio.Rate)
		if err != nil {
			t.Fatal(err)
		}
		r := tone.Check(heard, audio.Rate, 1000, 1400)
		if r.OK() && r.Span >= 2*time.Second {
			return
		}
		if i == attempts || r.Foreign > 0 || len(r.Gaps) == 0 {
			t.Fatalf("the echo: %+v", r)
		}
		if err := os.Remove(record); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCallInterrupted: Ctrl-C while it rings ends the call properly.
func TestCallInterrupted(t *testing.T) {
	s := newShell(t)
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan int, 1)
	s.stdout = buffer{grew: make(chan struct{}, 1)}
	s.stderr = buffer{grew: make(chan struct{}, 1)}
	go func() { done <- run(ctx, []string{"call", "--demo", "--audio", "null", "605"}, &s.stdout, &s.stderr) }()
	for !strings.Contains(s.stdout.String(), `"Ringing"`) {
		<-s.stdout.grew
	}
	interrupt()
	if status := <-done; status != exitFailed {
		t.Errorf("status %d", status)
	}
	if got := s.types(); got != "Connecting Trying Ringing Clear" {
		t.Errorf("events %s", got)
	}
}

func TestCallRefused(t *testing.T) {
	for _, args := range [][]string{
		{"call", "--demo", "--audio", "null", "홍길동"},
		{"call", "--audio", "null", "600"}, // no realm
		{"call", "--audio", "null", "--realm", "r", "--dn", "1", "--url", "http://127.0.0.1", "600"},
		{"call", "--demo", "--audio", "null", "--unmute-after", "1s", "600"},
		{"call", "--demo", "--audio", "null", "--dtmf", "12x", "600"},
		{"call", "--demo", "--play", "/nonexistent.wav", "600"},
		{"call", "--demo", "--record", "/nonexistent/x.wav", "600"},
		{"call", "--demo", "--password-file", "/nonexistent", "600"},
		{"call", "--demo", "--audio", "null", "--ca", "/nonexistent.pem", "600"},
		{"call", "--demo", "--audio", "null", "--summary", "/nonexistent/s.json", "600"},
		{"call", "--demo", "--audio", "null", "--summary", t.TempDir(), "600"},
		{"call"}, {"dance"},
	} {
		s := newShell(t)
		if status := s.run(t.Context(), args...); status != exitUsage {
			t.Errorf("%q: status %d\n%s", args, status, s.stderr.String())
		}
		if s.stdout.String() != "" || s.stderr.String() == "" {
			t.Errorf("%q: stdout %q, stderr %q", args, s.stdout.String(), s.stderr.String())
		}
	}
}

// TestCallUnreachable: nobody listens at the address.
func TestCallUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	s := newShell(t)
	status := s.run(t.Context(), "call", "--audio", "null", "--realm", "example.net", "--dn", "1000", "--url", "ws://"+addr, "01012345678")
	if got := s.types(); status != exitFailed || got != "Connecting Clear" {
		t.Errorf("status %d, events %s", status, got)
	}
	if strings.Contains(s.stderr.String(), "01012345678") {
		t.Errorf("the number stands on standard error: %s", s.stderr.String())
	}
}

func TestVersionAndHelp(t *testing.T) {
	s := newShell(t)
	if status := s.run(t.Context(), "version"); status != exitOK || !strings.HasPrefix(s.stdout.String(), "nxphone ") {
		t.Errorf("version: %d %q", status, s.stdout.String())
	}
	if status := s.run(t.Context(), "help"); status != exitOK || !strings.Contains(s.stdout.String(), "nxphone call") {
		t.Errorf("help: %d %q", status, s.stdout.String())
	}
	if status := s.run(t.Context(), "help", "--lang", "ko"); status != exitOK || !strings.Contains(s.stdout.String(), "사용법") {
		t.Errorf("help in Korean: %d %q", status, s.stdout.String())
	}
}

// TestDemoSBC: the server alone, called by a second phone with its CA file.
func TestDemoSBC(t *testing.T) {
	s := newShell(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out, errs buffer
	out.grew, errs.grew = make(chan struct{}, 1), make(chan struct{}, 1)
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"demo-sbc", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"}, &out, &errs)
	}()
	for !strings.Contains(out.String(), "realm ") {
		<-out.grew
	}
	got := map[string][]string{}
	for line := range strings.Lines(out.String()) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		got[key] = append(got[key], value)
	}
	if len(got["sbc"]) != 4 || len(got["ca"]) != 1 || len(got["realm"]) != 1 {
		t.Fatalf("printed %q", out.String())
	}
	for _, url := range got["sbc"] {
		status := s.run(t.Context(), "call", "--audio", "null", "--realm", got["realm"][0], "--dn", "1000",
			"--url", url, "--ca", got["ca"][0], "--hangup-after", "100ms", "600")
		if status != exitOK {
			t.Errorf("%s: status %d\n%s", url, status, s.stderr.String())
		}
	}
	stop()
	if status := <-done; status != exitOK {
		t.Errorf("demo-sbc: status %d, %s", status, errs.String())
	}
	if _, err := os.Stat(got["ca"][0]); err == nil {
		t.Error("the CA file was left behind")
	}
}

func TestOnLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"ws://127.0.0.1:6080": true, "wss://LOCALHOST/ws": true, "ws://[::1]:1": true, "ws://127.9.9.9": true,
		"wss://sbc.example.net": false, "ws://10.10.30.71:6080": false, "ws://[fd00::2]:1": false, "": false, "ws://%": false,
	} {
		if onLoopback(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
}
