package profile

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"
)

// helperVar makes the test binary do one thing with the real keyring and end:
// the D-Bus client keeps one connection and reads its environment once for the
// whole process.
const helperVar = "NXPHONE_TEST_KEYRING"

func TestMain(m *testing.M) {
	if script := os.Getenv(helperVar); script != "" {
		os.Exit(helper(strings.Fields(script)))
	}
	goleak.VerifyTestMain(m)
}

// helper runs words of the form get:ACCOUNT, set:ACCOUNT=SECRET and
// delete:ACCOUNT, and prints the outcome of each on a line.
func helper(words []string) int {
	k := NewKeyring()
	if os.Getenv(helperVar+"_TIMEOUT") != "" {
		k.timeout, _ = time.ParseDuration(os.Getenv(helperVar + "_TIMEOUT"))
	}
	for _, w := range words {
		op, arg, _ := strings.Cut(w, ":")
		account, secret, _ := strings.Cut(arg, "=")
		var out string
		var err error
		began := time.Now()
		switch op {
		case "get":
			out, err = k.Get(context.Background(), account)
		case "set":
			err = k.Set(context.Background(), account, secret)
		case "delete":
			err = k.Delete(context.Background(), account)
		}
		if err != nil {
			out = string(CodeOf(err))
		}
		fmt.Printf("%s %s\n", op, out)
		fmt.Fprintln(os.Stderr, op, time.Since(began), err)
	}
	return 0
}

// runHelper runs the helper by a shell script in which "$T" is the test
// binary, with a home and a runtime directory of its own.
func runHelper(t *testing.T, home, script, words string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.WaitDelay = time.Second
	// The runtime directory holds sockets, whose paths must be short.
	run, err := os.MkdirTemp("", "kr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + run, "T=" + self,
		helperVar + "=" + words}, env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	// A daemon that the bus has started may hold our pipes a little longer than
	// the script, which has ended well then.
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%v\n%s%s", err, out, &stderr)
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("%s", &stderr)
	}
	return strings.TrimSpace(string(out))
}

// unlocked starts a keyring daemon on a bus of its own, with the password "pw".
const unlocked = `exec dbus-run-session -- sh -c 'printf "pw\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$T"'`

func TestRealKeyring(t *testing.T) {
	home := t.TempDir()
	got := runHelper(t, home, unlocked,
		"get:1001@lab set:1001@lab=s3cret get:1001@lab set:1001@lab=other get:1001@lab get:1002@lab delete:1001@lab delete:1001@lab get:1001@lab set:keep@lab=kept")
	want := "get no-password\nset \nget s3cret\nset \nget other\nget no-password\ndelete \ndelete \nget no-password\nset"
	if got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	// A daemon started later on the same home still has it.
	if got := runHelper(t, home, unlocked, "get:keep@lab"); got != "get kept" {
		t.Errorf("after a restart: %q", got)
	}
	// Locked, and nobody there to type the password.
	got = runHelper(t, home, `exec dbus-run-session -- sh -c 'gnome-keyring-daemon --start --components=secrets >/dev/null; exec "$T"'`, "get:keep@lab")
	if got != "get "+string(CodeKeyringLocked) && got != "get "+string(CodeKeyringTimeout) {
		t.Errorf("locked: %q", got)
	}
}

