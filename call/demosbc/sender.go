package demosbc

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// sender is what we send in one stream: a single RTP source with its own SSRC
// and unbroken numbers, whatever its packets are made of. It is pion's
// TrackLocal. Safe for use from several goroutines.
type sender struct {
	mu     sync.Mutex
	writer webrtc.TrackLocalWriter // nil before the transport is up
	header rtp.Header              // of the last packet sent; SSRC is set by Bind
	// echoing forwards what is received; sending is false while the phone has
	// us on hold.
	echoing, sending bool
	resync           bool // what is sent comes from elsewhere now: join, with a marker

	// An echo is the received packet with these two added to its numbers, so
	// that gaps (loss, discontinuous sending) and the equal timestamps of a
	// DTMF event are in the echo as they were in the original.
	source uint32
	seqOff uint16
	tsOff  uint32

	// The newest packet sent, and the clock that its timestamp counts.
	maxSeq uint16
	lastTS uint32
	lastAt time.Time
	clock  int
}

// newSender begins at random numbers (RFC 3550 section 5.1). clock is the RTP
// clock of the voice codec in Hz.
func newSender(clock int) *sender {
	s := &sender{sending: true, resync: true, clock: clock, lastAt: time.Now()}
	s.header.Version = 2
	s.maxSeq = uint16(rand.Uint32())
	s.lastTS = rand.Uint32()
	return s
}

// setEcho forwards what is received, or stops that.
func (s *sender) setEcho(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.echoing = on
	s.resync = true
}

// setSending lets packets out or, on hold, none.
func (s *sender) setSending(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on != s.sending {
		s.sending = on
		s.resync = true
	}
}

// echo sends a received packet back, if that is what the call does. The
// payload is not touched, so an echo costs no decoding. It does not keep
// either argument.
func (s *sender) echo(in *rtp.Header, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.echoing || !s.sending || len(payload) == 0 {
		return
	}
	marker := in.Marker
	if s.resync || in.SSRC != s.source {
		s.resync = false
		s.source = in.SSRC
		s.seqOff = s.maxSeq + 1 - in.SequenceNumber
		s.tsOff = s.joinTS() - in.Timestamp
		marker = true
	}
	s.header.SequenceNumber = in.SequenceNumber + s.seqOff
	s.header.Timestamp = in.Timestamp + s.tsOff
	s.write(in.PayloadType, marker, payload)
}

// play sends the next packet of a sound of our own. ticks is its length in
// units of its RTP clock.
func (s *sender) play(pt uint8, payload []byte, ticks uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.echoing || !s.sending || len(payload) == 0 {
		return
	}
	marker := s.resync
	s.header.SequenceNumber = s.maxSeq + 1
	s.header.Timestamp = s.lastTS + ticks
	if s.resync {
		s.resync = false
		s.header.Timestamp = s.joinTS()
	}
	s.write(pt, marker, payload)
}

// joinTS is the timestamp of now, after a time in which nothing was sent or
// something else: at least one packet of 20 ms after the last.
func (s *sender) joinTS() uint32 {
	pause := max(time.Since(s.lastAt), 20*time.Millisecond)
	return s.lastTS + uint32(pause.Seconds()*float64(s.clock))
}

// write sends a packet whose numbers are in the header already. A packet that
// arrives late keeps its old number and does not move the newest one back.
func (s *sender) write(pt uint8, marker bool, payload []byte) {
	if int16(s.header.SequenceNumber-s.maxSeq) > 0 {
		s.maxSeq = s.header.SequenceNumber
		s.lastTS = s.header.Timestamp
		s.lastAt = time.Now()
	}
	if s.writer == nil {
		return
	}
	s.header.PayloadType = pt
	s.header.Marker = marker
	// An error means that the transport is closing, which is told elsewhere.
	_, _ = s.writer.WriteRTP(&s.header, payload)
}

// Bind is called by pion when packets can be sent.
func (s *sender) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	codecs := ctx.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	s.header.SSRC = uint32(ctx.SSRC())
	s.writer = ctx.WriteStream()
	return codecs[0], nil
}

// Unbind is called by pion when the stream is over.
func (s *sender) Unbind(webrtc.TrackLocalContext) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writer = nil
	return nil
}

// ID, RID, StreamID and Kind complete pion's TrackLocal.
func (s *sender) ID() string                { return "audio" }
func (s *sender) RID() string               { return "" }
func (s *sender) StreamID() string          { return "demosbc" }
func (s *sender) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }
