package recent

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// tryLock reports whether this program has the lock now, until f is closed
// (LockFileEx; the standard library has no name for it, and this package imports
// nothing else). Where the file system knows no locks there is nothing to wait
// for.
func tryLock(f *os.File) bool {
	const failImmediately, exclusive = 1, 2
	const lockViolation = syscall.Errno(33) // ERROR_LOCK_VIOLATION
	var at syscall.Overlapped
	ok, _, err := syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx").Call(f.Fd(), exclusive|failImmediately, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	return ok != 0 || !errors.Is(err, lockViolation)
}
