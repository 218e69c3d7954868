package interop

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"
)

// forms are the ways in which a number of this country may be written down, by
// people and by programs.
func forms(number string) map[string][]byte {
	intl := "82" + number[1:]
	out := map[string][]byte{}
	for name, text := range map[string]string{
		"as it is": number, "international": intl, "without the zero": number[1:],
		"with dashes": number[:3] + "-" + number[3:7] + "-" + number[7:], "with blanks": number[:3] + " " + number[3:7] + " " + number[7:],
		"international with dashes": intl[:4] + "-" + intl[4:8] + "-" + intl[8:], "backwards": backwards(number),
		"percent-encoded": percent(number), "hexadecimal": hex.EncodeToString([]byte(number)),
	} {
		out[name] = []byte(text)
	}
	for name, order := range map[string][2]int{"UTF-16LE": {0, 8}, "UTF-16BE": {8, 0}} {
		var b []byte
		for _, u := range utf16.Encode([]rune(number)) {
			b = append(b, byte(u>>order[0]), byte(u>>order[1]))
		}
		out[name] = b
	}
	// Base64 of a text depends on where in a group of three it begins; the
	// characters at the edges depend on its neighbours.
	for shift := range 3 {
		enc := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), number...))
		out[fmt.Sprintf("base64 at %d", shift)] = []byte(enc[4 : len(enc)-2])
	}
	var bcd, swapped []byte // as telephone networks write it
	for i := 0; i+1 < len(number); i += 2 {
		bcd = append(bcd, (number[i]-'0')<<4|(number[i+1]-'0'))
		swapped = append(swapped, (number[i+1]-'0')<<4|(number[i]-'0'))
	}
	out["BCD"], out["BCD, swapped"] = bcd, swapped
	return out
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func percent(s string) (out string) {
	for _, c := range s {
		out += fmt.Sprintf("%%%02X", c)
	}
	return out
}

// traces looks for a number, in all its forms, and tells where it is.
func traces(number, where string, data []byte) (found []string) {
	for name, form := range forms(number) {
		if bytes.Contains(data, form) {
			found = append(found, where+": "+name)
		}
	}
	return found
}

// policyCopy is what the booth keeps of the organisation's policy, for the time
// when that cannot be read. It holds the number that the policy gives to the
// button, called or not; that no visit changes it is looked at instead.
const policyCopy = "policies.json"

