package profile

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportHoldsNoSecret: what goes out is the user's own, and nothing that
// may be a secret or belongs to one computer.
func TestExportHoldsNoSecret(t *testing.T) {
	path := file(t, `{"future": 1, "dn": "1000", "url": "wss://sbc.example/ws?line=7", "text-size": 150, "mute-sound": false,
		"push-token": "TOPSECRET", "push-provider": "p", "password-file": "/TOPSECRET", "help-url": "https://hook.example/TOPSECRET",
		"sip-headers": [{"name": "X-Key", "value": "TOPSECRET"}], "handshake-headers": [{"name": "Cookie", "value": "TOPSECRET"}],
		"log-level": "info", "web-api-origins": ["https://helpline.example"]}`)
	s, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_REALM": "env.example"}),
		Layers: []Layer{layer(t, SourceManaged, map[Key]string{KeyTheme: "dark"})}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := s.Export()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "dn": "1000",
  "url": "wss://sbc.example/ws?line=7",
  "push-provider": "p",
  "web-api-origins": [
    "https://helpline.example"
  ],
  "text-size": 150,
  "mute-sound": false
}
`
	if string(data) != want {
		t.Errorf("exported:\n%s\nwant:\n%s", data, want)
	}
	for _, address := range []string{"wss://kim:pw@sbc.example", "wss://sbc.example/?access_token=a", "wss://sbc.example/?API-KEY=a", "wss://[::1"} {
		s, _ := Open(Options{Path: file(t, `{"dn": "1", "url": "`+address+`"}`), Lookup: vars(nil)})
		data, err := s.Export()
		if err != nil || strings.Contains(string(data), "url") {
			t.Errorf("%s went out: %s, %v", address, data, err)
		}
	}
	// A policy could be made of it, and another phone takes it whole.
	other, _ := Open(Options{Path: filepath.Join(t.TempDir(), "settings.json"), Lookup: vars(nil)})
	got, err := other.Import("export.json", data)
	if err != nil || len(got.Changes) != 6 || len(got.Kept) != 0 {
		t.Errorf("imported again: %+v, %v", got, err)
	}
	texts := map[Key]string{}
	for _, c := range got.Changes {
		texts[c.After.Key] = c.After.Text
	}
	if err := other.SetTexts(texts); err != nil {
		t.Fatal(err)
	}
	if again, err := other.Export(); err != nil || string(again) != want {
		t.Errorf("exported again:\n%s, %v", again, err)
	}
}

// TestImportSaysWhatChanges: and changes nothing itself. What the user cannot
// change now, what only a policy may say and what belongs to one computer is
// not taken.
func TestImportSaysWhatChanges(t *testing.T) {
	path := file(t, `{"dn": "1000", "lang": "ko", "web-api-origins": ["https://a.example"]}`)
	s, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_URL": "ws://env"}),
		Layers: []Layer{layer(t, SourceManaged, map[Key]string{KeyTheme: "contrast"})}})
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	got, err := s.Import("x.json", []byte(`{"dn": "2000", "lang": "ko", "url": "ws://evil", "theme": "light", "kiosk-number": "100",
		"password-file": "/home/kim/.ssh/id", "web-api-origins": ["https://b.example"], "help-url": "https://h.example"}`))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, c := range got.Changes {
		told = append(told, string(c.After.Key)+": "+c.Before.Text+" -> "+c.After.Text)
	}
	want := "dn: 1000 -> 2000\n" +
		`web-api-origins: ["https://a.example"] -> ["https://a.example","https://b.example"]` + "\n" +
		"help-url:  -> https://h.example"
	if strings.Join(told, "\n") != want {
		t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(told, "\n"), want)
	}
	if !got.Changes[2].After.Sensitive {
		t.Error("what may be a secret is not marked")
	}
	if keys := got.Kept; len(keys) != 4 || keys[0] != KeyURL || keys[1] != KeyPasswordFile || keys[2] != KeyTheme || keys[3] != KeyKioskNumber {
		t.Errorf("kept %v", keys)
	}
	if read(t, path) != before || s.Get().DN != "1000" {
		t.Error("reading a file changed something")
	}
}

func TestImportRefusesAWrongFile(t *testing.T) {
	s, _ := Open(Options{Path: filepath.Join(t.TempDir(), "settings.json"), Lookup: vars(nil)})
	for _, c := range []struct {
		name, text   string
		code         Code
		key          Key
		line, column int
	}{
		{"not JSON", "{\n  \"dn\": \"1\",\n}", CodeFileBroken, "", 3, 1},
		{"a picture", "\x89PNG", CodeFileBroken, "", 1, 1},
		{"an array", ` ["dn"]`, CodeFileBroken, "", 1, 2},
		{"empty", "", CodeFileBroken, "", 1, 1},
		{"no settings", "{}", CodeFileBroken, "", 1, 1},
		{"twice", "{\"dn\":\"1\",\n \"dn\":\"2\"}", CodeFileBroken, "", 2, 2},
		{"another program's", "{\n  \"name\": \"left-pad\",\n  \"dn\": \"1\"}", CodeBadSetting, "name", 2, 11},
		{"a wrong value", "{\"dn\": \"1\",\n  \"theme\": \"pink\"}", CodeBadSetting, KeyTheme, 2, 12},
		{"a wrong kind", "{\"text-size\": \"150\"}", CodeBadSetting, KeyTextSize, 1, 15},
		{"a wrong origin", "{\"web-api-origins\": [\"https://a.example/\"]}", CodeBadOrigin, KeyWebAPIOrigins, 1, 21},
		{"large", "{" + strings.Repeat(" ", maxFile) + "}", CodeFileBroken, "", 1, 1},
	} {
		got, err := s.Import("x.json", []byte(c.text))
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Key != c.key || e.Line != c.line || e.Column != c.column || e.Source != "x.json" {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(got.Changes)+len(got.Kept) != 0 {
			t.Errorf("%s: half of it was taken: %+v", c.name, got)
		}
	}
	if _, err := s.Import("x.json", []byte("\ufeff{\"dn\": \"1\"}")); err != nil {
		t.Errorf("a byte order mark: %v", err)
	}
}

func TestSetTexts(t *testing.T) {
	path := file(t, `{"dn": "1"}`)
	s, _ := Open(Options{Path: path, Lookup: vars(nil)})
	if err := s.SetTexts(map[Key]string{KeyDN: "2", KeyMeters: "false", KeyRestMinutes: "15"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Get(); got.DN != "2" || got.Meters || got.RestMinutes != 15 {
		t.Errorf("%+v", got)
	}
	before := read(t, path)
	if err := s.SetTexts(map[Key]string{KeyDN: "3", KeyTheme: "pink"}); CodeOf(err) != CodeBadSetting {
		t.Errorf("a wrong value: %v", err)
	}
	if err := s.SetTexts(map[Key]string{KeyDN: "3", KeyKioskNumber: "1"}); CodeOf(err) != CodePolicyOnly {
		t.Errorf("the kiosk's: %v", err)
	}
	if read(t, path) != before || s.Get().DN != "2" {
		t.Error("half of it was written")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		key  Key
		text string
		ok   bool
	}{{KeyTextSize, "150", true}, {KeyTextSize, "50", false}, {KeyKioskNumber, "1", false}, {"nonsense", "", false}, {KeySpeedDials, "[]", true}} {
		if err := Check(c.key, c.text); (err == nil) != c.ok {
			t.Errorf("%s=%q: %v", c.key, c.text, err)
		}
	}
}
