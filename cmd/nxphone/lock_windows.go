package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile waits until no other process holds the file; closing it lets go. What
// is locked is a byte far behind the text, because Windows' locks keep others
// from reading.
func lockFile(f *os.File) error {
	where := windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &where)
}
