package headset

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/sys/unix"
)

// hidraw is the kernel's way to HID devices (Documentation/hid/hidraw.rst): a
// character device each, and what it is in sysfs.
type hidraw struct {
	class string // .../sys/class/hidraw
	dev   string // .../dev
	log   *slog.Logger
}

func newSystem(o Options) system {
	root := o.Root
	if root == "" {
		root = "/"
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return hidraw{class: filepath.Join(root, "sys/class/hidraw"), dev: filepath.Join(root, "dev"), log: log}
}

// list implements system. A device that goes while it is looked at is not there.
func (h hidraw) list() (map[string]node, error) {
	entries, err := os.ReadDir(h.class)
	if os.IsNotExist(err) {
		return nil, nil // a kernel without hidraw has no headsets
	}
	if err != nil {
		return nil, err
	}
	out := map[string]node{}
	for _, e := range entries {
		if n, err := h.node(e.Name()); err == nil {
			out[e.Name()] = n
		}
	}
	return out, nil
}

func (h hidraw) node(name string) (node, error) {
	dir := filepath.Join(h.class, name, "device")
	uevent, err := os.ReadFile(filepath.Join(dir, "uevent"))
	if err != nil {
		return node{}, err
	}
	descriptor, err := os.ReadFile(filepath.Join(dir, "report_descriptor"))
	if err != nil {
		return node{}, err
	}
	// The path ends in a number that the kernel gives anew each time something
	// is plugged in.
	path, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return node{}, err
	}
	return node{id: path + "\n" + string(uevent), label: label(uevent), descriptor: descriptor}, nil
}

// label is HID_NAME of a uevent file, fit to be shown: it is whatever the
// device says of itself.
func label(uevent []byte) string {
	for s := bufio.NewScanner(bytes.NewReader(uevent)); s.Scan(); {
		if v, ok := strings.CutPrefix(s.Text(), "HID_NAME="); ok {
			return printable(v)
		}
	}
	return ""
}

func printable(s string) string {
	const most = 64
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(s) {
		if n == most {
			break
		}
		if r != unicode.ReplacementChar && unicode.IsPrint(r) {
			b.WriteRune(r)
			n++
		}
	}
	return b.String()
}

// open implements system.
func (h hidraw) open(name string) (device, error) {
	f, err := os.OpenFile(filepath.Join(h.dev, name), os.O_RDWR, 0)
	if os.IsPermission(err) {
		return nil, fmt.Errorf("%w: %w", errDenied, err)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// changes implements system: devices come and go in /dev, and a desktop opens
// them to the user who sits at it a moment later, which changes attributes.
func (h hidraw) changes(ctx context.Context, wg *sync.WaitGroup) <-chan struct{} {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		h.log.Info("headsets are looked for from time to time: the system has no watch to spare", "error", err)
		return nil
	}
	if _, err := unix.InotifyAddWatch(fd, h.dev, unix.IN_CREATE|unix.IN_DELETE|unix.IN_ATTRIB|unix.IN_ONLYDIR); err != nil {
		_ = unix.Close(fd) // nothing was written
		h.log.Info("headsets are looked for from time to time", "error", err)
		return nil
	}
	f := os.NewFile(uintptr(fd), "inotify")
	out := make(chan struct{}, 1)
	stop := context.AfterFunc(ctx, func() { _ = f.Close() })
	wg.Go(func() {
		defer stop()
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			if err != nil {
				return
			}
			if !mentions(buf[:n], "hidraw") {
				continue
			}
			select {
			case out <- struct{}{}:
			default:
			}
		}
	})
	return out
}

// mentions reports whether one of the inotify events is about a file whose name
// begins so, or whether events were lost.
func mentions(events []byte, prefix string) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(events[4:])
		size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(events[12:]))
		if size > len(events) {
			return true
		}
		if mask&unix.IN_Q_OVERFLOW != 0 || bytes.HasPrefix(events[unix.SizeofInotifyEvent:size], []byte(prefix)) {
			return true
		}
		events = events[size:]
	}
	return false
}
