// Package tone makes and recognises the sounds of telephony: call-progress
// tones, DTMF, and test signals by which two ends of a call prove what they
// heard.
//
// # Usage
//
// A [Signal] says what is to be heard, a [Generator] plays it frame by frame:
//
//	g := tone.NewGenerator(tone.Korea().Ringback)
//	for g.Fill(frame) { ... }   // until g.Release() and 8 ms more
//
//	sig, err := tone.DTMF("159#", 100*time.Millisecond, 70*time.Millisecond)
//
// A [Detector] hears digits in a stream. [Check] finds [TwoTone] again in a
// recording and says how much of it arrived unharmed; [Power] and [Presence]
// ask for a single frequency.
//
// # Concurrency
//
// Generators and detectors belong to one goroutine at a time; nothing in the
// package starts one. Fill, MixInto and Add do not allocate. Signals and plans
// are values.
//
// # Testing
//
// Everything is arithmetic: tests make sound, harm it (G.711, noise, a level,
// a cut) and look at the result. The digits are also taken through the real
// codecs.
//
// # Models
//
// SpanDSP's tone generator and DTMF receiver (the criteria: level, twist,
// rivals of the group, share of the energy) and Asterisk's table of national
// indications (a cadence is data). Different here: ramps at every edge so that
// no cadence clicks, equal neighbours joined so that an endless dial tone has
// no seam, and the checker of the test signal beside its generator.
package tone
