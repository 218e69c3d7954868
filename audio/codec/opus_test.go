package codec

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// speech is something like it: a gliding harmonic voice in syllables, with a
// little breath.
func speech(n int) []int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	pcm := make([]int16, n)
	phase := 0.0
	for i := range pcm {
		s := float64(i) / 48000
		phase += 2 * math.Pi * (130 + 30*math.Sin(2*math.Pi*0.7*s)) / 48000
		var v float64
		for k := 1.0; k <= 24; k++ {
			formant := 1/(1+math.Pow((k*130-600)/250, 2)) + 0.4/(1+math.Pow((k*130-1700)/300, 2))
			v += formant * math.Sin(k*phase)
		}
		syllable := math.Max(0, math.Sin(2*math.Pi*3*s))
		pcm[i] = int16(5000*v*syllable + rng.NormFloat64()*20)
	}
	return pcm
}

func opusPair(t *testing.T, o Options) (*opusEncoder, *opusDecoder) {
	t.Helper()
	e, err := newOpusEncoder(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	d, err := newOpusDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return e, d
}

func encodeAll(t *testing.T, e Encoder, pcm []int16) [][]byte {
	t.Helper()
	var all [][]byte
	out := make([]byte, MaxPacket)
	for ; len(pcm) >= PacketLen; pcm = pcm[PacketLen:] {
		n, err := e.Encode(pcm[:PacketLen], out)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.Clone(out[:n]))
	}
	return all
}

func TestLibraryVersion(t *testing.T) {
	if v := LibraryVersion(); !strings.HasPrefix(v, "libopus ") {
		t.Errorf("%q", v)
	}
}

func TestOpusSettings(t *testing.T) {
	bits := func(o Options) int {
		e, _ := opusPair(t, o)
		n := 0
		for _, p := range encodeAll(t, e, speech(48000*2)) {
			n += 8 * len(p)
		}
		return n / 2
	}
	usual := bits(Options{})
	if usual < 16000 || usual > 40000 {
		t.Errorf("%d bit/s", usual)
	}
	if few := bits(Options{Bitrate: 12000}); few >= usual*3/4 {
		t.Errorf("at 12 kb/s: %d bit/s, usually %d", few, usual)
	}
	for _, o := range []Options{{Bitrate: -5}, {Complexity: 11}, {PacketLoss: 101}} {
		if e, err := newOpusEncoder(o); err == nil {
			e.Close()
			t.Errorf("%+v was accepted", o)
		}
	}
}

// share of the packets that carry redundancy.
func redundant(all [][]byte) int {
	n := 0
	for _, p := range all {
		if opusHasFEC(p) {
			n++
		}
	}
	return 100 * n / len(all)
}

func TestOpusFEC(t *testing.T) {
	pcm := speech(48000 * 4)
	without, _ := opusPair(t, Options{NoFEC: true, PacketLoss: 20})
	if n := redundant(encodeAll(t, without, pcm)); n != 0 {
		t.Errorf("%d %% redundant packets without FEC", n)
	}
	e, _ := opusPair(t, Options{})
	e.Tune(Options{PacketLoss: 15})
	packets := encodeAll(t, e, pcm)
	if n := redundant(packets); n < 40 {
		t.Errorf("only %d %% of the packets carry redundancy", n)
	}

	// Every fifth packet lost: with the redundancy the result must be nearer
	// to what was sent than with a guess.
	whole := make([]int16, 0, len(pcm))
	_, d := opusPair(t, Options{})
	buf := make([]int16, MaxSamples)
	for _, p := range packets {
		n, err := d.Decode(p, buf)
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, buf[:n]...)
	}
	harm := func(use bool) float64 {
		_, d := opusPair(t, Options{})
		var diff float64
		for i, p := range packets {
			n := 0
			if i%5 == 2 && i+1 < len(packets) {
				if use {
					n, _ = d.DecodeFEC(packets[i+1], buf[:PacketLen])
				}
				if n == 0 {
					_ = d.Conceal(buf[:PacketLen])
				}
			} else if _, err := d.Decode(p, buf); err != nil {
				t.Fatal(err)
			}
			for k, x := range buf[:PacketLen] {
				v := float64(x) - float64(whole[i*PacketLen+k])
				diff += v * v
			}
		}
		return diff
	}
	if with, guess := harm(true), harm(false); with > guess/2 {
		t.Errorf("error %.3g with redundancy, %.3g with a guess", with, guess)
	}
}

