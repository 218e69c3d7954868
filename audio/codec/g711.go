package codec

import "math/bits"

// The companding laws of ITU-T G.711. Each byte is a sign, a segment of three
// bits and a step of four bits within the segment; transmitted bytes are
// inverted (mu-law) or have their even bits inverted (A-law).

// muBias makes the segments of mu-law powers of two (G.711 table 2a, in 14-bit
// units).
const muBias = 33

// muEncode compresses one sample. Decision values count as the G.191 software
// library counts them: one's complement of the negative half.
func muEncode(x int16) byte {
	sign := byte(0x80)
	m := int(x)
	if m < 0 {
		sign, m = 0, ^m
	}
	m = min(m>>2+muBias, 0x1fff)
	segment := bits.Len(uint(m)) - 6
	step := m >> (segment + 1) & 0xf
	return sign | ^byte(segment<<4|step)&0x7f
}

// muDecode expands one byte to 16 bits.
func muDecode(b byte) int16 {
	v := ^b
	m := (int(v&0xf)<<1+muBias)<<(v>>4&7) - muBias
	if b&0x80 == 0 {
		m = -m
	}
	return int16(m << 2)
}

// aEncode compresses one sample.
func aEncode(x int16) byte {
	sign := byte(0x80)
	m := int(x)
	if m < 0 {
		sign, m = 0, ^m
	}
	m >>= 4 // 12 bits of magnitude: eight segments, the first two linear
	v := byte(m)
	if m >= 32 {
		segment := bits.Len(uint(m)) - 4
		v = byte(segment<<4 | m>>(segment-1)&0xf)
	}
	return (sign | v) ^ 0x55
}

// aDecode expands one byte to 16 bits.
func aDecode(b byte) int16 {
	v := b ^ 0x55
	m := int(v&0xf)<<4 + 8
	if segment := v >> 4 & 7; segment > 0 {
		m = (m + 0x100) << (segment - 1)
	}
	if v&0x80 == 0 {
		m = -m
	}
	return int16(m)
}

// law is one of the two, as tables for the direction that is looked up most.
type law struct {
	encode func(int16) byte
	decode [256]int16
}

func newLaw(n Name) *law {
	l := &law{encode: muEncode}
	expand := muDecode
	if n == PCMA {
		l.encode, expand = aEncode, aDecode
	}
	for i := range l.decode {
		l.decode[i] = expand(byte(i))
	}
	return l
}
