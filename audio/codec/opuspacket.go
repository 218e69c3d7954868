package codec

import (
	"fmt"

	"nxphone/audio"
)

// The first byte of an Opus packet, the TOC (RFC 6716 section 3.1), says how
// long its frames are and how they are packed.

// opusFrameLen is the length of each frame in samples at 48 kHz, by the
// configuration number (RFC 6716 table 2).
func opusFrameLen(toc byte) int {
	config := toc >> 3
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		return [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		return [2]int{480, 960}[config&1]
	}
	return 120 << (config & 3) // CELT: 2.5, 5, 10, 20 ms
}

// opusFrameCount is the number of frames in a packet (RFC 6716 section 3.2).
func opusFrameCount(packet []byte) (int, error) {
	if len(packet) == 0 {
		return 0, fmt.Errorf("%w: empty Opus packet", ErrMalformed)
	}
	switch packet[0] & 3 {
	case 0:
		return 1, nil
	case 1, 2:
		return 2, nil
	}
	if len(packet) < 2 {
		return 0, fmt.Errorf("%w: Opus packet without its frame count", ErrMalformed)
	}
	n := int(packet[1] & 0x3f)
	if n == 0 {
		return 0, fmt.Errorf("%w: Opus packet of no frames", ErrMalformed)
	}
	return n, nil
}

// opusDuration is the length of a packet in samples at 48 kHz.
func opusDuration(packet []byte) (int, error) {
	n, err := opusFrameCount(packet)
	if err != nil {
		return 0, err
	}
	d := n * opusFrameLen(packet[0])
	if d > MaxSamples { // requirement R5 of RFC 6716 section 3.4
		return 0, fmt.Errorf("%w: Opus packet of %d ms", ErrMalformed, d*1000/audio.Rate)
	}
	return d, nil
}

// opusHasFEC reports whether the packet's first frame carries a redundant
// coding (LBRR) of the packet before it. The SILK layer begins with one bit of
// voice activity for each of its 20 ms frames, then one bit of redundancy, for
// the middle channel and then the side channel (RFC 6716 sections 4.2.3 and
// 4.2.4); all are coded with probability one half, so they can be read without
// a range decoder.
func opusHasFEC(packet []byte) bool {
	frame := opusFirstFrame(packet)
	if len(frame) == 0 || packet[0]>>3 >= 16 { // CELT has no redundancy
		return false
	}
	frames := max(1, opusFrameLen(packet[0])/960)
	if frame[0]>>(7-frames)&1 != 0 {
		return true
	}
	stereo := packet[0]&4 != 0
	return stereo && frame[0]>>(6-2*frames)&1 != 0
}

// opusFirstFrame finds the bytes of the first frame, nil where there are none
// or the packing is broken.
func opusFirstFrame(packet []byte) []byte {
	if len(packet) < 2 {
		return nil
	}
	switch rest := packet[1:]; packet[0] & 3 {
	case 0:
		return rest
	case 1:
		return rest[:len(rest)/2]
	case 2:
		return opusSized(rest)
	default:
		return opusFirstOfMany(rest)
	}
}

// opusFirstOfMany reads the packing of code 3 (RFC 6716 section 3.2.5).
func opusFirstOfMany(rest []byte) []byte {
	head := rest[0]
	rest = rest[1:]
	count, padding := int(head&0x3f), 0
	if head&0x40 != 0 {
		for {
			if len(rest) == 0 {
				return nil
			}
			b := int(rest[0])
			rest = rest[1:]
			if b < 255 {
				padding += b
				break
			}
			padding += 254
		}
	}
	if padding > len(rest) || count == 0 {
		return nil
	}
	rest = rest[:len(rest)-padding]
	if head&0x80 != 0 { // variable size: the sizes stand before the first frame
		size, skip := 0, 0
		for i := range count - 1 {
			s, n := opusSize(rest[skip:])
			if n == 0 {
				return nil
			}
			if i == 0 {
				size = s
			}
			skip += n
		}
		rest = rest[skip:]
		if count == 1 {
			return rest
		}
		return rest[:min(size, len(rest))]
	}
	return rest[:len(rest)/count]
}

// opusSized reads a size and the frame that follows it.
func opusSized(rest []byte) []byte {
	size, n := opusSize(rest)
	if n == 0 || n+size > len(rest) {
		return nil
	}
	return rest[n : n+size]
}

// opusSize reads a frame size of one or two bytes (RFC 6716 section 3.2.1) and
// says how many bytes it took, 0 where they are missing.
func opusSize(b []byte) (size, n int) {
	switch {
	case len(b) == 0:
		return 0, 0
	case b[0] < 252:
		return int(b[0]), 1
	case len(b) < 2:
		return 0, 0
	}
	return int(b[1])*4 + int(b[0]), 2
}
