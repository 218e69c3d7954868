package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/call/profile"
	"nxphone/ui"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// testSettings are the window's settings over a file, without an SBC, so that
// nothing is dialled.
func testSettings(t *testing.T, file string, layers ...profile.Layer) (windowSettings, string) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := profile.Open(profile.Options{Path: path, Layers: layers, Lookup: func(name string) (string, bool) {
		v, ok := map[string]string{"NXPHONE_THEME": "contrast"}[name]
		return v, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	return windowSettings{&phone{store: store, keyring: profile.NewKeyring(), log: slog.New(slog.DiscardHandler)}, nil}, path
}

// TestWindowKnowsEverySetting: each key that the window reads is a setting, with
// a value that it reads right.
func TestWindowKnowsEverySetting(t *testing.T) {
	managed, err := profile.NewLayer(profile.SourceManaged, "policy.json", map[profile.Key]string{profile.KeyMaskNumbers: "last-4"})
	if err != nil {
		t.Fatal(err)
	}
	w, _ := testSettings(t, `{"dn": "1000", "speed-dials": [{"name": "119", "tel": "119"}], "web-api-origins": ["https://a.example"], "lang": "ko"}`, managed)
	v := w.Values()
	if len(v.Keys) != len(profile.Keys()) {
		t.Errorf("%d keys of %d", len(v.Keys), len(profile.Keys()))
	}
	for _, k := range ui.Keys() {
		if _, ok := v.Keys[k]; !ok {
			t.Errorf("the window reads %q, which is no setting", k)
		}
	}
	if v.DN != "1000" || v.Lang != text.Korean || v.Theme != look.Contrast || v.TextSize != 100 || !v.Meters || !v.Notifications || !v.Tray ||
		!v.MuteSound || !v.Headset || v.RestMinutes != 10 || v.VisibleDigits() != 4 || len(v.SpeedDials) != 1 || v.HotkeyMute != "Ctrl+Shift+F9" {
		t.Errorf("%+v", v)
	}
	if len(v.Origins) != 1 || len(v.FixedOrigins) != 0 {
		t.Errorf("origins %v and %v", v.Origins, v.FixedOrigins)
	}
	for key, want := range map[string]present.Setting{
		"dn":           {Text: "1000", From: present.FromUser},
		"theme":        {Text: "contrast", From: present.FromEnvironment, Place: "NXPHONE_THEME", Locked: true},
		"mask-numbers": {Text: "last-4", From: present.FromOrganisation, Place: "policy.json", Locked: true},
		"text-size":    {Text: "100", From: present.FromDefault},
		"push-token":   {From: present.FromDefault, Sensitive: true},
	} {
		got := v.Setting(key)
		if want.From == present.FromUser {
			want.Place = got.Place // the path of the file
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", key, got, want)
		}
	}
}

func TestWindowSavesOnlyChanges(t *testing.T) {
	w, path := testSettings(t, `{"future": 1, "dn": "1000"}`)
	if err := w.Save(t.Context(), map[string]string{"text-size": "150", "meters": "false"}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"future\": 1,\n  \"dn\": \"1000\",\n  \"text-size\": 150,\n  \"meters\": false\n}\n"
	if string(data) != want {
		t.Errorf("written:\n%s\nwant:\n%s", data, want)
	}
	if v := w.Values(); v.TextSize != 150 || v.Meters {
		t.Errorf("%+v", v)
	}
	for _, changes := range []map[string]string{{"text-size": "50"}, {"kiosk-number": "1"}, {"nonsense": "1"}} {
		err := w.Save(t.Context(), changes)
		now, _ := os.ReadFile(path)
		if string(now) != want || err == nil {
			t.Errorf("%v: %v, written:\n%s", changes, err, now)
		}
	}
	if w.Check("text-size", "50") || !w.Check("text-size", "200") || w.Check("kiosk-number", "1") {
		t.Error("the window's check is not the store's")
	}
}

// TestWindowCarriesSettings from one phone to another, without what is secret.
func TestWindowCarriesSettings(t *testing.T) {
	one, _ := testSettings(t, `{"dn": "1000", "realm": "example.net", "push-token": "TOPSECRET", "theme": "dark"}`)
	data, err := one.Export()
	if err != nil || strings.Contains(string(data), "TOPSECRET") {
		t.Fatalf("%s, %v", data, err)
	}
	other, _ := testSettings(t, `{"dn": "2000"}`)
	got, err := other.Import(data)
	if err != nil {
		t.Fatal(err)
	}
	if texts := got.Texts(); len(texts) != 2 || texts["dn"] != "1000" || texts["realm"] != "example.net" || got.Changes[0].Before.Text != "" || got.Changes[1].Before.Text != "2000" {
		t.Errorf("%+v", got)
	}
	if len(got.Kept) != 1 || got.Kept[0] != "theme" {
		t.Errorf("kept %v", got.Kept)
	}
	for text, want := range map[string]present.FileFault{
		"{\n  \"dn\": 1000\n}":     {Key: "dn", Line: 2, Column: 9},
		"{\n  \"dn\": \"1\"\n":     {Line: 3, Column: 1},
		"{\"name\": \"left-pad\"}": {Key: "name", Line: 1, Column: 10},
	} {
		_, err := other.Import([]byte(text))
		var f *present.FileFault
		if !errors.As(err, &f) || f.Key != want.Key || f.Line != want.Line || f.Column != want.Column || f.Detail == "" {
			t.Errorf("%q: %+v (%v)", text, f, err)
		}
	}
}
