package profile

import (
	"os"
	"path/filepath"
	"testing"

	"howett.net/plist"
)

const preferences = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>realm</key><string>helpline.example</string>
<key>web-api</key><true/>
<key>text-size</key><integer>125</integer>
<key>kiosk-idle</key><string>90s</string>
<key>web-api-origins</key><array><string>https://a.example</string></array>
<key>speed-dials</key><array><dict><key>name</key><string>상담 &amp; 도움</string><key>tel</key><string>1393</string></dict></array>
</dict></plist>`

// macStore is a start on a Mac with these preferences.
func macStore(t *testing.T, files map[string][]byte) (*Store, Orders) {
	t.Helper()
	top := t.TempDir()
	for name, data := range files {
		path := filepath.Join(top, name, PreferencesDomain+".plist")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := &PolicyReader{place: preferencesPlace(filepath.Join(top, "managed"), filepath.Join(top, "local"), "kim"), last: map[string]Layer{}}
	o := r.Read()
	s, err := Open(Options{Path: filepath.Join(top, "s.json"), Lookup: vars(nil), Layers: o.Layers})
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

func TestPreferences(t *testing.T) {
	var all map[string]any
	if _, err := plist.Unmarshal([]byte(preferences), &all); err != nil {
		t.Fatal(err)
	}
	binary, err := plist.Marshal(all, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	proposal, err := plist.Marshal(map[string]any{"theme": "dark", "lang": "en"}, plist.XMLFormat)
	if err != nil {
		t.Fatal(err)
	}
	user, err := plist.Marshal(map[string]any{"lang": "ko", "realm": "user.example"}, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	for form, data := range map[string][]byte{"xml": []byte(preferences), "binary": binary} {
		s, o := macStore(t, map[string][]byte{"managed": data, "managed/kim": user, "managed/lee": binary, "local": proposal})
		if o.Faults != nil {
			t.Fatalf("%s: %v", form, o.Faults)
		}
		for key, want := range map[Key]string{
			KeyRealm: "helpline.example", KeyWebAPI: "true", KeyTextSize: "125", KeyKioskIdle: "1m30s", KeyLang: "ko", KeyTheme: "dark",
			KeyWebAPIOrigins: `["https://a.example"]`, KeySpeedDials: `[{"name":"상담 & 도움","tel":"1393"}]`,
		} {
			if v := s.Value(key); v.Text != want || (v.Source == SourceRecommended) != (key == KeyTheme) {
				t.Errorf("%s: %+v, want %q", form, v, want)
			}
		}
	}
}

func TestPreferencesFaults(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"no list":         {"{", "settings-broken"},
		"another dialect": {`{ realm = "a"; }`, "settings-broken"},
		"an array":        {`<plist version="1.0"><array/></plist>`, "settings-broken"},
		"a date":          {`<plist version="1.0"><dict><key>lang</key><date>2026-01-01T00:00:00Z</date></dict></plist>`, "bad-setting lang"},
		"a float":         {`<plist version="1.0"><dict><key>text-size</key><real>125.5</real></dict></plist>`, "bad-setting text-size"},
		"unknown":         {`<plist version="1.0"><dict><key>relam</key><string>a</string></dict></plist>`, "bad-setting relam"},
	} {
		if _, o := macStore(t, map[string][]byte{"managed": []byte(c.text)}); !codes(o.Faults)[c.want] {
			t.Errorf("%s: %v", name, o.Faults)
		}
	}
	if _, o := macStore(t, nil); o.Faults != nil {
		t.Error(o.Faults)
	}
}

// FuzzPreferences: whatever the file holds, nothing panics.
func FuzzPreferences(f *testing.F) {
	f.Add([]byte(preferences))
	binary, _ := plist.Marshal(map[string]any{"lang": "ko", "speed-dials": []any{map[string]any{"name": "a", "tel": "1"}}}, plist.BinaryFormat)
	f.Add(binary)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parsePlist(data)
		if err != nil {
			return
		}
		p := doc.piece(SourceManaged, "x", nil)
		for k, v := range p.layer.values {
			if _, err := NewLayer(SourceManaged, "x", map[Key]string{k: v.text}); err != nil {
				t.Errorf("%s = %q: %v", k, v.text, err)
			}
		}
	})
}
