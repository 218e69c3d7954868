package webapi

import "net/netip"

// PeerOwner says whose process is at the other end of a connection over
// loopback. 127.0.0.1 is shared by everybody who is logged in to a terminal
// server, and a forged Origin header costs nothing outside a browser: the
// operating system is the only one who knows.
//
// Linux has the owner in its table of sockets. An implementation for another
// system finds the process that has the socket peer -> local open and compares
// its user and session with ours (on Windows GetExtendedTcpTable, then the
// token of the process); it must fail when it cannot tell.
type PeerOwner interface {
	// Check returns nil when the socket at peer, connected to our local, was
	// made by the user that this process runs as. An error says why not, or
	// why that could not be found out; the request is then refused.
	Check(local, peer netip.AddrPort) error
}
