package stream

import (
	"slices"
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
	// Told: it has reported on what it received. RTT is the round trip, 0 when
	// it cannot be known yet, and Lost the share of our packets lost since the
	// report before, 0 to 1.
	Told bool
	RTT  time.Duration
	Lost float64
	// Estimate is the bandwidth that it believes to have for us, in bit/s, 0
	// when it says none (REMB, draft-alvestrand-rmcat-remb).
	Estimate int
}

// Read takes one compound packet of the far end: its sender report goes into
// in; what it says about our stream comes back, with false when it says
// nothing. Malformed packets say nothing.
func Read(packet []byte, o *Outbound, in *Inbound, arrived time.Time) (Feedback, bool) {
	packets, err := rtcp.Unmarshal(packet)
	if err != nil {
		return Feedback{}, false
	}
	var f Feedback
	take := func(blocks []rtcp.ReceptionReport) {
		for _, b := range blocks {
			if b.SSRC == o.ssrc && !f.Told {
				f.Told, f.RTT, f.Lost = true, roundTrip(b, arrived), float64(b.FractionLost)/256
			}
		}
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			in.SenderReport(p, arrived)
			take(p.Reports)
		case *rtcp.ReceiverReport:
			take(p.Reports)
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			if slices.Contains(p.SSRCs, o.ssrc) && p.Bitrate >= 1 && p.Bitrate < 1e9 {
				f.Estimate = int(p.Bitrate)
			}
		}
	}
	return f, f.Told || f.Estimate > 0
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
