package profile

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// vars is an environment made of a map.
func vars(m map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

// parsed is a command line as Open takes it.
func parsed(t *testing.T, args ...string) *Flags {
	t.Helper()
	fs := flag.NewFlagSet("call", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fl := BindFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fl
}

// file writes a settings file and gives its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nxphone", "settings.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func layer(t *testing.T, source Source, values map[Key]string) Layer {
	t.Helper()
	l, err := NewLayer(source, source.String(), values)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPrecedence(t *testing.T) {
	// Each step adds a layer; the value must follow and its source be told.
	all := []struct {
		source Source
		origin string
	}{
		{SourceDefault, ""},
		{SourceRecommended, "recommended"},
		{SourceFile, ""}, // the path
		{SourceEnvironment, "NXPHONE_URL"},
		{SourceDemo, "demo"},
		{SourceFlag, "--url"},
		{SourceManaged, "managed"},
	}
	for i, want := range all {
		t.Run(want.source.String(), func(t *testing.T) {
			o := Options{Path: filepath.Join(t.TempDir(), "none.json"), Lookup: vars(nil)}
			if i >= 1 {
				o.Layers = append(o.Layers, layer(t, SourceRecommended, map[Key]string{KeyURL: "ws://1"}))
			}
			if i >= 2 {
				o.Path = file(t, `{"url":"ws://2"}`)
				if i == 2 {
					want.origin = o.Path
				}
			}
			if i >= 3 {
				o.Lookup = vars(map[string]string{"NXPHONE_URL": "ws://3"})
			}
			if i >= 4 {
				o.Layers = append(o.Layers, layer(t, SourceDemo, map[Key]string{KeyURL: "ws://4"}))
			}
			if i >= 5 {
				o.Flags = parsed(t, "--url", "ws://5")
			}
			if i >= 6 {
				// Before the others in the list: rank decides, not order.
				o.Layers = append([]Layer{layer(t, SourceManaged, map[Key]string{KeyURL: "ws://6"})}, o.Layers...)
			}
			s, err := Open(o)
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			if i > 0 {
				text = "ws://" + string(rune('0'+i))
			}
			got := s.Value(KeyURL)
			if got.Text != text || got.Source != want.source || got.Origin != want.origin || s.Get().URL != text {
				t.Errorf("got %+v, want %q from %v %q", got, text, want.source, want.origin)
			}
			if got.Locked() != (i > 2) {
				t.Errorf("locked = %v at level %d", got.Locked(), i)
			}
		})
	}
}

func TestEveryKeyHasItsPlace(t *testing.T) {
	// Every member of Settings is reached by exactly one key, so none can be
	// forgotten in the file or in Set.
	seen := map[any]Key{}
	var s Settings
	for _, f := range fields() {
		p := f.at(&s)
		if other, twice := seen[p]; twice {
			t.Errorf("%s and %s are the same member", f.Key, other)
		}
		seen[p] = f.Key
		if f.Doc == "" {
			t.Errorf("%s has no documentation", f.Key)
		}
	}
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		if _, ok := seen[v.Field(i).Addr().Interface()]; !ok {
			t.Errorf("no key for Settings.%s", v.Type().Field(i).Name)
		}
	}
}

func TestFlagsAndVariables(t *testing.T) {
	// The names are those of the command line's reference.
	flags := []string{"realm", "dn", "url", "ca", "user", "password-file", "push-token", "codec", "audio", "microphone",
		"speaker", "lang", "log-level", "config", "demo", "web-api", "web-api-ask", "web-api-code", "provision-url",
		"echo-cancellation", "noise-suppression", "automatic-gain", "limiter-ceiling"}
	fs := flag.NewFlagSet("call", flag.ContinueOnError)
	BindFlags(fs)
	for _, name := range flags {
		if fs.Lookup(name) == nil {
			t.Errorf("no flag --%s", name)
		}
	}
	n := 0
	fs.VisitAll(func(*flag.Flag) { n++ })
	if n != len(flags) {
		t.Errorf("%d flags, want %d", n, len(flags))
	}
	for key, name := range map[Key]string{KeyRealm: "NXPHONE_REALM", KeyPasswordFile: "NXPHONE_PASSWORD_FILE",
		KeyLogLevel: "NXPHONE_LOG_LEVEL", keyAudio: "NXPHONE_AUDIO"} {
		if key.Env() != name {
			t.Errorf("%s: %s, want %s", key, key.Env(), name)
		}
	}
}

func TestAudioShorthand(t *testing.T) {
	for _, c := range []struct {
		name     string
		args     []string
		env      map[string]string
		file     string
		mic, spk string
		micFrom  Source
		spkFrom  Source
	}{
		{name: "both", args: []string{"--audio", "null"}, mic: "null", spk: "null", micFrom: SourceFlag, spkFrom: SourceFlag},
		{name: "one beside it", args: []string{"--microphone", "USB", "--audio", "null"}, mic: "USB", spk: "null", micFrom: SourceFlag, spkFrom: SourceFlag},
		{name: "over the environment's own", args: []string{"--audio", "null"}, env: map[string]string{"NXPHONE_MICROPHONE": "USB"},
			mic: "null", spk: "null", micFrom: SourceFlag, spkFrom: SourceFlag},
		{name: "environment over file", env: map[string]string{"NXPHONE_AUDIO": "Desk"}, file: `{"microphone":"USB"}`,
			mic: "Desk", spk: "Desk", micFrom: SourceEnvironment, spkFrom: SourceEnvironment},
		{name: "default is the system's", args: []string{"--audio", "default"}, file: `{"microphone":"USB","speaker":"USB"}`,
			mic: "", spk: "", micFrom: SourceFlag, spkFrom: SourceFlag},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Open(Options{Path: file(t, c.file), Lookup: vars(c.env), Flags: parsed(t, c.args...)})
			if err != nil {
				t.Fatal(err)
			}
			got := s.Get()
			if got.Microphone != c.mic || got.Speaker != c.spk {
				t.Errorf("got %q and %q", got.Microphone, got.Speaker)
			}
			if s.Value(KeyMicrophone).Source != c.micFrom || s.Value(KeySpeaker).Source != c.spkFrom {
				t.Errorf("from %v and %v", s.Value(KeyMicrophone).Source, s.Value(KeySpeaker).Source)
			}
		})
	}
}

