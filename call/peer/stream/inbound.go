package stream

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// Limits of RFC 3550 appendix A.1.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// Inbound counts what is received. A new SSRC (music on hold, a transfer)
// begins a new count and the totals go on.
type Inbound struct {
	ssrc    uint32
	started bool

	base, max uint16
	cycles    uint32
	badSeq    uint32 // the sequence number that would confirm a jump
	received  uint32
	// What the last report had seen, for the fraction lost.
	expectedPrior, receivedPrior uint32

	// Jitter of appendix A.8, in units of the stream's clock.
	clock  int
	jitter float64
	stamp  uint32
	at     time.Time

	// Of streams that have ended.
	oldReceived, oldLost uint64

	// The last sender report (section 6.4.1: LSR and DLSR).
	lastSR   uint32
	lastSRAt time.Time
}

// noSeq is a badSeq that no sequence number matches.
const noSeq = 1 << 17

// Packet counts one packet whose payload runs on a clock of so many Hz; 0 for
// one that says nothing about timing, such as a DTMF event.
func (in *Inbound) Packet(h *rtp.Header, clock int, arrived time.Time) {
	if !in.started || h.SSRC != in.ssrc {
		in.restart(h)
	} else if !in.sequence(h.SequenceNumber) {
		return
	}
	in.received++
	if clock == 0 {
		return
	}
	if clock == in.clock && h.Timestamp != in.stamp {
		arrival := float64(arrived.Sub(in.at)) / float64(time.Second) * float64(clock)
		d := arrival - float64(int32(h.Timestamp-in.stamp))
		in.jitter += (max(d, -d) - in.jitter) / 16
	}
	in.clock, in.stamp, in.at = clock, h.Timestamp, arrived
}

func (in *Inbound) restart(h *rtp.Header) {
	in.oldReceived += uint64(in.received)
	in.oldLost += uint64(in.lost())
	*in = Inbound{
		ssrc: h.SSRC, started: true,
		base: h.SequenceNumber, max: h.SequenceNumber, badSeq: noSeq,
		oldReceived: in.oldReceived, oldLost: in.oldLost,
	}
}

// sequence is update_seq of appendix A.1 without the probation: the packets
// are authenticated.
func (in *Inbound) sequence(seq uint16) bool {
	delta := seq - in.max
	switch {
	case delta < maxDropout:
		if seq < in.max {
			in.cycles += 1 << 16
		}
		in.max = seq
	case uint32(delta) <= 1<<16-maxMisorder:
		// A big jump. Two packets in a row confirm that the far end has
		// started over.
		if uint32(seq) != in.badSeq {
			in.badSeq = uint32(seq+1) & 0xffff
			return false
		}
		in.oldReceived += uint64(in.received)
		in.oldLost += uint64(in.lost())
		in.received, in.expectedPrior, in.receivedPrior = 0, 0, 0
		in.base, in.max, in.cycles, in.badSeq = seq, seq, 0, noSeq
	default: // late or repeated
	}
	return true
}

func (in *Inbound) expected() uint32 {
	if !in.started {
		return 0
	}
	return in.cycles + uint32(in.max) - uint32(in.base) + 1
}

func (in *Inbound) lost() uint32 {
	if e := in.expected(); e > in.received {
		return e - in.received
	}
	return 0 // repeated packets can make it look negative
}

// Totals are the packets received and lost since the call began.
func (in *Inbound) Totals() (received, lost uint64) {
	return in.oldReceived + uint64(in.received), in.oldLost + uint64(in.lost())
}

// Jitter is the interarrival jitter of the current stream.
func (in *Inbound) Jitter() time.Duration {
	if in.clock == 0 {
		return 0
	}
	return time.Duration(in.jitter / float64(in.clock) * float64(time.Second))
}

// SenderReport notes the far end's report of the current stream.
func (in *Inbound) SenderReport(sr *rtcp.SenderReport, arrived time.Time) {
	if in.started && sr.SSRC != in.ssrc {
		return
	}
	in.lastSR, in.lastSRAt = middle(sr.NTPTime), arrived
}

// Report makes the reception report of the time since the last one; false
// while nothing has been received.
func (in *Inbound) Report(now time.Time) (rtcp.ReceptionReport, bool) {
	if !in.started {
		return rtcp.ReceptionReport{}, false
	}
	expected := in.expected()
	r := rtcp.ReceptionReport{
		SSRC:               in.ssrc,
		TotalLost:          min(in.lost(), 1<<23-1),
		LastSequenceNumber: in.cycles | uint32(in.max),
		Jitter:             uint32(in.jitter),
	}
	interval := expected - in.expectedPrior
	got := in.received - in.receivedPrior
	if interval > 0 && interval > got && interval < 1<<16 {
		r.FractionLost = uint8((interval - got) * 256 / interval)
	}
	in.expectedPrior, in.receivedPrior = expected, in.received
	if !in.lastSRAt.IsZero() {
		r.LastSenderReport = in.lastSR
		r.Delay = uint32(now.Sub(in.lastSRAt) * 65536 / time.Second)
	}
	return r, true
}
