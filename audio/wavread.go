package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// ErrWAV is wrapped by every error about the content of a WAV file.
var ErrWAV = errors.New("audio: not a usable WAV file")

const (
	wavPCM        = 1
	wavFloat      = 3
	wavExtensible = 0xfffe
	// wavUnknown is the length of a data chunk whose writer did not know it
	// (a pipe) or did not come to write it (a crash): it goes to the end of
	// the file.
	wavUnknown = 0xffffffff
	// wavFmtMax bounds what is read of a fmt chunk; the longest there is has
	// 40 bytes.
	wavFmtMax = 256
	// wavMaxChannels bounds the memory that one frame can claim.
	wavMaxChannels = 32
	// wavBlock is how many frames of the file are converted at once.
	wavBlock = 512
)

// WAVFormat is what a WAV file holds.
type WAVFormat struct {
	// Rate in Hz, Channels, and Bits of one sample.
	Rate, Channels, Bits int
	// Float: samples are IEEE floating point, full scale 1.0.
	Float bool
}

// String is the format in words, for logs and errors.
func (f WAVFormat) String() string {
	kind := "PCM"
	if f.Float {
		kind = "float"
	}
	return fmt.Sprintf("%d Hz, %d channels, %d bit %s", f.Rate, f.Channels, f.Bits, kind)
}

// frameSize is the bytes of one sample of every channel.
func (f WAVFormat) frameSize() int { return f.Channels * f.Bits / 8 }

// WAVReader reads a WAV file as 48 kHz mono, whatever it holds: PCM of 8, 16,
// 24 or 32 bits or floating point of 32 or 64, any number of channels (mixed
// down in equal parts), any common rate. It streams: its memory does not grow
// with the file. It is for one goroutine at a time.
type WAVReader struct {
	format WAVFormat
	r      *bufio.Reader
	left   int64 // bytes of the data chunk that have not been read
	rate   *Resampler
	raw    []byte
	mono   [wavBlock]int16
	out    []int16 // converted, not yet read
	ready  []int16 // what of out is left
	tail   int     // samples that the resampler still holds
}

// NewWAVReader reads the header of a WAV file. Unknown chunks are stepped
// over; a data chunk that is shorter than it says is read as far as it goes.
func NewWAVReader(r io.Reader) (*WAVReader, error) {
	w := &WAVReader{r: bufio.NewReaderSize(r, 1<<16)}
	if err := w.header(); err != nil {
		return nil, err
	}
	rate, err := NewResampler(w.format.Rate, Rate)
	if err != nil {
		return nil, fmt.Errorf("%w: %d Hz is not a rate that can be converted", ErrWAV, w.format.Rate)
	}
	w.rate = rate
	w.tail = rate.Delay()
	w.raw = make([]byte, wavBlock*w.format.frameSize())
	w.out = make([]int16, rate.OutLen(wavBlock))
	return w, nil
}

// Format is what the file itself holds.
func (w *WAVReader) Format() WAVFormat { return w.format }

// Read fills dst with 48 kHz mono samples and returns how many there were; at
// the end of the file that is fewer than asked for, then 0 and io.EOF.
func (w *WAVReader) Read(dst []int16) (int, error) {
	n := 0
	for n < len(dst) {
		if len(w.ready) == 0 {
			if err := w.refill(); err != nil {
				if n > 0 && errors.Is(err, io.EOF) {
					return n, nil
				}
				return n, err
			}
		}
		k := copy(dst[n:], w.ready)
		w.ready = w.ready[k:]
		n += k
	}
	return n, nil
}

// refill converts the next block of the file.
func (w *WAVReader) refill() error {
	size := w.format.frameSize()
	want := int(min(int64(len(w.raw)), w.left)) / size * size
	n, err := io.ReadFull(w.r, w.raw[:want])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("audio: reading the WAV file: %w", err)
	}
	w.left -= int64(n)
	frames := n / size
	if frames == 0 {
		return w.flush()
	}
	for i := range frames {
		w.mono[i] = w.format.mix(w.raw[i*size:])
	}
	w.ready = w.out[:w.rate.Process(w.out, w.mono[:frames])]
	return nil
}

// flush takes out of the resampler what its delay holds back of the end.
func (w *WAVReader) flush() error {
	if w.tail == 0 {
		return io.EOF
	}
	clear(w.mono[:])
	n := min(w.tail, w.rate.Process(w.out, w.mono[:]))
	w.tail -= n
	w.ready = w.out[:n]
	return nil
}

