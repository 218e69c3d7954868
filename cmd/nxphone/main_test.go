package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// asProcess makes the test binary behave as nxphone itself, for what only a
// process can show.
const asProcess = "NXPHONE_TEST_AS_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) != "" || len(os.Args) == 2 && os.Args[1] == displayProbe {
		main()
	}
	os.Exit(m.Run())
}

// TestReaderGoesAway: whoever read the events stops after the first one, and
// the call still comes to its proper end.
func TestReaderGoesAway(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	summary := filepath.Join(t.TempDir(), "s.json")
	cmd := exec.CommandContext(t.Context(), self, "call", "--demo", "--audio", "null", "--hangup-after", "100ms",
		"--summary", summary, "600")
	cmd.Env = append(os.Environ(), asProcess+"=1", "NXPHONE_CONFIG="+filepath.Join(t.TempDir(), "settings.json"),
		"DBUS_SESSION_BUS_ADDRESS=disabled:")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReaderSize(out, 16).ReadByte(); err != nil {
		t.Error(err)
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, errs.String())
	}
	if _, err := os.Stat(summary); err != nil {
		t.Error(err)
	}
}
