package webapi

import (
	"context"
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/windows"
)

// listen is net.Listen on a port that no other program can share: on Windows one
// with SO_REUSEADDR could take over the connections of pages (Microsoft's "Using
// SO_REUSEADDR and SO_EXCLUSIVEADDRUSE").
func listen(network, address string) (net.Listener, error) {
	alone := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) {
			set = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, soExclusiveAddrUse, 1)
		})
		return errors.Join(err, set)
	}}
	return alone.Listen(context.Background(), network, address)
}

// soExclusiveAddrUse is SO_EXCLUSIVEADDRUSE of winsock2.h: ~SO_REUSEADDR.
const soExclusiveAddrUse = ^windows.SO_REUSEADDR
