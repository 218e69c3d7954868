package codec_test

import (
	"errors"
	"math"
	"testing"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// sine fills n samples at 48 kHz.
func sine(n int, freq, amp float64) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(amp * math.Sin(2*math.Pi*freq*float64(i)/audio.Rate))
	}
	return pcm
}

// power of a sinusoid of this frequency as a share of all power in pcm, 0 to 1.
func purity(pcm []int16, freq float64) float64 {
	var re, im, all float64
	for i, x := range pcm {
		w := 2 * math.Pi * freq * float64(i) / audio.Rate
		re += float64(x) * math.Cos(w)
		im += float64(x) * math.Sin(w)
		all += float64(x) * float64(x)
	}
	if all == 0 {
		return 0
	}
	return (re*re + im*im) / (float64(len(pcm)) / 2) / all
}

func rms(pcm []int16) float64 {
	var s float64
	for _, x := range pcm {
		s += float64(x) * float64(x)
	}
	return math.Sqrt(s / float64(max(1, len(pcm))))
}

func pair(t testing.TB, n codec.Name, o codec.Options) (codec.Encoder, codec.Decoder) {
	t.Helper()
	e, err := codec.NewEncoder(n, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	d, err := codec.NewDecoder(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return e, d
}

// packets encodes the whole of pcm.
func packets(t testing.TB, e codec.Encoder, pcm []int16) [][]byte {
	t.Helper()
	var all [][]byte
	out := make([]byte, codec.MaxPacket)
	for ; len(pcm) >= codec.PacketLen; pcm = pcm[codec.PacketLen:] {
		n, err := e.Encode(pcm[:codec.PacketLen], out)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, append([]byte(nil), out[:n]...))
	}
	return all
}

func TestEveryCodecCarriesATone(t *testing.T) {
	for _, n := range codec.Names() {
		t.Run(string(n), func(t *testing.T) {
			e, d := pair(t, n, codec.Options{})
			buf := make([]int16, codec.MaxSamples)
			var got []int16
			for _, p := range packets(t, e, sine(audio.Rate, 1000, 8000)) {
				if dur, err := d.Duration(p); err != nil || dur != codec.PacketLen {
					t.Fatalf("Duration = %d, %v", dur, err)
				}
				k, err := d.Decode(p, buf)
				if err != nil || k != codec.PacketLen {
					t.Fatalf("Decode = %d, %v", k, err)
				}
				got = append(got, buf[:k]...)
			}
			tail := got[len(got)/2:]
			if p := purity(tail, 1000); p < 0.98 {
				t.Errorf("only %.3f of the power is the tone", p)
			}
			if r := rms(tail) / (8000 / math.Sqrt2); r < 0.8 || r > 1.25 {
				t.Errorf("level changed by a factor of %.2f", r)
			}
		})
	}
}

func TestByName(t *testing.T) {
	for s, want := range map[string]codec.Name{"opus": codec.Opus, "OPUS": codec.Opus, "PCMA": codec.PCMA, "pcmu": codec.PCMU} {
		if got, ok := codec.ByName(s); !ok || got != want {
			t.Errorf("ByName(%q) = %q, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "G722", "telephone-event"} {
		if got, ok := codec.ByName(s); ok {
			t.Errorf("ByName(%q) = %q", s, got)
		}
	}
	if _, err := codec.NewDecoder("G729"); !errors.Is(err, codec.ErrUnknown) {
		t.Errorf("NewDecoder: %v", err)
	}
	if _, err := codec.NewEncoder("G729", codec.Options{}); !errors.Is(err, codec.ErrUnknown) {
		t.Errorf("NewEncoder: %v", err)
	}
	for n, want := range map[codec.Name]int{codec.Opus: 48000, codec.PCMA: 8000, codec.PCMU: 8000, "x": 0} {
		if got := n.ClockRate(); got != want {
			t.Errorf("ClockRate(%s) = %d", n, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, n := range codec.Names() {
		t.Run(string(n), func(t *testing.T) {
			e, d := pair(t, n, codec.Options{})
			out, pcm := make([]byte, codec.MaxPacket), make([]int16, codec.MaxSamples)
			if _, err := e.Encode(pcm[:959], out); err == nil {
				t.Error("a packet of 959 samples was encoded")
			}
			if _, err := e.Encode(pcm[:960], nil); !errors.Is(err, codec.ErrShort) {
				t.Errorf("no room: %v", err)
			}
			if _, err := d.Decode(nil, pcm); !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("empty packet: %v", err)
			}
			if _, err := d.DecodeFEC(nil, pcm[:960]); !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("empty packet for FEC: %v", err)
			}
			if _, err := d.Decode(packets(t, e, pcm[:960])[0], pcm[:959]); !errors.Is(err, codec.ErrShort) {
				t.Errorf("short output: %v", err)
			}
			for _, k := range []int{0, 1, 119, 121, codec.MaxSamples + codec.ConcealUnit} {
				if err := d.Conceal(make([]int16, k)); err == nil {
					t.Errorf("Conceal of %d samples was accepted", k)
				}
			}
			e.Close()
			e.Close()
			d.Close()
			d.Close()
			if _, err := e.Encode(pcm[:960], out); !errors.Is(err, codec.ErrClosed) {
				t.Errorf("Encode after Close: %v", err)
			}
			if _, err := d.Decode([]byte{1, 2, 3}, pcm); !errors.Is(err, codec.ErrClosed) {
				t.Errorf("Decode after Close: %v", err)
			}
			if err := d.Conceal(pcm[:480]); !errors.Is(err, codec.ErrClosed) {
				t.Errorf("Conceal after Close: %v", err)
			}
			e.Reset()
			d.Reset()
		})
	}
}

func TestNoAllocationPerPacket(t *testing.T) {
	for _, n := range codec.Names() {
		t.Run(string(n), func(t *testing.T) {
			e, d := pair(t, n, codec.Options{})
			in, out := sine(codec.LongestPacket, 300, 9000), make([]byte, codec.MaxPacket)
			pcm := make([]int16, codec.MaxSamples)
			loss := 0
			allocs := testing.AllocsPerRun(100, func() {
				loss = (loss + 1) % 30
				e.Tune(codec.Options{PacketLoss: loss, Bitrate: 16000 + 1000*loss, DTX: loss%2 == 0})
				k, _ := e.Encode(in[:codec.PacketLen*(1+loss%3)], out)
				_, _ = d.Decode(out[:k], pcm)
				_ = d.Conceal(pcm[:480])
				_, _ = d.DecodeFEC(out[:k], pcm[:960])
			})
			if allocs != 0 {
				t.Errorf("%v allocations per packet", allocs)
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range codec.Names() {
		b.Run(string(n), func(b *testing.B) {
			e, _ := pair(b, n, codec.Options{})
			in, out := sine(codec.PacketLen, 300, 9000), make([]byte, codec.MaxPacket)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Encode(in, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range codec.Names() {
		b.Run(string(n), func(b *testing.B) {
			e, d := pair(b, n, codec.Options{})
			p := packets(b, e, sine(codec.PacketLen, 300, 9000))[0]
			pcm := make([]int16, codec.MaxSamples)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Decode(p, pcm); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkConceal(b *testing.B) {
	for _, n := range codec.Names() {
		b.Run(string(n), func(b *testing.B) {
			e, d := pair(b, n, codec.Options{})
			p := packets(b, e, sine(codec.PacketLen, 300, 9000))[0]
			pcm := make([]int16, codec.MaxSamples)
			for b.Loop() {
				_, _ = d.Decode(p, pcm)
				_ = d.Conceal(pcm[:960])
			}
		})
	}
}
