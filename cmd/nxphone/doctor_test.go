package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDoctorDemo: with the demo SBC everything works, whatever the machine has
// no use for, and in half a minute.
func TestDoctorDemo(t *testing.T) {
	quietHome(t)
	var out, errs bytes.Buffer
	began := time.Now()
	code := run(t.Context(), []string{"doctor", "--demo", "--audio", "null", "--lang", "en", "--json"}, &out, &errs)
	if took := time.Since(began); code != exitOK || took > 30*time.Second {
		t.Errorf("exit status %d after %v\n%s%s", code, took, errs.String(), out.String())
	}
	var got struct {
		Result   string
		Findings []struct{ Check, Result, Code, What string }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	codes := map[string]string{}
	for _, f := range got.Findings {
		codes[f.Check] = f.Code
		if strings.ContainsAny(f.What, "{}") {
			t.Errorf("%s has a blank: %q", f.Code, f.What)
		}
	}
	for check, want := range map[string]string{"settings": "settings-ok", "encryption": "tls-ok", "sip": "sip-ok", "call": "call-ok", "microphone": "sound-null"} {
		if codes[check] != want {
			t.Errorf("%s: %s, want %s", check, codes[check], want)
		}
	}
}

// TestDoctorWords: both languages, one line a finding, and a status that a
// script can use.
func TestDoctorWords(t *testing.T) {
	quietHome(t)
	for lang, want := range map[string]string{"ko": "[오류] 설정: ", "en": "[error] Settings: "} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"doctor", "--quick", "--audio", "null", "--lang", lang}, &out, &errs); code != exitFailed {
			t.Errorf("exit status %d", code)
		}
		if !strings.HasPrefix(out.String(), want) || strings.ContainsAny(out.String(), "{}") {
			t.Errorf("%s", out.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"doctor", "now"}, &out, &errs); code != exitUsage || out.Len() != 0 {
		t.Errorf("exit status %d\n%s", code, out.String())
	}
}

// quietHome is a user's home without anything in it.
func quietHome(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"NXPHONE_CONFIG": filepath.Join(dir, "settings.json"), "XDG_STATE_HOME": filepath.Join(dir, "state"), "XDG_RUNTIME_DIR": filepath.Join(dir, "run"),
		"DBUS_SESSION_BUS_ADDRESS": "disabled:", "DISPLAY": "", "WAYLAND_DISPLAY": "",
	} {
		t.Setenv(name, value)
	}
}
