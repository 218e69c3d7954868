//go:build linux

package device_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pulse is a private PulseAudio daemon with the null sinks "phone" and
// "other". What is played to a sink is heard at its source, "phone.monitor".
type pulse struct {
	t      testing.TB
	dir    string
	socket string
	cmd    *exec.Cmd
	log    *bytes.Buffer
	exited chan struct{}
}

// startPulse starts a daemon and points this process at it. It ends with the
// test.
func startPulse(t testing.TB) *pulse {
	t.Helper()
	p := newPulse(t)
	p.start()
	return p
}

// newPulse prepares a daemon that does not run yet.
func newPulse(t testing.TB) *pulse {
	t.Helper()
	if _, err := exec.LookPath("pulseaudio"); err != nil {
		t.Fatal("this test needs pulseaudio (apt-get install pulseaudio): ", err)
	}
	// A socket's path is short (108 bytes), a test's directory may not be.
	dir, err := os.MkdirTemp("", "pa")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &pulse{t: t, dir: dir, socket: filepath.Join(dir, "native")}
	t.Setenv("HOME", dir)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("PULSE_SERVER", "unix:"+p.socket)
	t.Cleanup(p.kill)
	return p
}

func (p *pulse) start() {
	p.t.Helper()
	sink := func(name string) string {
		return "module-null-sink sink_name=" + name + " rate=48000 channels=2 format=s16le" +
			" sink_properties=device.description=" + strings.ToUpper(name)
	}
	p.log = &bytes.Buffer{}
	// It ends by itself when a test dies and leaves it alone.
	p.cmd = exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=60", "--use-pid-file=no",
		"--disable-shm=no", "--realtime=no", "--high-priority=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+p.socket,
		"-L", sink("phone"), "-L", sink("other"))
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS=disabled:")
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	exited := make(chan struct{})
	p.exited = exited
	cmd := p.cmd
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	p.t.Log("pulseaudio runs")
	eventually(p.t, 20*time.Second, "pulseaudio listens", func() bool {
		select {
		case <-exited:
			p.t.Fatalf("pulseaudio ended at once:\n%s", p.log)
		default:
		}
		conn, err := net.Dial("unix", p.socket)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
	p.pactl("set-default-sink", "phone")
}

// pactl runs one command on the daemon and gives its output.
func (p *pulse) pactl(args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "pactl", args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("pactl %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// unload removes the sink that has been loaded under this name.
func (p *pulse) unload(sink string) {
	p.t.Helper()
	for line := range strings.Lines(p.pactl("list", "short", "modules")) {
		if strings.Contains(line, "sink_name="+sink+" ") {
			p.pactl("unload-module", strings.Fields(line)[0])
			return
		}
	}
	p.t.Fatalf("no sink %q", sink)
}

func (p *pulse) signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("signal %v: %v", s, err)
	}
}

// kill ends the daemon, whatever it does, and waits until it is gone.
func (p *pulse) kill() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Kill() // fails when it is gone already
	<-p.exited
	os.Remove(p.socket)
}
