package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"syscall"
	"testing"

	"nxphone/call/profile"
	"nxphone/ui"
)

// dumpable is what prctl(2) says of this process.
func dumpable(t *testing.T) bool {
	t.Helper()
	on, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0, 0, 0, 0)
	if err != 0 {
		t.Fatal(err)
	}
	return on == 1
}

// TestNoCoreDump: no crash of any command writes memory to a disk, whatever
// core_pattern names; a desk phone can still be looked at by the portals.
func TestNoCoreDump(t *testing.T) {
	h := startHeadless(t, "--demo")
	h.expect(`web-api .*`, `sbc .*`, `sbc .*`)
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", h.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^Max core file size +1 +1 `).Match(limits) {
		t.Errorf("the limits are\n%s", limits)
	}
	h.end(syscall.SIGTERM)
}

// TestBoothIsNotRead: a booth forbids it for everybody.
func TestBoothIsNotRead(t *testing.T) {
	if !dumpable(t) {
		t.Log("an earlier test has forbidden it already")
	}
	defer func() {
		if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 1, 0, 0, 0, 0); err != 0 {
			t.Error(err)
		}
	}()
	seen := true
	runBooth(t, map[profile.Key]string{profile.KeyKioskNumber: "600"}, func(context.Context, ui.KioskOptions) error {
		seen = dumpable(t)
		return nil
	}, "--demo").ends(exitOK)
	if seen {
		t.Error("other programs of this user can read the booth's memory")
	}
}
