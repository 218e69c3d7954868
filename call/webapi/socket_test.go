package webapi

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nxphone/call"
	"nxphone/call/webapi/webapitest"
)

// program is a native program on the control socket.
type program struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (r *rig) program(path string) *program {
	r.t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &program{r.t.(*testing.T), conn, bufio.NewReader(conn)}
}

func (p *program) say(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, text+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// hear skips to the next message of a type.
func (p *program) hear(typ string) (m struct {
	Type    string
	Epoch   string
	N       uint64
	State   webapitest.State
	List    []webapitest.Event
	OK      bool
	Code    string
	Call    int
	Version string
}) {
	p.t.Helper()
	for {
		line, err := p.in.ReadBytes('\n')
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", typ, err)
		}
		m.List = nil
		if err := json.Unmarshal(line, &m); err != nil {
			p.t.Fatalf("%q: %v", line, err)
		}
		if m.Type == typ {
			return m
		}
	}
}

func (p *program) do(text, code string) int {
	p.t.Helper()
	p.say(text)
	m := p.hear("result")
	if m.Code != code || m.OK != (code == "") {
		p.t.Fatalf("%s: %+v, want %q", text, m, code)
	}
	return m.Call
}

// privateDir is a folder as the control socket needs it.
func privateDir(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "nxphone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

const dialLine = `{"type":"dial","id":1,"realm":"example.net","dn":"1000","tel":"600","url":"wss://sbc.example.net"}`

func TestControlSocket(t *testing.T) {
	shown := make(chan string, 1)
	r := newRig(t, func(o *Options) { o.Show = func(tel string) bool { shown <- tel; return true } })
	r.server.Shut() // the socket works with the port shut
	path := filepath.Join(privateDir(t), "ctl.sock")
	if err := r.server.ListenControl(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v %v", info.Mode(), err)
	}
	p := r.program(path)
	if w := p.hear("welcome"); w.Version != "1.2.3" || w.State.Busy {
		t.Errorf("welcome: %+v", w)
	}
	tab := strings.Repeat("ab", 16)
	p.say(`{"type":"prove","tab":"` + tab + `","epoch":"","n":0}`)
	w := p.hear("welcome")
	if got := p.do(dialLine, ""); got != 1 {
		t.Errorf("call %d", got)
	}
	r.phone.Answer()
	st := r.state("controlled", func(s State) bool { return s.Controller != "" })
	if !strings.HasPrefix(st.Controller, "local:") || len(st.Controller) < 8 {
		t.Errorf("controlled by %q", st.Controller)
	}
	p.do(`{"type":"show","id":2,"tel":"0212345678"}`, "")
	if got := <-shown; got != "0212345678" {
		t.Errorf("the window is shown %q", got)
	}
	for _, bad := range []string{"", strings.Repeat("1", maxTel+1), "1\\n2"} {
		p.do(`{"type":"show","id":3,"tel":"`+bad+`"}`, codeBadRequest)
	}
	p.conn.Close()
	p = r.program(path)
	p.hear("welcome")
	p.say(`{"type":"prove","tab":"` + tab + `","epoch":"` + w.Epoch + `","n":0}`)
	again := p.hear("welcome")
	if !again.State.Control || again.N != 2 {
		t.Errorf("back again: %+v", again)
	}
	missed := p.hear("events").List
	if len(missed) != 2 || missed[0].Type() != "Connecting" || missed[1].Type() != "InCall" {
		t.Errorf("missed: %+v", missed)
	}
	p.do(`{"type":"clear","id":4}`, "")
	r.stop()
	if _, err := io.ReadAll(p.in); err != nil {
		t.Errorf("at the end: %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if err := r.server.ListenControl(path); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestControlSocketAttacks(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	path := filepath.Join(privateDir(t), "ctl.sock")
	if err := r.server.ListenControl(path); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{strings.Repeat("x", maxMessage+1), "not JSON", "[]", ""} {
		p := r.program(path)
		p.say(text)
		if _, err := io.ReadAll(p.in); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%.10q: %v", text, err)
		}
	}
	p := r.program(path)
	p.do(`{"type":"clear","id":1}`, codeNotController)
	p.do(dialLine, "busy-here")
	p.do(`{"type":"show","id":1,"tel":"1"}`, codeNoWindow)
	name := r.audited("show")[0].Origin
	if err := r.server.Revoke(name); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(p.in); err != nil {
		t.Errorf("after Revoke: %v", err)
	}
	if rest, _ := io.ReadAll(r.program(path).in); len(rest) != 0 {
		t.Errorf("a revoked program is told %s", rest)
	}
	r.unharmed(page, id)
}

// Where the socket may be: nowhere that others can write, and not where another
// phone is; what a dead process left is replaced.
func TestControlSocketPlace(t *testing.T) {
	r := newRig(t, nil)
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := r.server.ListenControl(filepath.Join(open, "ctl.sock")); err == nil {
		t.Error("a folder that others can enter is accepted")
	}
	path := filepath.Join(open, "own", "ctl.sock") // is made
	stale, err := net.Listen("unix", filepath.Join(privateDir(t), "x"))
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	stale.Close()
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(stale.Addr().String(), path); err != nil {
		t.Fatal(err)
	}
	if err := r.server.ListenControl(path); err != nil {
		t.Errorf("where a dead process was: %v", err)
	}
	second := newRig(t, nil)
	if err := second.server.ListenControl(path); err == nil {
		t.Error("the place of a phone that is alive was taken")
	}
	r.program(path).hear("welcome")
	file := filepath.Join(open, "own", "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.server.ListenControl(file); err == nil {
		t.Error("a file was replaced")
	}
	if got, _ := os.ReadFile(file); string(got) != "precious" {
		t.Errorf("the file has %q", got)
	}
	if s := r.phone.Snapshot(); s.State != call.Idle {
		t.Errorf("the phone is %v", s.State)
	}
}

func TestProgramName(t *testing.T) {
	for comm, want := range map[string]string{
		"dialler\n": "dialler", "": "unknown", "a b\x1b[1m": "a_b_[1m", "한": "_", strings.Repeat("x", 99): strings.Repeat("x", 32),
	} {
		if got := programName(comm); got != want {
			t.Errorf("%q: %q, want %q", comm, got, want)
		}
	}
}