func TestTuneIsBounded(t *testing.T) {
	e, _ := opusPair(t, Options{})
	for _, v := range []int{-5, 0, 50, 1000, 1 << 30} {
		e.Tune(Options{PacketLoss: v, Bitrate: v, Complexity: v, MaxPlayback: v})
		encodeAll(t, e, make([]int16, PacketLen))
		if l := e.set[setLoss]; l < 1 || l > 100 {
			t.Errorf("%d was passed on as %d %%", v, l)
		}
		if r := e.set[setBitrate]; r < 6000 || r > 510000 {
			t.Errorf("%d was passed on as %d bit/s", v, r)
		}
	}
}

// TestTuneCountsFromTheNextPacket: an encoder that is tuned is one that was made
// so, apart from a second in which it changes over.
func TestTuneCountsFromTheNextPacket(t *testing.T) {
	pcm := speech(48000 * 2)
	size := func(e *opusEncoder) (bytes int) {
		for _, p := range encodeAll(t, e, pcm) {
			bytes += len(p)
		}
		return bytes
	}
	e, _ := opusPair(t, Options{})
	usual := size(e)
	for name, c := range map[string]struct {
		o     Options
		check func(bytes int) bool
	}{
		"less":      {Options{Bitrate: 16000}, func(n int) bool { return n < usual*3/4 }},
		"more":      {Options{Bitrate: 48000}, func(n int) bool { return n > usual*5/4 }},
		"no FEC":    {Options{NoFEC: true}, func(n int) bool { return n > 0 }},
		"as before": {Options{}, func(n int) bool { return n > usual*9/10 && n < usual*11/10 }},
		"constant": {Options{CBR: true}, func(n int) bool {
			return n > 2*32000/8*99/100 && n < 2*32000/8*101/100
		}},
	} {
		e.Tune(c.o)
		if n := size(e); !c.check(n) {
			t.Errorf("%s: %d bytes, usually %d", name, n, usual)
		}
	}
	e.Tune(Options{NoFEC: true})
	size(e)
	if n := redundant(encodeAll(t, e, pcm)); n != 0 {
		t.Errorf("%d %% redundant packets after FEC was turned off", n)
	}
	e.Tune(Options{PacketLoss: 20})
	if n := redundant(encodeAll(t, e, pcm)); n < 40 {
		t.Errorf("%d %% redundant packets after FEC was turned on", n)
	}
}

// TestMaxPlayback: no bit for a band that the far end does not play.
func TestMaxPlayback(t *testing.T) {
	pcm := speech(48000)
	for playback, want := range map[int]int{8000: 0, 12000: 1, 16000: 2, 24000: 3, 48000: 4, 0: 4} {
		e, _ := opusPair(t, Options{MaxPlayback: playback})
		all := encodeAll(t, e, pcm)
		for _, p := range all[len(all)/2:] {
			if band := opusBand(p[0]); band > want {
				t.Errorf("%d Hz: band %d, at most %d", playback, band, want)
				break
			}
		}
	}
}

// opusBand is the bandwidth of a packet: 0 narrow to 4 full (RFC 6716 table 2).
func opusBand(toc byte) int {
	switch config := int(toc >> 3); {
	case config < 12:
		return config / 4
	case config < 16:
		return 3 + (config-12)/2
	case config < 20:
		return 0
	default:
		return (config-20)/4 + 2
	}
}

