//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// lockFile waits until no other process holds the file; closing it lets go.
func lockFile(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// markFile shares the file's lock with others that mark it, where nobody is looking
// at this moment.
func markFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) }

// markedFile reports whether somebody marks the file. A file system without locks
// has no marks.
func markedFile(f *os.File) bool {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK)
}

// openMark opens a file that somebody else may have made: a link is not followed,
// and a pipe holds nobody up.
func openMark(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// markFolders are further folders in which phones may mark their calls: this
// user's session, where this process is none of it (a timer, sudo), and for root
// everybody's.
func markFolders() []string {
	if uid := os.Getuid(); uid != 0 {
		return []string{filepath.Join(userFolders, strconv.Itoa(uid), "nxphone")}
	}
	dirs, _ := filepath.Glob(filepath.Join(userFolders, "*", "nxphone")) // the pattern is right
	return dirs
}

// userFolders is where systemd keeps the folders of sessions (pam_systemd(8)).
const userFolders = "/run/user"
