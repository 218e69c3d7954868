package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"iter"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call/update"
	"nxphone/ui/present"
)

// publisher is a folder of releases behind a real HTTPS server, signed by
// Debian's minisign, and what the settings say of it.
type publisher struct {
	t        *testing.T
	dir      string // what is served
	url, key string
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	quietHome(t)
	b := &publisher{t: t, dir: t.TempDir()}
	server := httptest.NewUnstartedServer(http.FileServer(http.Dir(b.dir)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	b.write(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	keys := t.TempDir()
	b.key = filepath.Join(keys, "key")
	b.minisign("-G", "-W", "-p", b.key+".pub", "-s", b.key)
	public, err := os.ReadFile(b.key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	b.url = server.URL + "/feed.json"
	t.Setenv("NXPHONE_CA", ca)
	t.Setenv("NXPHONE_UPDATE_URL", b.url)
	old := updateKeys
	updateKeys = strings.Fields(string(public))[len(strings.Fields(string(public)))-1]
	t.Cleanup(func() { updateKeys = old })
	return b
}

func (b *publisher) minisign(args ...string) {
	b.t.Helper()
	if out, err := exec.Command("minisign", args...).CombinedOutput(); err != nil {
		b.t.Fatalf("minisign (packaging/deps test installs it): %v\n%s", err, out)
	}
}

func (b *publisher) write(path string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// put serves a signed file.
func (b *publisher) put(name string, data []byte, comment string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	b.write(path, data)
	b.minisign("-S", "-s", b.key, "-m", path, "-t", comment)
	return path
}

func (b *publisher) publish(v, kind string) {
	b.t.Helper()
	data := []byte(strings.Repeat("installer "+v+"\n", 1000))
	sum := sha256.Sum256(data)
	target := runtimeTarget()
	system, arch, _ := strings.Cut(target, "/")
	name := "nxphone-" + v + ".bin"
	b.put(name, data, "nxphone "+v+" "+target)
	feed, err := json.Marshal(update.Feed{
		Format: 1, Version: update.Version(v), Date: time.Now(), Expires: time.Now().Add(time.Hour),
		Files: []update.File{{Name: name, Kind: kind, OS: system, Arch: arch, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}},
		Notes: map[string]string{"ko": "더 조용합니다.", "en": "It is quieter."},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.put("feed.json", feed, "nxphone "+v+" feed")
}

// TestUpdateCommand: what is said and the status, in both languages.
func TestUpdateCommand(t *testing.T) {
	b := newPublisher(t)
	b.publish("99.1.0", "tar")
	ask := func(want int, args ...string) (out, errs string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append([]string{"update"}, args...), &stdout, &stderr); code != want {
			t.Errorf("%q: exit status %d\n%s%s", args, code, stdout.String(), stderr.String())
		}
		if strings.ContainsAny(stdout.String(), "{}") && !strings.HasPrefix(stdout.String(), "{") {
			t.Errorf("a blank: %s", stdout.String())
		}
		return stdout.String(), stderr.String()
	}
	for lang, want := range map[string][]string{
		"en": {"Version 99.1.0 is available; this is " + version, "It is quieter.", "nxphone update --verify FILE"},
		"ko": {"새 버전(99.1.0)이 있습니다", "더 조용합니다.", "nxphone update --verify FILE"},
	} {
		out, errs := ask(exitOK, "--lang", lang)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in %s", lang, w, out)
			}
		}
		if errs != "" {
			t.Errorf("%s: %s", lang, errs)
		}
	}
	out, _ := ask(exitOK, "--json")
	var got struct {
		Installed, Newest, Error string
		Newer                    bool
		File                     *update.File
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Installed != version || got.Newest != "99.1.0" || !got.Newer || got.File == nil || got.Error != "" {
		t.Errorf("%v: %s", err, out)
	}
	dir := t.TempDir()
	if out, _ := ask(exitOK, "--lang", "en", "--download", dir); !strings.Contains(out, filepath.Join(dir, "nxphone-99.1.0.bin")) {
		t.Errorf("%s", out)
	}
	file := filepath.Join(dir, "nxphone-99.1.0.bin")
	if out, _ := ask(exitOK, "--lang", "en", "--verify", file); out != "The file is genuine: nxphone 99.1.0 for "+runtimeTarget()+".\n" {
		t.Errorf("%s", out)
	}
	old := b.put("old.bin", []byte("old"), "nxphone 0.0.1 linux/amd64")
	if _, errs := ask(exitFailed, "--lang", "en", "--verify", old); !strings.Contains(errs, "older than what was seen") {
		t.Errorf("%s", errs)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[7] ^= 1
	b.write(file, data)
	for lang, want := range map[string]string{"en": "Do not install it", "ko": "설치하지 말고"} {
		if out, errs := ask(exitFailed, "--lang", lang, "--verify", file); !strings.Contains(errs, want) || out != "" {
			t.Errorf("%s %s", out, errs)
		}
	}
	if out, _ := ask(exitFailed, "--json", "--verify", file); !strings.Contains(out, `"genuine": false`) || !strings.Contains(out, `"error": "signature"`) {
		t.Errorf("%s", out)
	}
	b.publish("99.0.0", "tar") // what an attacker with an old feed would serve
	if out, errs := ask(exitFailed, "--lang", "en"); !strings.Contains(errs, "older than what was seen") || !strings.Contains(out, "99.1.0") {
		t.Errorf("%s %s", out, errs)
	}
	ask(exitUsage, "--verify", file, "--download", dir)
	ask(exitUsage, "now")
	t.Setenv("NXPHONE_UPDATE_URL", "")
	if out, errs := ask(exitFailed, "--lang", "en"); !strings.Contains(errs, "update-url") || out != "" {
		t.Errorf("%s %s", out, errs)
	}
	t.Setenv("NXPHONE_UPDATE_URL", b.url)
	updateKeys = ""
	if _, errs := ask(exitFailed, "--lang", "en"); !strings.Contains(errs, "update-key") {
		t.Errorf("%s", errs)
	}
}

// TestUpdateNewest: a version that is not newer is told as such.
func TestUpdateNewest(t *testing.T) {
	b := newPublisher(t)
	b.publish("0.0.1", "tar")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"update", "--lang", "en"}, &stdout, &stderr); code != exitOK || stdout.String() != "This is the newest version: "+version+".\n" {
		t.Errorf("exit status %d: %s%s", code, stdout.String(), stderr.String())
	}
}

// TestKindOf: a package of the system's is not told to download anything.
func TestKindOf(t *testing.T) {
	for _, tt := range []struct{ system, exe, there, want string }{
		{"linux", "/usr/bin/nxphone", "/usr/share/doc/nxphone/copyright", "deb"},
		{"linux", "/usr/bin/nxphone", "/var/lib/pacman/local", "archlinux"},
		{"linux", "/usr/bin/nxphone", "", "rpm"},
		{"linux", "/opt/nxphone/nxphone", "/usr/share/doc/nxphone/copyright", "tar"},
		{"windows", `C:\Users\kim\AppData\Local\Programs\nxphone\nxphone.exe`, "", "msi-user"},
		{"windows", `C:\Users\kim\AppData\Local\Programs\nxphone\nxphone.exe`, `C:\Users\kim\AppData\Local\Programs\nxphone\opengl32.dll`, "msi-user-gl"},
		{"windows", `C:\Users\kim\AppData\Localized\nxphone.exe`, "", "msi"},
		{"windows", `C:\Program Files\nxphone\nxphone.exe`, "", "msi"},
		{"darwin", "/Applications/nxphone.app/Contents/MacOS/nxphone", "", "pkg"},
	} {
		there := func(path string) bool { return path == tt.there }
		if got := kindOf(tt.system, tt.exe, `c:\users\Kim\AppData\Local`, there); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.system, tt.exe, got, tt.want)
		}
	}
}

// updatesRig is what the window has of newer versions, in an installation that
// may download.
type updatesRig struct {
	*updates
	t         *testing.T
	busy      chan bool
	installed chan string
	left      chan struct{}
	seen      chan present.Update
}

func newUpdatesRig(t *testing.T) *updatesRig {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{stdout: &stdout, stderr: &stderr}
	o, err := parse([]string{"update", "--lang", "en"})
	if err != nil {
		t.Fatal(err)
	}
	p.words, p.log = text.For(text.English), slog.New(slog.DiscardHandler)
	p.openSettings(o)
	r := &updatesRig{t: t, busy: make(chan bool), installed: make(chan string, 1), left: make(chan struct{}), seen: make(chan present.Update)}
	r.updates = &updates{
		p: p, kind: "msi-user", change: make(chan struct{}), leave: func() { close(r.left) },
		install: func(path string) error { r.installed <- path; return nil },
		calls: func(ctx context.Context) iter.Seq[bool] {
			return func(yield func(bool) bool) {
				for {
					select {
					case b := <-r.busy:
						if !yield(b) {
							return
						}
					case <-ctx.Done():
						return
					}
				}
			}
		},
	}
	r.start(t.Context())
	t.Cleanup(r.close)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for u := range r.Watch(ctx) {
			select {
			case r.seen <- u:
			case <-ctx.Done():
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	return r
}

// until waits for a stage of a version.
func (r *updatesRig) until(version string, stage present.UpdateStage) present.Update {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case u := <-r.seen:
			if u.Version == version && u.Stage == stage {
				return u
			}
		case <-limit:
			r.t.Fatalf("no version %q at stage %d", version, stage)
		}
	}
}

// TestUpdatesInTheWindow: what was learnt is told when no call is going on, and
// installed after two times a yes.
func TestUpdatesInTheWindow(t *testing.T) {
	b := newPublisher(t)
	b.publish("99.1.0", "msi-user")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"update"}, &stdout, &stderr); code != exitOK {
		t.Fatal(stderr.String())
	}
	r := newUpdatesRig(t)
	r.busy <- true
	if u := <-r.seen; u != (present.Update{}) {
		t.Errorf("told in a call: %+v", u)
	}
	r.Go() // nothing is there to say yes to
	r.busy <- false
	if u := r.until("99.1.0", present.UpdateKnown); !u.CanLoad {
		t.Errorf("%+v", u)
	}
	r.busy <- true
	r.Go()
	r.until("99.1.0", present.UpdateLoading)
	r.busy <- false
	r.until("99.1.0", present.UpdateReady)
	r.busy <- true
	r.busy <- true // the first is in force when the second is taken
	r.Go()
	select {
	case path := <-r.installed:
		t.Fatalf("%s was installed in a call", path)
	default:
	}
	r.busy <- false
	r.busy <- false
	r.Go()
	if path := <-r.installed; filepath.Base(path) != "nxphone-99.1.0.bin" {
		t.Errorf("%s", path)
	}
	<-r.left
}

