package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDoctorDemo: with the demo SBC everything works, whatever the machine has
// no use for, and in half a minute.
func TestDoctorDemo(t *testing.T) {
	for _, mode := range []string{"--kiosk=false", "--kiosk"} {
		t.Run(mode, func(t *testing.T) { examineDemo(t, mode) })
	}
}

func examineDemo(t *testing.T, mode string) {
	quietHome(t)
	var out, errs bytes.Buffer
	began := time.Now()
	code := run(t.Context(), []string{"doctor", "--demo", "--audio", "null", "--lang", "en", "--json", mode}, &out, &errs)
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

// TestReportKeepsItsVersion: whoever helps sees which program it is, though the
// version of a build between releases and its commit look like numbers and keys.
func TestReportKeepsItsVersion(t *testing.T) {
	quietHome(t)
	old, oldCommit := version, commitFlag
	t.Cleanup(func() { version, commitFlag = old, oldCommit })
	version, commitFlag = "0.1.0~20261125.181445.a681617", "a6816170ced7e87d45ad2a0f21ff59c0ef33bbcc"
	file := filepath.Join(t.TempDir(), "r.zip")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"report", "--quick", "--lang", "en", file}, &stdout, &stderr); code != exitOK {
		t.Fatalf("%d %s", code, stderr.String())
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("version.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if want := "nxphone " + version + "\ncommit " + commitFlag + "\n"; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("%v, %s", err, text)
	}
}

// TestReport: numbers, passwords and keys that stand in settings, files,
// environment, logs and what an SBC says are not in the unpacked report; that is
// listed first, and belongs to the user alone.
func TestReport(t *testing.T) {
	quietHome(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	state := os.Getenv("XDG_STATE_HOME")
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	if state == "" {
		t.Fatal("no state")
	}
	leaky := "call to 010-9876-5432 password=hunter2\nINVITE sip:01098765432@x SIP/2.0\na=ice-pwd:planted-ice-password-1\na=crypto:1 AES inline:UGxhbnRlZEtleVBsYW50ZWRLZXlQbGFudGVkS2V5\n공일공 구팔칠육 오사삼이\nGET /?t=planted-query\n"
	file("state/nxphone/log/nxphone.log", leaky)
	file("state/nxphone/log/nxphone.log.1", leaky+"from yesterday\n")
	file("state/nxphone/log/sip.log", leaky)
	file("state/nxphone/web-api.log", leaky)
	t.Setenv("HTTPS_PROXY", "http://user:planted-proxy@127.0.0.1:1")
	t.Setenv("NO_PROXY", "127.0.0.1")
	for key, value := range map[string]string{
		"DN": "70771", "USER": "planted-user", "PASSWORD_FILE": file("pw", "planted-password\n"), "PUSH_TOKEN": "planted-push-token",
		"SIP_HEADERS": `[{"name":"X-Key","value":"planted-sip-key"}]`, "HANDSHAKE_HEADERS": `[{"name":"Cookie","value":"planted-cookie"}]`,
		"SPEED_DIALS": `[{"name":"김상담","tel":"010-5555-1234"}]`, "ECHO_NUMBER": "7072", "PRESENTED_NUMBER": "1393", "HELP_URL": "https://desk.example/planted-help",
		"TELEMETRY_URL": "https://collector.example/planted-telemetry", "TELEMETRY_HEADERS_FILE": file("headers", "X-Token: planted-header\n"),
		"ICE_SERVERS": `[{"url":"turn:127.0.0.1:1?transport=tcp","user":"planted-turn-user"}]`,
	} {
		if key == "SPEED_DIALS" {
			value = strings.ReplaceAll(value, "-", "")
		}
		t.Setenv("NXPHONE_"+key, value)
	}
	path := filepath.Join(dir, "r.zip")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"report", "--demo", "--quick", "--audio", "null", "--lang", "en", path}, &out, &errs); code != exitOK {
		t.Fatalf("exit status %d\n%s%s", code, out.String(), errs.String())
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	whole := out.String()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		whole += string(text)
		if len(text) == 0 || !strings.Contains(out.String(), f.Name) {
			t.Errorf("%s is empty, or not listed", f.Name)
		}
	}
	for _, leak := range []string{"9876", "5432", "구팔칠육", "hunter2", "planted", "UGxhbnRl", "70771", "7072", "5551234", "55551234", "김상담", "1393"} {
		if at := strings.Index(whole, leak); at >= 0 {
			t.Errorf("the report holds %s: %q", leak, whole[max(0, at-80):min(len(whole), at+80)])
		}
	}
	for _, there := range []string{"from yesterday", "OPTIONS sip:", "SIP/2.0 200 OK", "codec ", "speed-dials", "go1.", "[ok] Settings", `"code": "sip-ok"`} {
		if !strings.Contains(whole, there) {
			t.Errorf("the report has no %q", there)
		}
	}
}

// TestLogFile: a call is written down, and nobody's number is.
func TestLogFile(t *testing.T) {
	quietHome(t)
	t.Setenv("NXPHONE_SIP_TRACE", "true")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"call", "--demo", "--dn", "70771", "--audio", "null", "--hangup-after", "200ms", "600"}, &out, &errs); code != exitOK {
		t.Fatalf("exit status %d\n%s", code, errs.String())
	}
	dir := filepath.Join(os.Getenv("XDG_STATE_HOME"), "nxphone", "log")
	for name, want := range map[string][]string{
		"nxphone.log": {"a call began", "answered", "the call ended", "code=hangup"},
		"sip.log":     {"INVITE sip:[user]@", "SIP/2.0 200", "BYE", "a=ice-pwd:[secret]"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s has no %q:\n%s", name, w, text)
			}
		}
		for _, leak := range []string{"70771", "sip:600"} {
			if strings.Contains(string(text), leak) {
				t.Errorf("%s holds %s", name, leak)
			}
		}
	}
	t.Setenv("NXPHONE_LOG_FILE", "false")
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if code := run(t.Context(), []string{"call", "--demo", "--audio", "null", "--hangup-after", "100ms", "600"}, &out, &errs); code != exitOK {
		t.Fatalf("exit status %d\n%s", code, errs.String())
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("XDG_STATE_HOME"), "nxphone", "log", "*")); len(left) != 0 {
		t.Errorf("%v was written although it is switched off", left)
	}
}
