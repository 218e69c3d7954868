package device

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// pulseProbe asks whether there is a PulseAudio server before miniaudio does,
// because each of miniaudio's failed attempts leaks a shared-memory file of
// libpulse: at one attempt a second, a phone that waits for its daemon would
// run out of descriptors within minutes.
type pulseProbe struct {
	getenv func(string) string
	// tried is when miniaudio was last let try against the probe's advice.
	tried time.Time
}

// retryAnyway is the pause between such attempts. They cover what the probe
// does not know: a server named by client.conf or by the X11 display.
const retryAnyway = time.Minute

// worth reports whether connecting is worth trying now.
func (p *pulseProbe) worth() bool {
	if p.answers() {
		return true
	}
	if time.Since(p.tried) < retryAnyway {
		return false
	}
	p.tried = time.Now()
	return true
}

// answers reports whether one of the servers that libpulse would ask takes
// connections. A server that is not a local socket is taken to.
func (p *pulseProbe) answers() bool {
	for _, server := range p.servers() {
		path, local := socketOf(server)
		if !local {
			return true
		}
		if conn, err := net.DialTimeout("unix", path, 100*time.Millisecond); err == nil {
			_ = conn.Close()
			return true
		}
	}
	return false
}

// servers are PULSE_SERVER's, else the user's daemon and the system's, in the
// places where libpulse looks (pulseaudio's core-util.c and client-conf.c).
func (p *pulseProbe) servers() []string {
	if list := strings.Fields(p.getenv("PULSE_SERVER")); len(list) > 0 {
		return list
	}
	var found []string
	for env, tail := range map[string]string{
		"PULSE_RUNTIME_PATH": "native",
		"XDG_RUNTIME_DIR":    "pulse/native",
		"HOME":               ".config/pulse/*-runtime/native",
	} {
		if dir := p.getenv(env); dir != "" {
			paths, _ := filepath.Glob(filepath.Join(dir, tail)) // the pattern is right
			found = append(found, paths...)
		}
	}
	return append(found, "/run/pulse/native", "/var/run/pulse/native")
}

// socketOf gives the path of a local server. A server may be preceded by the
// machine that it holds for, in braces.
func socketOf(server string) (path string, local bool) {
	if _, rest, ok := strings.Cut(server, "}"); ok && strings.HasPrefix(server, "{") {
		server = rest
	}
	path, local = strings.CutPrefix(server, "unix:")
	return path, local || strings.HasPrefix(path, string(os.PathSeparator))
}
