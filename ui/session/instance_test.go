//go:build linux

package session

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// first claims the place of "w" in dir and answers others until the test ends.
func first(t *testing.T, dir string, show func(string) bool) *First {
	t.Helper()
	f, err := Claim(Env{}, dir, "w")
	if err != nil {
		t.Fatal(err)
	}
	answering(t, f, show)
	return f
}

func answering(t *testing.T, f *First, show func(string) bool) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Run(show)
	}()
	t.Cleanup(func() {
		f.Close()
		<-done
	})
}

func TestInstance(t *testing.T) {
	dir := filepath.Join(runDir(t), "nxphone")
	shown := make(chan string, 8)
	f := first(t, dir, func(n string) bool { shown <- n; return true })
	f.Opened()
	for name, mode := range map[string]os.FileMode{"": 0o700, "w.lock": 0o600, "w.sock": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v", name, info.Mode(), err)
		}
	}
	for _, n := range []string{"", "01012345678", "#31#"} {
		if second, err := Enter(t.Context(), Env{}, dir, "w", n); err != nil || second != nil {
			t.Fatalf("%q: %v, %v", n, second, err)
		}
		if got := next(t, "number", shown); got != n {
			t.Errorf("%q arrives as %q", n, got)
		}
	}
	// Another name is another phone.
	other, err := Enter(t.Context(), Env{}, dir, "other", "")
	if err != nil || other == nil {
		t.Fatalf("another phone: %v, %v", other, err)
	}
	other.Close()
	f.Close()
	again, err := Enter(t.Context(), Env{}, dir, "w", "600")
	if err != nil || again == nil {
		t.Fatalf("after the first has ended: %v, %v", again, err)
	}
	again.Close()
	if entries, _ := filepath.Glob(filepath.Join(dir, "*.sock")); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

