package main

import (
	"errors"
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

// markFile shares the file's lock with others that mark it, where nobody is looking
// at this moment.
func markFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}

// markedFile reports whether somebody marks the file.
func markedFile(f *os.File) bool {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

func openMark(path string) (*os.File, error) { return os.Open(path) }

// markFolders: a user has one such folder on Windows.
func markFolders() []string { return nil }
