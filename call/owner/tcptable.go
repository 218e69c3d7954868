package owner

import (
	"encoding/binary"
	"net/netip"
)

// established is MIB_TCP_STATE_ESTAB of Windows' iprtrmib.h.
const established = 5

// Sizes of a row: MIB_TCPROW_OWNER_PID and MIB_TCP6ROW_OWNER_PID (tcpmib.h).
const (
	rowBytes  = 24
	row6Bytes = 56
)

// processOf finds the process that has the established connection local ->
// remote in a table as GetExtendedTcpTable gives it: a count, and behind it the
// rows. v6 says which of the two kinds of rows they are. A table that ends too
// early has the rows that are whole.
func processOf(table []byte, v6 bool, local, remote netip.AddrPort) (pid uint32, found bool) {
	if len(table) < 4 {
		return 0, false
	}
	count := binary.LittleEndian.Uint32(table)
	table = table[4:]
	size, read := rowBytes, readRow
	if v6 {
		size, read = row6Bytes, readRow6
	}
	for ; count > 0 && len(table) >= size; count-- {
		r := read(table)
		if r.state == established && r.pid != 0 && r.local == local && r.remote == remote {
			return r.pid, true
		}
		table = table[size:]
	}
	return 0, false
}

type row struct {
	state, pid    uint32
	local, remote netip.AddrPort
}

// readRow reads state, local address and port, remote address and port, pid.
// Addresses are in the order of the network; so are ports, in the lower half of
// their word.
func readRow(b []byte) row {
	return row{
		state: binary.LittleEndian.Uint32(b), pid: binary.LittleEndian.Uint32(b[20:]),
		local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[8:])),
		remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), binary.BigEndian.Uint16(b[16:])),
	}
}

// readRow6 reads address, scope and port of both ends, state, pid. An IPv4
// connection of an IPv6 socket is one of IPv4 to us.
func readRow6(b []byte) row {
	end := func(b []byte) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[:16])).Unmap(), binary.BigEndian.Uint16(b[20:]))
	}
	return row{state: binary.LittleEndian.Uint32(b[48:]), pid: binary.LittleEndian.Uint32(b[52:]), local: end(b), remote: end(b[24:])}
}
