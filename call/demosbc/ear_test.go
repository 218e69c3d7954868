package demosbc

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// goertzel is the power of one frequency in 48 kHz sound, 1 for a full-scale
// sine.
func goertzel(pcm []int16, hz float64) float64 {
	var re, im float64
	for i, v := range pcm {
		phase := 2 * math.Pi * hz * float64(i) / audio.Rate
		re += float64(v) * math.Cos(phase)
		im += float64(v) * math.Sin(phase)
	}
	n := float64(len(pcm)) / 2 * 32768
	return (re*re + im*im) / (n * n)
}

// rms is the root mean square of pcm.
func rms(pcm []int16) float64 {
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(max(1, len(pcm))))
}

// sine is d of a tone, in packets of a codec.
func sine(t testing.TB, name codec.Name, hz float64, d time.Duration) [][]byte {
	t.Helper()
	enc, err := codec.NewEncoder(name, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	pcm := make([]int16, int(d*audio.Rate/time.Second))
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hz*seconds(i)))
	}
	var packets [][]byte
	out := make([]byte, codec.MaxPacket)
	for ; len(pcm) >= codec.PacketLen; pcm = pcm[codec.PacketLen:] {
		n, err := enc.Encode(pcm[:codec.PacketLen], out)
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, append([]byte(nil), out[:n]...))
	}
	return packets
}

func TestEarRecords(t *testing.T) {
	for _, c := range []struct {
		name codec.Name
		pt   uint8
	}{{codec.Opus, 96}, {codec.PCMU, 0}, {codec.PCMA, 8}} {
		t.Run(string(c.name), func(t *testing.T) {
			e := newEar(time.Second)
			defer e.close()
			e.expect([]format{{pt: c.pt, name: string(c.name), clock: c.name.ClockRate()}})
			ticks := uint32(c.name.ClockRate() / 50)
			ts := uint32(0xffffff00) // it wraps
			for i, p := range sine(t, c.name, 600, 2*time.Second) {
				e.hear(&rtp.Header{SSRC: 5, PayloadType: c.pt, SequenceNumber: uint16(i), Timestamp: ts}, p)
				ts += ticks
			}
			got := e.heard()
			if len(got) != audio.Rate {
				t.Fatalf("%d samples kept, want a second", len(got))
			}
			if p := goertzel(got, 600); p < 0.03 {
				t.Errorf("the tone's power is %v", p)
			}
			if s := e.snapshot(); s.Packets != 100 || s.Sources != 1 || s.Codec != string(c.name) || s.Bytes == 0 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

func TestEarKeepsTime(t *testing.T) {
	e := newEar(10 * time.Second)
	defer e.close()
	e.expect([]format{{pt: 0, name: "pcmu", clock: 8000}})
	packets := sine(t, codec.PCMU, 600, 100*time.Millisecond)
	hear := func(i int, ts uint32) { e.hear(&rtp.Header{SSRC: 1, Timestamp: ts}, packets[i]) }
	hear(0, 0)
	hear(1, 160)
	hear(2, 800) // 60 ms are missing
	hear(3, 320) // too late
	hear(4, 960)
	hear(0, 5_000_000) // a jump is no gap
	got := e.heard()
	if want := 8 * 960; len(got) != want {
		t.Fatalf("%d samples, want %d", len(got), want)
	}
	if loud := rms(got[2*960 : 5*960]); loud > 1 {
		t.Errorf("what was lost is not silent: %v", loud)
	}
	if loud := rms(got[5*960 : 7*960]); loud < 1000 {
		t.Errorf("what came after it is silent: %v", loud)
	}
}

func TestEarDigits(t *testing.T) {
	e := newEar(0)
	e.expect([]format{{pt: 96, name: "opus", clock: 48000}, {pt: 101, name: "telephone-event", clock: 48000}})
	event := func(ts uint32, digit byte, end byte) {
		e.hear(&rtp.Header{SSRC: 1, PayloadType: 101, Timestamp: ts}, []byte{digit, end | 10, 3, 0xc0})
	}
	for range 4 {
		event(100, 5, 0)
	}
	event(100, 5, 0x80)
	event(100, 5, 0x80)
	event(5000, 5, 0)
	event(9000, 11, 0)
	event(12000, 16, 0) // a hook flash is no digit
	e.hear(&rtp.Header{SSRC: 1, PayloadType: 101, Timestamp: 1}, []byte{1})
	e.hear(&rtp.Header{SSRC: 1, PayloadType: 50, Timestamp: 1}, []byte{1, 2, 3, 4})
	e.digit('9')
	if s := e.snapshot(); s.Digits != "55#9" || s.Codec != "" {
		t.Errorf("stats %+v", s)
	}
	if got := e.heard(); len(got) != 0 {
		t.Errorf("%d samples without recording", len(got))
	}
}

func TestEarSurvivesGarbage(t *testing.T) {
	e := newEar(time.Second)
	defer e.close()
	e.expect([]format{{pt: 96, name: "opus", clock: 48000}})
	for _, payload := range [][]byte{{}, {0xff}, {0xff, 0xff, 0xff}, make([]byte, 1500)} {
		e.hear(&rtp.Header{SSRC: 1, PayloadType: 96}, payload)
	}
	for _, p := range sine(t, codec.Opus, 600, 200*time.Millisecond) {
		e.hear(&rtp.Header{SSRC: 2, PayloadType: 96}, p)
	}
	if s := e.snapshot(); s.Packets != 14 || s.Sources != 2 {
		t.Errorf("stats %+v", s)
	}
}
