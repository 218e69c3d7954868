package jitter

import (
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// Stats are counters since the buffer was made, named as WebRTC names them
// (W3C webrtc-stats, RTCInboundRtpStreamStats) where it has a name. Samples
// are at 48 kHz. Each number is right by itself; together they may be apart by
// one frame.
type Stats struct {
	// PacketsReceived counts packets, duplicates left out. PacketsLost counts
	// those that the far end numbered and that never came. PacketsDiscarded
	// came too late or could not be used.
	PacketsReceived, PacketsLost, PacketsDiscarded uint64
	// PacketsDuplicated came more than once (each further copy counts).
	PacketsDuplicated uint64
	// PacketsRecovered did not come in time and were rebuilt from redundancy
	// (FEC) or played from a copy (RFC 2198).
	PacketsRecovered uint64
	// TotalSamplesReceived is everything that Pull gave since the first
	// packet, ConcealedSamples what of it was guessed (and not left out again),
	// SilentConcealedSamples what of that was comfort noise or silence because
	// the loss lasted. A pause that the sender made itself is not concealment.
	TotalSamplesReceived, ConcealedSamples, SilentConcealedSamples uint64
	// ConcealmentEvents counts losses, however long.
	ConcealmentEvents uint64
	// InsertedSamplesForDeceleration and RemovedSamplesForAcceleration are what
	// the fine correction of the delay added and took.
	InsertedSamplesForDeceleration, RemovedSamplesForAcceleration uint64
	// JitterBufferDelay is the sum over all samples of how long they waited,
	// JitterBufferTargetDelay the sum of how long they were meant to; divided
	// by JitterBufferEmittedCount they give the mean.
	JitterBufferDelay, JitterBufferTargetDelay time.Duration
	JitterBufferEmittedCount                   uint64

	// Jitter is the interarrival jitter of RFC 3550 section 6.4.1.
	Jitter time.Duration
	// Target is the delay aimed at now, Buffered the sound that waits now.
	Target, Buffered time.Duration
}

// counters are the numbers behind Stats: written by the puller alone, read by
// anybody.
type counters struct {
	received, lost, discarded, duplicated, recovered atomic.Uint64
	total, concealed, silent, events                 atomic.Uint64
	inserted, removed                                atomic.Uint64
	delay, targetDelay, emitted                      atomic.Uint64 // samples, sample*samples
	jitter, target, buffered                         atomic.Int64  // samples
	refused                                          atomic.Uint64 // written by Push
}

func (c *counters) stats() Stats {
	// What is a part is read before the whole, so that it is not the greater.
	silent := c.silent.Load()
	concealed := c.concealed.Load()
	return Stats{
		PacketsReceived:   c.received.Load(),
		PacketsLost:       c.lost.Load(),
		PacketsDiscarded:  c.discarded.Load() + c.refused.Load(),
		PacketsDuplicated: c.duplicated.Load(),
		PacketsRecovered:  c.recovered.Load(),

		TotalSamplesReceived:   c.total.Load(),
		ConcealedSamples:       concealed,
		SilentConcealedSamples: silent,
		ConcealmentEvents:      c.events.Load(),

		InsertedSamplesForDeceleration: c.inserted.Load(),
		RemovedSamplesForAcceleration:  c.removed.Load(),

		JitterBufferDelay:        sampleMillis(c.delay.Load()),
		JitterBufferTargetDelay:  sampleMillis(c.targetDelay.Load()),
		JitterBufferEmittedCount: c.emitted.Load(),

		Jitter:   span(c.jitter.Load()),
		Target:   span(c.target.Load()),
		Buffered: span(c.buffered.Load()),
	}
}

// span is a number of samples as time.
func span(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / audio.Rate
}

// sampleMillis is a sum that was kept in sample-milliseconds, because in
// nanoseconds a day of it would not fit.
func sampleMillis(v uint64) time.Duration { return time.Duration(v) * time.Millisecond }
