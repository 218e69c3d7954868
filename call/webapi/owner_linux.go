package webapi

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// tcpEstablished is the state of a connected socket in the kernel's table
// (TCP_ESTABLISHED in the kernel's tcp_states.h). A socket in another state may
// have lost its process, and is then written with user 0.
const tcpEstablished = "01"

// procOwner reads the kernel's tables of TCP sockets, which have the user who
// made each of them.
type procOwner struct {
	uid    int
	tables []string
}

// systemOwner is the PeerOwner of this operating system.
func systemOwner() (PeerOwner, error) {
	return newDiagOwner(os.Getuid()), nil
}

// Check looks for the peer's socket, in the table of IPv4 first. A program may
// reach 127.0.0.1 through an IPv6 socket too.
func (o procOwner) Check(local, peer netip.AddrPort) error {
	for _, table := range o.tables {
		uid, found, err := lookUp(table, peer, local)
		switch {
		case errors.Is(err, os.ErrNotExist): // a kernel without IPv6
		case err != nil:
			return fmt.Errorf("webapi: the owner of a connection: %w", err)
		case found && uid == o.uid:
			return nil
		case found:
			return errors.New("webapi: the connection comes from another user's process")
		}
	}
	return errors.New("webapi: the owner of a connection is not known")
}

// lookUp finds the row of the socket from -> to.
func lookUp(table string, from, to netip.AddrPort) (uid int, found bool, err error) {
	f, err := os.Open(table)
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		row, ok := parseRow(lines.Bytes())
		if ok && row.local == from && row.remote == to {
			return row.uid, true, nil
		}
	}
	return 0, false, lines.Err()
}

type socketRow struct {
	local, remote netip.AddrPort
	uid           int
}

// parseRow reads a row of a connected socket (proc_net_tcp in the kernel's
// documentation):
//
//	sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
//
// Other rows, and the heading, are not ok.
func parseRow(line []byte) (socketRow, bool) {
	f := bytes.Fields(line)
	if len(f) < 10 || string(f[3]) != tcpEstablished || string(f[9]) == "0" {
		return socketRow{}, false
	}
	local, ok1 := parseHexAddr(string(f[1]))
	remote, ok2 := parseHexAddr(string(f[2]))
	uid, err := strconv.Atoi(string(f[7]))
	return socketRow{local, remote, uid}, ok1 && ok2 && err == nil
}

// parseHexAddr reads "0100007F:1F90". The kernel prints each 32-bit word of an
// address as a number of this machine, and the port as a number.
func parseHexAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	if !ok || err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	p, err := strconv.ParseUint(port, 16, 16)
	return netip.AddrPortFrom(addr.Unmap(), uint16(p)), ok && err == nil
}
