package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call/profile"
	"nxphone/call/sipua/sipuatest"
	"nxphone/call/webapi/webapitest"
)

// headless is "nxphone headless" as a process of its own.
type headless struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string // everything of its user
	out    *bufio.Scanner
	stderr *buffer
	lines  []string // of its standard output, so far
}

func startHeadless(t *testing.T, args ...string) *headless {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := &headless{t: t, dir: t.TempDir(), stderr: &buffer{grew: make(chan struct{}, 1)}}
	h.cmd = exec.Command(self, append([]string{"headless", "--audio", "null"}, args...)...)
	h.cmd.Env = append(os.Environ(), asProcess+"=1", "NXPHONE_CONFIG="+filepath.Join(h.dir, "settings.json"),
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "XDG_RUNTIME_DIR="+filepath.Join(h.dir, "run"),
		"XDG_STATE_HOME="+filepath.Join(h.dir, "state"), "LC_ALL=en_US.UTF-8")
	h.cmd.Stderr = h.stderr
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = h.cmd.Process.Kill() // it has ended, unless the test failed
		_ = h.cmd.Wait()
	})
	h.out = bufio.NewScanner(out)
	return h
}

// expect reads lines of standard output.
func (h *headless) expect(patterns ...string) {
	h.t.Helper()
	for _, p := range patterns {
		if !h.out.Scan() {
			h.t.Fatalf("standard output ends after %q\n%s", h.lines, h.stderr)
		}
		h.lines = append(h.lines, h.out.Text())
		if !regexp.MustCompile("^" + p + "$").MatchString(h.out.Text()) {
			h.t.Fatalf("%q, want %s", h.out.Text(), p)
		}
	}
}

// end sends a signal and checks that the process ends well and says no more on
// standard output.
func (h *headless) end(sig os.Signal) {
	h.t.Helper()
	start := time.Now()
	if err := h.cmd.Process.Signal(sig); err != nil {
		h.t.Fatal(err)
	}
	h.ended()
	if d := time.Since(start); d > closeTime {
		h.t.Errorf("it took %v to end", d)
	}
}

func (h *headless) ended() {
	h.t.Helper()
	for h.out.Scan() {
		h.t.Errorf("and then %q", h.out.Text())
	}
	if err := h.cmd.Wait(); err != nil {
		h.t.Errorf("%v\n%s", err, h.stderr)
	}
}

// program is a native program at the control socket.
type nativeProgram struct {
	t  *testing.T
	c  net.Conn
	in *bufio.Scanner
}

