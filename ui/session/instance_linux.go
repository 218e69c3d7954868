package session

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// tryLock takes the lock, or is ErrTaken. The kernel gives it back when the last
// descriptor is closed, also after a kill -9.
func tryLock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrTaken
		}
		return err
	}
}

func socketPath(dir, name string) string { return filepath.Join(dir, name+".sock") }

// listenLocal opens the socket of a name. The lock is held: whoever left a socket
// here is dead. Closing removes it.
func listenLocal(dir, name string) (net.Listener, error) {
	path := socketPath(dir, name)
	_ = os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// dialLocal connects to the first instance of a name.
func dialLocal(ctx context.Context, dir, name string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", socketPath(dir, name))
}

// brokenOff reports whether the other end has gone in the middle of it.
func brokenOff(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// letRaise: window managers here ask nobody's leave.
func letRaise() {}

// samePeer makes sure that the process at the other end is this user's (SO_PEERCRED,
// unix(7)).
func samePeer(_ context.Context, conn net.Conn, uid int) error {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("session: no Unix socket")
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return err
	}
	var cred *syscall.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err = errors.Join(err, credErr); err != nil {
		return err
	}
	if int(cred.Uid) != uid {
		return errors.New("session: the other end is another user's process")
	}
	return nil
}

// ownFile reports whether a folder is this user's alone.
func ownFile(_ string, info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().Perm()&0o077 == 0 && int(stat.Uid) == os.Getuid()
}
