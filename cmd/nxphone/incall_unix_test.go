//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nxphone/ui/present"
)

// marker is another phone of this user, with a call while on.
type marker struct {
	t    *testing.T
	busy chan bool
}

func newMarker(t *testing.T) *marker {
	t.Helper()
	dir, err := runtimeFolder()
	if err != nil {
		t.Fatal(err)
	}
	m := &marker{t, make(chan bool)}
	done := make(chan error, 1)
	go func() { done <- mark(filepath.Join(dir, callMark), m.busy) }()
	t.Cleanup(func() {
		close(m.busy)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return m
}

// call begins or ends a call, and waits until it can be seen.
func (m *marker) call(on bool) {
	m.t.Helper()
	m.busy <- on
	eventually(m.t, func() bool { return inCall() == on })
}

// eventually tries again and again.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-limit:
			t.Fatal("it never comes true")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestUpdateCommandInACall: in a call of another phone nobody is asked and nothing
// offered; afterwards it goes on.
func TestUpdateCommandInACall(t *testing.T) {
	b := newPublisher(t)
	b.publish("99.1.0", "tar")
	ask := func(args ...string) (code int, out, errs string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		code = run(t.Context(), append([]string{"update", "--lang", "en"}, args...), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	if code, out, errs := ask(); code != exitOK || errs != "" {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	m, second := newMarker(t), newMarker(t)
	m.call(true)
	second.call(true)
	b.publish("99.2.0", "tar")
	dir := filepath.Join(t.TempDir(), "new")
	for _, args := range [][]string{nil, {"--download", dir}} {
		if code, out, errs := ask(args...); code != exitFailed || out != "" || !strings.Contains(errs, "A call is going on. Ask again when it is over.") {
			t.Errorf("%q: %d %q %q", args, code, out, errs)
		}
	}
	if code, out, _ := ask("--json"); code != exitFailed || !strings.Contains(out, `"error": "call"`) || !strings.Contains(out, `"newer": false`) {
		t.Errorf("%d %s", code, out)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was downloaded")
	}
	m.busy <- false // there is still the other one's
	if code, _, _ := ask(); code != exitFailed {
		t.Errorf("one of two has ended: %d", code)
	}
	second.call(false)
	if code, out, errs := ask(); code != exitOK || !strings.Contains(out, "99.2.0") {
		t.Errorf("%d %q %q", code, out, errs)
	}
}

// TestCallsAreMarked: a real call is seen, from its beginning to its end.
func TestCallsAreMarked(t *testing.T) {
	s := newShell(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.stdout, s.stderr = buffer{grew: make(chan struct{}, 1)}, buffer{grew: make(chan struct{}, 1)}
	done := make(chan int, 1)
	if inCall() {
		t.Fatal("there is a call before there is one")
	}
	go func() { done <- run(ctx, []string{"call", "--demo", "--audio", "null", "605"}, &s.stdout, &s.stderr) }()
	eventually(t, inCall) // it rings
	cancel()
	<-done
	if inCall() {
		t.Errorf("there is a call after its end: %s", s.stderr.String())
	}
}

// TestMarkOfNobody: what is no mark is none, and holds nobody up.
func TestMarkOfNobody(t *testing.T) {
	newShell(t)
	dir, err := runtimeFolder()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, callMark)
	for name, make := range map[string]func() error{
		"nothing": func() error { return nil },
		"a file":  func() error { return os.WriteFile(path, nil, 0o600) },
		"a link":  func() error { return errors.Join(os.Remove(path), os.Symlink("/nonexistent", path)) },
		"a pipe":  func() error { return errors.Join(os.RemoveAll(path), syscall.Mkfifo(path, 0o600)) },
		"folder":  func() error { return errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700)) },
	} {
		_ = os.WriteFile(path, nil, 0o600)
		if err := make(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if inCall() {
			t.Errorf("%s is taken for a call", name)
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEither: nothing is said before both have spoken, and then what either says.
func TestEither(t *testing.T) {
	said := func(c <-chan bool) func(context.Context) iter.Seq[bool] {
		return func(ctx context.Context) iter.Seq[bool] {
			return func(yield func(bool) bool) {
				for {
					select {
					case on := <-c:
						if !yield(on) {
							return
						}
					case <-ctx.Done():
						return
					}
				}
			}
		}
	}
	a, b := make(chan bool), make(chan bool)
	got := make(chan bool)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for on := range either(said(a), said(b))(ctx) {
			got <- on
		}
	})
	a <- false
	b <- false
	all := []bool{<-got}
	for _, s := range []struct {
		c  chan bool
		on bool
	}{{a, true}, {b, true}, {a, false}, {b, false}} {
		s.c <- s.on
		all = append(all, <-got)
	}
	if !slices.Equal(all, []bool{false, true, true, true, false}) {
		t.Errorf("%v", all)
	}
	cancel()
	wg.Wait()
}

// TestUpdateInACallElsewhere: the window's question waits for another phone's call
// too, and says so.
func TestUpdateInACallElsewhere(t *testing.T) {
	b := newPublisher(t)
	b.publish("99.1.0", "msi-user")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"update"}, &stdout, &stderr); code != exitOK {
		t.Fatal(stderr.String())
	}
	r := newUpdatesRig(t)
	r.mu.Lock()
	r.elsewhere = inCall
	r.mu.Unlock()
	r.busy <- false
	r.until("99.1.0", present.UpdateKnown)
	r.Go()
	r.until("99.1.0", present.UpdateReady)
	m := newMarker(t)
	m.call(true)
	r.Go()
	u := r.until("99.1.0", present.UpdateReady)
	if got := u.Banner(r.p.words).Help; got != "A call is going on. Ask again when it is over." {
		t.Errorf("told %q", got)
	}
	if len(r.installed) != 0 {
		t.Error("it was installed in a call")
	}
	m.call(false)
	r.Go()
	<-r.installed
	<-r.left
}
