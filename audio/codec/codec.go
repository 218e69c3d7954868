package codec

import (
	"errors"
	"fmt"
	"strings"

	"nxphone/audio"
)

const (
	// PacketLen is the number of samples in 20 ms, the usual packet.
	PacketLen = 960
	// LongestPacket is the number of samples in 60 ms, the most that an
	// Encoder takes at once: Opus' longest frame (RFC 6716 section 2.1.4).
	LongestPacket = 3 * PacketLen
	// MaxSamples is the most that one packet can decode to: 120 ms, the
	// longest Opus packet (RFC 6716 section 2.1.4).
	MaxSamples = 120 * audio.Rate / 1000
	// MaxPacket is the most bytes that Encode writes.
	MaxPacket = 1275
)

// Errors of this package; what is returned wraps one of them.
var (
	// ErrMalformed: the bytes are not a packet of this codec. The decoder is
	// as it was before; conceal the packet and go on.
	ErrMalformed = errors.New("codec: malformed packet")
	// ErrClosed: the encoder or decoder was used after Close.
	ErrClosed = errors.New("codec: used after Close")
	// ErrShort: the output slice is too small.
	ErrShort = errors.New("codec: output too short")
	// ErrUnknown: there is no such codec here.
	ErrUnknown = errors.New("codec: unknown codec")
)

// Encoder compresses sound, one packet at a time. It is for one goroutine at a
// time and does not allocate per packet.
type Encoder interface {
	// Encode compresses 20, 40 or 60 ms (PacketLen times 1, 2 or 3) into out
	// (MaxPacket bytes are always enough) and returns how many bytes it wrote.
	// The length may differ from packet to packet. Zero bytes without an error
	// means that nothing needs to be sent for this time (discontinuous
	// transmission); the RTP timestamp goes on all the same.
	Encode(pcm []int16, out []byte) (int, error)
	// Tune changes what the encoder does from the next packet on, as far as
	// its codec has it; the far end hears no seam. What is out of range is
	// brought into it. To tune to what is set already costs nothing.
	Tune(o Options)
	// Reset forgets the past, as at the start of a stream.
	Reset()
	// Close frees the encoder. A second call does nothing.
	Close()
}

// Decoder turns packets into 48 kHz sound. It is for one goroutine at a time
// and does not allocate per packet. What comes from the network is never
// trusted: malformed packets give ErrMalformed.
type Decoder interface {
	// Duration says how many samples the packet holds without decoding it and
	// without changing the decoder.
	Duration(packet []byte) (int, error)
	// Decode writes the packet's sound to pcm and returns the number of
	// samples. MaxSamples are always enough.
	Decode(packet []byte, pcm []int16) (int, error)
	// DecodeFEC writes to pcm the sound of the packet before this one, which
	// was lost, from the redundancy in next. It fills len(pcm) samples, the
	// length of the lost packet, and returns that number, or 0 without an
	// error and without changing the decoder where next holds no redundancy.
	// Decode of next follows as usual.
	DecodeFEC(next []byte, pcm []int16) (int, error)
	// Conceal fills pcm with a guess at sound that never came. len(pcm) must
	// be a multiple of 2.5 ms (ConcealUnit), at most MaxSamples.
	Conceal(pcm []int16) error
	// Reset forgets the past, as at the start of a stream.
	Reset()
	// Close frees the decoder. A second call does nothing.
	Close()
}

// ConcealUnit is the granularity of Conceal: 2.5 ms.
const ConcealUnit = audio.Rate / 400

// Name names a codec as snapshots, logs and flags do.
type Name string

// The codecs of this package.
const (
	Opus Name = "opus"
	PCMU Name = "pcmu"
	PCMA Name = "pcma"
)

// Names lists the codecs, the best first.
func Names() []Name { return []Name{Opus, PCMA, PCMU} }

// ByName finds a codec by its RTP encoding name in any case ("PCMU", "opus").
func ByName(s string) (Name, bool) {
	for _, n := range Names() {
		if strings.EqualFold(s, string(n)) {
			return n, true
		}
	}
	return "", false
}

// ClockRate is the RTP clock in Hz, 0 for an unknown codec.
func (n Name) ClockRate() int {
	switch n {
	case Opus:
		return audio.Rate // RFC 7587 section 4.1: always 48000
	case PCMU, PCMA:
		return g711Rate
	}
	return 0
}

// Options of an encoder. The zero value is what a call wants. Of G.711, which
// has one bit rate and no redundancy, they change nothing.
type Options struct {
	// Bitrate in bit/s, 6000 to 510000; 0 is 32000. What FEC spends is part of
	// it.
	Bitrate int
	// Complexity is 1 to 10; 0 is 9.
	Complexity int
	// NoFEC leaves out in-band forward error correction.
	NoFEC bool
	// PacketLoss is how many percent of the packets the far end is expected to
	// lose, up to 100, which decides how many bits FEC gets; 0 is 5, a guess
	// that keeps redundancy in the packets until the far end has reported.
	PacketLoss int
	// DTX stops sending in silence.
	DTX bool
	// CBR makes all packets of equal size (RFC 7587 section 6.1, cbr).
	CBR bool
	// MaxPlayback is the highest sampling rate in Hz that the far end plays,
	// so that no bit is spent on what it cannot (RFC 7587 section 6.1,
	// maxplaybackrate); 0 is 48000.
	MaxPlayback int
}

// NewEncoder makes an encoder, which the caller closes.
func NewEncoder(n Name, o Options) (Encoder, error) {
	switch n {
	case Opus:
		return newOpusEncoder(o)
	case PCMU, PCMA:
		return newG711Encoder(n)
	}
	return nil, fmt.Errorf("%w %q", ErrUnknown, string(n))
}

// NewDecoder makes a decoder, which the caller closes.
func NewDecoder(n Name) (Decoder, error) {
	switch n {
	case Opus:
		return newOpusDecoder()
	case PCMU, PCMA:
		return newG711Decoder(n)
	}
	return nil, fmt.Errorf("%w %q", ErrUnknown, string(n))
}

// checkPacket holds the words of Encoder.Encode.
func checkPacket(n int) error {
	if n <= 0 || n > LongestPacket || n%PacketLen != 0 {
		return fmt.Errorf("codec: a packet is %d, %d or %d samples, not %d", PacketLen, 2*PacketLen, LongestPacket, n)
	}
	return nil
}

// checkConceal holds the words of Decoder.Conceal.
func checkConceal(n int) error {
	if n <= 0 || n > MaxSamples || n%ConcealUnit != 0 {
		return fmt.Errorf("codec: cannot conceal %d samples", n)
	}
	return nil
}