func TestRefusedValues(t *testing.T) {
	for _, c := range []struct{ key, text string }{
		{"codec", "g729"}, {"lang", "fr"}, {"theme", "blue"}, {"log-level", "loud"}, {"register", "perhaps"},
		{"realm", "a\nb"}, {"url", "ws://a\x00"}, {"push-header", "X Y"}, {"push-provider", "a;b"},
		{"ice-servers", `[{"url":"http://a"}]`}, {"ice-servers", `[{"url":"turn:"}]`}, {"ice-servers", `{"url":"stun:a"}`},
		{"ice-servers", `[{"ulr":"stun:a"}]`}, {"ice-servers", `[] []`}, {"ice-servers", "null"},
		{"sip-headers", `[{"name":"X","value":"a\r\nVia: b"}]`}, {"sip-headers", `[{"name":"","value":"a"}]`},
		{"handshake-headers", `[{"name":"X:","value":"a"}]`},
	} {
		name := Key(c.key).Env()
		s, err := Open(Options{Path: filepath.Join(t.TempDir(), "x"), Lookup: vars(map[string]string{name: c.text})})
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeBadSetting || e.Key != Key(c.key) || e.Source != name {
			t.Errorf("%s=%q: %v", name, c.text, err)
			continue
		}
		if strings.Contains(err.Error(), c.text) && len(c.text) > 4 {
			t.Errorf("%s: the error repeats the value: %v", name, err)
		}
		if got := s.Value(Key(c.key)); got.Source != SourceDefault {
			t.Errorf("%s: used all the same: %+v", name, got)
		}
		if _, err := NewLayer(SourceManaged, "policy.json", map[Key]string{Key(c.key): c.text}); CodeOf(err) != CodeBadSetting {
			t.Errorf("%s in a layer: %v", c.key, err)
		}
	}
	fs := flag.NewFlagSet("call", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	BindFlags(fs)
	if fs.Parse([]string{"--codec", "g729"}) == nil {
		t.Error("--codec g729 accepted")
	}
	secret := parsed(t, "--push-token", "TOKEN\r")
	if err := secret.Err(); CodeOf(err) != CodeBadSetting || strings.Contains(err.Error(), "TOKEN") {
		t.Errorf("--push-token with a line break: %v", err)
	}
	if err := parsed(t, "--push-token", "TOKEN").Err(); err != nil {
		t.Error(err)
	}
	if _, err := NewLayer(SourceManaged, "policy.json", map[Key]string{"urll": "x"}); CodeOf(err) != CodeBadSetting {
		t.Errorf("unknown key in a layer: %v", err)
	}
}

func TestDemoAndConfig(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  string
		want bool
		code Code
	}{
		{nil, "", false, ""}, {[]string{"--demo"}, "", true, ""}, {nil, "1", true, ""},
		{[]string{"--demo=false"}, "1", false, ""}, {nil, "maybe", false, CodeBadSetting},
	} {
		got, err := parsed(t, c.args...).Demo(vars(map[string]string{"NXPHONE_DEMO": c.env}))
		if got != c.want || CodeOf(err) != c.code {
			t.Errorf("%v, NXPHONE_DEMO=%s: %v, %v", c.args, c.env, got, err)
		}
	}
	t.Setenv("XDG_CONFIG_HOME", "/home/user/.config")
	var none *Flags
	if path, err := none.Config(vars(nil)); err != nil || path != "/home/user/.config/nxphone/settings.json" {
		t.Errorf("default path %q, %v", path, err)
	}
	if path, _ := parsed(t).Config(vars(map[string]string{"NXPHONE_CONFIG": "e.json"})); path != "e.json" {
		t.Errorf("path from the environment: %q", path)
	}
	if path, _ := parsed(t, "--config", "f.json").Config(vars(map[string]string{"NXPHONE_CONFIG": "e.json"})); path != "f.json" {
		t.Errorf("path from the flag: %q", path)
	}
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("HOME", "")
	s, err := Open(Options{Lookup: vars(nil)})
	if CodeOf(err) != CodeFileUnreadable || s == nil {
		t.Errorf("no home: %v", err)
	}
	if err := s.Set(func(s *Settings) { s.Lang = "ko" }); CodeOf(err) != CodeFileUnwritable {
		t.Errorf("Set without a path: %v", err)
	}
}

