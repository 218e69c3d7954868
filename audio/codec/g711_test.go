package codec

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"testing"
)

// Values out of ITU-T G.711 tables 1a and 2a: the upper decision value's code
// and the value it is decoded to, scaled from 13 and 14 bits to 16.
func TestG711ByTheTables(t *testing.T) {
	for _, c := range []struct {
		law   Name
		code  byte // as sent
		value int16
	}{
		{PCMA, 0xd5, 8}, {PCMA, 0x55, -8}, {PCMA, 0xaa, 32256}, {PCMA, 0x2a, -32256},
		{PCMA, 0xc5, 264}, {PCMA, 0xf5, 528}, {PCMA, 0xe5, 1056}, {PCMA, 0x80, 5504},
		{PCMU, 0xff, 0}, {PCMU, 0x7f, 0}, {PCMU, 0x80, 32124}, {PCMU, 0x00, -32124},
		{PCMU, 0xfe, 8}, {PCMU, 0xef, 132}, {PCMU, 0xdf, 396}, {PCMU, 0x8f, 16764},
	} {
		l := newLaw(c.law)
		if got := l.decode[c.code]; got != c.value {
			t.Errorf("%s %#02x is decoded to %d, want %d", c.law, c.code, got, c.value)
		}
	}
}

// Encoding what was decoded gives the same byte again, every sample is encoded
// to the nearest step, and the curve never falls.
func TestG711IsConsistent(t *testing.T) {
	for _, n := range []Name{PCMA, PCMU} {
		l := newLaw(n)
		for b := range 256 {
			got := l.encode(l.decode[b])
			// Mu-law has two zeros; the negative one becomes the positive one.
			if got != byte(b) && (n != PCMU || b != 0x7f || got != 0xff) {
				t.Errorf("%s: %#02x becomes %#02x", n, b, got)
			}
		}
		prev := int16(math.MinInt16)
		for x := math.MinInt16; x <= math.MaxInt16; x++ {
			y := l.decode[l.encode(int16(x))]
			if y < prev {
				t.Fatalf("%s: the curve falls at %d: %d after %d", n, x, y, prev)
			}
			prev = y
			step := max(16, (x&0x7fff)/8)
			if x < 0 {
				step = max(16, -x/8)
			}
			if d := x - int(y); (d > step || d < -step) && x > -32256 && x < 32256 {
				t.Fatalf("%s: %d becomes %d", n, x, y)
			}
		}
	}
}

// sox is an independent implementation.
func TestG711AgreesWithSox(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Fatalf("this test compares with sox: %v", err)
	}
	for n, encoding := range map[Name]string{PCMA: "a-law", PCMU: "mu-law"} {
		l := newLaw(n)
		codes := make([]byte, 256)
		for i := range codes {
			codes[i] = byte(i)
		}
		out := run(t, codes, sox, "-D", "-t", "raw", "-r", "8000", "-c", "1", "-e", encoding, "-b", "8", "-",
			"-t", "raw", "-e", "signed", "-b", "16", "-L", "-")
		for i := range codes {
			if got := int16(binary.LittleEndian.Uint16(out[2*i:])); got != l.decode[i] {
				t.Errorf("%s: sox decodes %#02x to %d, we to %d", n, i, got, l.decode[i])
			}
		}
		var all []byte
		for x := math.MinInt16; x <= math.MaxInt16; x++ {
			all = binary.LittleEndian.AppendUint16(all, uint16(int16(x)))
		}
		out = run(t, all, sox, "-D", "-t", "raw", "-r", "8000", "-c", "1", "-e", "signed", "-b", "16", "-L", "-",
			"-t", "raw", "-e", encoding, "-b", "8", "-")
		differ := 0
		for i := range out {
			x := int16(i + math.MinInt16)
			if ours := l.encode(x); ours != out[i] {
				differ++
				// Where the two round a decision value differently, the steps
				// are neighbours.
				if d := math.Abs(float64(l.decode[ours]) - float64(l.decode[out[i]])); d > math.Max(16, math.Abs(float64(x))/12) {
					t.Errorf("%s: sox encodes %d as %#02x, we as %#02x", n, x, out[i], ours)
				}
			}
		}
		if differ > 65536/50 {
			t.Errorf("%s: %d of 65536 samples are encoded differently from sox", n, differ)
		}
	}
}

