//go:build linux

package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// validate has the desktop's own tool look at a desktop file.
func validate(t *testing.T, path string, args ...string) {
	t.Helper()
	out, err := exec.Command("desktop-file-validate", append(args, path)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("desktop-file-validate (packaging/deps test installs it): %v\n%s", err, out)
	}
}

func TestAutostart(t *testing.T) {
	dir := t.TempDir()
	path, err := AutostartPath(environment("XDG_CONFIG_HOME="+dir), "nxphone")
	if err != nil || path != filepath.Join(dir, "autostart", "nxphone.desktop") {
		t.Fatalf("%q, %v", path, err)
	}
	a := Autostart{Path: path, Name: "nxphone", Comment: "상담 전화", Icon: "nxphone", Exec: "/opt/nx phone/nxphone"}
	if err := a.Follow(false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("written though it is off")
	}
	for range 2 {
		if err := a.Set(true); err != nil {
			t.Fatal(err)
		}
	}
	validate(t, path)
	text := read(t, path)
	if !strings.Contains(text, "\nExec=\"/opt/nx phone/nxphone\"\n") || !strings.Contains(text, "\nComment=상담 전화\n") {
		t.Errorf("the file says\n%s", text)
	}

	// The binary has moved.
	a.Exec = "/usr/bin/nxphone"
	if err := a.Follow(true); err != nil {
		t.Fatal(err)
	}
	if text := read(t, path); !strings.Contains(text, "\nExec=/usr/bin/nxphone\n") || strings.Contains(text, "/opt") {
		t.Errorf("after the move:\n%s", text)
	}
	// What the desktop's own settings have switched off stays off, until the user
	// says otherwise here.
	for _, off := range []string{"Hidden=true", "X-GNOME-Autostart-enabled=false", " Hidden = true "} {
		if err := os.WriteFile(path, []byte("[Desktop Entry]\nType=Application\nName=x\nExec=/old\n"+off+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := a.Follow(true); err != nil || !strings.Contains(read(t, path), "/old") {
			t.Errorf("%s was overruled, %v", off, err)
		}
	}
	if err := a.Set(true); err != nil || strings.Contains(read(t, path), "Hidden") {
		t.Errorf("it cannot be switched on again: %v", err)
	}
	for range 2 {
		if err := a.Set(false); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there though it is off")
	}
	a.Exec = "nxphone"
	if err := a.Set(true); err == nil {
		t.Error("a program that is found by luck")
	}
	a.Exec = "/usr/bin/nx\nphone"
	if err := a.Set(true); err == nil {
		t.Error("a program whose name breaks the line")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What is quoted is what a program gets: the quoting rules are two, one on top
// of the other.
func TestExecQuoting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.desktop")
	for _, arg := range []string{"plain", "two words", `quo"te`, "do$llar `tick`", `back\slash`, "100%", "%u", "한글 폴더", "a;b&c|d", "#x", "~", "", `\\`, `\"`} {
		a := Autostart{Path: path, Name: "x", Exec: "/bin/true", Args: []string{"--config", arg}}
		if err := a.Set(true); err != nil {
			t.Errorf("%q: %v", arg, err)
			continue
		}
		validate(t, path)
		if got := words(t, path); len(got) != 3 || got[2] != arg {
			t.Errorf("%q arrives as %q", arg, got)
		}
	}
}

// words reads the Exec line as the specification says: the string's escapes
// first, then quotes, then field codes.
func words(t *testing.T, path string) []string {
	t.Helper()
	_, line, _ := strings.Cut(read(t, path), "\nExec=")
	line, _, _ = strings.Cut(line, "\n")
	line = strings.NewReplacer(`\\`, `\`, `\s`, " ", `\n`, "\n", `\t`, "\t").Replace(line)
	var out []string
	var word strings.Builder
	quoted, begun, escaped := false, false, false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		out = append(out, word.String())
	}
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "%%", "%")
	}
	return out
}

// The file for packages says what the program takes.
func TestDesktopFile(t *testing.T) {
	path := filepath.Join("..", "..", "packaging", "nxphone.desktop")
	validate(t, path)
	text := read(t, path)
	for _, want := range []string{"\nExec=nxphone %u\n", "x-scheme-handler/tel;", "x-scheme-handler/sip;", "x-scheme-handler/sips;", "x-scheme-handler/callto;",
		"x-scheme-handler/nxphone;", "\nStartupWMClass=nxphone\n", "\nName[ko]=", "\nComment[ko]="} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q", want)
		}
	}
}
