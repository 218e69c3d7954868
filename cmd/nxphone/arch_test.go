package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the top of the repository, seen from this package.
const root = "../.."

// arrows are the imports that the layers forbid, each with its reason. A
// pattern ending in "/..." covers a tree. What is not listed may be imported.
var arrows = []struct {
	from   string
	banned []string
	why    string
}{
	{"nxphone/call", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/call/", "nxphone/ui", "nxphone/audio/"},
		"the engine is pure decisions: standard library and audio's values only, so that it builds in seconds without a C compiler"},
	{"nxphone/audio", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/"},
		"the PCM vocabulary is standard library only"},
	{"nxphone/audio/jitter", []string{"fyne.io", "github.com", "nxphone/call", "nxphone/ui"},
		"the playout buffer knows packets and samples, neither calls nor networks"},
	{"nxphone/audio/tone", []string{"fyne.io", "github.com", "nxphone/call", "nxphone/ui"},
		"tones are samples, whoever plays them"},
	{"nxphone/audio/codec", []string{"fyne.io", "github.com", "nxphone/call", "nxphone/ui"},
		"codecs turn samples into packets and know nothing else"},
	{"nxphone/audio/process", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/call", "nxphone/ui"},
		"processing is arithmetic on frames"},
	{"nxphone/audio/quality", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/call", "nxphone/ui", "nxphone/audio/codec", "nxphone/audio/jitter", "nxphone/audio/process"},
		"what is measured is handed in: the ruler must not know what it measures"},
	{"nxphone/audio/device", []string{"fyne.io", "github.com/pion", "github.com/emiago", "nxphone/call", "nxphone/ui"},
		"a device serves any call; it must not know what a call is"},
	{"nxphone/audio/headset", []string{"C", "fyne.io", "github.com", "nxphone/call", "nxphone/ui", "nxphone/assets"},
		"buttons and lights serve any call, and reading hostile descriptors needs no C"},
	{"nxphone/call/sipua", []string{"fyne.io", "github.com/pion", "github.com/gen2brain", "nxphone/ui", "nxphone/audio/", "nxphone/call/peer", "nxphone/call/profile"},
		"signalling passes SDP through and touches neither media nor settings"},
	{"nxphone/call/peer", []string{"fyne.io", "github.com/emiago", "github.com/gen2brain", "nxphone/ui", "nxphone/audio/device", "nxphone/call/sipua", "nxphone/call/profile"},
		"media knows no SIP and opens no device by itself"},
	{"nxphone/call/demosbc", []string{"fyne.io", "github.com/gen2brain", "nxphone/ui", "nxphone/call", "nxphone/audio/device"},
		"the demo SBC is a server of its own: the engine must not test itself against itself"},
	{"nxphone/call/webapi", []string{"C", "fyne.io", "github.com/pion", "github.com/emiago", "github.com/gen2brain", "nxphone/ui", "nxphone/assets",
		"nxphone/audio/", "nxphone/call/sipua", "nxphone/call/peer", "nxphone/call/profile", "nxphone/call/demosbc"},
		"the web API drives any phone: settings, words and script are handed in, and what is behind the engine is no page's business"},
	{"nxphone/call/shift", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/ui", "nxphone/audio/", "nxphone/call/"},
		"the shift follows any phone; settings, files and certificates are handed in"},
	{"nxphone/call/recent", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/ui", "nxphone/audio/", "nxphone/call/"},
		"the list of recent calls follows any phone and knows one file"},
	{"nxphone/call/webapi/origin", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/"},
		"the rule for origins is shared with the settings and must bring no server with it"},
	{"nxphone/call/profile", []string{"fyne.io", "github.com/pion", "github.com/emiago", "github.com/gen2brain", "github.com/coder", "nxphone/ui"},
		"settings are read by every face of the phone"},
	{"nxphone/call/provision", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/"},
		"what comes from a server is verified by the standard library alone, and what the settings in it mean is not its business"},
	{"nxphone/call/update", []string{"C", "fyne.io", "github.com", "nxphone/"},
		"what is said of newer versions is verified by itself; settings, calls and words are handed in"},
	{"nxphone/call/owner", []string{"C", "fyne.io", "github.com", "nxphone/"},
		"whose a file or a connection is is asked of the system, for anybody"},
	{"nxphone/call/profile/hotkey", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/"},
		"the grammar of global keys is shared by settings and desktop session and must bring neither with it"},
	{"nxphone/call/scrub", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/"},
		"taking numbers out of text is text work, for whoever writes any"},
	{"nxphone/call/logfile", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/ui", "nxphone/assets", "nxphone/audio", "nxphone/call/profile", "nxphone/call/sipua"},
		"a log file knows text and a disk"},
	{"nxphone/call/report", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/ui", "nxphone/assets", "nxphone/audio", "nxphone/call/profile", "nxphone/call/sipua"},
		"a report bundles texts, whoever writes them"},
	{"nxphone/call/telemetry", []string{"C", "fyne.io", "github.com", "golang.org", "google.golang.org", "go.opentelemetry.io", "nxphone/ui", "nxphone/assets", "nxphone/audio/", "nxphone/call/"},
		"counts follow any phone; settings and files are handed in, and no library that could add to what is exported"},
	{"nxphone/call/doctor", []string{"fyne.io", "github.com/emiago", "github.com/gen2brain", "github.com/pion/webrtc", "nxphone/ui", "nxphone/assets", "nxphone/audio/device",
		"nxphone/call/sipua", "nxphone/call/peer", "nxphone/call/demosbc"},
		"the doctor asks servers by itself; devices, call and words are handed in"},
	{"nxphone/call/kiosk", []string{"C", "fyne.io", "github.com", "nxphone/ui", "nxphone/assets", "nxphone/audio/device", "nxphone/call/sipua",
		"nxphone/call/peer", "nxphone/call/profile", "nxphone/call/webapi", "nxphone/call/demosbc"},
		"a booth's logic is tested in bubbles: phone, devices, settings and words are handed in"},
	{"nxphone/call/kiosk/systemd", []string{"C", "fyne.io", "github.com", "golang.org", "nxphone/"},
		"the service manager is spoken to in the standard library's words, about anything"},
	{"nxphone/ui/present", []string{"C", "fyne.io", "github.com/pion", "github.com/emiago", "github.com/gen2brain"},
		"what the screen says is plain values, testable without a toolkit"},
	{"nxphone/ui", []string{"github.com/pion", "github.com/emiago", "github.com/gen2brain", "nxphone/call/sipua", "nxphone/call/peer", "nxphone/call/webapi", "nxphone/audio/device"},
		"the window sends commands and shows snapshots; it knows no protocol"},
	{"nxphone/ui/session", []string{"fyne.io", "github.com/pion", "github.com/emiago", "github.com/gen2brain", "nxphone/ui/present", "nxphone/ui/look", "nxphone/assets",
		"nxphone/audio", "nxphone/call/sipua", "nxphone/call/peer", "nxphone/call/webapi"},
		"what a desktop offers is offered to any program: no toolkit, no words, no phone"},
	{"nxphone/assets", []string{"fyne.io", "github.com", "nxphone/call", "nxphone/ui", "nxphone/audio"},
		"assets embed files"},
}