func (h *headless) connect() *nativeProgram {
	h.t.Helper()
	c, err := net.Dial("unix", filepath.Join(h.dir, "run", "nxphone", "ctl.sock"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	in := bufio.NewScanner(c)
	in.Buffer(nil, 1<<20)
	return &nativeProgram{h.t, c, in}
}

func (p *nativeProgram) send(m map[string]any) {
	p.t.Helper()
	line, err := json.Marshal(m)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.c.Write(append(line, '\n')); err != nil {
		p.t.Fatal(err)
	}
}

// until reads until a line holds this piece of text.
func (p *nativeProgram) until(piece string) {
	p.t.Helper()
	for p.in.Scan() {
		if strings.Contains(p.in.Text(), piece) {
			return
		}
	}
	p.t.Fatalf("the phone never says %s: %v", piece, p.in.Err())
}

func TestHeadlessProcess(t *testing.T) {
	h := startHeadless(t, "--demo", "--allow-origin", "https://helpline.example", "--allow-origin", "http://intranet:8080")
	h.expect(`web-api http://127\.0\.0\.1:1707[0-9]`, `sbc wss://127\.0\.0\.1:[0-9]+`, `sbc ws://127\.0\.0\.1:[0-9]+`)
	p := h.connect()
	p.until(`"welcome"`)
	p.send(map[string]any{"type": "show", "id": 1, "tel": "01012345678"})
	p.until(`"no-window"`)
	// A page brings its own line; the demo's certificate is trusted for it too.
	addr := strings.TrimPrefix(h.lines[0], "web-api http://")
	c := page(t, addr, webapitest.Options{Origin: helpline})
	r, err := c.Do(t.Context(), map[string]any{"type": "dial", "key": webapitest.Random(16), "realm": "demo.test", "dn": "2590",
		"tel": "600", "url": strings.TrimPrefix(h.lines[1], "sbc ")})
	if err != nil || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
	next := eventsOf(t, c)
	next("Connecting", "Trying", "Ringing", "InCall", "MediaUp")
	_, err = webapitest.Dial(t.Context(), addr, webapitest.Options{Origin: "https://evil.example"})
	if refused := new(webapitest.RefusedError); !errors.As(err, &refused) || refused.Status != 403 {
		t.Errorf("another page: %v", err)
	}
	h.end(syscall.SIGTERM)
	next("HangingUp", "Clear") // it ends in good order, before the connection does
	p.until(`"busy":false`)    // to a program that has no part in the call
	if s := h.stderr.String(); s != "" {
		t.Errorf("on standard error: %s", s)
	}
	for name, mode := range map[string]os.FileMode{"web-api.key": 0o600, "state/nxphone/web-api.log": 0o600} {
		if info, err := os.Stat(filepath.Join(h.dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	log, err := os.ReadFile(filepath.Join(h.dir, "state/nxphone/web-api.log"))
	if err != nil || strings.Contains(string(log), "01012345678") || !strings.Contains(string(log), `"origin":"https://helpline.example","command":"dial","outcome":"ok","call":1`) {
		t.Errorf("the log: %s, %v", log, err)
	}
	// Neither the command line's origins nor its switch are the user's.
	if _, err := os.Stat(filepath.Join(h.dir, "settings.json")); err == nil {
		t.Error("settings were written")
	}
}

// farAnswer is what a far end answers that is never reached.
const farAnswer = "v=0\r\no=far 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 127.0.0.1\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=setup:passive\r\n" +
	"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 " +
	"AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA\r\n" +
	"a=rtpmap:0 PCMU/8000\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n"

// TestHeadlessSaysBye: a signal in a call ends it with a BYE, and the exit
// waits for it. The line is the settings' own here, without the demo.
func TestHeadlessSaysBye(t *testing.T) {
	for name, sig := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "Ctrl-C": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			srv := sipuatest.Listen(t, nil)
			h := startHeadless(t, "--realm", "example.net", "--dn", "1000", "--url", "ws://"+srv.Addr())
			h.expect(`web-api http://127\.0\.0\.1:1707[0-9]`)
			p := h.connect()
			p.send(map[string]any{"type": "dial", "id": 1, "realm": "example.net", "dn": "1000", "tel": "01012345678", "url": "ws://" + srv.Addr()})
			c := srv.Accept() // made before the call
			inv := c.Expect("INVITE")
			c.Reply(inv, "200 OK", "Content-Type: application/sdp", "", farAnswer)
			c.Expect("ACK")
			p.until(`InCall`)
			if err := h.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			c.Reply(c.Expect("BYE"), "200 OK")
			h.ended()
			p.until(`Clear`)
		})
	}
}

// here runs headless inside this process, on ports of the test's choice.
// What should not have started is ended by time.
func here(t *testing.T, ports []int, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	newShell(t)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	var out, errs buffer
	p := &program{stdout: &out, stderr: &errs, log: slog.New(slog.DiscardHandler), words: text.For(text.English), ports: ports}
	o, err := parse(append([]string{"headless", "--audio", "null"}, args...))
	if err == nil || o.settings != nil {
		p.openSettings(o)
	}
	if err != nil {
		return p.usage(err), out.String(), errs.String()
	}
	return runHeadless(ctx, p, o), out.String(), errs.String()
}

func TestHeadlessPortsTaken(t *testing.T) {
	var ports []int
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	for lang, want := range map[string]string{"en": "other programs have all of its ports", "ko": "포트(17070~17079)를 모두"} {
		status, stdout, stderr := here(t, ports, "--lang", lang, "--demo")
		if status != exitFailed || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %q\n%s", lang, status, stdout, stderr)
		}
	}
}

func TestHeadlessRefuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(filepath.Join(filepath.Dir(broken), "web-api.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		args   []string
		status int
		words  string
	}{
		{"a path", []string{"--allow-origin", "https://helpline.example/"}, exitUsage, "--allow-origin takes an origin"},
		{"null, in Korean", []string{"--lang", "ko", "--allow-origin", "null"}, exitUsage, "--allow-origin에는"},
		{"one of two", []string{"--allow-origin", "https://a.example", "--allow-origin", "*"}, exitUsage, `"*"`},
		{"a word", []string{"600"}, exitUsage, "one word too many"},
		{"no such CA file", []string{"--ca", "/nonexistent.pem"}, exitUsage, "/nonexistent.pem"},
		{"no such password file", []string{"--password-file", "/nonexistent"}, exitUsage, "password file"},
		{"a broken key", []string{"--config", broken}, exitFailed, "its key file cannot be read or is damaged"},
	} {
		status, stdout, stderr := here(t, []int{0}, append(tc.args, "--demo")...)
		if status != tc.status || stdout != "" || !strings.Contains(stderr, tc.words) {
			t.Errorf("%s: status %d, %q\n%s", tc.name, status, stdout, stderr)
		}
	}
}

// A policy that switches the web API off leaves this command nothing to do, and
// one that switches it on is not needed: it is what the command is for.
func TestHeadlessUnderAPolicy(t *testing.T) {
	for on, want := range map[string]int{"false": exitFailed, "true": exitOK} {
		newShell(t)
		t.Setenv("XDG_STATE_HOME", t.TempDir())
		out, errs := buffer{grew: make(chan struct{}, 1)}, buffer{}
		p := &program{stdout: &out, stderr: &errs, log: slog.New(slog.DiscardHandler), words: text.For(text.English), ports: []int{0}}
		o, err := parse([]string{"headless", "--audio", "null", "--demo"})
		if err != nil {
			t.Fatal(err)
		}
		p.openSettings(o)
		l, err := profile.NewLayer(profile.SourceManaged, "10-web.json", map[profile.Key]string{profile.KeyWebAPI: on})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.store.Add(l); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		go func() {
			defer stop() // it would otherwise go on for ever
			for ctx.Err() == nil && !strings.Contains(out.String(), "sbc ws:") {
				select {
				case <-out.grew:
				case <-ctx.Done():
				}
			}
		}()
		if status := runHeadless(ctx, p, o); status != want {
			t.Errorf("%s: status %d\n%s", on, status, errs.String())
		}
		if told := strings.Contains(errs.String(), "policy") && strings.Contains(errs.String(), "10-web.json"); told != (want != exitOK) {
			t.Errorf("%s: %s", on, errs.String())
		}
		stop()
	}
}

// The code of a pairing is told to whoever sits at the terminal, in his
// language.
func TestHeadlessTellsTheCode(t *testing.T) {
	for lang, words := range map[string]string{"en": "type this code in the page", "ko": "이 코드를 페이지에 입력해 주세요"} {
		h := startHeadless(t, "--lang", lang, "--web-api-code", "--demo", "--allow-origin", helpline)
		h.expect(`web-api .*`, `sbc wss://.*`, `sbc ws://.*`)
		page(t, strings.TrimPrefix(h.lines[0], "web-api http://"), webapitest.Options{Origin: helpline, Code: func(code string) error {
			for !strings.Contains(h.stderr.String(), code) {
				<-h.stderr.grew
			}
			return nil
		}})
		h.end(syscall.SIGTERM)
		if s := h.stderr.String(); !strings.Contains(s, words) || !strings.Contains(s, helpline) || strings.Count(s, "\n") != 1 {
			t.Errorf("%s: %s", lang, s)
		}
	}
}
