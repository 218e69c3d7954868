package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/kiosk"
	"nxphone/call/kiosk/systemd"
	"nxphone/call/profile"
	"nxphone/ui"
)

// kioskRun is a booth in this process, with a screen that a test plays.
type kioskRun struct {
	*testing.T
	state  string
	stderr *buffer
	code   int
}

// runBooth runs a booth on the demo with these managed settings; screen plays
// the window, and its error is the window's.
func runBooth(t *testing.T, managed map[profile.Key]string, screen func(ctx context.Context, o ui.KioskOptions) error, args ...string) *kioskRun {
	t.Helper()
	newShell(t)
	r := &kioskRun{T: t, state: t.TempDir(), stderr: &buffer{grew: make(chan struct{}, 1)}}
	t.Setenv("STATE_DIRECTORY", r.state)
	o, err := parse(append([]string{"--kiosk", "--audio", "null"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := profile.NewLayer(profile.SourceManaged, "policy.json", managed)
	if err != nil {
		t.Fatal(err)
	}
	store, err := profile.Open(profile.Options{Flags: o.settings, Layers: []profile.Layer{policy}, PolicyOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{stdout: r.stderr, stderr: r.stderr, store: store, words: text.For(text.English), policies: profile.NewPolicyReader(profile.PolicyOptions{Dir: t.TempDir()}),
		log: slog.New(slog.NewTextHandler(r.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	r.code = p.runKiosk(t.Context(), o, screen)
	return r
}

func (r *kioskRun) ends(code int) {
	r.Helper()
	if r.code != code {
		r.Errorf("exit status %d, want %d\n%s", r.code, code, r.stderr)
	}
}

// untilStatus waits for a status.
func untilStatus(ctx context.Context, b ui.Booth, what func(kiosk.Status) bool) kiosk.Status {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var last kiosk.Status
	for last = range b.Watch(ctx) {
		if what(last) {
			return last
		}
	}
	return last
}

func on(s kiosk.Screen) func(kiosk.Status) bool {
	return func(status kiosk.Status) bool { return status.Screen == s }
}

// stop is what the window returns when its context ends.
func stop(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// A whole visit: the network is known, a call, its end, and the administrator's
// leaving. Afterwards neither log nor state know who was called.
func TestKioskVisit(t *testing.T) {
	const number = "600"
	hash := kiosk.HashPIN("4711")
	r := runBooth(t, map[profile.Key]string{profile.KeyKioskPIN: hash}, func(ctx context.Context, o ui.KioskOptions) error {
		untilStatus(ctx, o.Booth, func(s kiosk.Status) bool { return s.Network.State == kiosk.NetReady })
		if err := o.Booth.Press(ctx, kiosk.Counsellor); err != nil {
			t.Error(err)
		}
		if s := untilStatus(ctx, o.Booth, on(kiosk.Talking)); s.Screen != kiosk.Talking || !s.Bright {
			t.Errorf("%+v", s)
		}
		if ok, _ := o.Booth.PIN(ctx, "4711"); ok {
			t.Error("the PIN ends a call")
		}
		if err := o.Booth.Hangup(ctx); err != nil {
			t.Error(err)
		}
		if s := untilStatus(ctx, o.Booth, on(kiosk.Over)); s.End.Code != call.CodeHangup {
			t.Errorf("%+v", s)
		}
		if ok, _ := o.Booth.PIN(ctx, "1234"); ok {
			t.Error("a wrong PIN")
		}
		if ok, _ := o.Booth.PIN(ctx, "4711"); !ok {
			t.Error("the right PIN")
		}
		return nil // as ui.RunKiosk does then
	}, "--demo")
	r.ends(exitOK)
	err := filepath.Walk(r.state, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(number)) && !strings.HasSuffix(path, "health.json") { // times hold digits
			t.Errorf("%s: %s", path, data)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKioskExitStatus(t *testing.T) {
	for name, tt := range map[string]struct {
		screen func(ctx context.Context, o ui.KioskOptions) error
		code   int
	}{
		"the booth wants to be started again": {func(ctx context.Context, o ui.KioskOptions) error {
			o.Booth.(*kiosk.Booth).Finish(ctx, kiosk.Restart)
			return stop(ctx)
		}, exitRestart},
		"so does the machine": {func(ctx context.Context, o ui.KioskOptions) error {
			o.Booth.(*kiosk.Booth).Finish(ctx, kiosk.Reboot)
			return stop(ctx)
		}, exitReboot},
		"no display":                        {func(context.Context, ui.KioskOptions) error { return ui.ErrNoDisplay }, exitFailed},
		"no OpenGL":                         {func(context.Context, ui.KioskOptions) error { return ui.ErrNoOpenGL }, exitFailed},
		"the window breaks":                 {func(context.Context, ui.KioskOptions) error { return errors.New("broken") }, exitRestart},
		"the toolkit sees the signal first": {func(context.Context, ui.KioskOptions) error { return context.Canceled }, exitOK},
	} {
		t.Run(name, func(t *testing.T) {
			runBooth(t, nil, tt.screen, "--demo").ends(tt.code)
		})
	}
}

// Without a policy the booth stays up and says what is missing, on the screen
// and once on standard error; flags, environment and file do not make up for it.
func TestKioskWithoutAPolicy(t *testing.T) {
	t.Setenv("NXPHONE_REALM", "example.net")
	r := runBooth(t, map[profile.Key]string{profile.KeyDN: "1000", profile.KeyKioskIdle: "5s"}, func(ctx context.Context, o ui.KioskOptions) error {
		s := untilStatus(ctx, o.Booth, on(kiosk.Closed))
		if want := "kiosk-number realm url"; s.Fault != kiosk.FaultPolicy || strings.Join(s.Missing, " ") != want {
			t.Errorf("%+v, want %s", s, want)
		}
		if err := o.Booth.Press(ctx, kiosk.Counsellor); !errors.Is(err, kiosk.ErrClosed) {
			t.Error(err)
		}
		o.Booth.(*kiosk.Booth).Finish(ctx, kiosk.Restart)
		return stop(ctx)
	}, "--realm", "example.net", "--url", "wss://example.net")
	if !strings.Contains(r.stderr.String(), "kiosk-number, realm, url") {
		t.Error(r.stderr)
	}
}

func TestKioskMissing(t *testing.T) {
	good := profile.Settings{KioskNumber: "15550001", Realm: "example.net", DN: "1000", URL: "wss://sbc.example.net"}
	change := func(f func(*profile.Settings)) profile.Settings { s := good; f(&s); return s }
	for _, tt := range []struct {
		s    profile.Settings
		want string
	}{
		{good, ""},
		{profile.Settings{}, "kiosk-number realm dn url"},
		{change(func(s *profile.Settings) { s.URL = "" }), "url"},
		{change(func(s *profile.Settings) { s.URL = "http://x" }), "kiosk-number realm dn url"},
		{change(func(s *profile.Settings) { s.KioskEmergency = "119" }), ""},
		{change(func(s *profile.Settings) { s.KioskEmergency = "1 1 9 긴급" }), "kiosk-emergency"},
	} {
		if got := strings.Join(kioskMissing(tt.s), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.s, got, tt.want)
		}
	}
}

// manager is a service manager's socket.
type manager struct {
	conn *net.UnixConn
	mu   sync.Mutex
	got  []string
	news chan struct{}
}

func newManager(t *testing.T) *manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	m := &manager{conn: conn, news: make(chan struct{}, 1)}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			m.mu.Lock()
			m.got = append(m.got, strings.Split(string(buf[:n]), "\n")...)
			m.mu.Unlock()
			select {
			case m.news <- struct{}{}:
			default:
			}
		}
	}()
	return m
}

func (m *manager) count(line string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.got {
		if g == line {
			n++
		}
	}
	return n
}

// wait waits for so many of a line, and reports whether they came in time.
func (m *manager) wait(line string, n int, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for m.count(line) < n {
		select {
		case <-m.news:
		case <-timer.C:
			return m.count(line) >= n
		}
	}
	return true
}

// The service manager hears that the booth is ready, is fed while all of it
// answers, a call included, no more when the window hangs, and that it stops.
func TestKioskWatchdog(t *testing.T) {
	m := newManager(t)
	t.Setenv("WATCHDOG_USEC", "400000")
	t.Setenv("WATCHDOG_PID", "")
	r := runBooth(t, nil, func(ctx context.Context, o ui.KioskOptions) error {
		if m.count("READY=1") != 0 {
			t.Error("ready before the first frame")
		}
		hang := make(chan struct{})
		o.Ready(func(ctx context.Context) error {
			select {
			case <-hang:
				<-ctx.Done() // a window that never turns again
			default:
			}
			return nil
		})
		if !m.wait("READY=1", 1, time.Minute) || !m.wait("WATCHDOG=1", 5, time.Minute) {
			t.Error("not ready, or not fed")
		}
		if err := o.Booth.Press(ctx, kiosk.Counsellor); err != nil {
			t.Error(err)
		}
		untilStatus(ctx, o.Booth, on(kiosk.Talking))
		if !m.wait("STATUS=in a call; network: ready", 1, time.Minute) || !m.wait("WATCHDOG=1", m.count("WATCHDOG=1")+5, time.Minute) {
			t.Error("not fed in a call")
		}
		close(hang)
		m.wait("WATCHDOG=1", m.count("WATCHDOG=1")+2, time.Second) // one may be on its way
		if m.wait("WATCHDOG=1", m.count("WATCHDOG=1")+1, 1200*time.Millisecond) {
			t.Error("fed although the window hangs")
		}
		o.Booth.(*kiosk.Booth).Finish(ctx, kiosk.Restart) // waits for the end of the call
		if err := o.Booth.Hangup(ctx); err != nil {
			t.Error(err)
		}
		if ok := untilStatus(ctx, o.Booth, on(kiosk.Over)); ok.Screen != kiosk.Over {
			t.Error(ok)
		}
		return errors.New("the window has gone")
	}, "--demo")
	r.ends(exitRestart)
	if !m.wait("STOPPING=1", 1, time.Minute) {
		t.Error("nobody was told that it stops")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, line := range m.got {
		if strings.Contains(line, "600") {
			t.Errorf("a number was told: %q", line)
		}
	}
}

// An engine that hangs stops the feeds too. (A flow that hangs is tested in
// package sipua, a booth that does not answer in package systemd.)
func TestKioskWatchdogSeesTheEngine(t *testing.T) {
	for name, running := range map[string]bool{"runs": true, "hangs": false} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			ph := openTestPhone(t, "--demo")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if !running {
				// An engine whose goroutine does not take its inputs.
				hung := call.New(call.Options{})
				alive := ph.engine
				ph.engine = hung
				defer func() { ph.engine = alive }()
			}
			b := &booth{p: &program{log: slog.New(slog.DiscardHandler)}, phone: ph, logic: kiosk.New(kiosk.Options{Phone: ph.engine})}
			b.wg.Go(func() { b.logic.Run(ctx) })
			s := newSupervision(b)
			w := systemd.Watchdog{Notifier: s.notify, Every: 200 * time.Millisecond, Parts: s.parts(func(context.Context) error { return nil })}
			b.wg.Go(func() { w.Run(ctx) })
			fed := m.wait("WATCHDOG=1", 3, map[bool]time.Duration{true: time.Minute, false: time.Second}[running])
			if fed != running {
				t.Errorf("fed: %v", fed)
			}
			cancel()
			b.wg.Wait()
		})
	}
}

func TestKioskPIN(t *testing.T) {
	for pin, code := range map[string]int{"4711\n": exitOK, "000000": exitOK, "": exitUsage, "123\n": exitUsage, "12a4\n": exitUsage, strings.Repeat("1", 13): exitUsage} {
		var out bytes.Buffer
		p := &program{stdout: &out, stderr: &bytes.Buffer{}, words: text.For(text.English)}
		if got := p.hashPIN(strings.NewReader(pin)); got != code {
			t.Errorf("%q: %d, want %d", pin, got, code)
		}
		if code != exitOK {
			continue
		}
		// What it prints is what the policy takes.
		_, err := profile.NewLayer(profile.SourceManaged, "policy.json", map[profile.Key]string{profile.KeyKioskPIN: strings.TrimSpace(out.String())})
		if err != nil || strings.Contains(out.String(), strings.TrimSpace(pin)) {
			t.Errorf("%q: %s %v", pin, out.String(), err)
		}
	}
}

func TestEmergencyLabel(t *testing.T) {
	for number, want := range map[string]string{"119": "119", "1393": "1393", "15550001": "", "": ""} {
		if got := emergencyLabel(number); got != want {
			t.Errorf("%q: %q", number, got)
		}
	}
}
