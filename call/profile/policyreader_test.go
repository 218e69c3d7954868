package profile

import (
	"context"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// machine is a folder of policies, a copy, and a user's file.
type machine struct {
	t        *testing.T
	dir      string
	kept     string
	settings string
}

func newMachine(t *testing.T, files map[string]string) machine {
	return machine{t, policies(t, files), filepath.Join(t.TempDir(), "state", "policies.json"), filepath.Join(t.TempDir(), "settings.json")}
}

func (m machine) write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) reader() *PolicyReader {
	return NewPolicyReader(PolicyOptions{Dir: m.dir, Kept: m.kept})
}

// open is a start of the program.
func (m machine) open(r *PolicyReader) (*Store, Orders) {
	m.t.Helper()
	o := r.Read()
	s, err := Open(Options{Path: m.settings, Lookup: vars(nil), Layers: o.Layers})
	if err != nil {
		m.t.Fatal(err)
	}
	return s, o
}

// codes are the codes of all faults, with their keys.
func codes(err error) map[string]bool {
	out := map[string]bool{}
	var walk func(error)
	walk = func(err error) {
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				walk(e)
			}
			return
		}
		var e *Error
		if errors.As(err, &e) {
			out[strings.TrimSpace(string(e.Code)+" "+string(e.Key))] = true
		}
	}
	walk(err)
	return out
}

