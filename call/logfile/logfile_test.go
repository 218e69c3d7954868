package logfile

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"nxphone/call/scrub"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestClean: no number and no secret gets to the disk, and the rest does.
func TestClean(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "nxphone.log")
	f := Open(path, Options{})
	var terminal bytes.Buffer
	log := slog.New(Both(slog.NewTextHandler(&terminal, &slog.HandlerOptions{Level: slog.LevelWarn}), f.Handler(slog.LevelInfo))).With("x", "y").WithGroup("g")
	f.Know(scrub.Known{Numbers: []string{"7077"}, Secrets: []string{"open sesame"}})
	log.Info("calling 010-1234-5678", "dn", "7077", "password", "hunter2", "why", "open sesame")
	log.Debug("nobody wants this")
	log.Warn("the line is gone", "status", 503)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	log.Warn("too late")
	_ = f.Close()
	got := read(t, path)
	for _, leak := range []string{"1234", "7077", "hunter2", "sesame", "nobody", "too late"} {
		if strings.Contains(got, leak) {
			t.Errorf("%s is in the file:\n%s", leak, got)
		}
	}
	if !strings.Contains(got, "calling [number]") || !strings.Contains(got, "status=503") || !strings.Contains(got, "x=y") {
		t.Errorf("%s", got)
	}
	if !strings.Contains(terminal.String(), "the line is gone") || strings.Contains(terminal.String(), "calling") {
		t.Errorf("the terminal shows %q", terminal.String())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestKnowAdds: what was said to be nobody's business once stays so when more is
// said, and what is said again and again takes no room.
func TestKnowAdds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nxphone.log")
	f := Open(path, Options{})
	f.Know(scrub.Known{Numbers: []string{"7077"}, Secrets: []string{"open sesame"}, Names: map[string]string{"/home/kim": "~"}})
	f.Know(scrub.Known{Numbers: []string{"1393"}})
	for range 5 { // calls to one number
		f.Know(scrub.Known{Numbers: []string{"109", "1393"}, Secrets: []string{"shazam"}})
	}
	_, _ = f.Write([]byte("to 7077, then 1393 and 109: open sesame, shazam, /home/kim\n"))
	_ = f.Close()
	if got := read(t, path); got != "to [number], then [number] and [number]: [secret], [secret], ~\n" {
		t.Errorf("%q", got)
	}
	if n := len(f.known.Numbers); n != 3 {
		t.Errorf("%d numbers are kept of three", n)
	}
	var many []string
	names := map[string]string{}
	for i := range maxKnown + 50 {
		many = append(many, strconv.Itoa(i))
		names["n"+many[i]] = ""
	}
	f.Know(scrub.Known{Numbers: many[:maxKnown], Names: names})
	f.Know(scrub.Known{Numbers: many[maxKnown-10:], Names: map[string]string{"last": ""}})
	if n := len(f.known.Numbers); n != maxKnown || f.known.Numbers[n-1] != many[len(many)-1] || len(f.known.Names) != maxKnown {
		t.Errorf("%d numbers, %d names", n, len(f.known.Names))
	}
}

// TestBounded: two files of a bounded size, the newest messages among them.
func TestBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nxphone.log")
	line := strings.Repeat("x", 99) + "\n"
	for range 3 { // over several starts
		f := Open(path, Options{Size: 1000})
		for range 20 {
			if _, err := f.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = f.Write([]byte("the last\n"))
		_ = f.Close()
	}
	var all int64
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, name := range Names(path) {
		info, err := os.Stat(name)
		if err != nil || info.Size() > 1000 {
			t.Fatalf("%s: %v, %v", name, info, err)
		}
		all += info.Size()
	}
	if all < 1000 || !strings.HasSuffix(read(t, path), "the last\n") {
		t.Errorf("%d bytes are kept", all)
	}
}

// TestNoDisk: where nothing can be written, that is told once.
func TestNoDisk(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 10)
	f := Open(filepath.Join(dir, "file", "nxphone.log"), Options{Failed: func(err error) { told <- err }})
	for range 3 {
		_, _ = f.Write([]byte("x\n"))
	}
	_ = f.Close()
	var path *fs.PathError
	if err := <-told; !errors.As(err, &path) || len(told) != 0 {
		t.Errorf("%v, and %d more", err, len(told))
	}
}

// TestFull: what does not fit is counted, and nobody waits.
func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nxphone.log")
	f := &File{path: path, o: Options{Size: usualSize}, lines: make(chan []byte, 2), ended: make(chan struct{})}
	f.Know(scrub.Known{})
	for _, s := range []string{"one\n", "two\n", "three\n", "four\n"} {
		_, _ = f.Write([]byte(s))
	}
	go f.run()
	_ = f.Close()
	if got := read(t, path); got != "2 messages did not fit and are lost\none\ntwo\n" {
		t.Errorf("%q", got)
	}
}