// A refusal, and a window that never comes, are no Yes.
func TestInstanceThatRefuses(t *testing.T) {
	dir := runDir(t)
	f := first(t, dir, func(string) bool { return false })
	f.Opened()
	if second, err := Enter(t.Context(), Env{}, dir, "w", "600"); second != nil || !errors.Is(err, ErrNoAnswer) {
		t.Errorf("%v, %v", second, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if second, err := Enter(ctx, Env{}, dir, "w", "600"); second != nil || err == nil {
		t.Errorf("of one that was told to end: %v, %v", second, err)
	}
}

// Whoever starts while the window is being opened waits for it, and takes its
// place where it does not come.
func TestInstanceThatIsOpening(t *testing.T) {
	dir := runDir(t)
	shown := make(chan string, 8)
	f := first(t, dir, func(n string) bool { shown <- n; return true })
	type entered struct {
		first *First
		err   error
	}
	results := make(chan entered, 2)
	enter := func(n string) {
		one, err := Enter(t.Context(), Env{}, dir, "w", n)
		results <- entered{one, err}
	}
	go enter("600")
	go enter("601")
	if len(shown)+len(results) > 0 {
		t.Error("shown before the window was there")
	}
	f.Opened()
	got := next(t, "number", shown) + " " + next(t, "number", shown)
	if !strings.Contains(got, "600") || !strings.Contains(got, "601") {
		t.Errorf("shown: %s", got)
	}
	for range 2 {
		if r := next(t, "end", results); r.first != nil || r.err != nil {
			t.Errorf("%+v", r)
		}
	}
	f.Close()

	f = first(t, dir, func(string) bool { return true })
	conn, err := net.Dial("unix", socketPath(dir, "w"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := writeLine(conn, question{"602"}); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, `"opening":true`) {
		t.Fatalf("%q, %v", line, err)
	}
	go enter("602")
	f.Close() // no window could be opened
	r := next(t, "end", results)
	if r.first == nil || r.err != nil {
		t.Fatalf("nobody opens a window: %+v", r)
	}
	r.first.Close()
}

// Of many that start at the same moment one is the first, and all others reach
// it.
func TestInstancesAtTheSameMoment(t *testing.T) {
	dir := runDir(t)
	const many = 24
	shown := make(chan string, many)
	firsts := make(chan *First, many)
	var wg sync.WaitGroup
	for range many {
		wg.Go(func() {
			f, err := Enter(t.Context(), Env{}, dir, "w", "600")
			switch {
			case err != nil:
				t.Error(err)
			case f != nil:
				firsts <- f
				answering(t, f, func(n string) bool { shown <- n; return true })
				f.Opened()
			}
		})
	}
	wg.Wait()
	if len(firsts) != 1 || len(shown) != many-1 {
		t.Errorf("%d first instances, %d handed over", len(firsts), len(shown))
	}
}

// A process that was killed is in nobody's way, although its socket lies there.
func TestInstanceAfterAKill(t *testing.T) {
	dir := runDir(t)
	cmd := child(t, "first", "first", "XDG_RUNTIME_DIR="+dir)
	if _, err := Claim(Env{}, dir, "w"); !errors.Is(err, ErrTaken) {
		t.Fatalf("beside another process: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := os.Stat(socketPath(dir, "w")); err != nil {
		t.Fatal("it took its socket along: this test tests nothing")
	}
	shown := make(chan string, 1)
	f, err := Enter(t.Context(), Env{}, dir, "w", "600")
	if err != nil || f == nil {
		t.Fatalf("%v, %v", f, err)
	}
	answering(t, f, func(n string) bool { shown <- n; return true })
	f.Opened()
	if second, err := Enter(t.Context(), Env{}, dir, "w", "601"); second != nil || err != nil || next(t, "number", shown) != "601" {
		t.Errorf("the next one: %v, %v", second, err)
	}
}

// Whatever has the socket and does not say Yes has taken nothing, and holds
// nobody up.
func TestHandOverWithoutAYes(t *testing.T) {
	for name, says := range map[string]string{
		"goes at once":   "",
		"refuses":        `{"ok":false}` + "\n",
		"no end of line": `{"ok":true}`,
		"no JSON":        "ok\n",
		"endless":        strings.Repeat("x", 2*maxLine),
		"opens for ever": strings.Repeat(`{"opening":true,"ok":false}`+"\n", maxLine/20),
		"says nothing":   "wait",
	} {
		dir := runDir(t)
		l, err := net.Listen("unix", socketPath(dir, "w"))
		if err != nil {
			t.Fatal(err)
		}
		over, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			if says == "wait" {
				<-over
				return
			}
			_, _ = bufio.NewReader(c).ReadString('\n')
			_, _ = io.WriteString(c, says)
		}()
		if err := HandOver(t.Context(), dir, "w", "600"); err == nil {
			t.Errorf("%s: taken for a Yes", name)
		}
		close(over)
		l.Close()
		<-done
	}
	if err := HandOver(t.Context(), runDir(t), "w", "600"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("nobody is there: %v", err)
	}
}

// What comes over the socket is looked at, whoever sends it.
func TestInstanceIsAskedNonsense(t *testing.T) {
	dir := runDir(t)
	shown := make(chan string, 8)
	f := first(t, dir, func(n string) bool { shown <- n; return true })
	f.Opened()
	for _, line := range []string{"", "\n", "{}x\n", "[]\n", `{"show":1}` + "\n", strings.Repeat("x", 2*maxLine), `{"show":"600"}`} {
		conn, err := net.Dial("unix", socketPath(dir, "w"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, line)
		_ = conn.(*net.UnixConn).CloseWrite()
		if got, _ := io.ReadAll(conn); strings.Contains(string(got), "true") {
			t.Errorf("%.20q was answered with %s", line, got)
		}
		conn.Close()
	}
	if len(shown) > 0 {
		t.Errorf("shown: %q", <-shown)
	}
}

// Another user is not talked to, on either side.
func TestInstanceOfAnotherUser(t *testing.T) {
	dir := runDir(t)
	shown := make(chan string, 8)
	f, err := Claim(Env{}, dir, "w")
	if err != nil {
		t.Fatal(err)
	}
	f.uid++ // ours is another's now
	answering(t, f, func(n string) bool { shown <- n; return true })
	f.Opened()
	if err := HandOver(t.Context(), dir, "w", "600"); !errors.Is(err, ErrNoAnswer) || len(shown) > 0 {
		t.Errorf("another user was let in: %v", err)
	}
	conn, err := net.Dial("unix", socketPath(dir, "w"))
	if err != nil {
		t.Fatal(err)
	}
	if err := handOver(t.Context(), conn, os.Getuid()+1, "600"); err == nil || errors.Is(err, ErrNoAnswer) {
		t.Errorf("another user was asked: %v", err)
	}
	// A folder that others can write to is no place for a socket.
	open := filepath.Join(runDir(t), "open")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o777)); err != nil {
		t.Fatal(err)
	}
	if _, err := Claim(Env{}, open, "w"); err == nil || errors.Is(err, ErrTaken) {
		t.Errorf("claimed where anybody can write: %v", err)
	}
	if os.Getuid() != 0 {
		return // only root can be two users
	}
	dir = runDir(t)
	first(t, dir, func(n string) bool { shown <- n; return true }).Opened()
	for name, mode := range map[string]os.FileMode{dir: 0o777, socketPath(dir, "w"): 0o777} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	// The test's binary lies where others cannot read.
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := os.WriteFile(bin, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin)
	cmd.Dir = "/"
	cmd.Env = []string{childVar + "=knock", "XDG_RUNTIME_DIR=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "<nil>") || !strings.Contains(string(out), "another user") || len(shown) > 0 {
		t.Errorf("user 65534 knocks: %v\n%s", err, out)
	}
}
