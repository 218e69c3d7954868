package profile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// policies writes files below a folder, and removes nothing.
func policies(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPolicies(t *testing.T) {
	dir := policies(t, map[string]string{
		"managed/10-site.json":   `{"realm":"site.example","lang":"ko"}`,
		"managed/20-floor.json":  `{"realm":"floor.example"}`,
		"managed/30-notes.txt":   `{"realm":"not.read"}`,
		"recommended/all.json":   `{"lang":"en","dn":"100","url":"wss://recommended.example"}`,
		"settings/settings.json": `{"dn":"200","realm":"user.example"}`,
	})
	layers, err := Policies(dir)
	if err != nil {
		t.Fatal(err)
	}
	none := func(string) (string, bool) { return "", false }
	s, err := Open(Options{Path: filepath.Join(dir, "settings", "settings.json"), Lookup: none, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		key    Key
		text   string
		source Source
		file   string
		locked bool
	}{
		{KeyRealm, "floor.example", SourceManaged, "20-floor.json", true},
		{KeyLang, "ko", SourceManaged, "10-site.json", true},
		{KeyDN, "200", SourceFile, "settings.json", false},
		{KeyURL, "wss://recommended.example", SourceRecommended, "all.json", false},
	} {
		v := s.Value(want.key)
		if v.Text != want.text || v.Source != want.source || filepath.Base(v.Origin) != want.file || v.Locked() != want.locked {
			t.Errorf("%s: %+v, want %+v", want.key, v, want)
		}
	}
}

// TestPolicyFaults: each fault is told with its place, and the rest counts.
func TestPolicyFaults(t *testing.T) {
	dir := policies(t, map[string]string{
		"managed/a.json": "{\n  \"lang\": \"fr\",\n  \"realm\": \"kept.example\"\n}",
		"managed/b.json": "{\n  \"relam\": \"typing.error\"\n}",
		"managed/c.json": "{ not JSON",
	})
	notPlain(t, filepath.Join(dir, "managed", "pipe.json"))
	layers, err := Policies(dir)
	for _, want := range []string{"a.json:2:11: bad-setting (lang)", "b.json:2:12: bad-setting (relam)", "c.json:1:3: settings-broken", "pipe.json: settings-unreadable"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
	s, _ := Open(Options{Path: filepath.Join(dir, "none.json"), Lookup: func(string) (string, bool) { return "", false }, Layers: layers})
	if got := s.Get(); got.Realm != "kept.example" || got.Lang != "" {
		t.Errorf("settings %+v", got)
	}
	if !s.Value(KeyRealm).Locked() {
		t.Error("a managed value is not locked")
	}
}

func TestNoPolicies(t *testing.T) {
	if layers, err := Policies(filepath.Join(t.TempDir(), "nothing")); err != nil || len(layers) != 0 {
		t.Errorf("%v, %v", layers, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var fault *Error
	if _, err := Policies(file); !errors.As(err, &fault) || fault.Code != CodeFileUnreadable {
		t.Errorf("a file in place of the folder: %v", err)
	}
}

// TestUnsafePolicies: what others could have written gives no orders, and what
// is beside it still does.
func TestUnsafePolicies(t *testing.T) {
	dir := policies(t, map[string]string{
		"managed/a.json":     `{"lang": "ko"}`,
		"managed/b.json":     `{"realm": "evil.example"}`,
		"recommended/a.json": `{"dn": "100"}`,
	})
	chmod := func(name string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (Settings, error) {
		layers, err := Policies(dir)
		s, _ := Open(Options{Path: filepath.Join(dir, "none.json"), Lookup: vars(nil), Layers: layers})
		return s.Get(), err
	}
	chmod("managed/b.json", 0o664)
	got, err := read()
	if CodeOf(err) != CodePolicyUnsafe || !strings.Contains(err.Error(), "b.json") || got.Realm != "" || got.Lang != "ko" || got.DN != "100" {
		t.Errorf("a file for a group: %+v, %v", got, err)
	}
	chmod("managed/b.json", 0o644)
	chmod("managed", 0o777)
	got, err = read()
	if CodeOf(err) != CodePolicyUnsafe || got.Lang != "" || got.DN != "100" {
		t.Errorf("a folder for all: %+v, %v", got, err)
	}
	chmod("managed", 0o755)
	chmod(".", 0o777)
	got, err = read()
	if CodeOf(err) != CodePolicyUnsafe || got.Lang != "" || got.DN != "" {
		t.Errorf("all policies for all: %+v, %v", got, err)
	}
	chmod(".", 0o755)
	if os.Getuid() == 0 { // only root can give a file away
		if err := os.Chown(filepath.Join(dir, "managed/b.json"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if got, err = read(); CodeOf(err) != CodePolicyUnsafe || got.Realm != "" || got.Lang != "ko" {
			t.Errorf("another user's file: %+v, %v", got, err)
		}
	}
}
