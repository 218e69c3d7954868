package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/call/update"
)

// TestMake: the same files give the same feed, which a phone would take.
func TestMake(t *testing.T) {
	dir := t.TempDir()
	args := []string{"make", "-version", "1.2.3", "-date", "1700000000", "-days", "30"}
	for _, name := range []string{"nxphone_1.2.3_amd64.deb", "nxphone-1.2.3-1.x86_64.rpm", "nxphone-1.2.3-1-x86_64.pkg.tar.zst", "nxphone-1.2.3-linux-amd64.tar.gz",
		"nxphone-kiosk_1.2.3_all.deb", "nxphone-1.2.3-x64.msi", "nxphone-1.2.3-x64-user.msi", "nxphone-1.2.3-x64-user-gl.msi", "nxphone-1.2.3-windows-amd64.cdx.json"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	var first, again bytes.Buffer
	if err := run(args, &first); err != nil {
		t.Fatal(err)
	}
	if err := run(args, &again); err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Errorf("%v: another feed of the same files", err)
	}
	f, err := update.ParseFeed(first.Bytes())
	if err != nil || f.Expires.Sub(f.Date).Hours() != 30*24 {
		t.Fatalf("%v, %+v", err, f)
	}
	for kind, want := range map[string][2]string{
		"deb": {"linux", "nxphone_1.2.3_amd64.deb"}, "rpm": {"linux", "nxphone-1.2.3-1.x86_64.rpm"}, "tar": {"linux", "nxphone-1.2.3-linux-amd64.tar.gz"},
		"archlinux": {"linux", "nxphone-1.2.3-1-x86_64.pkg.tar.zst"}, "kiosk-deb": {"linux", "nxphone-kiosk_1.2.3_all.deb"}, "msi": {"windows", "nxphone-1.2.3-x64.msi"},
		"msi-user": {"windows", "nxphone-1.2.3-x64-user.msi"}, "msi-user-gl": {"windows", "nxphone-1.2.3-x64-user-gl.msi"}, "sbom": {"windows", "nxphone-1.2.3-windows-amd64.cdx.json"},
	} {
		if got := f.Find(kind, want[0], "amd64"); got == nil || got.Name != want[1] {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	for _, bad := range [][]string{{}, {"make"}, {"check", "x"}, {"make", "-version", "1", "x"}, {"make", "-version", "1.2.3", "-date", "1", filepath.Join(dir, "readme.txt")},
		{"make", "-version", "1.2.3", "-date", "1", "-days", "500", args[len(args)-1]}} {
		if err := run(bad, &again); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := kindOf("nxphone.deb"); err == nil || !strings.Contains(err.Error(), "processor") {
		t.Errorf("%v", err)
	}
}
