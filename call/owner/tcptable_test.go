package owner

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
)

func le(v ...uint32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

// port is a port as Windows puts it into a word.
func port(p uint16) uint32 { return uint32(p>>8) | uint32(p&0xff)<<8 }

func addr(s string) uint32 {
	a := netip.MustParseAddr(s).As4()
	return binary.LittleEndian.Uint32(a[:])
}

func row4(state uint32, local, remote string, pid uint32) []byte {
	l, r := netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote)
	return le(state, addr(l.Addr().String()), port(l.Port()), addr(r.Addr().String()), port(r.Port()), pid)
}

func rowV6(state uint32, local, remote string, pid uint32) (b []byte) {
	for _, s := range []string{local, remote} {
		e := netip.MustParseAddrPort(s)
		a := e.Addr().As16()
		b = append(append(b, a[:]...), le(7, port(e.Port()))...)
	}
	return append(b, le(state, pid)...)
}

func TestProcessOf(t *testing.T) {
	table := slices.Concat(le(4),
		row4(2, "127.0.0.1:5080", "0.0.0.0:0", 10),          // listens
		row4(5, "127.0.0.1:5080", "127.0.0.1:50000", 10),    // our end
		row4(11, "127.0.0.1:50001", "127.0.0.1:5080", 12),   // is being closed
		row4(5, "127.0.0.1:50000", "127.0.0.1:5080", 70000)) // the other end
	table6 := slices.Concat(le(2),
		rowV6(5, "[::1]:50002", "[::1]:5080", 13),
		rowV6(5, "[::ffff:127.0.0.1]:50003", "[::ffff:127.0.0.1]:5080", 14))
	for _, c := range []struct {
		name          string
		table         []byte
		v6            bool
		local, remote string
		pid           uint32
	}{
		{"our end", table, false, "127.0.0.1:5080", "127.0.0.1:50000", 10},
		{"the other end", table, false, "127.0.0.1:50000", "127.0.0.1:5080", 70000},
		{"is being closed", table, false, "127.0.0.1:50001", "127.0.0.1:5080", 0},
		{"another port", table, false, "127.0.0.1:50000", "127.0.0.1:5081", 0},
		{"another address", table, false, "127.0.0.2:50000", "127.0.0.1:5080", 0},
		{"IPv6", table6, true, "[::1]:50002", "[::1]:5080", 13},
		{"IPv4 of an IPv6 socket", table6, true, "127.0.0.1:50003", "127.0.0.1:5080", 14},
		{"cut off", table[:len(table)-1], false, "127.0.0.1:50000", "127.0.0.1:5080", 0},
		{"a count that lies", slices.Concat(le(1<<31), table[4:]), false, "127.0.0.1:50000", "127.0.0.1:5080", 70000},
		{"a count too small", slices.Concat(le(1), table[4:]), false, "127.0.0.1:50000", "127.0.0.1:5080", 0},
		{"nothing", nil, false, "127.0.0.1:50000", "127.0.0.1:5080", 0},
	} {
		pid, found := processOf(c.table, c.v6, netip.MustParseAddrPort(c.local), netip.MustParseAddrPort(c.remote))
		if pid != c.pid || found != (c.pid != 0) {
			t.Errorf("%s: %d, %v, want %d", c.name, pid, found, c.pid)
		}
	}
}
