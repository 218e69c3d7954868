package codec

/*
// The system's library; on Windows a static one (packaging/windows/opus).
#cgo pkg-config: opus
#cgo noescape opus_encode
#cgo nocallback opus_encode
#cgo noescape opus_decode
#cgo nocallback opus_decode
#include <opus.h>

// The ctl functions are variadic, which cgo cannot call.
static int nx_enc_set(OpusEncoder *e, int request, opus_int32 v) { return opus_encoder_ctl(e, request, v); }
static int nx_enc_reset(OpusEncoder *e) { return opus_encoder_ctl(e, OPUS_RESET_STATE); }
static int nx_dec_reset(OpusDecoder *d) { return opus_decoder_ctl(d, OPUS_RESET_STATE); }
// A nil packet is how libopus is asked to conceal.
static int nx_conceal(OpusDecoder *d, opus_int16 *pcm, int n) { return opus_decode(d, 0, 0, pcm, n, 0); }
#cgo noescape nx_conceal
#cgo nocallback nx_conceal
*/
import "C"

import (
	"fmt"
	"unsafe"

	"nxphone/audio"
)

// LibraryVersion is what libopus calls itself, such as "libopus 1.3.1".
func LibraryVersion() string { return C.GoString(C.opus_get_version_string()) }

const (
	defaultBitrate    = 32000
	defaultComplexity = 9
	defaultLoss       = 5
	// dtxLen is the size up to which a packet is only a sign of silence: the
	// TOC, and perhaps a frame count.
	dtxLen = 2
)

// opusEncoder owns one libopus encoder. It has no finalizer: memory outside
// the garbage collector's sight is freed by Close and by nothing else.
type opusEncoder struct {
	c *C.OpusEncoder
	// set is what libopus has been told.
	set opusSettings
	// quiet: the packet before this one was a sign of silence.
	quiet bool
}

// opusSettings are Options as libopus numbers them, in the order of
// opusRequests.
type opusSettings [7]int32

var opusRequests = [len(opusSettings{})]C.int{
	C.OPUS_SET_BITRATE_REQUEST,
	C.OPUS_SET_VBR_REQUEST,
	C.OPUS_SET_COMPLEXITY_REQUEST,
	C.OPUS_SET_INBAND_FEC_REQUEST,
	C.OPUS_SET_PACKET_LOSS_PERC_REQUEST,
	C.OPUS_SET_DTX_REQUEST,
	C.OPUS_SET_MAX_BANDWIDTH_REQUEST,
}

// Places in opusSettings.
const (
	setBitrate = 0
	setLoss    = 4
	setDTX     = 5
)

func (o Options) opus() opusSettings {
	return opusSettings{
		int32(orDefault(o.Bitrate, defaultBitrate)),
		int32(flag(!o.CBR)),
		int32(orDefault(o.Complexity, defaultComplexity)),
		int32(flag(!o.NoFEC)),
		int32(orDefault(o.PacketLoss, defaultLoss)),
		int32(flag(o.DTX)),
		int32(opusBandwidth(o.MaxPlayback)),
	}
}

// opusBandwidth is the widest band that is heard at a sampling rate (RFC 7587
// section 6.1; RFC 6716 table 1).
func opusBandwidth(playback int) C.int {
	switch {
	case playback <= 0 || playback > 24000:
		return C.OPUS_BANDWIDTH_FULLBAND
	case playback > 16000:
		return C.OPUS_BANDWIDTH_SUPERWIDEBAND
	case playback > 12000:
		return C.OPUS_BANDWIDTH_WIDEBAND
	case playback > 8000:
		return C.OPUS_BANDWIDTH_MEDIUMBAND
	}
	return C.OPUS_BANDWIDTH_NARROWBAND
}

func newOpusEncoder(o Options) (*opusEncoder, error) {
	var code C.int
	c := C.opus_encoder_create(audio.Rate, 1, C.OPUS_APPLICATION_VOIP, &code)
	if code != C.OPUS_OK {
		return nil, opusError("cannot create the encoder", code)
	}
	e := &opusEncoder{c: c, set: o.opus()}
	if code := C.nx_enc_set(c, C.OPUS_SET_SIGNAL_REQUEST, C.OPUS_SIGNAL_VOICE); code != C.OPUS_OK {
		e.Close()
		return nil, opusError("cannot be told that it is voice", code)
	}
	for i, v := range e.set {
		if code := C.nx_enc_set(c, opusRequests[i], C.opus_int32(v)); code != C.OPUS_OK {
			e.Close()
			return nil, opusError(fmt.Sprintf("cannot set %d to %d", opusRequests[i], v), code)
		}
	}
	return e, nil
}

