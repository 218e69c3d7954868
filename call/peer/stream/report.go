package stream

import (
	"time"

	"github.com/pion/rtcp"
)

// Compound renders the RTCP packet that is due: a sender report where
// something has been sent, else a receiver report, with the canonical name
// (RFC 3550 section 6.1). The memory is new.
func Compound(o *Outbound, in *Inbound, cname string, now time.Time) ([]byte, error) {
	var blocks []rtcp.ReceptionReport
	if r, ok := in.Report(now); ok {
		blocks = append(blocks, r)
	}
	var first rtcp.Packet
	if sr, ok := o.SenderReport(now); ok {
		sr.Reports = blocks
		first = &sr
	} else {
		first = &rtcp.ReceiverReport{SSRC: o.ssrc, Reports: blocks}
	}
	return rtcp.Marshal([]rtcp.Packet{first, description(o.ssrc, cname)})
}

// Goodbye renders the last RTCP packet of a stream (RFC 3550 section 6.6).
func Goodbye(o *Outbound, cname string) ([]byte, error) {
	return rtcp.Marshal([]rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: o.ssrc},
		description(o.ssrc, cname),
		&rtcp.Goodbye{Sources: []uint32{o.ssrc}},
	})
}

func description(ssrc uint32, cname string) rtcp.Packet {
	return &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
		Source: ssrc,
		Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: cname}},
	}}}
}

// Feedback is what the far end has said about our stream.
type Feedback struct {
	// RTT is the round trip, 0 when it cannot be known yet.
	RTT time.Duration
	// Loss is the share of our packets lost lately, in percent.
	Loss int
}

// Read takes one compound packet of the far end: its sender report goes into
// in; what it says about our stream comes back, with false when it says
// nothing. Malformed packets say nothing.
func Read(packet []byte, o *Outbound, in *Inbound, arrived time.Time) (Feedback, bool) {
	packets, err := rtcp.Unmarshal(packet)
	if err != nil {
		return Feedback{}, false
	}
	var blocks []rtcp.ReceptionReport
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			in.SenderReport(p, arrived)
			blocks = append(blocks, p.Reports...)
		case *rtcp.ReceiverReport:
			blocks = append(blocks, p.Reports...)
		}
	}
	for _, b := range blocks {
		if b.SSRC == o.ssrc {
			return Feedback{RTT: roundTrip(b, arrived), Loss: int(b.FractionLost) * 100 / 256}, true
		}
	}
	return Feedback{}, false
}

// roundTrip is RFC 3550 section 6.4.1: now less the delay at the far end less
// the time of our report.
func roundTrip(b rtcp.ReceptionReport, now time.Time) time.Duration {
	if b.LastSenderReport == 0 {
		return 0
	}
	units := int32(middle(ntp(now)) - b.Delay - b.LastSenderReport)
	if units <= 0 {
		return 0
	}
	return time.Duration(units) * time.Second / 65536
}
