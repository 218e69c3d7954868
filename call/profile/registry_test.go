package profile

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// memoryRegistry is a registry made of memory: values by hive and path.
type memoryRegistry map[string][]registryValue

var errDenied = errors.New("access is denied")

func (m memoryRegistry) read(hive, path string) ([]registryValue, []string, error) {
	at := hive + `\` + path
	var subkeys []string
	values, there := m[at]
	for name := range m {
		if rest, ok := strings.CutPrefix(name, at+`\`); ok && !strings.Contains(rest, `\`) {
			subkeys, there = append(subkeys, rest), true
		}
	}
	if len(values) == 1 && values[0].name == "denied" {
		return nil, nil, errDenied
	}
	if !there {
		return nil, nil, fs.ErrNotExist
	}
	slices.Sort(subkeys)
	return values, subkeys, nil
}

func sz(name, text string) registryValue {
	return registryValue{name: name, kind: registryText, text: text}
}
func dword(name string, n uint64) registryValue {
	return registryValue{name: name, kind: registryNumber, number: n}
}

func registryStore(t *testing.T, m memoryRegistry) (*Store, Orders) {
	t.Helper()
	r := &PolicyReader{place: place{pieces: func() []piece { return registryPieces(m.read) }}, last: map[string]Layer{}}
	o := r.Read()
	s, err := Open(Options{Path: filepath.Join(t.TempDir(), "s.json"), Lookup: vars(nil), Layers: o.Layers})
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

// TestRegistry: every kind of setting, both hives, both levels.
func TestRegistry(t *testing.T) {
	s, o := registryStore(t, memoryRegistry{
		`HKLM\Software\Policies\nxphone`: {
			sz("", ""), sz("Realm", "helpline.example"), dword("web-api", 1), dword("meters", 0), dword("text-size", 125), sz("kiosk-idle", "90s"),
			sz("ice-servers", `[{"url":"stun:a.example"}]`), {name: "sip-headers", kind: registryTexts, texts: []string{`{"name":"X-A","value":"1"}`}},
		},
		`HKLM\Software\Policies\nxphone\web-api-origins`: {sz("10", "https://c.example"), sz("2", "https://b.example"), sz("1", "https://a.example")},
		`HKLM\Software\Policies\nxphone\Speed-Dials`:     {sz("1", `{"name":"119","tel":"119"}`), sz("2", `{"name":"상담","tel":"1393"}`)},
		`HKCU\Software\Policies\nxphone`:                 {sz("realm", "user.example"), sz("lang", "ko"), sz("register", "true"), sz("rest-minutes", "5")},
		`HKLM\Software\Policies\nxphone\Recommended`:     {sz("theme", "dark"), sz("lang", "en")},
		`HKCU\Software\Policies\nxphone\Recommended`:     {sz("theme", "light"), dword("on-top", 1)},
	})
	if o.Faults != nil {
		t.Fatal(o.Faults)
	}
	for key, want := range map[Key]struct {
		text, hive string
		source     Source
	}{
		KeyRealm: {"helpline.example", "HKLM", SourceManaged}, KeyWebAPI: {"true", "HKLM", SourceManaged}, KeyMeters: {"false", "HKLM", SourceManaged},
		KeyTextSize: {"125", "HKLM", SourceManaged}, KeyKioskIdle: {"1m30s", "HKLM", SourceManaged}, KeyLang: {"ko", "HKCU", SourceManaged},
		KeyRegister: {"true", "HKCU", SourceManaged}, KeyRestMinutes: {"5", "HKCU", SourceManaged},
		KeyTheme: {"dark", "HKLM", SourceRecommended}, KeyOnTop: {"true", "HKCU", SourceRecommended},
		KeyWebAPIOrigins: {`["https://a.example","https://b.example","https://c.example"]`, "HKLM", SourceManaged},
		KeySpeedDials:    {`[{"name":"119","tel":"119"},{"name":"상담","tel":"1393"}]`, "HKLM", SourceManaged},
		KeyICEServers:    {`[{"url":"stun:a.example"}]`, "HKLM", SourceManaged},
		KeySIPHeaders:    {`[{"name":"X-A","value":"1"}]`, "HKLM", SourceManaged},
	} {
		if v := s.Value(key); v.Text != want.text || v.Source != want.source || !strings.HasPrefix(v.Origin, want.hive+`\`) {
			t.Errorf("%+v, want %+v", v, want)
		}
	}
}

// TestRegistryFaults: what is wrong is told with its key, and holds.
func TestRegistryFaults(t *testing.T) {
	const at = `HKLM\Software\Policies\nxphone`
	for name, c := range map[string]struct {
		values []registryValue
		want   []string
	}{
		"a switch of 2":           {[]registryValue{dword("web-api", 2)}, []string{"bad-setting web-api", "policy-guarded web-api"}},
		"a switch in words":       {[]registryValue{sz("web-api", "yes")}, []string{"bad-setting web-api", "policy-guarded web-api"}},
		"a text as a number":      {[]registryValue{dword("dn", 100)}, []string{"bad-setting dn", "policy-guarded dn"}},
		"a count out of bounds":   {[]registryValue{dword("text-size", 1000)}, []string{"bad-setting text-size", "policy-guarded text-size"}},
		"bytes":                   {[]registryValue{{name: "lang"}}, []string{"bad-setting lang", "policy-guarded lang"}},
		"no such setting":         {[]registryValue{sz("relam", "a")}, []string{"bad-setting relam"}},
		"a list that is no array": {[]registryValue{sz("web-api-origins", "https://a.example")}, []string{"bad-setting web-api-origins", "policy-guarded web-api-origins"}},
	} {
		_, o := registryStore(t, memoryRegistry{at: c.values})
		got := codes(o.Faults)
		for _, want := range c.want {
			if !got[want] {
				t.Errorf("%s: %q is not told: %v", name, want, o.Faults)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v", name, o.Faults)
		}
		if o.Faults != nil && strings.Contains(o.Faults.Error(), ":0:0") {
			t.Errorf("%s: a line of a registry: %v", name, o.Faults)
		}
	}
	s, o := registryStore(t, memoryRegistry{at: {{name: "denied"}}, `HKCU\Software\Policies\nxphone`: {sz("lang", "ko")}})
	if !maps.Equal(codes(o.Faults), map[string]bool{"settings-unreadable": true, "policy-guarded": true}) || !s.Value(KeyDN).Locked() || s.Value(KeyLang).Text != "ko" {
		t.Errorf("a key that cannot be read: %v", o.Faults)
	}
	if s, o := registryStore(t, memoryRegistry{}); o.Faults != nil || s.Value(KeyDN).Locked() {
		t.Errorf("no policies: %v", o.Faults)
	}
}

// FuzzRegistry: whatever stands there, nothing panics and nothing that is wrong
// gets into the settings.
func FuzzRegistry(f *testing.F) {
	f.Add("web-api", 2, "true", uint64(1), "1")
	f.Add("speed-dials", 1, `[{"name":"a","tel":"1"}]`, uint64(0), "1")
	f.Add("ice-servers", 1, `{"url":"stun:a"}`, uint64(0), "x")
	f.Fuzz(func(t *testing.T, name string, kind int, text string, number uint64, item string) {
		v := registryValue{name: name, kind: registryKind(kind), text: text, texts: []string{text, item}, number: number}
		m := memoryRegistry{`HKLM\Software\Policies\nxphone`: {v}}
		if !strings.Contains(name, `\`) {
			m[`HKLM\Software\Policies\nxphone\`+name] = []registryValue{{name: item, kind: registryKind(kind), text: text}}
		}
		for _, p := range registryPieces(m.read) {
			for k, v := range p.layer.values {
				if _, err := NewLayer(SourceManaged, "x", map[Key]string{k: v.text}); err != nil {
					t.Errorf("%s = %q: %v", k, v.text, err)
				}
			}
		}
	})
}
