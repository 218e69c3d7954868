package main

import (
	"log/slog"
	"syscall"
)

// noCore keeps the system from writing the process's memory to a disk when it
// crashes: numbers are in it. The limit is 1 and not 0. Both are less than the
// least core file, but where core_pattern names a program (systemd-coredump,
// apport) the kernel overlooks a limit of 0 and obeys only 1 (core(5), "Piping
// core dumps to a program"; fs/coredump.c).
func noCore(log *slog.Logger) {
	limit := syscall.Rlimit{Cur: 1, Max: 1}
	err := syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	if err != nil { // whoever has started us has already forbidden more than 0
		err = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	}
	if err != nil {
		log.Warn("a crash may leave a core dump", "error", err)
	}
}

// noReader shuts other processes of the same user out of this one's memory
// (prctl(2), PR_SET_DUMPABLE); it also forbids core dumps of any kind. The
// process's files below /proc belong to root from then on, which is why only
// the booth does this: xdg-desktop-portal looks at a caller's /proc/PID/root
// and refuses one that it cannot open, and a desk's global keys and its start
// with the session go through it. A booth asks no portal.
func noReader(log *slog.Logger) {
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0, 0, 0, 0); err != 0 {
		log.Warn("other programs of this user can read the phone's memory", "error", err)
	}
}
