package systemd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func listen(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSend(t *testing.T) {
	names := []string{filepath.Join(t.TempDir(), "notify")}
	if runtime.GOOS == "linux" { // abstract sockets are Linux's own
		names = append(names, fmt.Sprintf("@nxphone-test-%d", os.Getpid()))
	}
	for _, name := range names {
		manager := listen(t, name)
		n := New(env("NOTIFY_SOCKET", name))
		if err := n.Send("READY=1", "STATUS=two\nlines\x00"); err != nil {
			t.Fatal(name, err)
		}
		buf := make([]byte, 1000)
		k, err := manager.Read(buf)
		if got := string(buf[:k]); err != nil || got != "READY=1\nSTATUS=two lines " {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestNoManager(t *testing.T) {
	for _, name := range []string{"", "vsock:2:1234", "relative/path"} {
		if err := New(env("NOTIFY_SOCKET", name)).Send("READY=1"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := New(env("NOTIFY_SOCKET", "/nowhere/at/all")).Send("READY=1"); err == nil {
		t.Error("a socket that is not there takes a message")
	}
}

func TestInterval(t *testing.T) {
	for _, tt := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"30000000", "", 30 * time.Second}, {"30000000", "7", 30 * time.Second}, {"30000000", "8", 0}, {"30000000", "seven", 0},
		{"", "", 0}, {"", "7", 0}, {"0", "", 0}, {"-5", "", 0}, {"1s", "", 0}, {"99999999999999999999", "", 0}, {"9000000000000000000", "", 0},
	} {
		if got := Interval(env("WATCHDOG_USEC", tt.usec, "WATCHDOG_PID", tt.pid), 7); got != tt.want {
			t.Errorf("%q for %q: %v, want %v", tt.usec, tt.pid, got, tt.want)
		}
	}
}

// Each part in turn stops answering: the feeds stop with it, and go on when it
// answers again. The others are not asked twice meanwhile.
func TestWatchdog(t *testing.T) {
	names := []string{"window", "engine", "flow"}
	for hung := range names {
		t.Run(names[hung], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var feeds, calls atomic.Int32
				var hang atomic.Bool
				wake := make(chan struct{})
				w := Watchdog{Every: 20 * time.Second, feed: func() { feeds.Add(1) }}
				for i, name := range names {
					w.Parts = append(w.Parts, Part{name, func(ctx context.Context) error {
						if i != hung {
							return errors.New("broken, but alive")
						}
						calls.Add(1)
						if hang.Load() {
							select {
							case <-wake:
							case <-ctx.Done():
							}
						}
						return nil
					}})
				}
				ctx, cancel := context.WithCancel(context.Background())
				done := make(chan struct{})
				go func() { w.Run(ctx); close(done) }()
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if n := feeds.Load(); n < 119 || n > 122 { // one each five seconds
					t.Errorf("%d feeds in ten minutes", n)
				}
				hang.Store(true)
				time.Sleep(6 * time.Second)
				synctest.Wait()
				feeds.Store(0)
				calls.Store(0)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if feeds.Load() != 0 || calls.Load() != 0 {
					t.Errorf("%d feeds, %d more questions while %s hangs", feeds.Load(), calls.Load(), names[hung])
				}
				hang.Store(false)
				close(wake)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if feeds.Load() == 0 {
					t.Error("no feed after it answers again")
				}
				cancel()
				<-done
			})
		})
	}
}
