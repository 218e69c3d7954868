package peer

import (
	"time"

	"nxphone/call"
	"nxphone/call/peer/stream"
)

// measure is the once-a-second business: RTCP to the far end, statistics to
// the engine.
func (s *Session) measure(now time.Time) {
	p := s.cur
	if p == nil || !p.secure || p.remote == nil {
		return
	}
	if p.remote.Mux {
		// Without rtcp-mux there is no second port to report on, and sharing
		// the first was not agreed (RFC 5761 section 5.1.1).
		s.books.mu.Lock()
		report, err := stream.Compound(s.books.out, &s.books.in, s.books.cname, now)
		s.books.mu.Unlock()
		if err == nil {
			p.t.SendRTCP(report)
		}
	}
	s.tell(call.StatsMeasured{Stats: s.stats()})
}

// stats are the figures of this moment. It may be called from any goroutine.
func (s *Session) stats() call.Stats {
	s.books.mu.Lock()
	received, lost := s.books.in.Totals()
	st := call.Stats{
		PacketsSent: s.books.out.Packets(), PacketsReceived: received, PacketsLost: lost,
		Jitter: s.books.in.Jitter(), RTT: s.books.feed.RTT,
	}
	s.books.mu.Unlock()
	b := s.ear.buf.Stats()
	st.Concealed, st.Played, st.Buffered = b.ConcealedSamples, b.TotalSamplesReceived, b.Buffered
	st.LevelIn, st.LevelOut = s.voice.level.RMS(), s.ear.level.RMS()
	return st
}

// feedback takes RTCP from a network goroutine.
func (s *Session) feedback(packet []byte, arrived time.Time) {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	f, ok := stream.Read(packet, s.books.out, &s.books.in, arrived)
	if !ok {
		return
	}
	if f.RTT == 0 {
		f.RTT = s.books.feed.RTT // this report could not know it
	}
	s.books.feed = f
	// Loss comes in bursts: believe the worst of late and forget it slowly.
	s.voice.loss.Store(int32(max(f.Loss, int(s.voice.loss.Load())*3/4)))
}
