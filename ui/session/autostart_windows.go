package session

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	// runKey is what Windows starts with the session of this user.
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey is where the task manager keeps which of those are off.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

// AutostartPath is the name of a program's value.
func AutostartPath(_ Env, app string) (string, error) { return app, nil }

// Set writes or removes the value.
func (a Autostart) Set(on bool) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE|registry.QUERY_VALUE)
	if err != nil {
		return fmt.Errorf("session: the list of what starts with the session: %w", err)
	}
	defer k.Close()
	if !on {
		if err := k.DeleteValue(a.Path); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return err
		}
		return nil
	}
	if !filepath.IsAbs(a.Exec) {
		return fmt.Errorf("session: %q is no absolute path", a.Exec)
	}
	line := windows.ComposeCommandLine(append([]string{a.Exec}, a.Args...))
	if !strings.HasPrefix(line, `"`) { // a folder may be renamed to one with a blank
		line = `"` + a.Exec + `"` + strings.TrimPrefix(line, a.Exec)
	}
	if old, _, err := k.GetStringValue(a.Path); err == nil && old == line {
		return nil
	}
	return k.SetStringValue(a.Path, line)
}

// switchedOff reports whether the task manager or the system's settings have
// said no: the lowest bit of the value's first byte (seen in Windows 10; not
// documented).
func (a Autostart) switchedOff() bool {
	k, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer k.Close()
	state, _, err := k.GetBinaryValue(a.Path)
	return err == nil && len(state) > 0 && state[0]&1 != 0
}
