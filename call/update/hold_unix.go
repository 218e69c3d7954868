//go:build unix

package update

import (
	"os"
	"syscall"
)

// hold takes the lock of a file that is being downloaded, and reports whether
// nobody else has it. Closing the file, or the end of the process, gives it back.
// On a file system without locks nobody ever has one, so that it says no.
func hold(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
