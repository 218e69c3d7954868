package stream

import "encoding/binary"

// Redundant audio data, RFC 2198: a packet carries, beside its own payload,
// those of some packets before it. Each copy has a header of four bytes (one
// bit that another header follows, the payload type, 14 bits of how much older
// it is on the RTP clock, 10 bits of length), the payload itself, which comes
// last, one of a single byte.

const (
	// maxCopies is how many copies are kept for sending.
	maxCopies = 2
	// MaxBlocks is how many blocks of a received packet are looked at.
	MaxBlocks = 8
	// RoomRED bounds a packet with its copies, so that with IP, UDP, RTP and
	// SRTP around it no path fragments it.
	RoomRED = 1200

	redHeader = 4
	redOffset = 1<<14 - 1
	redLength = 1<<10 - 1
)

// RED remembers what was sent and packs it along. It does not allocate.
type RED struct {
	kept [maxCopies]copied
	next int
}

type copied struct {
	pt    uint8
	stamp uint32
	size  int
	data  [redLength]byte
}

// Pack writes payload with at most so many copies of the packets before into
// dst, oldest first, and returns the length; 0 where nothing could go along:
// payload is then sent as it is. What is too old or too long for the header's
// fields stays behind.
func (r *RED) Pack(dst, payload []byte, pt uint8, stamp uint32, copies int) int {
	var take [maxCopies]*copied
	n, room := 0, min(len(dst), RoomRED)-1-len(payload)
	for i := 1; i <= min(copies, maxCopies); i++ {
		c := &r.kept[(r.next+maxCopies-i)%maxCopies]
		age := stamp - c.stamp
		if c.size == 0 || age == 0 || age > redOffset || c.size+redHeader > room {
			break
		}
		room -= c.size + redHeader
		take[n] = c
		n++
	}
	if n == 0 {
		return 0
	}
	at := 0
	for i := n - 1; i >= 0; i-- {
		c := take[i]
		head := uint32(1)<<31 | uint32(c.pt)<<24 | (stamp-c.stamp)<<10 | uint32(c.size)
		binary.BigEndian.PutUint32(dst[at:], head)
		at += redHeader
	}
	dst[at] = pt
	at++
	for i := n - 1; i >= 0; i-- {
		at += copy(dst[at:], take[i].data[:take[i].size])
	}
	return at + copy(dst[at:], payload)
}

// Sent remembers a payload that has gone out.
func (r *RED) Sent(payload []byte, pt uint8, stamp uint32) {
	c := &r.kept[r.next]
	r.next = (r.next + 1) % maxCopies
	c.pt, c.stamp, c.size = pt, stamp, 0
	if len(payload) <= redLength {
		c.size = copy(c.data[:], payload)
	}
}

// Forget drops what was sent, as after an interruption.
func (r *RED) Forget() {
	for i := range r.kept {
		r.kept[i].size = 0
	}
}

// Block is one payload of a RED packet. Age is how much older it is than the
// packet, on the RTP clock; 0 for the packet's own.
type Block struct {
	PT   uint8
	Age  uint32
	Data []byte
}

// SplitRED finds the payloads of a RED packet, oldest first as they are written,
// the packet's own last, and returns how many there are: 0 for a packet that is
// malformed or has more than MaxBlocks. Blocks share the packet's memory.
func SplitRED(packet []byte, blocks *[MaxBlocks]Block) int {
	var sizes [MaxBlocks]int
	n, rest := 0, packet
	for {
		if len(rest) == 0 || n == MaxBlocks {
			return 0
		}
		b := &blocks[n]
		b.PT, b.Age = rest[0]&0x7f, 0
		n++
		if rest[0]&0x80 == 0 {
			rest = rest[1:]
			break
		}
		if len(rest) < redHeader {
			return 0
		}
		head := binary.BigEndian.Uint32(rest)
		b.Age, sizes[n-1] = head>>10&redOffset, int(head&redLength)
		rest = rest[redHeader:]
	}
	for i := range n - 1 {
		if sizes[i] > len(rest) {
			return 0
		}
		blocks[i].Data, rest = rest[:sizes[i]], rest[sizes[i]:]
	}
	blocks[n-1].Data = rest
	return n
}
