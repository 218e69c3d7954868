package main

import (
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestInstances(t *testing.T) {
	newShell(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	log := slog.New(slog.DiscardHandler)
	if handOver(t.Context(), "600") {
		t.Error("a number was taken by nobody")
	}
	first := listenInstance(t.Context(), log)
	if first == nil {
		t.Fatal("no place to listen")
	}
	path, err := instancePath()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(strings.TrimSuffix(path, "/window.sock")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter: %v %v", info.Mode(), err)
	}
	got := make(chan string, 1)
	go func() { got <- <-first.handed() }()
	if !handOver(t.Context(), "01012345678") || <-got != "01012345678" {
		t.Error("the number did not arrive")
	}
	// A second window works by itself.
	second := listenInstance(t.Context(), log)
	if second != nil || second.handed() != nil {
		t.Error("two instances have one place")
	}
	second.close()
	// What says nothing, or too much, takes no number's place.
	for _, text := range []string{"", strings.Repeat("1", 2*maxHanded)} {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Error(err)
		}
		conn.Close()
	}
	go func() { got <- <-first.handed() }()
	if !handOver(t.Context(), "600") || <-got != "600" {
		t.Error("the number after a bad visitor did not arrive")
	}
	first.close()
	if handOver(t.Context(), "600") {
		t.Error("a closed instance took a number")
	}
}

// TestInstanceAfterACrash: the socket of a process that died is in nobody's way.
func TestInstanceAfterACrash(t *testing.T) {
	newShell(t)
	path, err := instancePath()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	i := listenInstance(t.Context(), slog.New(slog.DiscardHandler))
	if i == nil {
		t.Fatal("a dead socket holds the place")
	}
	i.close()
}
