//go:build !windows

package session

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// AutostartPath is where the user's file of a program belongs.
func AutostartPath(env Env, app string) (string, error) {
	dir := env.get("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "autostart", app+".desktop"), nil
}

// Set writes or removes the file. One that says the same already is not touched.
func (a Autostart) Set(on bool) error {
	if !on {
		if err := os.Remove(a.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := a.text()
	if err != nil {
		return err
	}
	old, err := os.ReadFile(a.Path)
	if err == nil && bytes.Equal(old, text) {
		return nil
	}
	return writeFile(a.Path, text, 0o644)
}

// switchedOff reports whether the desktop's settings have said no.
func (a Autostart) switchedOff() bool {
	data, err := os.ReadFile(a.Path)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "Hidden" && value == "true" || key == "X-GNOME-Autostart-enabled" && value == "false" {
			return true
		}
	}
	return false
}

func (a Autostart) text() ([]byte, error) {
	if !filepath.IsAbs(a.Exec) {
		return nil, fmt.Errorf("session: %q is no absolute path", a.Exec)
	}
	words := make([]string, 0, 1+len(a.Args))
	for _, w := range append([]string{a.Exec}, a.Args...) {
		quoted, err := quoteExec(w)
		if err != nil {
			return nil, err
		}
		words = append(words, quoted)
	}
	var b bytes.Buffer
	b.WriteString("[Desktop Entry]\nType=Application\nVersion=1.1\n")
	for _, line := range [][2]string{{"Name", a.Name}, {"Comment", a.Comment}, {"Icon", a.Icon}} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s=%s\n", line[0], escapeValue(line[1]))
		}
	}
	fmt.Fprintf(&b, "TryExec=%s\nExec=%s\nTerminal=false\nX-GNOME-Autostart-enabled=true\n", escapeValue(a.Exec), escapeValue(strings.Join(words, " ")))
	return b.Bytes(), nil
}

// quoteExec makes a word of an Exec line out of an argument (Desktop Entry
// Specification, "The Exec key"). Control characters have no form there.
func quoteExec(arg string) (string, error) {
	if strings.ContainsFunc(arg, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("session: %q cannot stand in a desktop file", arg)
	}
	// A percent sign would be a field code, inside of quotes as well.
	arg = strings.ReplaceAll(arg, "%", "%%")
	const reserved = " \t\n\"'\\><~|&;$*?#()`"
	if arg != "" && !strings.ContainsAny(arg, reserved) {
		return arg, nil
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`).Replace(arg) + `"`, nil
}

// escapeValue is for values of type string, on top of any other quoting.
func escapeValue(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}
