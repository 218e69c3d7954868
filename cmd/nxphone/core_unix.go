//go:build unix

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
