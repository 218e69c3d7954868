package webapi

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
)

// peerName asks the kernel who is at the other end of a Unix socket
// (SO_PEERCRED, unix(7)) and gives the name of its command. Another user is an
// error.
func peerName(conn net.Conn) (string, error) {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return "", errors.New("not a Unix socket")
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return "", err
	}
	var cred *syscall.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err = errors.Join(err, credErr); err != nil {
		return "", fmt.Errorf("whose process it is: %w", err)
	}
	if int(cred.Uid) != os.Getuid() {
		return "", errors.New("another user's process")
	}
	// The name is for people; a process can choose it.
	comm, _ := os.ReadFile("/proc/" + strconv.Itoa(int(cred.Pid)) + "/comm")
	return programName(string(comm)), nil
}

// ownFile reports whether a file belongs to this user.
func ownFile(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
