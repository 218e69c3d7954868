package interop

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Recording is what one call's RTP looked like to the media relay.
type Recording struct{ Packets []Packet }

// Packet is one RTP packet, decrypted.
type Packet struct {
	At               time.Time
	SrcPort, DstPort int
	Marker           bool
	PayloadType      uint8
	Sequence         uint16
	Timestamp, SSRC  uint32
	Payload          []byte
}

// The layout of a pcap file (libpcap's savefile format, version 2.4) whose
// packets begin with the IP header.
const (
	pcapHeaderLen = 24
	pcapRecordLen = 16
	pcapMicro     = 0xa1b2c3d4
	linkRaw       = 101
	linkIPv4      = 228
)

// readRecording reads a pcap of IPv4/UDP/RTP; other packets (RTCP, STUN) are
// left out.
func readRecording(r io.Reader) (*Recording, error) {
	in := bufio.NewReader(r)
	head := make([]byte, pcapHeaderLen)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, fmt.Errorf("interop: pcap header: %w", err)
	}
	order := binary.LittleEndian
	if magic := order.Uint32(head); magic != pcapMicro {
		return nil, fmt.Errorf("interop: pcap magic %#x", magic)
	}
	if link := order.Uint32(head[20:]); link != linkRaw && link != linkIPv4 {
		return nil, fmt.Errorf("interop: pcap link type %d", link)
	}
	rec := &Recording{}
	for {
		h := make([]byte, pcapRecordLen)
		_, err := io.ReadFull(in, h)
		if errors.Is(err, io.EOF) {
			// The relay's threads write as they come to it; the times are
			// right.
			slices.SortStableFunc(rec.Packets, func(a, b Packet) int { return a.At.Compare(b.At) })
			return rec, nil
		}
		if err != nil {
			return nil, fmt.Errorf("interop: pcap record: %w", err)
		}
		data := make([]byte, order.Uint32(h[8:]))
		if _, err := io.ReadFull(in, data); err != nil {
			return nil, fmt.Errorf("interop: pcap record: %w", err)
		}
		at := time.Unix(int64(order.Uint32(h)), int64(order.Uint32(h[4:]))*1000)
		if p, ok := parseRTP(data); ok {
			p.At = at
			rec.Packets = append(rec.Packets, p)
		}
	}
}

// parseRTP takes an IPv4/UDP packet apart (RFC 3550 section 5.1).
func parseRTP(ip []byte) (Packet, bool) {
	if len(ip) < 20 || ip[0]>>4 != 4 || ip[9] != 17 {
		return Packet{}, false
	}
	udp := ip[min(len(ip), int(ip[0]&15)*4):]
	if len(udp) < 8+12 {
		return Packet{}, false
	}
	rtp := udp[8:]
	pt := rtp[1] & 0x7f
	// RFC 5761 section 4: these payload types are RTCP's.
	if rtp[0]>>6 != 2 || pt >= 64 && pt <= 95 {
		return Packet{}, false
	}
	start := 12 + int(rtp[0]&15)*4
	if rtp[0]&0x10 != 0 { // header extension
		if len(rtp) < start+4 {
			return Packet{}, false
		}
		start += 4 + int(binary.BigEndian.Uint16(rtp[start+2:]))*4
	}
	end := len(rtp)
	if rtp[0]&0x20 != 0 { // padding
		end -= int(rtp[end-1])
	}
	if start > end {
		return Packet{}, false
	}
	return Packet{
		SrcPort: int(binary.BigEndian.Uint16(udp)), DstPort: int(binary.BigEndian.Uint16(udp[2:])),
		Marker: rtp[1]&0x80 != 0, PayloadType: pt,
		Sequence:  binary.BigEndian.Uint16(rtp[2:]),
		Timestamp: binary.BigEndian.Uint32(rtp[4:]), SSRC: binary.BigEndian.Uint32(rtp[8:]),
		Payload: rtp[start:end],
	}, true
}

