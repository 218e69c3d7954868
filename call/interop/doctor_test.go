package interop

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// examination is what "nxphone doctor --json" prints.
type examination struct {
	Result   string
	Findings []struct{ Check, Result, Code, What, Todo, Detail string }
}

// TestDoctor: the doctor finds nothing wrong (but a certificate of one day) with the lab's SBC, whose echo it
// calls, and tells each way apart in which it cannot be reached.
func TestDoctor(t *testing.T) {
	t.Parallel()
	l := Start(t, Config{})
	silent, err := l.URLSilent("ws")
	if err != nil {
		t.Fatal(err)
	}
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url, ca    string
		want       map[string]string // code by check
		exitStatus int
	}{
		"all well": {l.URL("wss"), l.CA, map[string]string{"encryption": "tls-soon", "websocket": "ws-ok", "sip": "sip-ok", "call": "call-ok"}, 0},
		"plain":    {l.URL("ws"), l.CA, map[string]string{"encryption": "tls-local", "sip": "sip-ok", "call": "call-ok"}, 0},
		"no CA":    {l.URL("wss"), "", map[string]string{"encryption": "tls-authority", "websocket": "skipped-no-way", "call": "call-no-line"}, 1},
		"nobody":   {l.URLNobody(), l.CA, map[string]string{"connection": "conn-refused", "call": "call-no-line"}, 1},
		"silent":   {silent, l.CA, map[string]string{"websocket": "ws-timeout", "call": "call-no-line"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(within(t, 40*time.Second), bin, "doctor", "--json", "--lang", "en", "--realm", l.Realm, "--dn", "1001",
				"--url", c.url, "--audio", "null")
			if c.ca != "" {
				cmd.Args = append(cmd.Args, "--ca", c.ca)
			}
			cmd.Env = append(append(cmd.Environ(), Home(t.TempDir())...), "NXPHONE_ECHO_NUMBER="+NumberAnswer)
			began := time.Now()
			out, err := cmd.Output()
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			if status := cmd.ProcessState.ExitCode(); status != c.exitStatus {
				t.Errorf("exit status %d, want %d (%v)", status, c.exitStatus, err)
			}
			var got examination
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for check, want := range c.want {
				found := false
				for _, f := range got.Findings {
					if f.Check == check {
						found = true
						if f.Code != want {
							t.Errorf("%s: %s, want %s (%s)", check, f.Code, want, f.What)
						}
						if f.Result == "error" && (f.Todo == "" || strings.Contains(f.What+f.Todo, "{")) {
							t.Errorf("%s says %q, %q", check, f.What, f.Todo)
						}
					}
				}
				if !found {
					t.Errorf("nothing is said of %s", check)
				}
			}
		})
	}
}