func TestBusWithoutKeyring(t *testing.T) {
	// A bus whose only service directory is empty: nothing to activate.
	home := t.TempDir()
	conf := filepath.Join(home, "session.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runHelper(t, home, `exec dbus-run-session --config-file="$HOME/session.conf" -- "$T"`, "get:a@b set:a@b=c")
	if got != "get no-keyring\nset no-keyring" {
		t.Error(got)
	}
}

func TestNoBus(t *testing.T) {
	// Anything called dbus-launch first in the path would be started by the
	// client's autolaunch, and leaves a trace here.
	home := t.TempDir()
	trap := filepath.Join(home, "dbus-launch")
	if err := os.WriteFile(trap, []byte("#!/bin/sh\ntouch \"$HOME/launched\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "autolaunch:", "autolaunch:scope=user"} {
		got := runHelper(t, home, `PATH="$HOME:$PATH" exec "$T"`, "get:a@b set:a@b=c delete:a@b", "DBUS_SESSION_BUS_ADDRESS="+address)
		if got != "get no-keyring\nset no-keyring\ndelete no-keyring" {
			t.Errorf("%q: %s", address, got)
		}
	}
	if _, err := os.Stat(filepath.Join(home, "launched")); err == nil {
		t.Error("a bus was launched")
	}
}

func TestBusThatNeverAnswers(t *testing.T) {
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close() // held open and mute until the test ends
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	began := time.Now()
	// The second one must be freed as well, though the first still hangs.
	got := runHelper(t, t.TempDir(), `exec "$T"`, "get:a@b set:a@b=c", "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(dir, "bus"),
		helperVar+"_TIMEOUT=200ms")
	if got != "get keyring-timeout\nset keyring-timeout" {
		t.Error(got)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// fake is a keyring whose operations are functions.
type fake struct {
	keyring.Keyring
	get func(account string) (string, error)
}

func (f fake) Get(_, account string) (string, error) { return f.get(account) }

func here() error { return nil }

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		k := newKeyring(here, fake{get: func(string) (string, error) { <-release; return "late", nil }}, keyringTimeout)
		began := time.Now()
		if v, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrKeyringTimeout) || v != "" {
			t.Errorf("hanging: %q, %v", v, err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("gave up after %v", took)
		}
		// Behind it: bounded as well, and no second goroutine hangs.
		if _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrKeyringTimeout) {
			t.Errorf("second: %v", err)
		}
		// The caller's own deadline counts where it has one.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(40*time.Second, func() { close(release) })
		if v, err := k.Get(ctx, "a"); err != nil || v != "late" {
			t.Errorf("with a longer deadline: %q, %v", v, err)
		}
		// A caller that goes away is told so, not that the keyring is slow.
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		block := make(chan struct{})
		defer close(block)
		k = newKeyring(here, fake{get: func(string) (string, error) { <-block; return "", nil }}, keyringTimeout)
		if _, err := k.Get(gone, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestClassification(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Code
	}{
		{keyring.ErrNotFound, CodeNoPassword},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), CodeKeyringLocked},
		{errors.New("The name org.freedesktop.secrets was not provided by any .service files"), CodeNoKeyring},
		{errors.New("read unix @->/run/bus: EOF"), CodeNoKeyring},
	} {
		k := newKeyring(here, fake{get: func(string) (string, error) { return "x", c.err }}, keyringTimeout)
		if v, err := k.Get(t.Context(), "a"); CodeOf(err) != c.want || v != "" {
			t.Errorf("%v: %q, %v", c.err, v, err)
		}
	}
	k := newKeyring(here, fake{get: func(string) (string, error) { var v any; return v.(string), nil }}, keyringTimeout)
	for range 2 { // a panic must not keep the turn
		if _, err := k.Get(t.Context(), "a"); CodeOf(err) != CodeNoKeyring {
			t.Errorf("panic: %v", err)
		}
	}
}

func TestPassword(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "pw")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	k := newKeyring(here, fake{get: func(account string) (string, error) { return "of " + account, nil }}, keyringTimeout)
	for _, c := range []struct {
		name string
		s    Settings
		k    *Keyring
		want string
		code Code
	}{
		{"file", Settings{PasswordFile: write("s3cret\n"), User: "u"}, k, "s3cret", ""},
		{"file without a line end", Settings{PasswordFile: write("s3cret")}, nil, "s3cret", ""},
		{"file with blanks and a second line", Settings{PasswordFile: write(" a b \r\nnote\n")}, nil, " a b ", ""},
		{"empty file", Settings{PasswordFile: write("\n")}, k, "", CodePasswordFile},
		{"long file", Settings{PasswordFile: write(strings.Repeat("x", 5000))}, k, "", CodePasswordFile},
		{"no such file", Settings{PasswordFile: filepath.Join(t.TempDir(), "none")}, k, "", CodePasswordFile},
		{"keyring by user", Settings{User: "u", DN: "1000", Realm: "r"}, k, "of u@r", ""},
		{"keyring by extension", Settings{DN: "1000", Realm: "r"}, k, "of 1000@r", ""},
		{"nobody", Settings{Realm: "r"}, k, "", CodeNoPassword},
		{"no keyring", Settings{User: "u"}, nil, "", CodeNoPassword},
	} {
		got, err := Password(t.Context(), c.s, c.k)
		if got != c.want || CodeOf(err) != c.code {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}