// TestBrokenPolicyKeepsWhatItSaid: while it runs, and over a restart.
func TestBrokenPolicyKeepsWhatItSaid(t *testing.T) {
	m := newMachine(t, map[string]string{
		"managed/10.json": `{"web-api":false,"realm":"site.example","sip-headers":[{"name":"X-A","value":"b"}],"kiosk-number":"1393"}`,
		"managed/20.json": `{"lang":"ko"}`,
	})
	r := m.reader()
	before, o := m.open(r)
	if o.Faults != nil {
		t.Fatal(o.Faults)
	}
	for _, text := range []string{"", " \n"} { // a disk that is full
		m.write("managed/10.json", text)
		if s, o := m.open(r); !codes(o.Faults)["policy-kept"] || !maps.Equal(s.values, before.values) {
			t.Errorf("an empty file: %v", o.Faults)
		}
	}
	// Who only looks leaves the copy as it is.
	m.write("managed/10.json", `{}`)
	if o := NewPolicyReader(PolicyOptions{Dir: m.dir, Kept: m.kept, LookOnly: true}).Read(); o.Faults != nil {
		t.Error(o.Faults)
	}
	m.write("managed/10.json", `{"web-api":false,`)
	for name, r := range map[string]*PolicyReader{"the same phone": r, "after a restart": m.reader()} {
		s, o := m.open(r)
		if got := codes(o.Faults); !got["settings-broken"] || !got["policy-kept"] || len(got) != 2 {
			t.Errorf("%s: faults %v", name, o.Faults)
		}
		if !maps.Equal(s.values, before.values) {
			t.Errorf("%s: %v, want %v", name, s.values, before.values)
		}
		if v := s.Value(KeyRealm); !v.Locked() || filepath.Base(v.Origin) != "10.json" {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if info, err := os.Stat(m.kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v %v", info, err)
	}
	// Mended with less in it: what is gone is free.
	m.write("managed/10.json", `{"lang":"en"}`)
	s, o := m.open(r)
	if o.Faults != nil || s.Value(KeyRealm).Locked() || s.Value(KeyLang).Text != "ko" {
		t.Errorf("%v, %+v, %+v", o.Faults, s.Value(KeyRealm), s.Value(KeyLang))
	}
	// Deleted is taken back, broken or not.
	m.write("managed/20.json", `{`)
	if s, _ := m.open(r); s.Value(KeyLang).Text != "ko" {
		t.Error("a broken file has lost its order")
	}
	if err := os.Remove(filepath.Join(m.dir, "managed/20.json")); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*PolicyReader{r, m.reader()} {
		if s, o := m.open(r); o.Faults != nil || s.Value(KeyLang).Text != "en" {
			t.Errorf("deleted: %v, %+v", o.Faults, s.Value(KeyLang))
		}
	}
}

// TestBrokenPolicyThatNobodyKnows: what it may have locked is locked, and the
// phone can be used.
func TestBrokenPolicyThatNobodyKnows(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/10.json": `{not JSON`, "managed/20.json": `{"lang":"ko"}`, "recommended/a.json": `also not`})
	if err := os.WriteFile(m.settings, []byte(`{"web-api":true,"dn":"100","web-api-origins":["https://user.example"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, o := m.open(m.reader())
	if got := codes(o.Faults); !got["settings-broken"] || !got["policy-guarded"] || len(got) != 2 {
		t.Errorf("faults %v", o.Faults)
	}
	got := s.Get()
	if got.WebAPI || got.WebAPIAsk || !got.WebAPICode || got.VisibleDigits() != 0 || got.DN != "100" || got.Lang != "ko" {
		t.Errorf("%+v", got)
	}
	for _, v := range s.Values() {
		if !v.Locked() {
			t.Errorf("%s is not locked", v.Key)
		}
	}
	if v := s.Value(KeyDN); v.Source != SourceFile || filepath.Base(v.Held) != "10.json" {
		t.Errorf("%+v", v)
	}
	for _, change := range []func(*Settings){
		func(s *Settings) { s.DN = "200" }, func(s *Settings) { s.WebAPI = true },
		func(s *Settings) { s.WebAPIOrigins = append(s.WebAPIOrigins, "https://evil.example") },
	} {
		before, _ := os.ReadFile(m.settings)
		_ = s.Set(change)
		after, _ := os.ReadFile(m.settings)
		if g := s.Get(); g.DN != "100" || g.WebAPI || len(g.WebAPIOrigins) != 1 {
			t.Errorf("a change got through: %+v", g)
		}
		if CodeOf(s.Set(func(s *Settings) { s.DN = "300" })) != CodePolicyGuarded || string(after) != string(before) && !strings.Contains(string(before), "web-api") {
			t.Error("a held setting was written")
		}
	}
	// Once it is mended, everything is the user's again.
	m.write("managed/10.json", `{}`)
	s, o = m.open(m.reader())
	if o.Faults == nil || s.Value(KeyDN).Locked() || s.Set(func(s *Settings) { s.DN = "200" }) != nil {
		t.Errorf("%v %+v", o.Faults, s.Value(KeyDN))
	}
}

// TestHeldSettingsAreNotTyped: what is locked because a policy cannot be read is not
// opened by a variable or a flag either, and whoever has a line there can still call.
func TestHeldSettingsAreNotTyped(t *testing.T) {
	typed := map[string]string{
		"NXPHONE_URL": "wss://sbc.example", "NXPHONE_REALM": "site.example", "NXPHONE_CA": "/ca.pem", "NXPHONE_LANG": "en", "NXPHONE_TEXT_SIZE": "150",
		"NXPHONE_ICE_SERVERS": `[{"url":"stun:stun.example"}]`, "NXPHONE_MICROPHONE": "USB",
		"NXPHONE_TELEMETRY_URL": "https://elsewhere.example", "NXPHONE_HELP_URL": "https://elsewhere.example", "NXPHONE_UPDATE_URL": "https://elsewhere.example",
		"NXPHONE_RECENT_CALLS": "30", "NXPHONE_SIP_TRACE": "true", "NXPHONE_WEB_API": "true", "NXPHONE_MASK_NUMBERS": "none",
		"NXPHONE_WEB_API_ORIGINS": `["https://elsewhere.example"]`, "NXPHONE_SPEED_DIALS": `[{"name":"a","tel":"1"}]`,
	}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	flags := BindFlags(fs)
	if err := fs.Parse([]string{"--dn", "200", "--web-api", "--web-api-ask", "--provision-url", "https://elsewhere.example"}); err != nil {
		t.Fatal(err)
	}
	locked := []Key{
		KeyTelemetryURL, KeyHelpURL, KeyUpdateURL, KeyRecentCalls, KeySIPTrace, KeyWebAPI, KeyWebAPIAsk, KeyMaskNumbers, KeyWebAPIOrigins,
		KeySpeedDials, KeyProvisionURL,
	}
	line := map[Key]string{
		KeyURL: "wss://sbc.example", KeyRealm: "site.example", KeyDN: "200", KeyCA: "/ca.pem", KeyLang: "en", KeyTextSize: "150",
		KeyICEServers: `[{"url":"stun:stun.example"}]`, KeyMicrophone: "USB",
	}
	for name, tt := range map[string]struct {
		policy string
		locked []Key
		free   []Key
	}{
		"nothing can be read":  {`{`, locked, nil},
		"one value is wrong":   {`{"telemetry-url":1,"realm":1}`, []Key{KeyTelemetryURL}, []Key{KeyHelpURL, KeyRecentCalls, KeyWebAPI, KeySpeedDials}},
		"all is as it must be": {`{}`, nil, locked},
	} {
		m := newMachine(t, map[string]string{"managed/a.json": tt.policy})
		if err := os.WriteFile(m.settings, []byte(`{"presented-number":"1393","recent-calls":"off"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Options{Path: m.settings, Lookup: vars(typed), Flags: flags, Layers: m.reader().Read().Layers})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range tt.locked {
			if v := s.Value(k); v.Source == SourceEnvironment || v.Source == SourceFlag || !v.Locked() {
				t.Errorf("%s: %+v", name, v)
			}
		}
		for _, k := range tt.free {
			if v := s.Value(k); v.Source != SourceEnvironment && v.Source != SourceFlag || v.Held != "" {
				t.Errorf("%s: %+v", name, v)
			}
		}
		for k, want := range line {
			if v := s.Value(k); v.Text != want {
				t.Errorf("%s: %+v, want %q: calls do not go on", name, v, want)
			}
		}
		if v := s.Value(KeyPresentedNumber); v.Text != "1393" || v.Source != SourceFile {
			t.Errorf("%s: the user's file: %+v", name, v)
		}
		if own, given := s.Origins(); len(own) != 0 || len(given) != 0 && s.Value(KeyWebAPIOrigins).Held != "" {
			t.Errorf("%s: pages of %q and %q are let in", name, own, given)
		}
	}
}

// TestWrongValueInPolicy: the key keeps what it was ordered to be, or is held;
// the others are not concerned.
func TestWrongValueInPolicy(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/a.json": `{"text-size":150,"lang":"ko"}`})
	r := m.reader()
	m.open(r)
	m.write("managed/a.json", `{"text-size":15,"lang":"en","web-api":"no","theme":"green","dn":"1"}`)
	for _, r := range []*PolicyReader{r, m.reader()} {
		s, o := m.open(r)
		got := codes(o.Faults)
		for _, want := range []string{"bad-setting text-size", "policy-kept text-size", "bad-setting web-api", "policy-guarded web-api", "policy-guarded theme"} {
			if !got[want] {
				t.Errorf("%s is not told: %v", want, o.Faults)
			}
		}
		for key, want := range map[Key]string{KeyTextSize: "150", KeyLang: "en", KeyWebAPI: "false", KeyTheme: "", KeyDN: "1"} {
			if v := s.Value(key); v.Text != want || !v.Locked() {
				t.Errorf("%+v, want %q", v, want)
			}
		}
		if s.Value(KeyMeters).Locked() {
			t.Error("a key that the policy does not name is locked")
		}
		if v := s.Value(KeyTheme); v.Source != SourceDefault || v.Held == "" {
			t.Errorf("%+v", v)
		}
	}
}

// TestUnsafePolicyKeepsWhatItSaid: somebody who opens a folder of policies to
// others does not take the orders away by that.
func TestUnsafePolicyKeepsWhatItSaid(t *testing.T) {
	for _, name := range []string{".", "managed", "managed/a.json"} {
		m := newMachine(t, map[string]string{"managed/a.json": `{"lang":"ko"}`, "managed/b.json": `{"dn":"1"}`})
		r := m.reader()
		m.open(r)
		if err := os.Chmod(filepath.Join(m.dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		m.write("managed/a.json", `{"lang":"en"}`)
		s, o := m.open(r)
		if got := codes(o.Faults); !got["policy-unsafe"] || !got["policy-kept"] {
			t.Errorf("%s: %v", name, o.Faults)
		}
		if s.Value(KeyLang).Text != "ko" || s.Value(KeyDN).Text != "1" || !s.Value(KeyDN).Locked() {
			t.Errorf("%s: %+v %+v", name, s.Value(KeyLang), s.Value(KeyDN))
		}
	}
}

// TestKeptCopyThatCannotBeWritten: the policies are in force, it is told, and the
// copy is written as soon as that can be done.
func TestKeptCopyThatCannotBeWritten(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/a.json": `{"lang":"ko"}`})
	state := filepath.Dir(m.kept)
	if err := os.WriteFile(state, nil, 0o600); err != nil { // in the folder's place
		t.Fatal(err)
	}
	r := m.reader()
	s, o := m.open(r)
	if got := codes(o.Faults); !got["policy-unkept"] || len(got) != 1 || !strings.Contains(o.Faults.Error(), m.kept) {
		t.Errorf("told %v", o.Faults)
	}
	if v := s.Value(KeyLang); v.Text != "ko" || !v.Locked() {
		t.Errorf("%+v", v)
	}
	if _, again := m.open(r); !o.Equal(again) {
		t.Errorf("the same fault is news: %v, then %v", o.Faults, again.Faults)
	}
	if err := os.Remove(state); err != nil {
		t.Fatal(err)
	}
	if _, o := m.open(r); o.Faults != nil {
		t.Errorf("mended: %v", o.Faults)
	}
	m.write("managed/a.json", `{`)
	if s, o := m.open(m.reader()); s.Value(KeyLang).Text != "ko" || !codes(o.Faults)["policy-kept"] {
		t.Errorf("after a restart: %v, %+v", o.Faults, s.Value(KeyLang))
	}
}

// TestEndlessFiles: a file that is far too large is not read into the memory.
func TestEndlessFiles(t *testing.T) {
	const size = 256 << 20
	endless := func(name string) string {
		path := filepath.Join(t.TempDir(), name)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Truncate(size), f.Close()); err != nil { // a hole: it takes no room
			t.Fatal(err)
		}
		return path
	}
	for name, read := range map[string]func(path string) bool{
		"a property list": func(path string) bool {
			p, ok := plistPiece(path, SourceManaged)
			return ok && p.broken && CodeOf(p.fault) == CodeFileUnreadable
		},
		"the copy":     func(path string) bool { return len(readKept(path)) == 0 },
		"a named file": func(path string) bool { _, err := ReadPlain(path); return errors.Is(err, errTooLarge) },
		"the settings": func(path string) bool { _, _, err := load(path); return CodeOf(err) == CodeFileBroken },
		"a policy":     func(path string) bool { return filePiece(path, SourceManaged, 0).broken },
	} {
		path := endless("file")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if !read(path) {
			t.Errorf("%s: taken for a good one, or told wrongly", name)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > size/4 {
			t.Errorf("%s: %d MiB of memory for a file of %d MiB", name, n>>20, size>>20)
		}
	}
}

// TestKeptCopyOfOthers: a copy that others could have written is none.
func TestKeptCopyOfOthers(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/a.json": `{"lang":"ko"}`})
	m.open(m.reader())
	m.write("managed/a.json", `{`)
	if err := os.Chmod(m.kept, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, o := m.open(m.reader()); !codes(o.Faults)["policy-guarded"] {
		t.Errorf("%v", o.Faults)
	}
	for _, text := range []string{"", "{", `{"version":2}`, `{"version":1,"policies":[{"origin":"` + m.dir + `/managed/a.json","settings":[]}]}`} {
		if err := os.WriteFile(m.kept, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(m.kept, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, o := m.open(m.reader()); !codes(o.Faults)["policy-guarded"] {
			t.Errorf("%q: %v", text, o.Faults)
		}
	}
}

func TestSetPolicies(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/a.json": `{"lang":"ko"}`, "recommended/a.json": `{"dn":"7"}`})
	r := m.reader()
	s, o := m.open(r)
	told, stop := s.Watch()
	defer stop()
	if changed, err := s.SetPolicies(o.Layers); changed || err != nil || len(told) != 0 {
		t.Errorf("the same policies: %v %v", changed, err)
	}
	m.write("managed/a.json", `{"theme":"dark"}`)
	if changed, err := s.SetPolicies(r.Read().Layers); !changed || err != nil || len(told) != 1 {
		t.Errorf("others: %v %v", changed, err)
	}
	if s.Value(KeyLang).Source != SourceDefault || s.Value(KeyTheme).Source != SourceManaged || s.Value(KeyDN).Source != SourceRecommended {
		t.Errorf("%v", s.Values())
	}
}

// TestFollow: changes of every kind are seen, in folders that are not there at
// first too, and the end leaves nothing behind.
func TestFollow(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := filepath.Join(t.TempDir(), "etc", "nxphone", "policies")
	if err := os.MkdirAll(filepath.Dir(filepath.Dir(dir)), 0o755); err != nil {
		t.Fatal(err)
	}
	m := machine{t: t, dir: dir, settings: filepath.Join(t.TempDir(), "s.json")}
	r := m.reader()
	r.Read()
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan Orders, 100)
	var wg sync.WaitGroup
	wg.Go(func() { r.Follow(ctx, func(o Orders) { seen <- o }) })
	defer wg.Wait()
	defer cancel()
	expect := func(what string, ok func(*Store, Orders) bool) {
		t.Helper()
		limit := time.After(20 * time.Second)
		for {
			select {
			case o := <-seen:
				s, err := Open(Options{Path: m.settings, Lookup: vars(nil), Layers: o.Layers})
				if err != nil {
					t.Fatal(err)
				}
				if ok(s, o) {
					return
				}
			case <-limit:
				t.Fatalf("%s: not seen", what)
			}
		}
	}
	m.write("managed/a.json", `{"lang":"ko"}`)
	expect("a new file", func(s *Store, _ Orders) bool { return s.Value(KeyLang).Text == "ko" })
	m.write("managed/a.json", `{"lang":"en"}`)
	expect("a changed file", func(s *Store, _ Orders) bool { return s.Value(KeyLang).Text == "en" })
	m.write("managed/a.json", `{"lang":`)
	expect("a broken file", func(s *Store, o Orders) bool { return o.Faults != nil && s.Value(KeyLang).Text == "en" })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	expect("nothing", func(s *Store, o Orders) bool { return o.Faults == nil && s.Value(KeyLang).Text == "" })
}

// FuzzProvisioned: whatever a signed document holds, nothing panics, nothing that
// is wrong gets into the settings, and nothing of this computer comes from afar.
func FuzzProvisioned(f *testing.F) {
	f.Add([]byte(`{"lang":"ko","kiosk-number":"1"}`), []byte(`{"theme":"dark"}`))
	f.Add([]byte(`{"provision-keys":[],"web-api":"x"}`), []byte(`null`))
	f.Fuzz(func(t *testing.T, managed, recommended []byte) {
		layers, _, _ := Provisioned("x", managed, recommended)
		for _, l := range layers {
			for k, v := range l.values {
				if _, err := NewLayer(l.Source, "x", map[Key]string{k: v.text}); err != nil {
					t.Errorf("%s = %q: %v", k, v.text, err)
				}
				for _, i := range Keys() {
					if i.Key == k && i.Local && k != KeyTelemetryURL {
						t.Errorf("%s comes from afar", k)
					}
				}
			}
		}
	})
}

// TestProvisioned: what a server may say, what it may not, and what a document
// that has been in force holds under a stricter program.
func TestProvisioned(t *testing.T) {
	layers, refused, unknown := Provisioned("p", []byte(`{"lang":"ko","kiosk-number":"1","hologram":1,"telemetry-url":"https://c.example"}`), []byte(`{"theme":"dark"}`))
	if refused != nil || !codes(unknown)["bad-setting hologram"] {
		t.Errorf("%v, %v", refused, unknown)
	}
	s, err := Open(Options{PolicyOnly: true, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[Key]string{KeyLang: "ko", KeyKioskNumber: "1", KeyTelemetryURL: "https://c.example", KeyTheme: ""} {
		if v := s.Value(key); v.Text != want || v.Locked() != (want != "") {
			t.Errorf("in a booth: %+v, want %q", v, want)
		}
	}
	layers, refused, _ = Provisioned("p", []byte(`{"lang":"fr","mask-numbers":"some","log-level":"debug","provision-url":"https://evil.example","dn":"1"}`), []byte(`{"kiosk-number":"1"}`))
	for _, want := range []string{"bad-setting lang", "bad-setting mask-numbers", "not-provisioned log-level", "not-provisioned provision-url", "policy-only kiosk-number"} {
		if !codes(refused)[want] {
			t.Errorf("%s is not told: %v", want, refused)
		}
	}
	s, err = Open(Options{Path: filepath.Join(t.TempDir(), "s.json"), Lookup: vars(nil), Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[Key]string{KeyDN: "1", KeyMaskNumbers: MaskAll, KeyLang: ""} {
		if v := s.Value(key); v.Text != want || !v.Locked() {
			t.Errorf("%+v, want %q and a lock", v, want)
		}
	}
	if s.Value(KeyLogLevel).Locked() || s.Value(KeyProvisionURL).Text != "" {
		t.Error("a setting of this computer comes from afar")
	}
	for _, bad := range []string{``, `[]`, `{"lang":"ko","lang":"en"}`} {
		if _, refused, _ := Provisioned("p", []byte(bad), []byte("{}")); refused == nil && bad != "" {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestLocal: what the server orders, proposes and holds is left out, and nothing
// else.
func TestLocal(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/a.json": `{"lang":"ko"}`, "recommended/a.json": `{"theme":"dark"}`})
	if err := os.WriteFile(m.settings, []byte(`{"ca":"/own.pem"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	served, refused, _ := Provisioned("p", []byte(`{"ca":"/theirs.pem","realm":"site.example"}`), []byte(`{"ca":"/theirs.pem","dn":"7","theme":"light"}`))
	if refused != nil {
		t.Fatal(refused)
	}
	lost, _ := Lost("p")
	o := m.reader().Read()
	s, err := Open(Options{Path: m.settings, Lookup: vars(nil), Layers: append(append(served, lost), o.Layers...)})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Get(); got.CA != "/theirs.pem" || got.Realm != "site.example" || got.DN != "7" || got.MaskNumbers != MaskAll {
		t.Errorf("in force: %+v", got)
	}
	if got := s.Local(); got.CA != "/own.pem" || got.Realm != "" || got.DN != "" || got.MaskNumbers == MaskAll || got.Lang != "ko" || got.Theme != "dark" {
		t.Errorf("this computer's: %+v", got)
	}
}

// TestSetPoliciesInABooth: proposals count no more than at the start.
func TestSetPoliciesInABooth(t *testing.T) {
	m := newMachine(t, map[string]string{"managed/a.json": `{"lang":"ko"}`, "recommended/a.json": `{"theme":"dark"}`})
	o := m.reader().Read()
	s, err := Open(Options{PolicyOnly: true, Layers: o.Layers})
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := s.SetPolicies(o.Layers); changed || err != nil || s.Value(KeyTheme).Text != "" {
		t.Errorf("%v %v %+v", changed, err, s.Value(KeyTheme))
	}
}
