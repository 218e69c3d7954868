package main

import (
	"encoding/binary"
	"testing"
)

// xwd makes a picture as Xvfb writes it: header, colour map, pixels.
func xwd(bits int, pixels ...uint32) []byte {
	const header, entries = 160, 256
	b := make([]byte, header+12*entries)
	binary.BigEndian.PutUint32(b[0:], header)
	binary.BigEndian.PutUint32(b[4*11:], uint32(bits))
	binary.BigEndian.PutUint32(b[4*19:], entries)
	for i := range 12 * entries { // nothing of the colour map must be counted
		b[header+i] = byte(i)
	}
	for _, p := range pixels {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	return b
}

func TestColours(t *testing.T) {
	for _, c := range []struct {
		name    string
		picture []byte
		want    int
		ok      bool
	}{
		{"one", xwd(32, 5, 5, 5, 5), 1, true},
		{"padding is no colour", xwd(32, 5, 0xff000005), 1, true},
		{"black first", xwd(32, 0, 0, 7, 0), 2, true},
		{"up to the limit", xwd(32, 1, 2, 3, 4, 5, 6), 4, true},
		{"nothing", xwd(32), 0, true},
		{"16 bits a pixel", xwd(16, 1), 0, false},
		{"cut off", xwd(32)[:90], 0, false},
		{"cut off in the map", xwd(32)[:200], 0, false},
	} {
		got, err := colours(c.picture, 4)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %d, %v", c.name, got, err)
		}
	}
}
