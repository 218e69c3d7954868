package stream

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// Outbound numbers what is sent: one SSRC with one sequence and one timestamp
// line for the whole call, whatever transport or codec carries it, so that the
// far end never sees a jump.
type Outbound struct {
	ssrc    uint32
	seq     uint16
	stamp   uint32
	at      time.Time // when stamp was current
	clock   int
	packets atomic.Uint32
	octets  uint32
}

// NewOutbound begins a stream. RFC 3550 section 5.1 wants random numbers.
func NewOutbound(ssrc uint32, seq uint16, stamp uint32) *Outbound {
	return &Outbound{ssrc: ssrc, seq: seq, stamp: stamp}
}

// SSRC is the stream's identifier.
func (o *Outbound) SSRC() uint32 { return o.ssrc }

// Tick says that the current timestamp belongs to now, on a clock of so many
// Hz. It is called for each 20 ms before they are sent or left out.
func (o *Outbound) Tick(now time.Time, clock int) { o.at, o.clock = now, clock }

// Advance moves the timestamp on by d, sent or not (RFC 3550 section 5.1).
func (o *Outbound) Advance(d time.Duration) {
	o.stamp += uint32(d * time.Duration(o.clock) / time.Second)
}

// Header fills h for the next packet, with the current timestamp.
func (o *Outbound) Header(h *rtp.Header, pt uint8, marker bool) {
	o.HeaderAt(h, pt, marker, o.stamp)
}

// HeaderAt is Header with a timestamp of the past: an event's start.
func (o *Outbound) HeaderAt(h *rtp.Header, pt uint8, marker bool, stamp uint32) {
	*h = rtp.Header{
		Version: 2, Marker: marker, PayloadType: pt,
		SequenceNumber: o.seq, Timestamp: stamp, SSRC: o.ssrc,
	}
	o.seq++
}

// Stamp is the current timestamp.
func (o *Outbound) Stamp() uint32 { return o.stamp }

// Sent counts a packet that has really gone out.
func (o *Outbound) Sent(payload int) {
	o.packets.Add(1)
	o.octets += uint32(payload)
}

// Packets is how many have been sent. It may be called from any goroutine.
func (o *Outbound) Packets() uint64 { return uint64(o.packets.Load()) }

// SenderReport is RFC 3550 section 6.4.1; false while nothing has been sent.
func (o *Outbound) SenderReport(now time.Time) (rtcp.SenderReport, bool) {
	if o.packets.Load() == 0 || o.clock == 0 {
		return rtcp.SenderReport{}, false
	}
	since := now.Sub(o.at) * time.Duration(o.clock) / time.Second
	return rtcp.SenderReport{
		SSRC: o.ssrc, NTPTime: ntp(now),
		// The timestamp of this moment, not of the last packet.
		RTPTime:     o.stamp + uint32(since),
		PacketCount: o.packets.Load(), OctetCount: o.octets,
	}, true
}

// ntpEpoch is the distance of 1900 from 1970 in seconds.
const ntpEpoch = 2208988800

// ntp gives the 64-bit NTP timestamp (RFC 3550 section 4).
func ntp(t time.Time) uint64 {
	sec := uint64(t.Unix() + ntpEpoch)
	frac := uint64(t.Nanosecond()) << 32 / 1e9
	return sec<<32 | frac
}

// middle is the middle 32 bits of an NTP timestamp, in units of 1/65536 s.
func middle(t uint64) uint32 { return uint32(t >> 16) }
