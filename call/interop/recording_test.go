package interop

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// ipv4 wraps RTP into IPv4 and UDP.
func ipv4(src, dst uint16, rtp []byte) []byte {
	b := make([]byte, 28, 28+len(rtp))
	b[0], b[9] = 0x45, 17
	binary.BigEndian.PutUint16(b[20:], src)
	binary.BigEndian.PutUint16(b[22:], dst)
	return append(b, rtp...)
}

func TestParseRTP(t *testing.T) {
	head := func(first, second byte) []byte {
		return []byte{first, second, 0, 7, 0, 0, 0, 160, 1, 2, 3, 4}
	}
	for _, c := range []struct {
		name    string
		packet  []byte
		ok      bool
		payload string
	}{
		{"plain", ipv4(10, 20, append(head(0x80, 0x80), "abc"...)), true, "abc"},
		{"with a CSRC", ipv4(10, 20, append(head(0x81, 0), "csrcabc"...)), true, "abc"},
		{"with an extension of one word", ipv4(10, 20, append(head(0x90, 0), "\xbe\xde\x00\x01wordabc"...)), true, "abc"},
		{"with padding", ipv4(10, 20, append(head(0xa0, 0), "abc\x00\x02"...)), true, "abc"},
		{"RTCP", ipv4(10, 20, append(head(0x80, 200), "abc"...)), false, ""},
		{"STUN", ipv4(10, 20, append(head(0x00, 1), "abc"...)), false, ""},
		{"more padding than packet", ipv4(10, 20, append(head(0xa0, 0), 200)), false, ""},
		{"an extension cut off", ipv4(10, 20, append(head(0x90, 0), 0xbe)), false, ""},
		{"too short for RTP", ipv4(10, 20, head(0x80, 0)[:8]), false, ""},
		{"TCP", append([]byte{0x45, 0, 0, 0, 0, 0, 0, 0, 0, 6}, make([]byte, 40)...), false, ""},
		{"nothing", nil, false, ""},
	} {
		p, ok := parseRTP(c.packet)
		if ok != c.ok || string(p.Payload) != c.payload {
			t.Errorf("%s: %v, payload %q", c.name, ok, p.Payload)
		}
		if ok && (p.SrcPort != 10 || p.DstPort != 20 || p.Sequence != 7 || p.Timestamp != 160 || p.SSRC != 0x01020304) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

func TestReadRecordingCutOff(t *testing.T) {
	le := binary.LittleEndian
	file := make([]byte, pcapHeaderLen)
	le.PutUint32(file, pcapMicro)
	le.PutUint32(file[20:], linkRaw)
	packet := ipv4(1, 2, append([]byte{0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 0xff))
	record := make([]byte, pcapRecordLen)
	le.PutUint32(record, 1000)
	le.PutUint32(record[4:], 250000)
	le.PutUint32(record[8:], uint32(len(packet)))
	file = append(append(file, record...), packet...)

	rec, err := readRecording(bytes.NewReader(file))
	if err != nil || len(rec.Packets) != 1 || !rec.Packets[0].At.Equal(time.Unix(1000, 250e6)) {
		t.Errorf("%+v, %v", rec, err)
	}
	for _, n := range []int{0, 10, pcapHeaderLen + 3, len(file) - 1} {
		if _, err := readRecording(bytes.NewReader(file[:n])); err == nil {
			t.Errorf("a file cut off at %d is no error", n)
		}
	}
}

// TestG711 compares with values of ITU-T G.711, tables 1a and 2a: the decoder
// outputs of the first codes of each segment, scaled to 16 bits.
func TestG711(t *testing.T) {
	for _, c := range []struct {
		law  string
		got  int16
		want int16
	}{
		{"mu 0xff", fromMuLaw(0xff), 0}, {"mu 0x7f", fromMuLaw(0x7f), 0},
		{"mu 0x80", fromMuLaw(0x80), 32124}, {"mu 0x00", fromMuLaw(0x00), -32124},
		{"mu 0xf0", fromMuLaw(0xf0), 120}, {"mu 0xef", fromMuLaw(0xef), 132},
		{"A 0xd5", fromALaw(0xd5), 8}, {"A 0x55", fromALaw(0x55), -8},
		{"A 0xaa", fromALaw(0xaa), 32256}, {"A 0x2a", fromALaw(0x2a), -32256},
		{"A 0xc5", fromALaw(0xc5), 264},
	} {
		if c.got != c.want {
			t.Errorf("%s is %d, want %d", c.law, c.got, c.want)
		}
	}
	for x := -32768; x <= 32767; x++ {
		back := fromMuLaw(toMuLaw(int16(x)))
		if d := math.Abs(float64(int(back) - x)); d > 4+math.Abs(float64(x))/16 {
			t.Fatalf("%d comes back as %d", x, back)
		}
	}
}

func TestDecodeG711FillsGaps(t *testing.T) {
	packet := func(at uint32, fill byte) Packet {
		return Packet{Timestamp: at, Payload: bytes.Repeat([]byte{fill}, 160)}
	}
	// The second of four packets is lost, the last two came in the wrong order.
	pcm := DecodeG711([]Packet{packet(1000, 0x80), packet(1480, 0x00), packet(1320, 0x80), {PayloadType: 101, Timestamp: 9, Payload: []byte{1}}})
	for i, want := range map[int]int16{0: 32124, 160: 0, 319: 0, 320: 32124, 480: -32124, 639: -32124} {
		if pcm[i] != want {
			t.Errorf("sample %d is %d, want %d", i, pcm[i], want)
		}
	}
}

func TestDigits(t *testing.T) {
	event := func(ts uint32, key byte, end byte, duration uint16) Packet {
		return Packet{PayloadType: 101, Timestamp: ts, Payload: []byte{key, end | 10, byte(duration >> 8), byte(duration)}}
	}
	got := Digits([]Packet{
		event(100, 1, 0, 160), event(100, 1, 0, 320), event(100, 1, 0x80, 800), event(100, 1, 0x80, 800), event(100, 1, 0x80, 800),
		{PayloadType: 0, Timestamp: 500}, event(2000, 11, 0, 160), event(2000, 11, 0x80, 400),
	}, 101)
	want := []Digit{{'1', 100 * time.Millisecond, 3}, {'#', 50 * time.Millisecond, 1}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWAVComesBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.wav")
	want := MicSignal().PCM(8000, time.Second)
	if err := writeWAV(file, 8000, want); err != nil {
		t.Fatal(err)
	}
	got, rate, err := ReadWAV(file)
	if err != nil || rate != 8000 || len(got) != len(want) || got[100] != want[100] {
		t.Errorf("%d samples at %d Hz, %v", len(got), rate, err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// As a program leaves it that was killed: the data are shorter than said.
	if err := os.WriteFile(file, whole[:1044], 0o644); err != nil {
		t.Fatal(err)
	}
	if got, _, err = ReadWAV(file); err != nil || len(got) != 500 {
		t.Errorf("of a file cut off: %d samples, %v", len(got), err)
	}
	for name, b := range map[string][]byte{"empty": {}, "no WAV": make([]byte, 100), "no format": whole[:12]} {
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadWAV(file); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSignalsAreToldApart(t *testing.T) {
	mic, pbx := MicSignal().PCM(8000, 3*time.Second), PBXSignal().PCM(8000, 3*time.Second)
	if r := MicSignal().Check(mic, 8000); !r.OK() {
		t.Errorf("the microphone's signal is not found: %+v", r)
	}
	if r := MicSignal().Check(pbx, 8000); r.OK() || r.Foreign == 0 {
		t.Errorf("the PBX's signal passes for the microphone's: %+v", r)
	}
	if part := Part(mic, 8000, 850*time.Millisecond, 950*time.Millisecond); MicSignal().Check(part, 8000).Heard {
		t.Error("there is sound in the signal's pause")
	}
	if n := len(Part(mic, 8000, 2*time.Second, time.Hour)); n != 8000 {
		t.Errorf("a part beyond the end has %d samples", n)
	}
}