// policyCopies are the copies below a folder, with what they hold.
func policyCopies(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.Name() != policyCopy {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = info.ModTime().String() + "\n" + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tracesBelow looks into every file below a folder and at the files' names.
func tracesBelow(t *testing.T, number, dir string) (found []string, files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file
		}
		if err != nil {
			return err
		}
		found = append(found, traces(number, path, []byte(strings.TrimPrefix(path, dir)))...)
		if !d.Type().IsRegular() || d.Name() == policyCopy {
			return nil
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		files++
		found = append(found, traces(number, path, data)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, files
}

// tracesOfProcess looks into every file that a process has open, deleted ones
// included, and at its command line and environment.
func tracesOfProcess(t *testing.T, number string, pid int) (found []string, files int) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", pid)
	for _, name := range []string{"cmdline", "environ", "comm"} {
		data, err := os.ReadFile(proc + name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, traces(number, name, data)...)
	}
	fds, err := os.ReadDir(proc + "fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		path := proc + "fd/" + fd.Name()
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue // sockets, pipes, devices; closed meanwhile
		}
		target, err := os.Readlink(path)
		if err != nil {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			continue // open for writing only and not to be read: a driver's
		}
		files++
		found = append(found, traces(number, target, data)...)
	}
	return found, files
}

// TestTraces: the search finds what it is there for.
func TestTraces(t *testing.T) {
	const number = "01098761234"
	dir := t.TempDir()
	for name, form := range forms(number) {
		data := append(append([]byte("before\x00"), form...), "after"...)
		if err := os.WriteFile(filepath.Join(dir, "x"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, files := tracesBelow(t, number, dir); len(got) == 0 || files != 1 {
			t.Errorf("%s is not found", name)
		}
	}
	for shift := range 3 {
		text := strings.Repeat("x", shift) + "sip:" + number + "@lab.local"
		if got := traces(number, "", []byte(base64.StdEncoding.EncodeToString([]byte(text)))); len(got) == 0 {
			t.Errorf("base64 of %q is not found", text)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("01098761235 1098761 2026-11-25T10:10:26.386300572Z"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := tracesBelow(t, number, dir); len(got) != 0 {
		t.Errorf("found where it is not: %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "call-"+number), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := tracesBelow(t, number, dir); len(got) == 0 {
		t.Error("a file's name is not looked at")
	}
}

// told is what a service manager is told.
type told struct {
	mu   sync.Mutex
	text strings.Builder
	last string // the last STATUS=
	t    *testing.T
	path string
}

func newTold(t *testing.T) *told {
	t.Helper()
	n := &told{t: t, path: filepath.Join(t.TempDir(), "notify")}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: n.path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			k, err := conn.Read(buf)
			if err != nil {
				return
			}
			n.mu.Lock()
			for line := range strings.SplitSeq(string(buf[:k]), "\n") {
				n.text.WriteString(line + "\n")
				if status, ok := strings.CutPrefix(line, "STATUS="); ok {
					n.last = status
				}
			}
			n.mu.Unlock()
		}
	}()
	return n
}

func (n *told) all() string { n.mu.Lock(); defer n.mu.Unlock(); return n.text.String() }

func (n *told) status() string { n.mu.Lock(); defer n.mu.Unlock(); return n.last }

// TestKioskLeavesNoTrace is a whole visit to a real booth: a policy, a real
// SBC, a call that is answered and talks, its end, and the screen's reset. The
// number that was dialled is then looked for, in all its forms, in every file of
// the booth's user, in what the booth wrote, told and holds open, in the call
// and after it; and once more after a booth that was killed in a call by a
// watchdog, which makes it write down what it was doing. The log is as chatty
// as it can be.
func TestKioskLeavesNoTrace(t *testing.T) {
	t.Parallel()
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	l := Start(t, Config{})
	g := startGroup(t)
	d := startDesktop(t, g)
	ctx := within(t, 90*time.Second)
	const number, dn = NumberBaresip, "1977" // no form of this number is found by chance
	home := filepath.Join(t.TempDir(), "booth")
	if err := os.MkdirAll(filepath.Join(home, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	manager := newTold(t)
	path, args := withPolicy(t, map[string]any{
		"realm": l.Realm, "dn": dn, "url": l.URL("wss"), "ca": l.CA, "kiosk-number": number, "kiosk-idle": "5s",
		"kiosk-silence": "30s", "lang": "ko", "log-level": "debug",
	})
	start := func(name string) *Process {
		t.Helper()
		out, err := os.Create(filepath.Join(home, name+".stdout"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		env := append(append([]string(nil), d.Env...), Home(home)...)
		env = append(env, "DISPLAY="+d.Display, "TMPDIR="+filepath.Join(home, "tmp"), "NOTIFY_SOCKET="+manager.path, "WATCHDOG_USEC=2000000", "WATCHDOG_PID=")
		p, err := g.Start(Spec{Name: name, Path: path, Args: append(append([]string(nil), args...), bin, "--kiosk"), Env: env, Dir: home, Stdout: out, MayEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("%s: told %q\n%s", name, manager.status(), p.tail(30))
			}
		})
		return p
	}
	is := func(p *Process, what string) {
		t.Helper()
		err := waitReady(ctx, p, func() (bool, error) { return strings.HasPrefix(manager.status(), what), nil })
		if err != nil {
			t.Fatalf("the booth is never %q: %v", what, err)
		}
	}
	// press gives the key of the large button until the booth does something.
	press := func(p *Process, key, until string) {
		t.Helper()
		var last time.Time
		err := waitReady(ctx, p, func() (bool, error) {
			if strings.HasPrefix(manager.status(), until) {
				return true, nil
			}
			if time.Since(last) < boothSettle {
				return false, nil
			}
			last = time.Now()
			_, err := d.Xdotool(ctx, "key", key)
			return false, err
		})
		if err != nil {
			t.Fatalf("key %s never brings %q: %v", key, until, err)
		}
	}
	var copies map[string]string // before anybody has called
	clean := func(when string, p *Process) {
		t.Helper()
		found, files := tracesBelow(t, number, home)
		if now := policyCopies(t, home); len(now) != 1 || !maps.Equal(now, copies) {
			t.Errorf("%s, the copies of the policy are\n%q, were\n%q", when, now, copies)
		}
		found = append(found, traces(number, "standard error", []byte(p.Log()))...)
		found = append(found, traces(number, "what the service manager was told", []byte(manager.all()))...)
		select {
		case <-p.Done():
		default:
			more, open := tracesOfProcess(t, number, p.PID())
			found, files = append(found, more...), files+open
			sinks, err := d.output(ctx, "pactl", "list")
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, traces(number, "what the sound server shows", []byte(sinks))...)
		}
		if len(found) != 0 {
			t.Errorf("%s, the number is found in\n%s", when, strings.Join(found, "\n"))
		}
		if files < 3 {
			t.Errorf("%s, only %d files were looked into", when, files)
		}
		t.Logf("%s: %d files, %d bytes of log", when, files, len(p.Log()))
	}

	p := start("visit")
	is(p, "waiting; network: ready")
	copies = policyCopies(t, home)
	press(p, "1", "in a call")
	if _, err := l.Trace.Wait(ctx, dn, number, "the ACK", func(m Message) bool { return m.Method() == "ACK" }); err != nil {
		t.Fatal(err) // it was dialled, then: the search would find it where it is
	}
	clean("in the call", p)
	x, y := 1024*7/100, 1024*62/100
	var last time.Time
	err = waitReady(ctx, p, func() (bool, error) {
		if strings.HasPrefix(manager.status(), "a call has ended") {
			return true, nil
		}
		if time.Since(last) < boothSettle {
			return false, nil
		}
		last = time.Now()
		_, err := d.Xdotool(ctx, "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "1")
		return false, err
	})
	if err != nil {
		t.Fatal(err)
	}
	clean("after the call", p)
	is(p, "waiting") // the visitor has gone
	clean("after the reset", p)
	p.signal(syscall.SIGTERM)
	<-p.Done()
	if p.ExitStatus() != 0 {
		t.Errorf("exit status %d after SIGTERM", p.ExitStatus())
	}
	clean("at the end", p)
	for _, line := range []string{"READY=1\n", "WATCHDOG=1\n", "STOPPING=1\n"} {
		if !strings.Contains(manager.all(), line) {
			t.Errorf("the service manager was never told %q", line)
		}
	}

	p = start("hung")
	is(p, "waiting; network: ready")
	press(p, "1", "in a call")
	p.signal(syscall.SIGABRT) // as a service manager whose watchdog was not fed
	<-p.Done()
	if !strings.Contains(p.Log(), "goroutine ") {
		t.Error("a booth that is aborted does not say where it hung")
	}
	clean("after an abort in a call", p)
	if cores, err := filepath.Glob(filepath.Join(home, "*core*")); err != nil || len(cores) != 0 {
		t.Errorf("a core dump was left: %q %v", cores, err)
	}
}