type listed struct {
	ImportPath string
	Deps       []string
	Doc        string
	Module     *struct{ Path string }
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Deps,Doc,Module"}, args...)...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(p.ImportPath, "/node_modules/") {
			continue // what a tool of the script's tests brought along
		}
		all = append(all, p)
	}
}

func TestArrowsPointDown(t *testing.T) {
	byPath := map[string]listed{}
	for _, p := range list(t, "./...") {
		byPath[p.ImportPath] = p
	}
	for _, a := range arrows {
		p, ok := byPath[a.from]
		if !ok {
			t.Errorf("%s does not exist", a.from)
			continue
		}
		for _, dep := range p.Deps {
			// runtime/cgo and the standard library's vendored packages are
			// not choices of ours.
			if strings.HasPrefix(dep, "vendor/") {
				continue
			}
			for _, b := range a.banned {
				own := dep == a.from || strings.HasPrefix(dep, a.from+"/internal/")
				hit := dep == b || strings.HasPrefix(dep, strings.TrimSuffix(b, "/")+"/")
				if b == "C" {
					hit = dep == "runtime/cgo"
					// net and os/user reach cgo by themselves on some systems.
					hit = hit && !slices.Contains(p.Deps, "net") && !slices.Contains(p.Deps, "os/user")
				}
				if strings.HasSuffix(b, "/") && dep == strings.TrimSuffix(b, "/") {
					hit = false // "nxphone/call/" bans what is below, not call itself
				}
				if hit && !own {
					t.Errorf("%s imports %s: %s", a.from, dep, a.why)
				}
			}
		}
	}
}

func TestEveryPackageHasADoc(t *testing.T) {
	for _, p := range list(t, "./...") {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// TestOneCrossing: a second place that says fyne.Do is a second order of
// events on the screen.
func TestOneCrossing(t *testing.T) {
	call := regexp.MustCompile(`fyne\.Do(AndWait)?\(`)
	walk(t, func(path string, text []byte) {
		if strings.HasSuffix(path, "_test.go") || path == "ui/pump.go" {
			return
		}
		if call.Match(text) {
			t.Errorf("%s crosses to the window's goroutine by itself; use ui/pump.go", path)
		}
	})
}

// TestNoSleepsInTests: in a synctest bubble a sleep costs nothing and is exact;
// anywhere else it is slow on a good day and too short on a bad one.
func TestNoSleepsInTests(t *testing.T) {
	sleep := regexp.MustCompile(`time\.` + `Sleep\(`)
	walk(t, func(path string, text []byte) {
		bubble := bytes.Contains(text, []byte(`"testing/synctest"`))
		if strings.HasSuffix(path, "_test.go") && sleep.Match(text) && !bubble {
			t.Errorf("%s sleeps: wait for a condition, or use testing/synctest", path)
		}
	})
}

func TestTopLevel(t *testing.T) {
	want := []string{"CHANGELOG.md", "LICENSE", "Makefile", "README.md", "assets", "audio", "call", "cmd", "go.mod", "go.sum", "packaging", "ui"}
	out := []string{"dist", "node_modules"} // made by builds, not tracked
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || slices.Contains(out, e.Name()) {
			continue
		}
		if !slices.Contains(want, e.Name()) {
			t.Errorf("%s does not belong at the top", e.Name())
		}
	}
	for _, name := range want {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Errorf("%s is missing at the top", name)
		}
	}
}

// walk visits every Go file of the repository, by its slash path from the top.
func walk(t *testing.T, visit func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "node_modules" || d.Name() == "dist") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(rel), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
