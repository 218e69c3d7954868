package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
)

// chunk is one RIFF chunk, padded when odd.
func chunk(id string, body []byte) []byte {
	b := append([]byte(id), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...)
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...), body...)
}

func format(tag, channels, rate, bits int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*bits/8))
	return le.AppendUint16(b, uint16(bits))
}

// extensible is the long form of a format.
func extensible(tag, channels, rate, bits int) []byte {
	b := format(0xfffe, channels, rate, bits)
	b = append(b, 22, 0, byte(bits), 0, 0, 0, 0, 0)
	b = append(b, byte(tag), byte(tag>>8), 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71)
	return b
}

// coded is a 1 kHz sinusoid at -6 dBFS in any encoding; where there are more
// channels, the others are silent and the first is louder by their number.
func coded(rate, channels, bits int, float bool, n int) []byte {
	var b []byte
	le := binary.LittleEndian
	for i := range n {
		v := 0.5 * math.Sin(2*math.Pi*1000*float64(i)/float64(rate))
		for c := range channels {
			if c > 0 {
				v = 0
			} else if channels > 1 {
				v = v * float64(channels) / 2 // two channels at most stay in range
			}
			switch {
			case float && bits == 32:
				b = le.AppendUint32(b, math.Float32bits(float32(v)))
			case float:
				b = le.AppendUint64(b, math.Float64bits(v))
			case bits == 8:
				b = append(b, byte(math.Round(v*127)+128))
			case bits == 16:
				b = le.AppendUint16(b, uint16(int16(v*32767)))
			case bits == 24:
				x := int32(v * (1<<23 - 1))
				b = append(b, byte(x), byte(x>>8), byte(x>>16))
			default:
				b = le.AppendUint32(b, uint32(int32(v*(1<<31-1))))
			}
		}
	}
	return b
}

