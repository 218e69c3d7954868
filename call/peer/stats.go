package peer

import (
	"time"

	"nxphone/audio"
	"nxphone/audio/process"
	"nxphone/audio/quality"
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
		s.books.sending.Lock()
		report, err := stream.Compound(s.books.out, &s.books.in, s.books.cname, now)
		s.books.sending.Unlock()
		s.books.mu.Unlock()
		if err == nil {
			p.t.SendRTCP(report)
		}
	}
	now = time.Now()
	to := s.mark()
	st := s.stats(to)
	since := s.since
	s.since = now
	s.books.mu.Lock()
	s.marks = to
	s.lately.add(heardSo{st.Played, st.Concealed})
	s.books.mu.Unlock()
	s.tell(call.StatsMeasured{Stats: st, Since: since})
}

// mark is this moment of all gauges.
func (s *Session) mark() marks {
	m := marks{mic: s.voice.mouth.mark(), sent: s.voice.sent.mark(), far: s.ear.level.mark()}
	if c := s.chain.Load(); c != nil {
		m.alive = c.Stats().Alive
	}
	return m
}

// Stats implements call.Session.
func (s *Session) Stats() (st call.Stats, flowed bool) {
	st = s.stats(s.mark())
	return st, st.PacketsSent+st.PacketsReceived > 0
}

// levels are for meters. Nobody speaks in a session that is closed.
func (s *Session) levels() call.Levels {
	if s.closing.Load() {
		return quietLevels()
	}
	return call.Levels{Mic: s.voice.mouth.RMS(), Sent: s.voice.sent.RMS(), Far: s.ear.level.RMS()}
}

// quietLevels are those of no call.
func quietLevels() call.Levels {
	return call.Levels{Mic: audio.Silence, Sent: audio.Silence, Far: audio.Silence}
}

// stats are the figures of this moment, the levels those from the end of the
// last interval to a mark. It may be called from any goroutine.
func (s *Session) stats(to marks) call.Stats {
	s.books.mu.Lock()
	from := s.marks
	before := s.lately.oldest()
	received, lost := s.books.in.Totals()
	st := call.Stats{
		PacketsSent: s.books.out.Packets(), PacketsReceived: received, PacketsLost: lost,
		Jitter: s.books.in.Jitter(), RTT: s.books.feed.RTT,
	}
	s.books.mu.Unlock()
	if s.eng != nil && s.eng.opts.Gaps != nil {
		st.Underruns, st.Overruns = s.eng.opts.Gaps()
	}
	b := s.ear.buf.Stats()
	st.Concealed, st.Played, st.Buffered = b.ConcealedSamples, b.TotalSamplesReceived, b.Buffered
	if n := time.Duration(b.JitterBufferEmittedCount); n > 0 {
		st.JitterBufferDelay, st.JitterBufferTarget = b.JitterBufferDelay/n, b.JitterBufferTargetDelay/n
	}
	st.LevelMic, st.LevelIn = level(from.mic, to.mic), level(from.sent, to.sent)
	if to.alive > from.alive {
		// A microphone that works is never exactly silent, even where nothing is
		// left of what it heard.
		st.LevelMic = max(st.LevelMic, leastMic)
	}
	st.LevelOut = level(from.far, to.far)
	st.Treatment = treatment(s.chain.Load())
	codec := s.ear.codec()
	st.MOS = opinion(codec, st, heardSo{})
	st.MOSNow = opinion(codec, st, before)
	return st
}

// leastMic is the least level of a microphone that gives anything, in dBFS.
const leastMic = -100

// add notes how much has been heard.
func (l *lately) add(h heardSo) {
	l.all[l.n%len(l.all)] = h
	l.n++
}

// oldest is how much had been heard some seconds ago.
func (l *lately) oldest() heardSo {
	if l.n < len(l.all) {
		return heardSo{}
	}
	return l.all[l.n%len(l.all)]
}

// edges is what both ends add to the delay that we can measure: capture, playout
// and their queues, and what the far end waits for.
const edges = 60 * time.Millisecond

// opinion is the E-model's of what has been heard since a moment; 0 while the
// round trip is not known, or nothing has been heard.
func opinion(codec string, st call.Stats, since heardSo) float64 {
	if codec == "" || st.RTT <= 0 || st.Played <= since.played {
		return 0
	}
	m := quality.EModel{
		Codec: quality.G711,
		Delay: st.RTT/2 + max(st.JitterBufferDelay, st.Buffered) + packetDur + edges,
		Loss:  float64(st.Concealed-min(since.concealed, st.Concealed)) / float64(st.Played-since.played),
	}
	if codec == "opus" {
		m.Codec = quality.Opus
	}
	return m.MOS()
}

// treatment are the figures of a chain, nil for none.
func treatment(c *process.Chain) call.Treatment {
	if c == nil {
		return call.Treatment{}
	}
	s := c.Stats()
	lost := 0.0
	if s.Cancelled.Delay > 0 { // there is an echo
		lost = max(0, s.Cancelled.Enhancement)
	}
	return call.Treatment{
		Echo: s.Echo, EchoDelay: s.Cancelled.Delay, EchoLoss: lost, Noise: s.Noise, NoiseLoss: s.Reduced,
		Gain: s.Settings.Gain, GainDB: s.Gain,
		Limit: s.Limit, Peaks: s.Events.Peaks, Jumps: s.Events.Jumps, Tones: s.Events.Tones, LimitMost: max(0, -s.Deepest),
	}
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
	s.plan(s.books.adapt.Report(f, arrived))
}

// plan hands a plan to the voice goroutine. books.mu is held.
func (s *Session) plan(p stream.Plan) {
	if old := s.voice.plan.Load(); old == nil || *old != p {
		s.voice.plan.Store(&p)
	}
}