// TestUpdateTidies: the window's start takes away what a killed program has left.
func TestUpdateTidies(t *testing.T) {
	quietHome(t)
	dir := updateFolder()
	old := filepath.Join(dir, ".download-123")
	for _, err := range []error{os.MkdirAll(dir, 0o700), os.WriteFile(old, make([]byte, 1<<20), 0o600), os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	newUpdatesRig(t).close()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%v is left, %v", entries, err)
	}
}

// TestUpdateChangedOnDisk: what has become another file since it was verified is
// not started.
func TestUpdateChangedOnDisk(t *testing.T) {
	b := newPublisher(t)
	b.publish("99.1.0", "msi-user")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"update"}, &stdout, &stderr); code != exitOK {
		t.Fatal(stderr.String())
	}
	r := newUpdatesRig(t)
	r.busy <- false
	r.until("99.1.0", present.UpdateKnown)
	r.Go()
	r.until("99.1.0", present.UpdateReady)
	b.write(r.path, []byte("something else"))
	r.Go()
	if u := r.until("99.1.0", present.UpdateFailed); u.Code != string(update.CodeSignature) {
		t.Errorf("%+v", u)
	}
	if len(r.installed) != 0 {
		t.Error("it was started")
	}
	r.PutAway()
	r.until("", present.UpdateKnown)
	again := newUpdatesRig(t)
	again.busy <- false
	again.busy <- false
	if u := <-again.seen; u != (present.Update{}) {
		t.Errorf("told again: %+v", u)
	}
}

func runtimeTarget() string { return runtime.GOOS + "/" + runtime.GOARCH }
