//go:build !windows && !darwin

package profile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// reachable looks for a session bus before the client does: without one the
// client starts a bus and a keyring daemon of its own, which stay behind and
// hold nothing that the user's real session would find again.
func reachable() error {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return nil
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return errors.New("no session bus")
	}
	info, err := os.Stat(filepath.Join(dir, "bus"))
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return errors.New("no session bus")
	}
	return nil
}
