package interop

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nxphone/audio/tone"
)

// Signal is the frequencies, in Hz, of a [tone.TwoTone]. Each side of a call
// plays another one, so that a recording shows whose sound it holds.
type Signal struct{ F1, F2 float64 }

// PBXSignal is what the PBX plays.
func PBXSignal() Signal { return Signal{440, 620} }

// MicSignal is what a test gives the phone as its microphone. Its tones are
// in the telephone band and no multiples of the PBX's.
func MicSignal() Signal { return Signal{1000, 1400} }

// PCM makes the signal.
func (s Signal) PCM(rate int, d time.Duration) []int16 {
	pcm := make([]int16, samples(d, rate))
	tone.NewGeneratorAt(tone.TwoTone(s.F1, s.F2), rate).Fill(pcm)
	return pcm
}

// WriteWAV writes the signal as 16-bit mono.
func (s Signal) WriteWAV(file string, rate int, d time.Duration) error {
	return writeWAV(file, rate, s.PCM(rate, d))
}

// WriteRaw writes the signal without a header, as [Desktop.Speak] takes it.
func (s Signal) WriteRaw(file string, rate int, d time.Duration) error {
	return WriteRaw(file, s.PCM(rate, d))
}

// WriteRaw writes 16-bit samples without a header, the low byte first.
func WriteRaw(file string, pcm []int16) error {
	b := make([]byte, 0, 2*len(pcm))
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	return os.WriteFile(file, b, 0o644)
}

// Check looks for the signal in a recording; the other side's frequencies must
// not be there.
func (s Signal) Check(pcm []int16, rate int) tone.Report {
	other := PBXSignal()
	if s == other {
		other = MicSignal()
	}
	return tone.Check(pcm, rate, s.F1, s.F2, other.F1, other.F2)
}

// Part cuts from..to out of a recording, as far as there is any.
func Part(pcm []int16, rate int, from, to time.Duration) []int16 {
	a := min(max(samples(from, rate), 0), len(pcm))
	return pcm[a:min(max(samples(to, rate), a), len(pcm))]
}

// Timeline shows a recording for a person, 20 ms a character, a second a line:
// 'A' and 'B' are the signal's tones, '.' silence, '?' anything else.
func (s Signal) Timeline(pcm []int16, rate int) string {
	var b strings.Builder
	n := samples(20*time.Millisecond, rate)
	for i := 0; i+n <= len(pcm); i += n {
		if i%(50*n) == 0 {
			fmt.Fprintf(&b, "\n%4d s ", i/n/50)
		}
		r := s.Check(pcm[i:i+n], rate)
		switch {
		case r.Silent > 0:
			b.WriteByte('.')
		case r.F1 > 0:
			b.WriteByte('A')
		case r.F2 > 0:
			b.WriteByte('B')
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

func samples(d time.Duration, rate int) int {
	return int(d * time.Duration(rate) / time.Second)
}

// writeSignals makes the files that the PBX plays; speech, when there is any,
// is baresip's.
func writeSignals(dir string, speech []int16) error {
	const length = 5 * time.Minute // baresip hangs up at the end of its file
	pcm := PBXSignal().PCM(8000, length)
	if speech == nil {
		speech = pcm
	}
	if err := writeWAV(filepath.Join(dir, "pbx.wav"), 8000, speech); err != nil {
		return err
	}
	law := make([]byte, 10*8000) // sipp repeats it
	for i := range law {
		law[i] = toMuLaw(pcm[i])
	}
	return os.WriteFile(filepath.Join(dir, "pbx.ulaw"), law, 0o644)
}

// writeWAV writes 16-bit mono PCM.
func writeWAV(file string, rate int, pcm []int16) error {
	le := binary.LittleEndian
	b := make([]byte, 0, 44+2*len(pcm))
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(36+2*len(pcm)))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1) // PCM
	b = le.AppendUint16(b, 1) // mono
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(2*rate))
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(2*len(pcm)))
	for _, x := range pcm {
		b = le.AppendUint16(b, uint16(x))
	}
	return os.WriteFile(file, b, 0o644)
}

// ReadWAV reads 16-bit mono PCM and nothing else, which is what the phone and
// baresip write. It shares nothing with package audio: a fault in how the phone
// writes its recordings must not be undone by how they are read here. A data chunk that is longer than the file,
// as a program leaves it that was stopped while writing, ends with the file.
func ReadWAV(file string) (pcm []int16, rate int, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	le := binary.LittleEndian
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, 0, fmt.Errorf("interop: %s is no WAV file", file)
	}
	for at := 12; at+8 <= len(b); {
		id, size := string(b[at:at+4]), int(le.Uint32(b[at+4:]))
		body := b[at+8 : min(len(b), at+8+size)]
		switch id {
		case "fmt ":
			if len(body) < 16 || le.Uint16(body) != 1 || le.Uint16(body[2:]) != 1 || le.Uint16(body[14:]) != 16 {
				return nil, 0, fmt.Errorf("interop: %s is not 16-bit mono PCM", file)
			}
			rate = int(le.Uint32(body[4:]))
		case "data":
			pcm = make([]int16, len(body)/2)
			for i := range pcm {
				pcm[i] = int16(le.Uint16(body[2*i:]))
			}
		}
		at += 8 + size + size&1
	}
	if rate == 0 {
		return nil, 0, fmt.Errorf("interop: %s has no format", file)
	}
	return pcm, rate, nil
}
