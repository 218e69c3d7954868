package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A part is a file that one of the lab's Debian packages installs.
type part struct{ file, pkg string }

// parts are what a lab needs: programs by name, others by path ("*" stands
// for the architecture's folder).
func parts() []part {
	return []part{
		{"kamailio", "kamailio"},
		{"/usr/lib/*/kamailio/modules/websocket.so", "kamailio-websocket-modules"},
		{"/usr/lib/*/kamailio/modules/tls.so", "kamailio-tls-modules"},
		{"rtpengine", "rtpengine-daemon"},
		{"sipp", "sip-tester"},
		{"baresip", "baresip-core"},
	}
}

// programs maps the name of each program to its path.
type programs map[string]string

// findPrograms looks everything up and fails with the packages to install.
func findPrograms(want []part) (programs, error) {
	found := programs{}
	var missing []string
	for _, p := range want {
		if filepath.IsAbs(p.file) {
			if m, _ := filepath.Glob(p.file); len(m) == 0 {
				missing = append(missing, p.pkg)
			}
			continue
		}
		path, err := lookPath(p.file)
		if err != nil {
			missing = append(missing, p.pkg)
			continue
		}
		found[p.file] = path
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("interop: missing Debian packages; install them with: apt-get install --no-install-recommends %s",
			strings.Join(missing, " "))
	}
	return found, nil
}

// lookPath is exec.LookPath that also knows where Debian puts servers; an
// ordinary user's PATH lacks these folders.
func lookPath(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && !st.IsDir() {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}
