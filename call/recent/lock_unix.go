//go:build unix && !solaris && !aix

package recent

import (
	"os"
	"syscall"
)

// tryLock reports whether this program has the lock now, until f is closed.
// Where the file system knows no locks there is nothing to wait for.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != syscall.EWOULDBLOCK
}
