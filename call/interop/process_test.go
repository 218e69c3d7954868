package interop

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stubborn is a shell that ignores SIGTERM and has a child that does, too. It
// prints both pids.
const stubborn = `trap '' TERM; sleep 600 & echo $$ $!; while :; do wait; done`

func startStubborn(t *testing.T, g *Group) (pids []int) {
	t.Helper()
	p, err := g.Start(Spec{Name: "stubborn", Path: "/bin/sh", Args: []string{"-c", stubborn}})
	if err != nil {
		t.Fatal(err)
	}
	if err := waitReady(within(t, time.Minute), p, func() (bool, error) { return strings.HasSuffix(p.Log(), "\n"), nil }); err != nil {
		t.Fatal(err)
	}
	for f := range strings.FieldsSeq(p.Log()) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// gone waits until a process is no more.
func gone(t *testing.T, pid int) {
	t.Helper()
	err := WaitFor(within(t, time.Minute), "the end of a process", func() (bool, error) {
		// A zombie that init has not reaped yet is dead enough.
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		return err != nil || strings.Contains(string(stat), ") Z "), nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestStopEndsTheWholeGroup(t *testing.T) {
	g, err := NewGroup(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pids := startStubborn(t, g)
	g.Stop()
	for _, pid := range pids {
		gone(t, pid)
	}
	g.Stop() // does nothing
	if _, err := g.Start(Spec{Name: "late", Path: "/bin/true"}); err == nil {
		t.Error("a stopped group has started a program")
	}
}

func TestDeathIsReported(t *testing.T) {
	g := startGroup(t)
	for _, s := range []Spec{
		{Name: "fails", Path: "/bin/sh", Args: []string{"-c", "echo its last words; exit 3"}},
		{Name: "may-end", Path: "/bin/false", MayEnd: true},
	} {
		p, err := g.Start(s)
		if err != nil {
			t.Fatal(err)
		}
		<-p.Done()
	}
	deaths := g.Deaths()
	if len(deaths) != 1 || !strings.Contains(deaths[0], "fails: exit status 3\nits last words") {
		t.Errorf("%q", deaths)
	}
}

// childEnv makes the test binary a program that starts one and waits to be
// killed.
const childEnv = "NXPHONE_INTEROP_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		beKilled(dir)
	}
	os.Exit(runTests(m))
}

func beKilled(dir string) {
	g, err := NewGroup(dir)
	if err != nil {
		panic(err)
	}
	p, err := g.Start(Spec{Name: "sleep", Path: "/bin/sleep", Args: []string{"600"}})
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(p.PID()) + "\n")
	<-context.Background().Done()
}

// TestNothingOutlivesTheTestBinary kills a process that has started one.
func TestNothingOutlivesTheTestBinary(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("the program is not there: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as wanted
	gone(t, pid)
}
