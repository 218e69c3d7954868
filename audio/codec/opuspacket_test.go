package codec

import (
	"errors"
	"testing"
)

// toc builds the first byte of a packet.
func toc(config, stereo, code int) byte { return byte(config<<3 | stereo<<2 | code) }

// RFC 6716 table 2, and what the packing adds to it.
func TestOpusDuration(t *testing.T) {
	frame := [32]int{
		480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880, // SILK
		480, 960, 480, 960, // hybrid
		120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, // CELT
	}
	for config, want := range frame {
		for stereo := range 2 {
			for code, frames := range []int{1, 2, 2} {
				got, err := opusDuration([]byte{toc(config, stereo, code), 1, 2, 3})
				if err != nil || got != want*frames {
					t.Errorf("config %d code %d: %d, %v", config, code, got, err)
				}
			}
			for _, n := range []int{1, 2, 3, 6, 12, 48, 63} {
				got, err := opusDuration([]byte{toc(config, stereo, 3), byte(n)})
				if fits := n*want <= MaxSamples; fits && got != n*want || fits != (err == nil) {
					t.Errorf("config %d, %d frames: %d, %v", config, n, got, err)
				}
			}
		}
	}
	for name, p := range map[string][]byte{
		"empty": {}, "no count": {toc(1, 0, 3)}, "no frames": {toc(1, 0, 3), 0}, "120 ms and more": {toc(3, 0, 3), 3},
	} {
		if n, err := opusDuration(p); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

func TestOpusFirstFrame(t *testing.T) {
	long := make([]byte, 300)
	for i := range long {
		long[i] = byte(i)
	}
	for _, c := range []struct {
		name string
		p    []byte
		want int // its length; -1 is none
	}{
		{"nothing but the header", []byte{toc(1, 0, 0)}, -1},
		{"one", append([]byte{toc(1, 0, 0)}, 1, 2, 3), 3},
		{"two of one size", append([]byte{toc(1, 0, 1)}, 1, 2, 3, 4), 2},
		{"two of two sizes", append([]byte{toc(1, 0, 2), 1}, 1, 2, 3), 1},
		{"size of two bytes", append([]byte{toc(1, 0, 2), 252, 1}, long...), 256},
		{"size cut off", []byte{toc(1, 0, 2), 252}, -1},
		{"size too great", []byte{toc(1, 0, 2), 9, 1, 2}, -1},
		{"three of one size", append([]byte{toc(1, 0, 3), 3}, 1, 2, 3, 4, 5, 6), 2},
		{"padded", append([]byte{toc(1, 0, 3), 0x40 | 2, 2}, 1, 2, 3, 4, 0, 0), 2},
		{"long padding", append([]byte{toc(1, 0, 3), 0x40 | 1, 255, 6}, long...), 40},
		{"padding cut off", []byte{toc(1, 0, 3), 0x40 | 1, 255}, -1},
		{"padding too great", []byte{toc(1, 0, 3), 0x40 | 1, 9, 1, 2}, -1},
		{"no frames", []byte{toc(1, 0, 3), 0, 1, 2}, -1},
		{"three of three sizes", append([]byte{toc(1, 0, 3), 0x80 | 3, 2, 1}, 1, 2, 3, 4), 2},
		{"one of any size", append([]byte{toc(1, 0, 3), 0x80 | 1}, 1, 2, 3), 3},
		{"sizes cut off", []byte{toc(1, 0, 3), 0x80 | 3, 2}, -1},
	} {
		got := opusFirstFrame(c.p)
		if c.want < 0 && len(got) > 0 || c.want >= 0 && len(got) != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, len(got), c.want)
		}
	}
}

func TestOpusHasFEC(t *testing.T) {
	for _, c := range []struct {
		name string
		p    []byte
		want bool
	}{
		{"20 ms, voice, no redundancy", []byte{toc(9, 0, 0), 0b1000_0000, 0}, false},
		{"20 ms, redundancy", []byte{toc(9, 0, 0), 0b0100_0000, 0}, true},
		{"40 ms, two voice bits", []byte{toc(10, 0, 0), 0b1100_0000, 0}, false},
		{"40 ms, redundancy", []byte{toc(10, 0, 0), 0b0010_0000, 0}, true},
		{"60 ms, redundancy", []byte{toc(11, 0, 0), 0b0001_0000, 0}, true},
		{"10 ms hybrid, redundancy", []byte{toc(14, 0, 0), 0b0100_0000, 0}, true},
		{"stereo, side channel only", []byte{toc(9, 1, 0), 0b0001_0000, 0}, true},
		{"mono, the same bits", []byte{toc(9, 0, 0), 0b0001_0000, 0}, false},
		{"CELT never", []byte{toc(31, 0, 0), 0xff, 0xff}, false},
		{"nothing", nil, false},
		{"header", []byte{toc(9, 0, 0)}, false},
	} {
		if got := opusHasFEC(c.p); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func FuzzOpusPacket(f *testing.F) {
	f.Add([]byte{toc(9, 0, 3), 0xc3, 255, 2, 251, 1, 2})
	f.Add([]byte{toc(14, 1, 2), 252})
	d, err := newOpusDecoder()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(d.Close)
	pcm := make([]int16, MaxSamples)
	f.Fuzz(func(t *testing.T, p []byte) {
		n, err := opusDuration(p)
		if err == nil && (n <= 0 || n > MaxSamples || n%120 != 0) {
			t.Errorf("duration %d", n)
		}
		opusHasFEC(p)
		if k, err := d.Decode(p, pcm); err == nil && k != n {
			t.Errorf("decoded %d samples of %d", k, n)
		}
		if k, err := d.DecodeFEC(p, pcm[:960]); err == nil && k != 0 && k != 960 {
			t.Errorf("recovered %d samples", k)
		}
		if err := d.Conceal(pcm[:480]); err != nil {
			t.Errorf("Conceal: %v", err)
		}
	})
}
