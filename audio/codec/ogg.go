package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"nxphone/audio"
)

// ErrOgg is wrapped by every error about the content of an Ogg Opus file.
var ErrOgg = errors.New("codec: not a usable Ogg Opus file")

// oggPage is one page of an Ogg stream (RFC 3533, section 6).
type oggPage struct {
	granule  int64
	segments []byte // the lacing values: the lengths of the segments
	body     []byte
}

// DecodeOgg reads a whole Ogg Opus file of one channel (RFC 7845) as 48 kHz
// mono, at most limit samples of it. It is for short recordings that are part
// of the program: it looks at no checksum, and follows no second stream.
func DecodeOgg(file []byte, limit int) ([]int16, error) {
	packets, granule, err := oggPackets(file)
	if err != nil {
		return nil, err
	}
	if len(packets) < 2 || !bytes.HasPrefix(packets[0], []byte("OpusHead")) || len(packets[0]) < 19 {
		return nil, fmt.Errorf("%w: it does not begin with an Opus header", ErrOgg)
	}
	head := packets[0]
	if head[9] != 1 {
		return nil, fmt.Errorf("%w: it has %d channels", ErrOgg, head[9])
	}
	// RFC 7845, sections 4.2 and 4.4: the first samples are there to let the
	// decoder settle, and the granule position of the end says how many count.
	skip := int(binary.LittleEndian.Uint16(head[10:]))
	pcm, err := decodeAll(packets[2:], limit+skip)
	if err != nil {
		return nil, err
	}
	if end := int(min(granule, int64(len(pcm)))); end >= 0 {
		pcm = pcm[:end]
	}
	return pcm[min(skip, len(pcm)):], nil
}

func decodeAll(packets [][]byte, limit int) ([]int16, error) {
	dec, err := NewDecoder(Opus)
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	var pcm []int16
	frame := make([]int16, 120*audio.Rate/1000)
	for _, p := range packets {
		n, err := dec.Decode(p, frame)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrOgg, err)
		}
		if pcm = append(pcm, frame[:n]...); len(pcm) >= limit {
			return pcm[:limit], nil
		}
	}
	return pcm, nil
}

// oggPackets puts the packets of a stream together, and gives the last granule
// position.
func oggPackets(file []byte) (packets [][]byte, granule int64, err error) {
	var packet []byte
	for len(file) > 0 {
		page, rest, err := nextOggPage(file)
		if err != nil {
			return nil, 0, err
		}
		file, granule = rest, page.granule
		at := 0
		for _, n := range page.segments {
			packet = append(packet, page.body[at:at+int(n)]...)
			at += int(n)
			if n < 255 { // RFC 3533, section 5: less than 255 ends a packet
				packets = append(packets, packet)
				packet = nil
			}
		}
	}
	return packets, granule, nil
}

// oggHeader is the length of a page's header without its lacing values.
const oggHeader = 27

func nextOggPage(file []byte) (page oggPage, rest []byte, err error) {
	if len(file) < oggHeader || string(file[:4]) != "OggS" || file[4] != 0 {
		return page, nil, fmt.Errorf("%w: a page does not begin as one", ErrOgg)
	}
	page.granule = int64(binary.LittleEndian.Uint64(file[6:]))
	count := int(file[26])
	if len(file) < oggHeader+count {
		return page, nil, fmt.Errorf("%w: it ends inside a page", ErrOgg)
	}
	page.segments = file[oggHeader : oggHeader+count]
	size := 0
	for _, n := range page.segments {
		size += int(n)
	}
	body := file[oggHeader+count:]
	if len(body) < size {
		return page, nil, fmt.Errorf("%w: it ends inside a page", ErrOgg)
	}
	page.body = body[:size]
	return page, body[size:], nil
}
