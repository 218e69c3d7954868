// Package process makes better what the microphone hears. So far it cancels
// echo: of a far end whose voice comes out of an open speaker it lets nothing
// back.
//
// # Usage
//
//	dev = process.WithoutEcho(dev) // any audio.Duplex, before audio.Run
//
// or frame by frame, [Echo.Far] with what goes to the speaker and [Echo.Near]
// with what the microphone gave, which is changed in place. The result is 10 ms
// later than the input.
//
// # What it does
//
// In a call through a PulseAudio server, with a room of 150 ms between speaker
// and microphone in which the echo is as loud as the far end itself
// (call/interop, TestKioskEcho): the far end hears itself 40 to 45 dB quieter
// from the second second on, and 30 dB where so much else computes that the
// server runs dry several times a second; a visitor who talks at the same time is
// heard at -1.5 dB. When the sound comes 45 ms later all of a sudden, a tenth to
// half a second of echo is heard. Clocks that differ by 150 ppm leave 35 dB, a
// loudspeaker that clips in a loud and noisy booth 30 to 40 dB. A frame takes a
// quarter of a millisecond.
//
// # How it works
//
// A linear filter models the way from the speaker to the microphone: 480 ms long,
// partitioned into blocks of 10 ms, in the frequency domain, adapted by a Kalman
// filter with a diagonal covariance (Enzner and Vary, "Frequency-domain adaptive
// Kalman filter for acoustic echo control in hands-free telephones", Signal
// Processing 86, 2006; partitioned as in Kuech, Mabande and Enzner, "State-space
// architecture of the partitioned-block-based acoustic echo controller", ICASSP
// 2014). It knows how far to trust itself in each frequency, so it needs no
// detector for both sides talking at once.
//
// The way to the filter is not steady: a sound server that runs dry plays on
// later, frames are handed over in bursts, and clocks differ. Three things keep
// what was learnt in its place. The reference is counted from its newest frame,
// so bursts and the clocks' difference move a number and lose nothing. The
// aligner correlates the expected echo with the microphone, and moves the filter
// by fractions of a sample when the echo lies up to 31 ms elsewhere; the locator
// does the same by blocks for anything further. And a filter that adds instead of
// taking away is not believed: until it is mended its echo is suppressed by the
// loudness that it expects.
//
// What the filter leaves is taken out by a spectral gain, from the filter's own
// uncertainty, and the noise that was there before is put in its place, so that
// the far end hears no holes.
//
// # Concurrency
//
// An Echo belongs to one goroutine, as audio.Run's callers do. Nothing allocates
// after the making, and there are no locks.
//
// # Testing
//
// The tests make rooms (an impulse response that decays), a voice, a second voice
// at the same time, a change of the room, of the delay and of the clock, and
// measure the echo's return and the harm done to the near voice. The whole way, a
// visitor's call in a room, is TestKioskEcho's.
//
// # Models
//
// WebRTC's AEC3 (the reference taken where it is written to the speaker; a gain
// behind a linear filter; comfort noise), speexdsp's MDF (a filter in
// partitions). Different here: a delay that jumps costs no learning, because what
// was learnt is moved to where the echo is, and both voices at once are no special
// case.
package process