func run(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func TestG711TakesAnyPacketTime(t *testing.T) {
	e, err := newG711Encoder(PCMU)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	stream := bytes.Join(encodeAll(t, e, speech(48000)), nil)
	whole := decodeInPieces(t, stream, len(stream))
	for _, ms := range []int{10, 20, 30, 40, 60, 120} {
		got := decodeInPieces(t, stream, ms*8)
		for i := range got {
			if got[i] != whole[i] {
				t.Errorf("%d ms: sample %d differs", ms, i)
				break
			}
		}
	}
	d, err := newG711Decoder(PCMU)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.Duration(make([]byte, g711Max+1)); err == nil {
		t.Errorf("a packet of more than 120 ms: %d", n)
	}
	if n, err := d.DecodeFEC(stream[:160], make([]int16, 960)); n != 0 || err != nil {
		t.Errorf("G.711 has redundancy: %d, %v", n, err)
	}
}

func decodeInPieces(t *testing.T, stream []byte, size int) []int16 {
	t.Helper()
	d, err := newG711Decoder(PCMU)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var all []int16
	buf := make([]int16, MaxSamples)
	for len(stream) > 0 {
		n := min(size, len(stream), g711Max)
		k, err := d.Decode(stream[:n], buf)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, buf[:k]...)
		stream = stream[n:]
	}
	return all
}

// A lost packet of a steady voice is hardly heard, a long loss fades, and what
// follows is joined without a click.
func TestG711Concealment(t *testing.T) {
	voice := make([]int16, 48000)
	for i := range voice {
		s := float64(i) / 48000
		for k := 1.0; k <= 8; k++ {
			voice[i] += int16(2500 / k * math.Sin(2*math.Pi*137*k*s))
		}
	}
	e, err := newG711Encoder(PCMA)
	if err != nil {
		t.Fatal(err)
	}
	packets := encodeAll(t, e, voice)
	play := func(lost func(i int) bool) []int16 {
		d, err := newG711Decoder(PCMA)
		if err != nil {
			t.Fatal(err)
		}
		var all []int16
		buf := make([]int16, MaxSamples)
		for i, p := range packets {
			if lost(i) {
				err = d.Conceal(buf[:PacketLen])
			} else {
				_, err = d.Decode(p, buf)
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, buf[:PacketLen]...)
		}
		return all
	}
	whole := play(func(int) bool { return false })
	power := func(pcm []int16) (s float64) {
		for _, x := range pcm {
			s += float64(x) * float64(x)
		}
		return s
	}
	diff := func(a, b []int16) []int16 {
		d := make([]int16, len(a))
		for i := range a {
			d[i] = a[i] - b[i]
		}
		return d
	}
	one := play(func(i int) bool { return i == 20 })
	gap := one[20*PacketLen : 21*PacketLen]
	if snr := 10 * math.Log10(power(whole[20*PacketLen:21*PacketLen])/power(diff(gap, whole[20*PacketLen:21*PacketLen]))); snr < 8 {
		t.Errorf("one lost packet of a steady voice: %.1f dB", snr)
	}
	if snr := 10 * math.Log10(power(whole[22*PacketLen:])/(1+power(diff(one[22*PacketLen:], whole[22*PacketLen:])))); snr < 60 {
		t.Errorf("after one lost packet: %.1f dB", snr)
	}
	long := play(func(i int) bool { return i >= 20 && i < 30 })
	if p, all := power(long[20*PacketLen:20*PacketLen+480]), power(whole[20*PacketLen:20*PacketLen+480]); p < all/3 {
		t.Errorf("the guess begins too quiet: %.3g of %.3g", p, all)
	}
	if p := power(long[24*PacketLen : 30*PacketLen]); p > float64(6*PacketLen)*4 {
		t.Errorf("not silent 80 ms into a loss: %.3g", p)
	}
	limit, worst := 0.0, 0.0
	for i := 1; i < len(whole); i++ {
		limit = math.Max(limit, math.Abs(float64(whole[i])-float64(whole[i-1])))
		worst = math.Max(worst, math.Abs(float64(long[i])-float64(long[i-1])))
	}
	if worst > 1.6*limit {
		t.Errorf("a click of %.0f, the voice itself does %.0f", worst, limit)
	}
	// Nothing heard yet: a guess is silence.
	d, err := newG711Decoder(PCMA)
	if err != nil {
		t.Fatal(err)
	}
	buf := []int16{99, 99}
	buf = append(buf, make([]int16, 478)...)
	if err := d.Conceal(buf); err != nil || power(buf) != 0 {
		t.Errorf("a guess out of nothing: %.3g, %v", power(buf), err)
	}
}
