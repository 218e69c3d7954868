package main

import (
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"nxphone/assets/text"
)

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
	w, err := p.newWeb(ph, face)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.drain(); w.close() })
	return w, face.window
}

func TestHandOver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("window", func(t *testing.T) {
		if newShell(t); handOver(t.Context(), "600") {
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
			if !handOver(t.Context(), tel) || <-got != tel {
				t.Errorf("%q did not arrive", tel)
			}
		}
		// A window that takes nothing: whoever comes opens one of his own.
		if handOver(t.Context(), "600") {
			t.Error("a number was taken by a window that does not look")
		}
		// A second window works by itself, and leaves the first its place.
		_, second := secondWeb(t, w)
		go func() { got <- <-desk.numbers }()
		if !handOver(t.Context(), "601") || <-got != "601" || len(second.numbers) > 0 {
			t.Error("the number did not come to the first window")
		}
		w.drain()
		w.close()
		if handOver(t.Context(), "600") {
			t.Error("a closed phone took a number")
		}
	})
	t.Run("headless", func(t *testing.T) {
		openTestWeb(t, false)
		if handOver(t.Context(), "600") {
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
	if !handOver(t.Context(), "600") || <-got != "600" {
		t.Error("a dead socket holds the place")
	}
}

// Whatever has the socket and does not say Yes has not taken the number, and
// holds nobody up.
func TestHandOverWithoutAYes(t *testing.T) {
	for name, says := range map[string]string{
		"goes at once":   "",
		"refuses":        `{"type":"welcome"}` + "\n" + `{"type":"result","id":1,"ok":false,"code":"no-window"}` + "\n",
		"another's":      `{"type":"result","id":2,"ok":true}` + "\n",
		"no end of line": `{"type":"result","id":1,"ok":true`,
		"no JSON":        "ok\n",
		"endless":        strings.Repeat("x", 2*maxGreeting),
		"says nothing":   "wait",
	} {
		newShell(t)
		path, err := controlPath()
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		done := make(chan struct{})
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
			_, _ = io.WriteString(c, says)
		}()
		if handOver(t.Context(), "600") {
			t.Errorf("%s: taken for a Yes", name)
		}
		close(over)
		l.Close()
		<-done
	}
}