func TestEncodeEveryLength(t *testing.T) {
	pcm := speech(LongestPacket * 20)
	buf := make([]int16, MaxSamples)
	for _, n := range Names() {
		e, err := NewEncoder(n, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		d, err := NewDecoder(n)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		out := make([]byte, MaxPacket)
		for i := range 30 { // every length after every other
			size := PacketLen * []int{1, 2, 3, 1, 3, 2}[i%6]
			k, err := e.Encode(pcm[:size], out)
			if err != nil {
				t.Fatalf("%s, %d samples: %v", n, size, err)
			}
			if got, err := d.Decode(out[:k], buf); err != nil || got != size {
				t.Fatalf("%s: %d samples came back as %d, %v", n, size, got, err)
			}
		}
		for _, size := range []int{0, 480, 959, 1000, 4 * PacketLen} {
			if _, err := e.Encode(make([]int16, size), out); err == nil {
				t.Errorf("%s: %d samples were encoded", n, size)
			}
		}
	}
}

func TestOpusDTX(t *testing.T) {
	quiet := make([]int16, 48000*2)
	e, _ := opusPair(t, Options{})
	for i, p := range encodeAll(t, e, quiet) {
		if len(p) == 0 {
			t.Fatalf("packet %d left out without DTX", i)
		}
	}
	e, d := opusPair(t, Options{DTX: true})
	talk := speech(48000)
	packets := encodeAll(t, e, append(append(append([]int16(nil), talk...), quiet...), talk...))
	left, signs := 0, 0
	for i, p := range packets {
		switch {
		case len(p) == 0:
			left++
		case len(p) <= dtxLen:
			signs++
			if n, err := d.Duration(p); err != nil || n != PacketLen {
				t.Errorf("packet %d, the sign of a pause: %d, %v", i, n, err)
			}
		}
	}
	if left < 60 {
		t.Errorf("%d of 100 silent packets left out", left)
	}
	if signs == 0 || signs > 20 {
		t.Errorf("%d signs of silence", signs)
	}
}

func TestOpusTakesEveryPacketLength(t *testing.T) {
	e, d := opusPair(t, Options{})
	p := encodeAll(t, e, speech(PacketLen*20))[10]
	if p[0]&3 != 0 {
		t.Fatalf("packing %d", p[0]&3)
	}
	buf := make([]int16, MaxSamples)
	for n := 1; n <= 6; n++ { // the same frame again and again, of equal size
		long := []byte{p[0] | 3, byte(n)}
		for range n {
			long = append(long, p[1:]...)
		}
		if k, err := d.Decode(long, buf); err != nil || k != n*PacketLen {
			t.Errorf("%d frames: %d, %v", n, k, err)
		}
	}
	// CELT frames of 2.5 and 5 ms without content decode to something.
	for config, want := range map[int]int{16: 120, 21: 240, 26: 480, 31: 960} {
		if k, err := d.Decode([]byte{toc(config, 0, 0), 1, 2, 3}, buf); err != nil || k != want {
			t.Errorf("configuration %d: %d, %v", config, k, err)
		}
	}
	// Stereo comes out mixed down.
	if k, err := d.Decode([]byte{toc(31, 1, 0), 1, 2, 3}, buf); err != nil || k != 960 {
		t.Errorf("stereo: %d, %v", k, err)
	}
}

func TestMalformedPacketsLeaveTheDecoderUsable(t *testing.T) {
	e, d := opusPair(t, Options{})
	good := encodeAll(t, e, speech(PacketLen*50))
	rng := rand.New(rand.NewPCG(8, 9))
	buf := make([]int16, MaxSamples)
	for _, p := range good {
		bad := make([]byte, 1+rng.IntN(80))
		for i := range bad {
			bad[i] = byte(rng.Uint32())
		}
		_, _ = d.Decode(bad, buf) // an error or noise, no harm
		_, _ = d.DecodeFEC(bad, buf[:PacketLen])
		if n, err := d.Decode(p, buf); err != nil || n != PacketLen {
			t.Fatalf("a good packet after a bad one: %d, %v", n, err)
		}
	}
}
