// Package jitter is the playout buffer of a call: packets are pushed as the
// network brings them, late, lost, doubled and out of order; frames of 10 ms
// are pulled at the speaker's pace.
//
// # Usage
//
//	buf := jitter.New(jitter.Config{})
//	buf.SetFormats(map[uint8]jitter.Format{
//		111: {Decoder: opus, ClockRate: 48000},
//		8:   {Decoder: pcma, ClockRate: 8000},
//	})
//	// on the network's goroutine
//	buf.Push(jitter.Packet{SSRC: ..., Seq: ..., Arrived: time.Now(), ...})
//	// on the audio goroutine
//	f := buf.Pull(frame)
//
// # What it does
//
// The receiver (receiver.go) unwraps sequence numbers and timestamps, tells a
// duplicate, a stray, a restarted sender and a new SSRC from a packet that is
// wanted, and puts what is wanted into a store ordered by sequence number;
// copies that came beside other packets (RFC 2198) fill its holes. The arrival
// history (arrivals.go) learns how late packets are and sets the target delay,
// 20 to 500 ms: the worst delay of each half second goes into a histogram that
// forgets, and 95 in 100 of them shall be in time. What is lost, but held by the
// next packet as well (Opus FEC, a copy), counts with the delay at which it
// could be had; what comes out of order is weighed by its own histogram.
//
// The player (player.go) walks along the time line. A packet that is there is
// decoded. One that is missing while a later one is there is lost: it is
// rebuilt from the later one's redundancy or else guessed by the codec, and
// the time line goes on. Where nothing is there at all, it guesses without
// going on: if the packet comes late, the delay has grown by as much; if it
// turns out that it was lost or that the sender paused, the guess is counted
// towards the hole. Guesses (guess.go) keep their level for 80 ms and have given
// way to noise like the far end's background (background.go) at 240 ms. Where
// sound follows a guess, the two are laid over each other where they fit
// (join.go).
//
// The pace (pace.go) holds the delay near the target by taking out or putting
// in one pitch period where it is not heard, and any piece where nobody speaks;
// that also takes up the drift between the sender's clock and the speaker's.
// When the next packet is so late that by all that was learnt it will miss its
// turn, what is there is stretched meanwhile. The further the delay is over the
// target, the faster it is played away; only what is over it by more than
// 600 ms is cut out at once.
//
// # Concurrency
//
// Push, SetFormats and Stats may be called from any goroutine, Pull from one
// at a time. Pull takes no lock: packets cross in a queue of fixed slots.
// Nothing allocates after New, and the package starts no goroutine. Decoders
// are called from Pull only and stay the caller's, who closes them when Pull is
// no longer called; one buffer holds about half a megabyte.
//
// # Testing
//
// The clock is a function, so tests let an hour pass in a second: drift, loss,
// jitter, stalls, restarted senders, codec changes, each with a toy codec whose
// samples say where they stand on the time line.
//
// # Models
//
// NetEQ (libwebrtc): push and pull, the vocabulary of the statistics, the
// target from arrival delays over the earliest, and time scaling by one pitch
// period. The jitter buffer of Asterisk: that a gap may turn out to be a pause
// only afterwards. pion's jitterbuffer waits for fifty packets, knows no
// target, and was no model. Simpler than NetEQ: the target is the second
// worst half second of the last eight instead of a quantile of a histogram,
// and long losses are the codec's to conceal; the interface is meant to stay
// when the engine behind it is replaced.
package jitter
