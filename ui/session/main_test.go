//go:build linux

package session

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

// childVar makes the test binary play the program of one test and end.
const childVar = "NXPHONE_TEST_SESSION"

func TestMain(m *testing.M) {
	switch os.Getenv(childVar) {
	case "awake":
		a := NewAwake(Env{}, "child", func() string { return "a call is up" })
		a.Hold(true)
		a.Run(context.Background())
		os.Exit(1)
	case "first":
		f, err := Claim(Env{}, os.Getenv("XDG_RUNTIME_DIR"), "w")
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("first")
		f.Run(func(string) bool { return true })
		os.Exit(1)
	case "knock":
		fmt.Println(HandOver(context.Background(), os.Getenv("XDG_RUNTIME_DIR"), "w", "600"))
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// patience bounds every wait for a real program.
const patience = time.Minute

// start runs a program until the test ends.
func start(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (packaging/deps test installs what tests need)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// child runs this binary as the program of a test and waits for its first line,
// where want is not empty.
func child(t *testing.T, what, want string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), childVar+"="+what), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	if want == "" {
		return cmd
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != want {
		t.Fatalf("the other process says %q (%v), not %q", line, err, want)
	}
	return cmd
}

// runDir is a folder for sockets, whose paths must be short.
func runDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// environment is a session's, made of "NAME=VALUE".
func environment(list ...string) Env {
	return Env{Getenv: func(name string) string {
		for _, e := range list {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return ""
	}}
}

// startBus runs a dbus-daemon of the test's own and gives its address.
func startBus(t *testing.T) (address string) {
	t.Helper()
	dir := runDir(t)
	conf := filepath.Join(dir, "bus.conf")
	// What a session's daemon allows, without the services that it would start.
	err := os.WriteFile(conf, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=`+dir+`/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-daemon", "--nofork", "--print-address=1", "--config-file="+conf)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = new(strings.Builder) // root without rights is told so
	start(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus tells no address: %v", err)
	}
	return strings.TrimSpace(line)
}

// service is a connection for a service that the test plays.
func service(t *testing.T, address string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// own takes a well-known name.
func own(t *testing.T, conn *dbus.Conn, name string) {
	t.Helper()
	if r, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%s: %v, %v", name, r, err)
	}
}

// left gives the names of those who leave the bus.
func left(t *testing.T, address string) <-chan string {
	t.Helper()
	conn := service(t, address)
	if err := conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged")); err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	gone := make(chan string, 64)
	go func() {
		for s := range signals {
			if len(s.Body) == 3 && s.Body[2] == "" {
				gone <- s.Body[0].(string)
			}
		}
	}()
	return gone
}

// running runs a part until the test ends, or until stop.
func running(t *testing.T, run func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("a part does not end with its context")
		}
	}
	t.Cleanup(stop)
	return stop
}

// next takes from a channel, and fails where nothing comes.
func next[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
	}
	panic("not reached")
}

// until waits for a condition of the world outside.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// startScreen runs an Xvfb and gives its display.
func startScreen(t *testing.T, args ...string) (name string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("Xvfb", append([]string{"-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-noreset"}, args...)...)
	cmd.ExtraFiles = []*os.File{write}
	cmd.Stderr = new(strings.Builder) // the keyboard's compiler warns
	start(t, cmd)
	write.Close()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb tells no display: %v", err)
	}
	return ":" + strings.TrimSpace(line)
}

// startManager runs openbox on a display and waits until it manages.
func startManager(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("openbox", "--sm-disable")
	cmd.Env = []string{"DISPLAY=" + name, "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	cmd.Stderr = os.Stderr
	start(t, cmd)
	d := screen(t, name)
	until(t, "openbox manages the screen", d.managed)
}

// screen is the test's own connection.
func screen(t *testing.T, name string) *display {
	t.Helper()
	d, err := openX11(environment("DISPLAY=" + name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}
