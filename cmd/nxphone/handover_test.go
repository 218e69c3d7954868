package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/assets/text"
)

// maxGreeting bounds what is read of the control socket.
const maxGreeting = 1 << 20

// askControl gives a number to the window behind the control socket, as a native
// program does, and reports whether it was taken.
func askControl(ctx context.Context, tel string) bool {
	path, err := controlPath()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return false
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	const id = 1
	line, err := json.Marshal(map[string]any{"type": "show", "id": id, "tel": tel})
	if err != nil {
		return false
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return false
	}
	// What is told besides (the greeting, events) is not for us.
	in := bufio.NewScanner(io.LimitReader(conn, maxGreeting))
	in.Buffer(nil, maxGreeting)
	for in.Scan() {
		var m struct {
			Type string
			ID   int
			OK   bool
		}
		if json.Unmarshal(in.Bytes(), &m) == nil && m.Type == "result" && m.ID == id {
			return m.OK
		}
	}
	return false
}

// openTestWeb is the web API of a phone with these flags. window: there is one,
// whose part the test plays.
func openTestWeb(t *testing.T, window bool, args ...string) (*web, *webWindow) {
	t.Helper()
	ph := openTestPhone(t, args...)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	p := &program{stdout: new(buffer), stderr: new(buffer), log: slog.New(slog.DiscardHandler), words: text.For(text.English),
		store: ph.store, ports: []int{0}}
	var face webFace
	if window {
		face.window = newWebWindow()
		face.code = face.window.showCode
	}
	w, err := p.newWeb(ph, nil, face)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.drain(); w.close() })
	return w, face.window
}

func TestHandOver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("window", func(t *testing.T) {
		if newShell(t); askControl(t.Context(), "600") {
			t.Error("a number was taken by nobody")
		}
		w, desk := openTestWeb(t, true)
		path, err := controlPath()
		if err != nil {
			t.Fatal(err)
		}
		for name, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
		got := make(chan string, 1)
		for _, tel := range []string{"01012345678", "#31#", "kim"} {
			go func() { got <- <-desk.numbers }()
			if !askControl(t.Context(), tel) || <-got != tel {
				t.Errorf("%q did not arrive", tel)
			}
		}
		// A window that takes nothing: whoever comes opens one of his own.
		if askControl(t.Context(), "600") {
			t.Error("a number was taken by a window that does not look")
		}
		// A second window works by itself, and leaves the first its place.
		_, second := secondWeb(t, w)
		go func() { got <- <-desk.numbers }()
		if !askControl(t.Context(), "601") || <-got != "601" || len(second.numbers) > 0 {
			t.Error("the number did not come to the first window")
		}
		w.drain()
		w.close()
		if askControl(t.Context(), "600") {
			t.Error("a closed phone took a number")
		}
	})
	t.Run("headless", func(t *testing.T) {
		openTestWeb(t, false)
		if askControl(t.Context(), "600") {
			t.Error("a phone without a window took a number")
		}
	})
}

// secondWeb is another web API beside the first, on the same phone.
func secondWeb(t *testing.T, first *web) (*web, *webWindow) {
	t.Helper()
	desk := newWebWindow()
	w := &web{phone: first.phone, store: first.store, log: first.log, audit: first.audit, face: webFace{window: desk}}
	desk.web = w
	w.mu.Lock()
	err := w.start(make([]byte, secretLen))
	w.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.drain(); w.stop(); w.ended.Wait() })
	return w, desk
}

// The socket of a process that died is in nobody's way.
func TestHandOverAfterACrash(t *testing.T) {
	newShell(t)
	dir := os.Getenv("XDG_RUNTIME_DIR")
	w, desk := openTestWeb(t, true)
	w.drain()
	w.close()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	path, err := controlPath()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	_, desk = secondWeb(t, w)
	got := make(chan string, 1)
	go func() { got <- <-desk.numbers }()
	if !askControl(t.Context(), "600") || <-got != "600" {
		t.Error("a dead socket holds the place")
	}
}
