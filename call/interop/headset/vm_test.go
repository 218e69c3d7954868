package headset

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// vmTime bounds the whole of it, on a busy machine.
const vmTime = 5 * time.Minute

func TestVirtualMachine(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), vmTime)
	defer cancel()
	dir := t.TempDir()
	began := time.Now()
	lap := func(what string) {
		t.Logf("%5.1f s  %s", time.Since(began).Seconds(), what)
	}

	build(ctx, t, filepath.Join(dir, "init"), "build", "./call/interop/headset/guest")
	build(ctx, t, filepath.Join(dir, "tests"), "test", "-c", "-tags=uhid", "./audio/headset")
	lap("guest and tests are built")
	k, err := findKernel(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	lap("kernel " + k.name)
	image := filepath.Join(dir, "vmlinuz")
	if err := os.WriteFile(image, k.image, 0o600); err != nil {
		t.Fatal(err)
	}
	ram := filepath.Join(dir, "initrd")
	if err := writeRAM(ram, k, dir); err != nil {
		t.Fatal(err)
	}

	out := boot(ctx, t, image, ram)
	lap("the machine is off")
	t.Logf("the machine said:\n%s", out)
	if !strings.Contains(out, "GUEST OK") {
		t.Error("the tests in the machine failed")
	}
	// All of them ran: a test that is not there fails nothing.
	for _, name := range []string{"TestVirtualCall", "TestVirtualReplug", "TestVirtualSecondVendor", "TestVirtualPermission"} {
		if !strings.Contains(out, "--- PASS: "+name) {
			t.Errorf("%s did not pass", name)
		}
	}
}

// build makes a static program of the repository for the machine.
func build(ctx context.Context, t *testing.T, out string, args ...string) {
	t.Helper()
	pkg := args[len(args)-1]
	args = append(args[:len(args)-1:len(args)-1], "-ldflags=-s -w", "-o", out, pkg)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = "../../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=-buildvcs=false")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, msg)
	}
}

// writeRAM writes the machine's file system: init, tests and modules.
func writeRAM(path string, k kernel, dir string) error {
	var b bytes.Buffer
	a := archive{w: &b}
	for _, d := range []string{"dev", "proc", "sys", "tmp", "modules"} {
		a.folder(d)
	}
	a.console()
	for _, name := range []string{"init", "tests"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		a.file(name, data)
	}
	for i, m := range moduleNames() {
		a.file(fmt.Sprintf("modules/%d-%s.ko", i, m), k.modules[i])
	}
	if err := a.close(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// boot runs the machine until it switches itself off and gives what it printed.
// It has no network, no disk and no screen.
func boot(ctx context.Context, t *testing.T, image, ram string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64",
		"-accel", "tcg", "-cpu", "max", "-m", "512", "-smp", "1", "-nodefaults", "-no-user-config", "-no-reboot",
		"-display", "none", "-monitor", "none", "-nic", "none", "-serial", "stdio",
		"-kernel", image, "-initrd", ram,
		"-append", "console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("qemu-system-x86_64 (Debian package qemu-system-x86): %v\n%s\n%s", err, stderr.Bytes(), out)
	}
	return strings.ReplaceAll(string(out), "\r", "")
}
