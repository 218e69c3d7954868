package stream

import (
	"bytes"
	"testing"
)

func TestREDRoundTrip(t *testing.T) {
	var r RED
	dst := make([]byte, 1500)
	payload := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 60+i) }
	for i := range 5 {
		p, stamp := payload(i), uint32(i)*960-1000 // the clock turns over on the way
		n := r.Pack(dst, p, 111, stamp, 2)
		r.Sent(p, 111, stamp)
		if i == 0 {
			if n != 0 {
				t.Fatalf("%d bytes with nothing to go along", n)
			}
			continue
		}
		var blocks [MaxBlocks]Block
		k := SplitRED(dst[:n], &blocks)
		if k != min(i, 2)+1 {
			t.Fatalf("packet %d: %d blocks", i, k)
		}
		for j, b := range blocks[:k] {
			back := k - 1 - j
			if b.PT != 111 || b.Age != uint32(back)*960 || !bytes.Equal(b.Data, payload(i-back)) {
				t.Errorf("packet %d, %d back: type %d, age %d, %d bytes", i, back, b.PT, b.Age, len(b.Data))
			}
		}
	}
}

func TestREDLeavesOutWhatDoesNotFit(t *testing.T) {
	small, big := make([]byte, 50), make([]byte, 1000)
	for name, c := range map[string]struct {
		before  []byte
		age     uint32
		payload []byte
		copies  int
		fits    bool
	}{
		"usual":               {small, 960, small, 1, true},
		"not wanted":          {small, 960, small, 0, false},
		"too old":             {small, 1 << 14, small, 1, false},
		"as old as can be":    {small, 1<<14 - 1, small, 1, true},
		"of no age":           {small, 0, small, 1, false},
		"from the future":     {small, 1<<32 - 960, small, 1, false},
		"together too much":   {big, 960, big, 1, false},
		"a copy too long":     {make([]byte, 1024), 960, small, 1, false},
		"an empty one":        {nil, 960, small, 1, false},
		"beside an empty one": {small, 960, nil, 1, true},
	} {
		var r RED
		r.Sent(c.before, 111, 5000-c.age)
		dst := make([]byte, 1500)
		if n := r.Pack(dst, c.payload, 111, 5000, c.copies); (n > 0) != c.fits || n > RoomRED {
			t.Errorf("%s: %d bytes", name, n)
		}
		r.Forget()
		if n := r.Pack(dst, c.payload, 111, 5000, c.copies); n != 0 {
			t.Errorf("%s: %d bytes of what was to be forgotten", name, n)
		}
	}
}

// TestSplitRED: the layout of RFC 2198 section 3, by hand, and what is none.
func TestSplitRED(t *testing.T) {
	good := []byte{
		0x80 | 111, 0x1e, 0x00, 0x03, // 1920 older, 3 bytes
		0x80 | 111, 0x0f, 0x00, 0x02, // 960 older, 2 bytes
		111,
		1, 2, 3, 4, 5, 6, 7,
	}
	var blocks [MaxBlocks]Block
	if n := SplitRED(good, &blocks); n != 3 ||
		blocks[0].Age != 1920 || !bytes.Equal(blocks[0].Data, []byte{1, 2, 3}) ||
		blocks[1].Age != 960 || !bytes.Equal(blocks[1].Data, []byte{4, 5}) ||
		blocks[2].Age != 0 || blocks[2].PT != 111 || !bytes.Equal(blocks[2].Data, []byte{6, 7}) {
		t.Errorf("%d: %+v", n, blocks)
	}
	if n := SplitRED([]byte{111, 9}, &blocks); n != 1 || !bytes.Equal(blocks[0].Data, []byte{9}) {
		t.Errorf("no copies: %d, %+v", n, blocks[0])
	}
	var many []byte
	for range MaxBlocks {
		many = append(many, 0x80|111, 0, 0, 0)
	}
	for name, bad := range map[string][]byte{
		"empty":             nil,
		"ends in a header":  good[:6],
		"no last header":    good[:8],
		"a block cut short": good[:11],
		"too many":          append(many, 111, 1),
	} {
		if n := SplitRED(bad, &blocks); n != 0 {
			t.Errorf("%s: %d blocks", name, n)
		}
	}
}

func FuzzSplitRED(f *testing.F) {
	f.Add([]byte{0x80 | 111, 0x0f, 0x00, 0x01, 111, 1, 2})
	f.Fuzz(func(t *testing.T, packet []byte) {
		var blocks [MaxBlocks]Block
		n, total := SplitRED(packet, &blocks), 0
		for _, b := range blocks[:n] {
			total += len(b.Data)
		}
		if n > 0 && total+(n-1)*redHeader+1 != len(packet) {
			t.Errorf("%d blocks of %d bytes in a packet of %d", n, total, len(packet))
		}
	})
}

func TestREDDoesNotAllocate(t *testing.T) {
	var r RED
	dst, p := make([]byte, 1500), make([]byte, 80)
	stamp := uint32(0)
	if n := testing.AllocsPerRun(100, func() {
		stamp += 960
		k := r.Pack(dst, p, 111, stamp, 2)
		r.Sent(p, 111, stamp)
		var blocks [MaxBlocks]Block
		SplitRED(dst[:k], &blocks)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
