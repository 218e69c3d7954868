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
// towards the hole. A hole in a pause, where the guess and what follows it are no
// more than background, is left out as far as it has not been put out yet; pauses
// give the delay back that goes with it. Where packets are lost, the target is up
// to 10 ms higher, so that the packet behind a hole is there in time. Guesses
// (guess.go) keep their level for 80 ms and have given way to noise like the far
// end's background (background.go) at 240 ms. Where sound follows a guess, the two
// are laid over each other where they fit (join.go).
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
// samples say where they stand on the time line. BenchmarkTraces sends a minute
// of speech as Opus through every network of audio/audiotest/trace and reports
// what it cost.
//
// # What it reaches
//
// Fifty seconds of synthetic speech, Opus with FEC, simulated clock (concealed
// share; mean stay in the buffer, which WebRTC calls jitterBufferDelay /
// jitterBufferEmittedCount; STOI, 0.992 on the clean network): clean 0 %, 25 ms;
// jitter of 50, 100 and 200 ms 0.06, 0.16 and 0.41 %, 66, 101 and 191 ms, 0.989,
// 0.991 and 0.988; stalls of 300 ms every 5 s 0.58 %, 276 ms, 0.987; 5 % out of
// order 0 %, 53 ms, 0.990. With another seed, 10 % lost: 1.60 %, 45 ms, 0.979 (2.14 %
// without leaving holes in pauses out, at 26 ms and the same STOI). What is weak:
// most of what jitter of 200 ms conceals falls into the first second, before
// anything is known; holes in speech are filled in full: shortening them where the
// guess fits what follows takes off another quarter but costs 0.002 of STOI;
// concealment is the codec's own.
//
// What is called concealed is what WebRTC counts: guesses that were put out, with
// what lengthens them at a joint, less what is left out.
//
// # Models
//
// NetEQ (libwebrtc): push and pull, the vocabulary of the statistics, a target
// from a histogram of the worst delays with forgetting, a price for what is out
// of order, time scaling by one pitch period. Different here: histograms of 2 ms
// instead of 20; what a later packet holds counts with the delay at which it can
// be had, so a loss makes the target no higher than that; sound is stretched
// when the learnt delays say that the next packet will come too late, instead of
// concealed when it has; corrections wait for pauses. The jitter buffer of
// Asterisk: that a gap may turn out to be a pause only afterwards. pion's
// jitterbuffer waits for fifty packets, knows no target, and was no model.
package jitter
