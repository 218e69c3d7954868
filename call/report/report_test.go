package report

import (
	"archive/zip"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/call/scrub"
)

// planted is what stands in every entry of TestPlanted: the first is the text, the
// others must not be found.
func planted() [][]string {
	const sdp = "v=0\r\no=kim 1 1 IN IP4 10.0.0.5\r\na=ice-ufrag:uFr4gX\r\na=ice-pwd:iCePassw0rdWithManyLetters\r\n" +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"
	return [][]string{
		{"calling 01012345678 now", "01012345678", "12345678"},
		{"calling 010-1234-5678 now", "1234", "5678"},
		{"번호 공일공 일이삼사 오육칠팔 입니다", "일이삼사", "오육칠팔"},
		{"tel:+82-10-1234-5678;phone-context=x", "1234"},
		{"GET /call?tel=%2B821012345678&key=hunter2 HTTP/1.1", "12345678", "hunter2"},
		{"INVITE sip:01012345678@example.net SIP/2.0\r\nFrom: \"김상담\" <sip:70771@example.net>;tag=1\r\nAuthorization: Digest username=\"70771\", realm=\"r\", nonce=\"n0nc3\", response=\"0a0b0c0d\"\r\n" +
			"X-Push: pushtoken-abc\r\n\r\n" + sdp, "01012345678", "김상담", "70771", "n0nc3", "0a0b0c0d", "uFr4gX", "iCePassw0rd", "d0Rmdmcm", "pushtoken-abc"},
		{`{"password":"hunter2","token":"t0k3n","turn":{"credential":"cr3d"}}`, "hunter2", "t0k3n", "cr3d"},
		{"wss://kim:hunter2@sbc.example.net/ws?apikey=k3y", "hunter2", "k3y"},
		{"the secret of the keyring is correct-horse", "correct-horse"},
		{"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("kim:correct-horse")), base64.StdEncoding.EncodeToString([]byte("kim:correct-horse"))},
		{"/home/kim/.config/nxphone", "kim"},
		{"ext 7077 answered", "7077"},
	}
}

// TestPlanted: of what is planted in every entry, in the error of one and in its
// log, nothing is found in the unpacked report, and the rest is.
func TestPlanted(t *testing.T) {
	var texts strings.Builder
	for _, p := range planted() {
		texts.WriteString(p[0] + "\nstays here\n")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "nxphone.log")
	if err := os.WriteFile(log, []byte(texts.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	entries := []Entry{
		{"version.txt", "Version", Text(texts.String())},
		{"settings.txt", "Settings", Text(texts.String())},
		{"log/nxphone.log", "Messages", Files(log+".1", log)},
		{"devices.txt", "Devices", func(context.Context) ([]byte, error) { return nil, errors.New(texts.String()) }},
		{"none.log", "Nothing", Files(filepath.Join(dir, "none"))},
	}
	s := scrub.New(scrub.Known{
		Secrets: []string{"correct-horse", "pushtoken-abc", "hunter2"}, Numbers: []string{"7077", "70771"}, Names: map[string]string{"/home/kim": "~", "kim": scrub.User},
	})
	path := filepath.Join(dir, "report.zip")
	for range 2 { // over an older one
		if err := Write(t.Context(), path, entries, s); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	all := unzip(t, path)
	if len(all) != len(entries) {
		t.Errorf("%d entries, want %d", len(all), len(entries))
	}
	for name, text := range all {
		for _, p := range planted() {
			for _, leak := range p[1:] {
				if strings.Contains(text, leak) {
					t.Errorf("%s holds %q of %q", name, leak, p[0])
				}
			}
		}
		if name != "none.log" && strings.Count(text, "stays here") != len(planted()) {
			t.Errorf("%s has lost text:\n%s", name, text)
		}
	}
	if !strings.Contains(all["none.log"], "not exist") {
		t.Errorf("%q", all["none.log"])
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".nxphone-report-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func unzip(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(data)
	}
	return all
}

// TestFails: a report that cannot be written leaves nothing behind, and one that
// is given up neither.
func TestFails(t *testing.T) {
	dir := t.TempDir()
	if err := Write(t.Context(), filepath.Join(dir, "none", "r.zip"), nil, scrub.New(scrub.Known{})); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Write(ctx, filepath.Join(dir, "r.zip"), []Entry{{"a", "a", Text("a")}}, scrub.New(scrub.Known{})); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
	// A pipe in a log's place would never end.
	if _, err := Files("/dev/zero")(t.Context()); err == nil {
		t.Error("a device was read")
	}
}

// TestTail: of a log that is too long the end is kept.
func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l")
	if err := os.WriteFile(path, []byte(strings.Repeat("x\n", maxEntry)+"the end\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := Files(path)(t.Context())
	if err != nil || len(data) != maxEntry || !strings.HasSuffix(string(data), "the end\n") {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestList(t *testing.T) {
	if got := List([]Entry{{Name: "a.txt", Title: "An A"}, {Name: "log/b", Title: "B"}}); got != "  a.txt  An A\n  log/b  B\n" {
		t.Errorf("%q", got)
	}
}
