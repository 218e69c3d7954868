package webapi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// diagOwner asks the kernel for one socket by its addresses (sock_diag(7)). The
// tables in /proc say the same, but have to be read whole, and whoever floods
// the port makes them long: on a kernel that answers this, they are not read.
type diagOwner struct {
	uid   int
	proc  procOwner
	works atomic.Bool // the kernel has answered once
}

func newDiagOwner(uid int) *diagOwner {
	return &diagOwner{uid: uid, proc: procOwner{uid: uid, tables: []string{"/proc/net/tcp", "/proc/net/tcp6"}}}
}

// Check implements PeerOwner.
func (o *diagOwner) Check(local, peer netip.AddrPort) error {
	uid, err := socketOwner(peer, local)
	switch {
	case err == nil:
		o.works.Store(true)
		if uid != o.uid {
			return errors.New("webapi: the connection comes from another user's process")
		}
		return nil
	case o.works.Load():
		return fmt.Errorf("webapi: the owner of a connection is not known: %w", err)
	}
	return o.proc.Check(local, peer)
}

// Of linux/sock_diag.h, linux/inet_diag.h and linux/netlink.h; package syscall
// has them only in part.
const (
	netlinkSockDiag  = 4
	sockDiagByFamily = 20
	noCookie         = 0xffffffff
	stateEstablished = 1

	requestBytes = syscall.SizeofNlMsghdr + 56 // with an inet_diag_req_v2
	replyBytes   = 72                          // of an inet_diag_msg

	diagTime = time.Second
)

// socketOwner gives the user of the established TCP socket from -> to.
func socketOwner(from, to netip.AddrPort) (uid int, err error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, netlinkSockDiag)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer syscall.Close(fd)
	// The kernel answers before sendto returns; this is for one that does not.
	limit := syscall.NsecToTimeval(int64(diagTime))
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	if err := syscall.Sendto(fd, diagRequest(from, to), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return 0, os.NewSyscallError("sendto", err)
	}
	reply := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, reply, 0)
	if err != nil {
		return 0, os.NewSyscallError("recvfrom", err)
	}
	return parseDiag(reply[:n], from, to)
}

// diagRequest is a nlmsghdr and an inet_diag_req_v2: family, protocol, two
// bytes, states, and the socket's id (two ports, two addresses, interface,
// cookie). Ports and addresses are in network order, the rest in the machine's.
func diagRequest(from, to netip.AddrPort) []byte {
	b := make([]byte, requestBytes)
	native := binary.NativeEndian
	native.PutUint32(b[0:], requestBytes)
	native.PutUint16(b[4:], sockDiagByFamily)
	native.PutUint16(b[6:], syscall.NLM_F_REQUEST)
	q := b[syscall.SizeofNlMsghdr:]
	q[0], q[1] = syscall.AF_INET, syscall.IPPROTO_TCP
	if from.Addr().Is6() {
		q[0] = syscall.AF_INET6
	}
	native.PutUint32(q[4:], 1<<stateEstablished)
	putSocketID(q[8:], from, to)
	native.PutUint32(q[48:], noCookie)
	native.PutUint32(q[52:], noCookie)
	return b
}

func putSocketID(id []byte, from, to netip.AddrPort) {
	binary.BigEndian.PutUint16(id[0:], from.Port())
	binary.BigEndian.PutUint16(id[2:], to.Port())
	copy(id[4:20], from.Addr().AsSlice())
	copy(id[20:36], to.Addr().AsSlice())
}

// parseDiag reads the answer: an inet_diag_msg with family, state, two bytes,
// the id (48 bytes), three numbers, the user and the inode. Where the socket is
// gone the kernel may find one that listens on its port instead: that is not
// the one that was asked for.
func parseDiag(b []byte, from, to netip.AddrPort) (uid int, err error) {
	native := binary.NativeEndian
	if len(b) < syscall.SizeofNlMsghdr+4 {
		return 0, errors.New("a short answer")
	}
	m := b[syscall.SizeofNlMsghdr:]
	if typ := native.Uint16(b[4:]); typ == syscall.NLMSG_ERROR {
		return 0, os.NewSyscallError("sock_diag", syscall.Errno(-int32(native.Uint32(m))))
	} else if typ != sockDiagByFamily || len(m) < replyBytes {
		return 0, errors.New("not an answer")
	}
	want := make([]byte, 4)
	binary.BigEndian.PutUint16(want[0:], from.Port())
	binary.BigEndian.PutUint16(want[2:], to.Port())
	if m[1] != stateEstablished || string(m[4:8]) != string(want) || native.Uint32(m[68:]) == 0 {
		return 0, errors.New("the socket is not connected any more")
	}
	return int(native.Uint32(m[64:])), nil
}
