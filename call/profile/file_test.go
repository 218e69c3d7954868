package profile

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestBrokenFile(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		line, column int
		detail       string
	}{
		{"cut off", "{\n  \"url\": \"ws://a\",\n", 3, 1, "unexpected end"},
		{"no comma", "{\n  \"url\": \"ws://a\"\n  \"dn\": \"1\"\n}", 3, 3, "after object key:value pair"},
		{"comma at the end", "{\"dn\": \"1\",}", 1, 12, "looking for beginning of object key string"},
		{"characters, not bytes", "{\"dn\": \"상담\", x}", 1, 14, "invalid character 'x'"},
		{"a list", "\n [1]", 2, 2, "must be a JSON object"},
		{"a word", "true", 1, 1, "must be a JSON object"},
		{"two objects", "{}\n{}", 2, 1, "after top-level value"},
		{"twice", "{\"dn\":\"1\",\n \"dn\":\"2\"}", 2, 2, "stands twice"},
		{"not UTF-8", "{\"dn\":\"\xb0\xa1\"}", 1, 8, "UTF-8"},
		{"binary", "\x00\x01", 1, 1, "invalid character"},
		{"large", "{" + strings.Repeat(" ", maxFile) + "}", 1, 1, "larger than 1 MiB"},
		{"deep", strings.Repeat("[", 20000), 1, 10001, "max depth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, c.text)
			s, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_DN": "7"})})
			var e *Error
			if !errors.As(err, &e) || e.Code != CodeFileBroken || e.Source != path {
				t.Fatalf("open: %v", err)
			}
			if e.Line != c.line || e.Column != c.column || !strings.Contains(e.Detail, c.detail) {
				t.Errorf("told as %v, want %d:%d %q", e, c.line, c.column, c.detail)
			}
			if s.Get().DN != "7" {
				t.Error("the other layers were lost")
			}
			if err := s.Set(func(p *Settings) { p.Lang = "ko" }); !errors.Is(err, ErrFileBroken) {
				t.Errorf("set: %v", err)
			}
			if read(t, path) != c.text {
				t.Error("overwritten")
			}
		})
	}
}

func TestFaultyValuesAreToldOneByOne(t *testing.T) {
	path := file(t, "{\n  \"codec\": \"g729\",\n  \"dn\":1000,\n  \"url\": \"ws://good\",\n  \"register\" : null,\n  \"mine\": {}\n}")
	s, err := Open(Options{Path: path, Lookup: vars(nil)})
	want := []string{":2:12: bad-setting (codec)", ":3:8: bad-setting (dn)", ":5:16: bad-setting (register)"}
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), path+w) {
			t.Errorf("%q is missing in: %v", w, err)
		}
	}
	if s.Get().URL != "ws://good" {
		t.Error("the good value was lost")
	}
	// A write mends what it names and leaves the rest, the faulty included.
	if err := s.Set(func(p *Settings) { p.Codec = "opus" }); err != nil {
		t.Fatal(err)
	}
	got := read(t, path)
	for _, w := range []string{`"codec": "opus"`, `"dn": 1000`, `"register": null`, `"mine": {}`} {
		if !strings.Contains(got, w) {
			t.Errorf("%s is missing in:\n%s", w, got)
		}
	}
}

func TestHarmlessFiles(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "blank": " \n\t", "byte order mark": "\xef\xbb\xbf{\"dn\":\"\"}", "no members": "{}"} {
		s, err := Open(Options{Path: file(t, text), Lookup: vars(nil)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Set(func(p *Settings) { p.DN = "1000" }); err != nil || !strings.HasPrefix(read(t, s.Path()), "{") {
			t.Errorf("%s: set: %v", name, err)
		}
	}
	// A directory in the file's place.
	if _, err := Open(Options{Path: t.TempDir(), Lookup: vars(nil)}); CodeOf(err) != CodeFileUnreadable {
		t.Errorf("directory: %v", err)
	}
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"a":1,"url":"ws://x","b":{"c":[null]}}`))
	f.Add([]byte("{\"dn\":\"1\",}"))
	f.Add([]byte("\xff{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := t.TempDir() + "/s.json"
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		doc, kept, err := load(path)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("no place in %v", err)
			}
			return
		}
		_, _ = doc.layer(SourceFile, path, kept)
		// Put together and taken apart again, nothing is lost.
		out, err := doc.bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseDocument(path, out)
		if err != nil || len(again.members) != len(doc.members) {
			t.Fatalf("%v: %d members, want %d", err, len(again.members), len(doc.members))
		}
		for i, m := range again.members {
			if m.name != doc.members[i].name {
				t.Fatalf("%q became %q", doc.members[i].name, m.name)
			}
		}
	})
}