func (e *opusEncoder) Encode(pcm []int16, out []byte) (int, error) {
	switch {
	case e.c == nil:
		return 0, ErrClosed
	case checkPacket(len(pcm)) != nil:
		return 0, checkPacket(len(pcm))
	case len(out) == 0:
		return 0, ErrShort
	}
	n := C.opus_encode(e.c, (*C.opus_int16)(unsafe.Pointer(&pcm[0])), C.int(len(pcm)),
		(*C.uchar)(unsafe.Pointer(&out[0])), C.opus_int32(min(len(out), MaxPacket)))
	if n < 0 {
		return 0, opusError("cannot encode", C.int(n))
	}
	quiet := e.set[setDTX] != 0 && n <= dtxLen
	// The first sign of silence is sent, so that the far end knows that what
	// follows is a pause and not a loss.
	skip := quiet && e.quiet
	e.quiet = quiet
	if skip {
		return 0, nil
	}
	return int(n), nil
}

func (e *opusEncoder) Tune(o Options) {
	if e.c == nil {
		return
	}
	o.Bitrate = within(o.Bitrate, 6000, 510000)
	o.Complexity = within(o.Complexity, 1, 10)
	o.PacketLoss = within(o.PacketLoss, 1, 100)
	for i, v := range o.opus() {
		if v != e.set[i] {
			C.nx_enc_set(e.c, opusRequests[i], C.opus_int32(v))
			e.set[i] = v
		}
	}
}

// within bounds a value that is not left to its default.
func within(v, low, high int) int {
	if v == 0 {
		return 0
	}
	return min(max(v, low), high)
}

func (e *opusEncoder) Reset() {
	if e.c != nil {
		C.nx_enc_reset(e.c)
	}
	e.quiet = false
}

func (e *opusEncoder) Close() {
	if e.c != nil {
		C.opus_encoder_destroy(e.c)
		e.c = nil
	}
}

// opusDecoder owns one libopus decoder; like the encoder it has no finalizer.
// Stereo packets come out mixed down, which libopus does by itself.
type opusDecoder struct{ c *C.OpusDecoder }

func newOpusDecoder() (*opusDecoder, error) {
	var code C.int
	c := C.opus_decoder_create(audio.Rate, 1, &code)
	if code != C.OPUS_OK {
		return nil, opusError("cannot create the decoder", code)
	}
	return &opusDecoder{c: c}, nil
}

func (d *opusDecoder) Duration(packet []byte) (int, error) { return opusDuration(packet) }

func (d *opusDecoder) Decode(packet []byte, pcm []int16) (int, error) {
	n, err := opusDuration(packet)
	switch {
	case d.c == nil:
		return 0, ErrClosed
	case err != nil:
		return 0, err
	case len(pcm) < n:
		return 0, ErrShort
	}
	return d.decode(packet, pcm[:n], 0)
}

// HasFEC reports whether DecodeFEC would find anything in the packet.
func (d *opusDecoder) HasFEC(packet []byte) bool {
	_, err := opusDuration(packet)
	return err == nil && opusHasFEC(packet)
}

func (d *opusDecoder) DecodeFEC(next []byte, pcm []int16) (int, error) {
	_, err := opusDuration(next)
	switch {
	case d.c == nil:
		return 0, ErrClosed
	case err != nil:
		return 0, err
	case !opusHasFEC(next):
		return 0, nil
	}
	if err := checkConceal(len(pcm)); err != nil {
		return 0, err
	}
	return d.decode(next, pcm, 1)
}

func (d *opusDecoder) decode(packet []byte, pcm []int16, fec C.int) (int, error) {
	n := C.opus_decode(d.c, (*C.uchar)(unsafe.Pointer(&packet[0])), C.opus_int32(len(packet)),
		(*C.opus_int16)(unsafe.Pointer(&pcm[0])), C.int(len(pcm)), fec)
	switch {
	case n == C.OPUS_INVALID_PACKET:
		return 0, fmt.Errorf("%w: libopus refuses it", ErrMalformed)
	case n < 0:
		return 0, opusError("cannot decode", n)
	}
	return int(n), nil
}

func (d *opusDecoder) Conceal(pcm []int16) error {
	if d.c == nil {
		return ErrClosed
	}
	if err := checkConceal(len(pcm)); err != nil {
		return err
	}
	if n := C.nx_conceal(d.c, (*C.opus_int16)(unsafe.Pointer(&pcm[0])), C.int(len(pcm))); n < 0 {
		return opusError("cannot conceal", n)
	}
	return nil
}

func (d *opusDecoder) Reset() {
	if d.c != nil {
		C.nx_dec_reset(d.c)
	}
}

func (d *opusDecoder) Close() {
	if d.c != nil {
		C.opus_decoder_destroy(d.c)
		d.c = nil
	}
}

func opusError(what string, code C.int) error {
	return fmt.Errorf("codec: opus: %s: %s", what, C.GoString(C.opus_strerror(code)))
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}
