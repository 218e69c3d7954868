package codec

import (
	"fmt"

	"nxphone/audio"
)

const (
	g711Rate = 8000
	// g711Ratio is how many samples of the phone one byte stands for.
	g711Ratio = audio.Rate / g711Rate
	// g711Max is the most bytes of one packet: 120 ms, twice what RFC 3551
	// section 4.2 wants every receiver to take.
	g711Max = MaxSamples / g711Ratio
)

// g711Encoder brings 48 kHz down to 8 kHz and compands it.
type g711Encoder struct {
	law    *law
	down   *audio.Resampler
	narrow [LongestPacket / g711Ratio]int16
	closed bool
}

func newG711Encoder(n Name) (*g711Encoder, error) {
	down, err := audio.NewResampler(audio.Rate, g711Rate)
	if err != nil {
		return nil, err
	}
	return &g711Encoder{law: newLaw(n), down: down}, nil
}

func (e *g711Encoder) Encode(pcm []int16, out []byte) (int, error) {
	switch {
	case e.closed:
		return 0, ErrClosed
	case checkPacket(len(pcm)) != nil:
		return 0, checkPacket(len(pcm))
	case len(out) < len(pcm)/g711Ratio:
		return 0, ErrShort
	}
	n := e.down.Process(e.narrow[:len(pcm)/g711Ratio], pcm)
	for i, x := range e.narrow[:n] {
		out[i] = e.law.encode(x)
	}
	return n, nil
}

// Tune does nothing: G.711 has one bit rate and no redundancy.
func (e *g711Encoder) Tune(Options) {}

func (e *g711Encoder) Reset() { e.down.Reset() }
func (e *g711Encoder) Close() { e.closed = true }

// g711Decoder expands to 8 kHz, hides losses there, and brings the result up
// to 48 kHz.
type g711Decoder struct {
	law    *law
	up     *audio.Resampler
	hide   concealer
	narrow [g711Max]int16
	closed bool
}

func newG711Decoder(n Name) (*g711Decoder, error) {
	up, err := audio.NewResampler(g711Rate, audio.Rate)
	if err != nil {
		return nil, err
	}
	return &g711Decoder{law: newLaw(n), up: up}, nil
}

func (d *g711Decoder) Duration(packet []byte) (int, error) {
	if len(packet) == 0 || len(packet) > g711Max {
		return 0, fmt.Errorf("%w: G.711 packet of %d bytes", ErrMalformed, len(packet))
	}
	return len(packet) * g711Ratio, nil
}

func (d *g711Decoder) Decode(packet []byte, pcm []int16) (int, error) {
	n, err := d.Duration(packet)
	switch {
	case d.closed:
		return 0, ErrClosed
	case err != nil:
		return 0, err
	case len(pcm) < n:
		return 0, ErrShort
	}
	narrow := d.narrow[:len(packet)]
	for i, b := range packet {
		narrow[i] = d.law.decode[b]
	}
	d.hide.received(narrow)
	return d.up.Process(pcm[:n], narrow), nil
}

// DecodeFEC finds nothing: G.711 carries no redundancy.
func (d *g711Decoder) DecodeFEC(next []byte, _ []int16) (int, error) {
	_, err := d.Duration(next)
	return 0, err
}

func (d *g711Decoder) Conceal(pcm []int16) error {
	if d.closed {
		return ErrClosed
	}
	if err := checkConceal(len(pcm)); err != nil {
		return err
	}
	narrow := d.narrow[:len(pcm)/g711Ratio]
	d.hide.lost(narrow)
	d.up.Process(pcm, narrow)
	return nil
}

func (d *g711Decoder) Reset() {
	d.hide = concealer{}
	d.up.Reset()
}

func (d *g711Decoder) Close() { d.closed = true }
