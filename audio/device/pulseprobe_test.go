package device

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func TestPulseProbe(t *testing.T) {
	dir, err := os.MkdirTemp("", "pa") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	listen := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return path
	}
	up := listen("native")
	listen("run/pulse/native")
	listen("home/.config/pulse/0123-runtime/native")
	down := filepath.Join(dir, "nobody")
	stale := filepath.Join(dir, "stale")
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"a socket", map[string]string{"PULSE_SERVER": "unix:" + up}, true},
		{"a path", map[string]string{"PULSE_SERVER": up}, true},
		{"another machine's words", map[string]string{"PULSE_SERVER": "{0123abcd}unix:" + up}, true},
		{"the second of two", map[string]string{"PULSE_SERVER": down + " " + up}, true},
		{"over the network", map[string]string{"PULSE_SERVER": "tcp:sound.example:4713"}, true},
		{"by host name", map[string]string{"PULSE_SERVER": "sound.example"}, true},
		{"nobody listens", map[string]string{"PULSE_SERVER": "unix:" + down}, false},
		{"a file left behind", map[string]string{"PULSE_SERVER": "unix:" + stale}, false},
		{"the variable decides", map[string]string{"PULSE_SERVER": down, "XDG_RUNTIME_DIR": filepath.Join(dir, "run")}, false},
		{"the session's", map[string]string{"XDG_RUNTIME_DIR": filepath.Join(dir, "run")}, true},
		{"the runtime path", map[string]string{"PULSE_RUNTIME_PATH": dir}, true},
		{"the home directory's", map[string]string{"HOME": filepath.Join(dir, "home")}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := pulseProbe{getenv: func(k string) string { return tt.env[k] }}
			if got := p.answers(); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestPulseProbeMayBeWrong: miniaudio has its own try now and then.
func TestPulseProbeMayBeWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pulseProbe{getenv: func(string) string { return "unix:/nonexistent" }}
		tries := 0
		for range 300 {
			if p.worth() {
				tries++
			}
			time.Sleep(time.Second)
		}
		if tries != 5 {
			t.Errorf("%d attempts in five minutes", tries)
		}
	})
}
