package headset

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInstalledKernel(t *testing.T) {
	root := t.TempDir()
	put := func(name, data string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if k, ok := installed(root); ok {
		t.Fatalf("found %q in an empty root", k.name)
	}
	put("boot/vmlinuz-6.1.0-1-amd64", "no modules")
	put("boot/vmlinuz-6.1.0-2-amd64", "all there")
	for _, m := range moduleNames() {
		put("lib/modules/6.1.0-2-amd64/kernel/drivers/hid/"+m+".ko", m)
	}
	k, ok := installed(root)
	if !ok || string(k.image) != "all there" || len(k.modules) != len(moduleNames()) || !strings.HasPrefix(k.name, "6.1.0-2-amd64") {
		t.Fatalf("found %t: %q, %q", ok, k.name, k.image)
	}
	for i, m := range moduleNames() {
		if string(k.modules[i]) != m {
			t.Errorf("module %d is %q, want %q", i, k.modules[i], m)
		}
	}
}

func TestPickFromPackage(t *testing.T) {
	pack := func(names ...string) *tar.Reader {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, n := range names {
			if err := w.WriteHeader(&tar.Header{Name: n, Mode: 0o644, Size: int64(len(n))}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return tar.NewReader(&b)
	}
	names := []string{"./boot/System.map-1", "./boot/vmlinuz-1"}
	for _, m := range moduleNames() {
		names = append(names, "./lib/modules/1/kernel/drivers/hid/"+m+".ko")
	}
	k, err := pick(pack(names...))
	if err != nil || string(k.image) != names[1] || string(k.modules[0]) != names[2] {
		t.Errorf("%q, %v", k.image, err)
	}
	if _, err := pick(pack(names[:len(names)-1]...)); err == nil || !strings.Contains(err.Error(), "lacks 1 file") {
		t.Errorf("a package without uhid: %v", err)
	}
}

func TestArchive(t *testing.T) {
	var b bytes.Buffer
	a := archive{w: &b}
	a.folder("dev")
	a.console()
	a.file("init", []byte("hello"))
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if b.Len()%4 != 0 {
		t.Errorf("%d bytes", b.Len())
	}
	// The header of /init: its mode, its size of five, its name's length of
	// five; then name and data, each filled up to four.
	want := "070701" + "00000003" + "000081ed" + strings.Repeat("00000000", 2) + "00000001" + "00000000" + "00000005" +
		strings.Repeat("00000000", 4) + "00000005" + "00000000" + "init\x00" + "\x00" + "hello\x00\x00\x00"
	if !strings.Contains(b.String(), want) {
		t.Errorf("the archive lacks %q:\n%q", want, b.String())
	}
}