func TestSetKeepsWhatItDoesNotKnow(t *testing.T) {
	path := file(t, "{\n  \"future\": {\"b\": 1, \"a\": [2,  3]},\n  \"url\": \"ws://old\",\n  \"dn\": \"1000\"\n}\n")
	s, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_REALM": "env.example"})})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Set(func(p *Settings) {
		p.URL = "wss://new/?a=1&b=<2>"
		p.ICEServers = []ICEServer{{URL: "stun:stun.example"}}
		// A form that hands everything back.
		p.Realm = "env.example"
		p.DN = "1000"
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "future": {
    "b": 1,
    "a": [
      2,
      3
    ]
  },
  "url": "wss://new/?a=1&b=<2>",
  "dn": "1000",
  "ice-servers": [
    {
      "url": "stun:stun.example"
    }
  ]
}
`
	if got := read(t, path); got != want {
		t.Errorf("file:\n%s\nwant:\n%s", got, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".settings-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	again, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_REALM": "env.example"})})
	if err != nil || !reflect.DeepEqual(again.Get(), s.Get()) {
		t.Errorf("read again: %+v, %v", again.Get(), err)
	}
}

func TestSetUnderAHigherLayer(t *testing.T) {
	path := file(t, `{"url":"ws://mine"}`)
	s, err := Open(Options{Path: path, Lookup: vars(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(layer(t, SourceDemo, map[Key]string{KeyURL: "wss://demo", KeyRealm: "demo"})); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(func(p *Settings) { p.Theme = "dark" }); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); strings.Contains(got, "demo") || !strings.Contains(got, "ws://mine") {
		t.Errorf("the demo went into the file: %s", got)
	}
	if err := s.Set(func(p *Settings) { p.URL = "ws://other" }); err != nil {
		t.Fatal(err)
	}
	if s.Get().URL != "wss://demo" || !strings.Contains(read(t, path), "ws://other") {
		t.Errorf("effective %q, file %s", s.Get().URL, read(t, path))
	}
}

func TestSetRefusesAndKeeps(t *testing.T) {
	path := file(t, `{"lang":"ko"}`)
	s, _ := Open(Options{Path: path, Lookup: vars(nil)})
	before := read(t, path)
	if err := s.Set(func(p *Settings) { p.Codec = "g729"; p.Lang = "en" }); CodeOf(err) != CodeBadSetting {
		t.Errorf("bad value: %v", err)
	}
	if err := s.Set(func(p *Settings) {}); err != nil {
		t.Errorf("no change: %v", err)
	}
	if read(t, path) != before || s.Get().Lang != "ko" {
		t.Error("something changed")
	}
	// Another program breaks the file meanwhile: it is told and left alone.
	if err := os.WriteFile(path, []byte("{oops"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(func(p *Settings) { p.Lang = "en" }); !errors.Is(err, ErrFileBroken) {
		t.Errorf("broken file: %v", err)
	}
	if read(t, path) != "{oops" || s.Get().Lang != "ko" {
		t.Error("the broken file was touched")
	}
}

func TestSetWritesInto(t *testing.T) {
	t.Run("a directory that is not there yet", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a", "b", "settings.json")
		s, err := Open(Options{Path: path, Lookup: vars(nil)})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Set(func(p *Settings) { p.DN = "1000" }); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != "{\n  \"dn\": \"1000\"\n}\n" {
			t.Error(got)
		}
		if info, _ := os.Stat(filepath.Dir(path)); info.Mode().Perm() != 0o700 {
			t.Errorf("directory mode %v", info.Mode())
		}
	})
	t.Run("the target of a link", func(t *testing.T) {
		path := file(t, `{}`)
		link := filepath.Join(t.TempDir(), "link.json")
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		s, _ := Open(Options{Path: link, Lookup: vars(nil)})
		if err := s.Set(func(p *Settings) { p.DN = "1000" }); err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Lstat(link); info.Mode().Type() != os.ModeSymlink || !strings.Contains(read(t, path), "1000") {
			t.Error("the link was replaced")
		}
	})
	t.Run("no place at all", func(t *testing.T) {
		// A file where the directory should be: refused to root as well.
		path := filepath.Join(file(t, `{}`), "settings.json")
		s, err := Open(Options{Path: path, Lookup: vars(nil)})
		if CodeOf(err) != CodeFileUnreadable {
			t.Errorf("open: %v", err)
		}
		err = s.Set(func(p *Settings) { p.DN = "1000" })
		if err == nil || s.Get().DN != "" {
			t.Errorf("set: %v, %q", err, s.Get().DN)
		}
	})
}

func TestWatch(t *testing.T) {
	s, _ := Open(Options{Path: file(t, `{}`), Lookup: vars(nil)})
	changed, stop := s.Watch()
	for _, theme := range []string{"dark", "light"} {
		if err := s.Set(func(p *Settings) { p.Theme = theme }); err != nil {
			t.Fatal(err)
		}
	}
	<-changed
	if s.Get().Theme != "light" {
		t.Error("told before it was so")
	}
	select {
	case <-changed:
		t.Error("two changes told twice")
	default:
	}
	stop()
	if err := s.Set(func(p *Settings) { p.Theme = "" }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
		t.Error("told after stop")
	default:
	}
}

func TestConcurrentUse(t *testing.T) {
	s, _ := Open(Options{Path: file(t, `{"keep":1}`), Lookup: vars(nil)})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 10 {
				if err := s.Set(func(p *Settings) {
					p.SIPHeaders = append(p.SIPHeaders, Header{"X-N", string(rune('a' + i))})
				}); err != nil {
					t.Error(err)
				}
				got := s.Get()
				got.SIPHeaders[0].Value = "mine" // a copy: no race, no effect
				_ = s.Values()
			}
		})
	}
	wg.Wait()
	if n := len(s.Get().SIPHeaders); n != 80 {
		t.Errorf("%d of 80 changes arrived", n)
	}
	if !strings.Contains(read(t, s.Path()), `"keep": 1`) || s.Get().SIPHeaders[0].Value == "mine" {
		t.Error("something was lost or shared")
	}
}