// header walks the chunks up to the data.
func (w *WAVReader) header() error {
	var id [12]byte
	if _, err := io.ReadFull(w.r, id[:]); err != nil {
		return fmt.Errorf("%w: it ends before its header does", ErrWAV)
	}
	if string(id[:4]) != "RIFF" && string(id[:4]) != "RF64" || string(id[8:]) != "WAVE" {
		return fmt.Errorf("%w: it does not begin as one", ErrWAV)
	}
	for {
		var head [8]byte
		if _, err := io.ReadFull(w.r, head[:]); err != nil {
			return fmt.Errorf("%w: it holds no sound", ErrWAV)
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "fmt ":
			if err := w.readFormat(size); err != nil {
				return err
			}
		case "data":
			if w.format.Rate == 0 {
				return fmt.Errorf("%w: its sound comes before its format", ErrWAV)
			}
			if size == wavUnknown || size == 0 {
				size = math.MaxInt64
			}
			w.left = size
			return nil
		default:
			if err := w.skip(size); err != nil {
				return err
			}
		}
	}
}

// skip steps over a chunk and the byte that pads an odd one.
func (w *WAVReader) skip(size int64) error {
	if _, err := io.CopyN(io.Discard, w.r, size+size&1); err != nil {
		return fmt.Errorf("%w: it ends inside a chunk", ErrWAV)
	}
	return nil
}

// readFormat reads a fmt chunk.
func (w *WAVReader) readFormat(size int64) error {
	if size < 16 || size > wavFmtMax {
		return fmt.Errorf("%w: its format chunk has %d bytes", ErrWAV, size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return fmt.Errorf("%w: it ends inside its format", ErrWAV)
	}
	tag := binary.LittleEndian.Uint16(b)
	if tag == wavExtensible && size >= 26 { // the real tag begins the sub-format's GUID
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	f := WAVFormat{
		Channels: int(binary.LittleEndian.Uint16(b[2:])),
		Rate:     int(binary.LittleEndian.Uint32(b[4:])),
		Bits:     int(binary.LittleEndian.Uint16(b[14:])),
		Float:    tag == wavFloat,
	}
	switch {
	case tag != wavPCM && tag != wavFloat:
		return fmt.Errorf("%w: its encoding (%#04x) is neither PCM nor floating point", ErrWAV, tag)
	case f.Channels < 1 || f.Channels > wavMaxChannels:
		return fmt.Errorf("%w: it has %d channels", ErrWAV, f.Channels)
	case f.Rate < 1000 || f.Rate > 384000:
		return fmt.Errorf("%w: its rate is %d Hz", ErrWAV, f.Rate)
	case f.Float && f.Bits != 32 && f.Bits != 64, !f.Float && f.Bits != 8 && f.Bits != 16 && f.Bits != 24 && f.Bits != 32:
		return fmt.Errorf("%w: its samples have %d bits", ErrWAV, f.Bits)
	}
	w.format = f
	return nil
}

// mix is the mean of one sample of every channel.
func (f WAVFormat) mix(b []byte) int16 {
	var sum float64
	step := f.Bits / 8
	for c := range f.Channels {
		sum += f.sample(b[c*step:])
	}
	return Saturate(float32(sum / float64(f.Channels)))
}

// sample is one value in 16-bit units.
func (f WAVFormat) sample(b []byte) float64 {
	switch {
	case f.Float && f.Bits == 32:
		return finite(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	case f.Float:
		return finite(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case f.Bits == 8: // the only unsigned one
		return float64(int(b[0])-128) * 256
	case f.Bits == 16:
		return float64(int16(binary.LittleEndian.Uint16(b)))
	case f.Bits == 24:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 16)
	}
	return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 16)
}

// finite scales a floating-point sample to 16 bits; what is no number is
// silence, and the rest is bounded.
func finite(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return min(max(x, -1), 1) * math.MaxInt16
}

// ReadWAV reads a whole file as 48 kHz mono, at most limit samples of it. It
// is for short files and for tests.
func ReadWAV(path string, limit int) ([]int16, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w, err := NewWAVReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var pcm []int16
	block := make([]int16, Rate)
	for len(pcm) < limit {
		n, err := w.Read(block[:min(len(block), limit-len(pcm))])
		pcm = append(pcm, block[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return pcm, nil
}
