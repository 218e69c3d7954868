package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/call/profile"
)

// policyRun runs the program as "nxphone policy ..." with this settings file.
func policyRun(t *testing.T, file string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"policy", "--lang", "en", "--config", path}, args...), &out, &errs)
	return out.String(), errs.String(), code
}

func TestPolicyTable(t *testing.T) {
	stdout, stderr, code := policyRun(t, `{"dn":"4711","push-token":"very-secret","url":"wss://sbc.example/?token=very-secret","provision-url":"https://desk.example/?key=very-secret"}`, "--realm", "helpline.example")
	// The server has no key, which is told.
	if code != exitFailed || !strings.Contains(stderr, "provision-keys") {
		t.Errorf("status %d, %q", code, stderr)
	}
	if strings.Contains(stdout+stderr, "very-secret") {
		t.Error("a secret is printed")
	}
	lines := map[string][]string{}
	for _, l := range strings.Split(strings.TrimSpace(stdout), "\n") {
		f := strings.Fields(l)
		lines[f[0]] = f[1:]
	}
	if len(lines) != len(profile.Keys()) {
		t.Errorf("%d lines for %d settings", len(lines), len(profile.Keys()))
	}
	for key, want := range map[string]string{
		"realm": "helpline.example flag --realm", "push-token": masked + " file", "url": masked + " file", "provision-url": masked + " file", "dn": "4711 file", "text-size": "100 default", "theme": "- default",
	} {
		if got := strings.Join(lines[key], " "); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// TestPolicyJSON: values have their types, secrets none, faults their places.
func TestPolicyJSON(t *testing.T) {
	stdout, stderr, code := policyRun(t, "{\"dn\":\"4711\",\n \"lang\":\"fr\",\n \"push-token\":\"very-secret\",\"text-size\":125,\"kiosk-number\":\"1\"}", "--json")
	if code != exitFailed || !strings.Contains(stderr, "settings.json:2:9: bad-setting (lang)") {
		t.Errorf("status %d, %q", code, stderr)
	}
	if strings.Contains(stdout+stderr, "very-secret") {
		t.Error("a secret is printed")
	}
	var got struct {
		Version  string
		Settings []struct {
			Key, Source, Origin string
			Value               any
			Masked, Locked      bool
		}
		Errors []struct {
			Code, Key, Source, Detail, Text string
			Line, Column                    int
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Settings) != len(profile.Keys()) || got.Version == "" {
		t.Errorf("%d settings", len(got.Settings))
	}
	for _, s := range got.Settings {
		switch s.Key {
		case "text-size":
			if s.Value != 125.0 || s.Source != "file" || s.Locked {
				t.Errorf("%+v", s)
			}
		case "lang":
			if s.Value != "en" || s.Source != "flag" || s.Origin != "--lang" || !s.Locked {
				t.Errorf("%+v", s)
			}
		case "push-token":
			if s.Value != nil || !s.Masked {
				t.Errorf("%+v", s)
			}
		case "web-api-origins":
			if list, ok := s.Value.([]any); !ok || len(list) != 0 {
				t.Errorf("%+v", s)
			}
		}
	}
	if len(got.Errors) != 2 || got.Errors[0].Line != 2 || got.Errors[0].Key != "lang" || got.Errors[0].Text == "" || got.Errors[1].Code != "policy-only" {
		t.Errorf("%+v", got.Errors)
	}
}

func TestPolicyCheck(t *testing.T) {
	good, bad := filepath.Join(t.TempDir(), "good.json"), filepath.Join(t.TempDir(), "bad.json")
	for path, text := range map[string]string{good: `{"$schema":"schema.json","kiosk-number":"1393"}`, bad: `{"relam":"a","lang":"fr"}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if stdout, stderr, code := policyRun(t, "{}", "check", good); code != exitOK || stdout != good+": ok\n" || stderr != "" {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	stdout, stderr, code := policyRun(t, "{}", "check", good, bad)
	if code != exitFailed || stdout != good+": ok\n" || strings.Count(stderr, "bad.json:1:") != 2 {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	for _, args := range [][]string{{"check"}, {"check", good + ".none"}, {"chekc", good}, {"--jsn"}} {
		if _, stderr, code := policyRun(t, "{}", args...); code != exitUsage || stderr == "" {
			t.Errorf("%q: %d %q", args, code, stderr)
		}
	}
}

// TestMissingFile: a file that is not there is told as that, not as a command that
// nobody understands.
func TestMissingFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.json")
	for _, args := range [][]string{{"check", missing}, {"sign", missing, missing}, {"keygen", filepath.Join(missing, "key.pem")}} {
		stdout, stderr, code := policyRun(t, "{}", args...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, "A file that was named cannot be read or written") || strings.Contains(stderr, "not understood") {
			t.Errorf("%q: %d %q %q", args, code, stdout, stderr)
		}
	}
}