// FromPBX returns the packets that the PBX sent, FromPhone the others.
func (l *Lab) FromPBX(r *Recording) []Packet {
	return slices.DeleteFunc(slices.Clone(r.Packets), func(p Packet) bool { return !l.pbxPort(p.SrcPort) })
}

// FromPhone returns the packets that the phone sent.
func (l *Lab) FromPhone(r *Recording) []Packet {
	return slices.DeleteFunc(slices.Clone(r.Packets), func(p Packet) bool { return l.pbxPort(p.SrcPort) })
}

// pbxPort reports whether a media port is one of the PBX's.
func (l *Lab) pbxPort(port int) bool {
	return port >= l.block.base+singlesLen && port < l.block.base+relayFirst
}

// Between returns the packets of a span of time.
func Between(ps []Packet, from, to time.Time) []Packet {
	return slices.DeleteFunc(slices.Clone(ps), func(p Packet) bool { return p.At.Before(from) || !p.At.Before(to) })
}

// DecodeG711 makes sound (8 kHz) of the G.711 packets among ps, in the order
// of their timestamps; what is missing is silence. The decoder is the text of
// ITU-T G.711 and shares nothing with the phone's, whose faults it must show.
func DecodeG711(ps []Packet) []int16 {
	voice := slices.DeleteFunc(slices.Clone(ps), func(p Packet) bool { return p.PayloadType != 0 && p.PayloadType != 8 })
	if len(voice) == 0 {
		return nil
	}
	var pcm []int16
	first := voice[0].Timestamp
	for _, p := range voice {
		at := int(int32(p.Timestamp - first))
		if at < 0 || at > 8000*3600 {
			continue // older than the first, or another stream's clock
		}
		if need := at + len(p.Payload) - len(pcm); need > 0 {
			pcm = append(pcm, make([]int16, need)...)
		}
		for i, b := range p.Payload {
			if p.PayloadType == 0 {
				pcm[at+i] = fromMuLaw(b)
			} else {
				pcm[at+i] = fromALaw(b)
			}
		}
	}
	return pcm
}

func fromMuLaw(b byte) int16 {
	b = ^b
	v := (int16(b&15)<<3 + 132) << (b >> 4 & 7)
	if b&0x80 != 0 {
		return 132 - v
	}
	return v - 132
}

func toMuLaw(x int16) byte {
	sign := byte(0)
	v := int(x)
	if v < 0 {
		sign, v = 0x80, -v
	}
	v = min(v, 32635) + 132
	exp := 7
	for ; exp > 0 && v < 1<<(exp+7); exp-- {
	}
	return ^(sign | byte(exp)<<4 | byte(v>>(exp+3)&15))
}

func fromALaw(b byte) int16 {
	b ^= 0x55
	v := int16(b&15)<<4 + 8
	if exp := b >> 4 & 7; exp > 0 {
		v = (v + 256) << (exp - 1)
	}
	if b&0x80 != 0 {
		return v
	}
	return -v
}

// Digit is one telephone-event (RFC 4733 section 2.3) as it was on the wire.
type Digit struct {
	Key      rune
	Duration time.Duration
	// Ends counts the packets with the end bit; RFC 4733 section 2.5.1.4
	// wants three.
	Ends int
}

// Digits reads the telephone events among ps. pt is their payload type.
func Digits(ps []Packet, pt uint8) []Digit {
	var digits []Digit
	last, have := uint32(0), false
	for _, p := range ps {
		if p.PayloadType != pt || len(p.Payload) < 4 {
			continue
		}
		if !have || p.Timestamp != last { // a new event begins
			have, last = true, p.Timestamp
			digits = append(digits, Digit{Key: keyOf(p.Payload[0])})
		}
		d := &digits[len(digits)-1]
		d.Duration = time.Duration(binary.BigEndian.Uint16(p.Payload[2:])) * time.Second / 8000
		if p.Payload[1]&0x80 != 0 {
			d.Ends++
		}
	}
	return digits
}

func keyOf(event byte) rune {
	const keys = "0123456789*#ABCD"
	if int(event) < len(keys) {
		return rune(keys[event])
	}
	return '?'
}