func readAll(t *testing.T, file []byte) ([]int16, audio.WAVFormat) {
	t.Helper()
	w, err := audio.NewWAVReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var all []int16
	buf := make([]int16, 777)
	for {
		n, err := w.Read(buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return all, w.Format()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWAVReaderTakesEveryCommonFormat(t *testing.T) {
	for _, rate := range []int{8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000} {
		for _, f := range []struct {
			bits  int
			float bool
		}{{8, false}, {16, false}, {24, false}, {32, false}, {32, true}, {64, true}} {
			for _, channels := range []int{1, 2} {
				tag := 1
				if f.float {
					tag = 3
				}
				data := chunk("data", coded(rate, channels, f.bits, f.float, rate/5))
				for name, head := range map[string][]byte{
					"plain": format(tag, channels, rate, f.bits), "extensible": extensible(tag, channels, rate, f.bits),
				} {
					pcm, got := readAll(t, riff(chunk("fmt ", head), data))
					want := audio.WAVFormat{Rate: rate, Channels: channels, Bits: f.bits, Float: f.float}
					if got != want {
						t.Fatalf("format %v, want %v", got, want)
					}
					if d := len(pcm) - audio.Rate/5; d < 0 || d > 600 {
						t.Errorf("%v %s: %d samples of 200 ms", want, name, len(pcm))
						continue
					}
					expect := -6.02
					if channels == 2 {
						expect = -12.04
					}
					if at, _ := fit(pcm[1200:8400], audio.Rate, 1000); math.Abs(at-expect) > 0.1 {
						t.Errorf("%v %s: 1 kHz at %.2f dB, want %.2f", want, name, at, expect)
					}
				}
			}
		}
	}
}

func TestWAVReaderTolerates(t *testing.T) {
	head := chunk("fmt ", format(1, 1, 48000, 16))
	sound := coded(48000, 1, 16, false, 480)
	unknown := chunk("data", sound)
	binary.LittleEndian.PutUint32(unknown[4:], math.MaxUint32)
	crashed := chunk("data", sound)
	binary.LittleEndian.PutUint32(crashed[4:], 0)
	for name, c := range map[string]struct {
		file []byte
		want int
	}{
		"odd chunks before and between": {riff(chunk("LIST", []byte("abc")), head, chunk("junk", []byte{1}), chunk("data", sound)), 480},
		"chunks after the sound":        {riff(head, chunk("data", sound), chunk("LIST", []byte("bye!"))), 480},
		"length not known":              {riff(head, unknown), 480},
		"length never written":          {riff(head, crashed), 480},
		"cut short":                     {riff(head, chunk("data", sound))[:44+601], 300},
		"empty":                         {riff(head, chunk("data", nil)), 0},
		"half a sample at the end":      {riff(head, chunk("data", append(append([]byte(nil), sound...), 9))), 480},
	} {
		pcm, _ := readAll(t, c.file)
		if len(pcm) != c.want {
			t.Errorf("%s: %d samples, want %d", name, len(pcm), c.want)
		}
	}
}

func TestWAVReaderRefuses(t *testing.T) {
	data := chunk("data", make([]byte, 96))
	good := chunk("fmt ", format(1, 1, 48000, 16))
	for name, file := range map[string][]byte{
		"nothing":          nil,
		"not RIFF":         []byte("OggS and so on and on"),
		"no format":        riff(data),
		"no data":          riff(good),
		"A-law":            riff(chunk("fmt ", format(6, 1, 8000, 8)), data),
		"no channel":       riff(chunk("fmt ", format(1, 0, 48000, 16)), data),
		"99 channels":      riff(chunk("fmt ", format(1, 99, 48000, 16)), data),
		"12 bits":          riff(chunk("fmt ", format(1, 1, 48000, 12)), data),
		"16 bit float":     riff(chunk("fmt ", format(3, 1, 48000, 16)), data),
		"no rate":          riff(chunk("fmt ", format(1, 1, 0, 16)), data),
		"a strange rate":   riff(chunk("fmt ", format(1, 1, 48011, 16)), data),
		"short format":     riff(chunk("fmt ", []byte{1, 0}), data),
		"huge format":      riff(chunk("fmt ", make([]byte, 5000)), data),
		"cut in format":    riff(good)[:26],
		"cut in a chunk":   riff(chunk("LIST", make([]byte, 100)))[:40],
		"chunk of 4 GiB":   append([]byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff"), 1, 2, 3),
		"format of 4 GiB":  append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"), 1, 2, 3),
		"only the first 8": []byte("RIFF\x00\x00\x00\x00"),
	} {
		_, err := audio.NewWAVReader(bytes.NewReader(file))
		if !errors.Is(err, audio.ErrWAV) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWAVReaderSurvivesStrangeFloats(t *testing.T) {
	var b []byte
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e30, 0.5} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	pcm, _ := readAll(t, riff(chunk("fmt ", format(3, 1, 48000, 32)), chunk("data", b)))
	want := []int16{0, 32767, -32767, 32767, 16384}
	if fmt.Sprint(pcm) != fmt.Sprint(want) {
		t.Errorf("got %v", pcm)
	}
}

// A reader that breaks in the middle is an error, not an end.
func TestWAVReaderTellsABrokenDisk(t *testing.T) {
	broken := errors.New("disk on fire")
	file := riff(chunk("fmt ", format(1, 1, 48000, 16)), chunk("data", make([]byte, 100_000)))
	w, err := audio.NewWAVReader(io.MultiReader(bytes.NewReader(file[:70_000]), &failing{broken}))
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]int16, 48000)
	for err == nil {
		_, err = w.Read(buf)
	}
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzWAVReader(f *testing.F) {
	f.Add(riff(chunk("fmt ", format(1, 2, 44100, 24)), chunk("data", make([]byte, 60))))
	f.Add(riff(chunk("LIST", []byte("x")), chunk("fmt ", extensible(3, 1, 8000, 64)), chunk("data", make([]byte, 64))))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := audio.NewWAVReader(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, audio.ErrWAV) {
				t.Errorf("%v", err)
			}
			return
		}
		buf := make([]int16, 4800)
		for range 100 {
			if _, err := w.Read(buf); err != nil {
				return
			}
		}
	})
}

func TestWAVWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	w, err := audio.CreateWAV(path)
	if err != nil {
		t.Fatal(err)
	}
	want := sine(3*audio.Rate+17, audio.Rate, 440)
	for rest := want; len(rest) > 0; {
		n := min(len(rest), 500)
		if err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	// Killed now, at most a second is missing.
	if got, err := audio.ReadWAV(path, math.MaxInt); err != nil || len(want)-len(got) > audio.Rate+500 {
		t.Errorf("before Close: %d of %d samples, %v", len(got), len(want), err)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := audio.ReadWAV(path, math.MaxInt)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read back %d of %d samples, %v", len(got), len(want), err)
	}
	if few, err := audio.ReadWAV(path, 100); err != nil || len(few) != 100 {
		t.Errorf("limited to 100: %d, %v", len(few), err)
	}
	if err := w.Write(want); err == nil {
		t.Error("Write after Close said nothing")
	}
	if info, err := os.Stat(path); err != nil || info.Size() != int64(44+2*len(want)) {
		t.Errorf("file of %d bytes, %v", info.Size(), err)
	}
}

// memory is a file whose disk fills up.
type memory struct {
	b    []byte
	at   int
	room int
	shut int
}

var errFull = errors.New("disk full")

func (m *memory) Write(p []byte) (int, error) {
	if m.at+len(p) > m.room {
		return 0, errFull
	}
	if grow := m.at + len(p) - len(m.b); grow > 0 {
		m.b = append(m.b, make([]byte, grow)...)
	}
	m.at += copy(m.b[m.at:], p)
	return len(p), nil
}

func (m *memory) Seek(to int64, whence int) (int64, error) {
	m.at = int(to)
	if whence == io.SeekEnd {
		m.at += len(m.b)
	}
	return int64(m.at), nil
}

func (m *memory) Close() error { m.shut++; return nil }

func TestWAVWriterTellsAFullDisk(t *testing.T) {
	if _, err := audio.NewWAVWriter(&memory{room: 10}); !errors.Is(err, errFull) {
		t.Errorf("header: %v", err)
	}
	m := &memory{room: 100_000}
	w, err := audio.NewWAVWriter(m)
	if err != nil {
		t.Fatal(err)
	}
	frame := make([]int16, audio.FrameLen)
	for range 300 {
		err = w.Write(frame)
	}
	if !errors.Is(err, errFull) {
		t.Errorf("Write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, errFull) || m.shut != 1 {
		t.Errorf("Close: %v, file closed %d times", err, m.shut)
	}
	if _, err := audio.CreateWAV(filepath.Join(t.TempDir(), "no", "such", "place.wav")); err == nil {
		t.Error("created a file in a directory that does not exist")
	}
	if _, err := audio.ReadWAV(filepath.Join(t.TempDir(), "none.wav"), 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ReadWAV: %v", err)
	}
}

func TestRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{room: 1 << 30}
		w, err := audio.NewWAVWriter(m)
		if err != nil {
			t.Fatal(err)
		}
		rec := audio.NewRecorder(w)
		now := time.Now
		out := audio.NewNullOutput(now)
		d := audio.Join(audio.NewNullInput(now), out, rec)
		frame := make([]int16, audio.FrameLen)
		written := 0
		for range 1000 { // five seconds
			<-time.After(5 * time.Millisecond)
			for out.Room() {
				written++
				for i := range frame {
					frame[i] = int16(written)
				}
				out.Write(frame)
				rec.Write(frame)
			}
		}
		for range 2 {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		rec.Write(frame) // after Close: nothing happens
		pcm, _ := readAll(t, m.b)
		if len(pcm) != written*audio.FrameLen || written < 499 || rec.Lost() != 0 || m.shut != 1 {
			t.Fatalf("%d samples of %d frames, %d lost", len(pcm), written, rec.Lost())
		}
		for i, x := range pcm {
			if x != int16(1+i/audio.FrameLen) {
				t.Fatalf("sample %d is of frame %d", i, x)
			}
		}
	})
}

func TestRecorderNeverWaits(t *testing.T) {
	w, err := audio.NewWAVWriter(&memory{room: 1000})
	if err != nil {
		t.Fatal(err)
	}
	rec := audio.NewRecorder(w)
	frame := make([]int16, audio.Rate)
	if n := testing.AllocsPerRun(20, func() { rec.Write(frame) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if rec.Lost() == 0 {
		t.Error("twenty seconds at once were all kept")
	}
	if err := rec.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close: %v", err)
	}
}
