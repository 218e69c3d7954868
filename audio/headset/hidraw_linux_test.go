package headset

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nxphone/audio/headset/headsettest"
)

// root makes a file system with /dev and /sys/class/hidraw.
func root(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"dev", "sys/class/hidraw"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// plug puts a device into sysfs the way the kernel does: its folder bears a
// number that never comes again.
func plug(t *testing.T, root, name, instance, label string, descriptor []byte) {
	t.Helper()
	dev := filepath.Join(root, "sys/devices", instance)
	class := filepath.Join(root, "sys/class/hidraw", name)
	for _, d := range []string{dev, class} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{"uevent": []byte("DRIVER=hid-generic\nHID_ID=0003:00001209:0000BEEF\nHID_NAME=" + label + "\nHID_PHYS=\n"), "report_descriptor": descriptor}
	for f, data := range files {
		if err := os.WriteFile(filepath.Join(dev, f), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(class, "device")
	_ = os.Remove(link) // of a device that had the name before
	if err := os.Symlink(dev, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "dev", name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	r := root(t)
	sys := newSystem(Options{Root: r})
	if got, err := sys.list(); len(got) != 0 || err != nil {
		t.Fatalf("%v, %v", got, err)
	}
	plug(t, r, "hidraw3", "0003:1209:BEEF.0001", "GN \x07Audio\xff A/S Jabra", headsettest.JabraLike())
	if err := os.MkdirAll(filepath.Join(r, "sys/class/hidraw/hidraw4"), 0o755); err != nil { // half gone
		t.Fatal(err)
	}
	first, err := sys.list()
	if err != nil || len(first) != 1 {
		t.Fatalf("%v, %v", first, err)
	}
	if n := first["hidraw3"]; n.label != "GN Audio A/S Jabra" || len(n.descriptor) != len(headsettest.JabraLike()) {
		t.Errorf("%+v", n)
	}
	plug(t, r, "hidraw3", "0003:1209:BEEF.0002", "GN Audio A/S Jabra", headsettest.JabraLike())
	second, err := sys.list()
	if err != nil {
		t.Fatal(err)
	}
	if first["hidraw3"].id == second["hidraw3"].id {
		t.Error("the same headset plugged in again cannot be told from one that stayed")
	}
	if got, err := newSystem(Options{Root: t.TempDir()}).list(); len(got) != 0 || err != nil {
		t.Errorf("without hidraw: %v, %v", got, err)
	}
}

func TestPermission(t *testing.T) {
	r := root(t)
	plug(t, r, "hidraw0", "1", "Jabra", headsettest.JabraLike())
	if err := os.Chmod(filepath.Join(r, "dev/hidraw0"), 0); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		// Root reads everything; another file system user of this thread does
		// not. The thread is not given back.
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if err := unix.Setfsuid(65534); err != nil {
				done <- err
				return
			}
		}
		_, err := newSystem(Options{Root: r}).open("hidraw0")
		done <- err
	}()
	if err := <-done; !errors.Is(err, errDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := newSystem(Options{Root: r}).open("hidraw9"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a device that is not there: %v", err)
	}
}

func TestChanges(t *testing.T) {
	r := root(t)
	var wg sync.WaitGroup
	sys := newSystem(Options{Root: r})
	changes := sys.changes(t.Context(), &wg)
	if changes == nil {
		t.Fatal("no inotify")
	}
	path := filepath.Join(r, "dev/hidraw0")
	steps := []struct {
		name string
		do   func() error
	}{
		{"plugged in", func() error { return os.WriteFile(path, nil, 0o600) }},
		{"opened to the user", func() error { return os.Chmod(path, 0o660) }},
		{"unplugged", func() error { return os.Remove(path) }},
	}
	for _, s := range steps {
		// Not a headset's business, and before it in the same read perhaps.
		if err := os.WriteFile(filepath.Join(r, "dev/ttyS0"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.do(); err != nil {
			t.Fatal(err)
		}
		<-changes
	}
}

func TestChangesEnd(t *testing.T) {
	r := root(t)
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	if newSystem(Options{Root: r}).changes(ctx, &wg) == nil {
		t.Fatal("no inotify")
	}
	cancel()
	wg.Wait()
	if c := newSystem(Options{Root: filepath.Join(r, "nowhere")}).changes(t.Context(), &wg); c != nil {
		t.Error("a folder that is not there is watched")
	}
	wg.Wait()
}

func TestMentions(t *testing.T) {
	event := func(mask uint32, name string) []byte {
		padded := make([]byte, (len(name)/16+1)*16)
		copy(padded, name)
		b := make([]byte, unix.SizeofInotifyEvent)
		binary.NativeEndian.PutUint32(b[4:], mask)
		binary.NativeEndian.PutUint32(b[12:], uint32(len(padded)))
		return append(b, padded...)
	}
	tests := []struct {
		name string
		in   []byte
		want bool
	}{
		{"nothing", nil, false},
		{"others", append(event(unix.IN_CREATE, "ttyS0"), event(unix.IN_ATTRIB, "snd")...), false},
		{"one among others", append(event(unix.IN_CREATE, "ttyS0"), event(unix.IN_ATTRIB, "hidraw12")...), true},
		{"events were lost", event(unix.IN_Q_OVERFLOW, ""), true},
		{"cut off", event(unix.IN_CREATE, "ttyS0")[:20], true},
	}
	for _, tt := range tests {
		if got := mentions(tt.in, "hidraw"); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
