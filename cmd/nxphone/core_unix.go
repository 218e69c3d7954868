//go:build unix && !linux

package main

import (
	"log/slog"
	"syscall"
)

// noCore keeps the system from writing the process's memory to a disk when it
// crashes: the number that was dialled is in it.
func noCore(log *slog.Logger) {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		log.Warn("a crash may leave a core dump", "error", err)
	}
}

// noReader has nothing to do where another process needs rights of its own to
// read this one's memory.
func noReader(*slog.Logger) {}
