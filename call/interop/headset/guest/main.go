//go:build linux

// Guest is the first and only program of the virtual machine of package
// call/interop/headset: it loads the kernel's modules, runs the tests and
// switches the machine off. It is built without cgo and is the init of an
// initial RAM file system that holds nothing else but modules and tests.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

func main() {
	if err := run(); err != nil {
		fmt.Println("GUEST FAILED:", err)
	} else {
		fmt.Println("GUEST OK")
	}
	unix.Sync()
	// Whatever comes of it, an init that returns is a kernel panic, which the
	// host takes for the end as well.
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

func run() error {
	if os.Getpid() != 1 {
		return errors.New("this is the init of a virtual machine, and does nothing elsewhere")
	}
	for _, m := range []struct{ kind, dir string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}} {
		if err := os.MkdirAll(m.dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.dir, m.kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("mount %s: %w", m.dir, err)
		}
	}
	modules, err := filepath.Glob("/modules/*.ko")
	if err != nil {
		return err
	}
	slices.Sort(modules) // their names begin with their turn
	for _, path := range modules {
		if err := load(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	tests := exec.Command("/tests", "-test.v", "-test.run", "^TestVirtual", "-test.timeout", "3m")
	tests.Stdout, tests.Stderr = os.Stdout, os.Stdout
	tests.Env = []string{"HOME=/tmp", "TMPDIR=/tmp", "PATH=/"}
	return tests.Run()
}

func load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}
