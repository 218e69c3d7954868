package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	wavHeaderLen = 44
	// wavMaxData keeps the lengths in the header within 32 bits.
	wavMaxData = 1<<32 - 1 - wavHeaderLen - 1
	// wavRenew is how many samples are written between two corrections of the
	// header: should the program die, the file is right up to then.
	wavRenew = Rate
)

// WAVWriter writes 48 kHz mono 16-bit PCM. Its header is renewed once in every
// second of sound and at Close, so that a file whose writer was killed can be
// read too. It is for one goroutine at a time.
type WAVWriter struct {
	file io.WriteSeeker
	buf  *bufio.Writer
	data int64 // bytes of sound
	told int64 // what of them the header knows
	b    [2 * FrameLen]byte
	err  error // the first error; nothing is written after it
	done bool
}

// CreateWAV creates (or empties) a file and begins to write it.
func CreateWAV(path string) (*WAVWriter, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w, err := NewWAVWriter(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// NewWAVWriter begins a file. The writer owns it: where it is an io.Closer,
// Close closes it.
func NewWAVWriter(file io.WriteSeeker) (*WAVWriter, error) {
	w := &WAVWriter{file: file}
	if _, err := file.Write(w.header()); err != nil {
		return nil, fmt.Errorf("audio: writing the WAV header: %w", err)
	}
	w.buf = bufio.NewWriterSize(file, 1<<16)
	return w, nil
}

// Write appends samples. After an error, which it repeats, it writes nothing
// more. A file that has reached its format's limit of 4 GiB, twelve hours, is
// such an error.
func (w *WAVWriter) Write(pcm []int16) error {
	for len(pcm) > 0 && w.err == nil {
		n := min(len(pcm), FrameLen)
		w.append(pcm[:n])
		pcm = pcm[n:]
	}
	if w.err == nil && w.data-w.told >= 2*wavRenew {
		w.renew()
	}
	return w.err
}

func (w *WAVWriter) append(pcm []int16) {
	switch {
	case w.done:
		w.err = errors.New("audio: the WAV file is closed")
		return
	case w.data+int64(2*len(pcm)) > wavMaxData:
		w.err = errors.New("audio: the WAV file has reached 4 GiB, which is the most it can hold")
		return
	}
	for i, x := range pcm {
		binary.LittleEndian.PutUint16(w.b[2*i:], uint16(x))
	}
	_, err := w.buf.Write(w.b[:2*len(pcm)])
	w.data += int64(2 * len(pcm))
	w.fail(err)
}

// renew writes out what is buffered and then the header that counts it.
func (w *WAVWriter) renew() {
	w.fail(w.buf.Flush())
	_, err := w.file.Seek(0, io.SeekStart)
	w.fail(err)
	if w.err != nil {
		return
	}
	_, err = w.file.Write(w.header())
	w.fail(err)
	_, err = w.file.Seek(0, io.SeekEnd)
	w.fail(err)
	w.told = w.data
}

// Close completes the file. A second call does nothing and returns nil.
func (w *WAVWriter) Close() error {
	if w.done {
		return nil
	}
	w.renew()
	w.done = true
	if c, ok := w.file.(io.Closer); ok {
		w.fail(c.Close())
	}
	return w.err
}

func (w *WAVWriter) fail(err error) {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("audio: writing the WAV file: %w", err)
	}
}

// header is the canonical one: RIFF, fmt, data.
func (w *WAVWriter) header() []byte {
	b := make([]byte, 0, wavHeaderLen)
	le := binary.LittleEndian
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(w.data+wavHeaderLen-8))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, wavPCM)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, Rate)
	b = le.AppendUint32(b, 2*Rate)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(w.data))
}
