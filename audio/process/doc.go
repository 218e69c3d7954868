// Package process makes better what a call hears and says: echo, noise and an
// uneven voice are taken out of what the microphone gives, and the ear is
// protected from what the speaker is given.
//
// # Usage
//
//	chain := process.NewChain(process.Settings{HighPass: true, Echo: true, Noise: true, Gain: true, Limit: true, Ceiling: -6})
//	dev = chain.Wrap(dev) // any audio.Duplex, before audio.Run
//	...
//	chain.Set(settings)   // while the call runs, from any goroutine
//	stats := chain.Stats()
//
// Each stage may be used alone, frame by frame and in place: [HighPass], [Echo],
// [Noise], [Gain] and [Limiter]. An echo canceller also wants what goes to the
// speaker, by [Echo.Far].
//
// # The chain
//
// The order is that of what each needs: the canceller wants the microphone as it
// is but for rumble, the suppressor a microphone without echo, the gain one
// without noise. Every stage can be switched while the call runs: a new set of
// stages takes the place of the old one by one atomic pointer, runs unheard for 30
// ms and is faded in over 20, so that nothing clicks. A stage that is off costs and
// delays nothing. What canceller and suppressor have taken nearly all of is no
// voice, and the gain does not learn from it.
//
// # Gain
//
// The level is the mean power of frames in which somebody speaks: well over the
// least level of the last ten seconds, and going up and down as a voice does. The
// gain goes to -20 dBFS with 6 dB a second at most upwards, and stands still while
// nobody speaks. A background is never lifted over -52 dBFS.
//
// # Protection of the ear
//
// Three rules, described at [Limiter]: a ceiling that holds for every sample, a
// bound on jumps over the running level of the voice, and the ducking of lone
// tones. The first two are one limiter that looks 3 ms ahead: the least gain that
// any sample within the look-ahead needs, averaged over that time, is never more
// than the sample that comes out allows. A tone is told from a voice by linear
// prediction: two samples before foretell it within 0.4 % of its power for 6 ms.
//
// What the samples become in the ear depends on headset, sound card and volume,
// which no program knows. ITU-T P.360 and ETSI EG 202 518 (118 dB(A) for what
// lasts) and the Australian guideline G616 (102 dB SPL at the ear drum) are about
// that; here all levels are relative to full scale and to the voice.
//
// # Echo
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
// Stages belong to one goroutine, as audio.Run's callers do, but for what says
// otherwise: switches and figures are atomic. Nothing allocates after the making,
// and there are no locks on the way of the sound.
//
// # Testing
//
// The tests make rooms (an impulse response that decays), a voice, a second voice
// at the same time, a change of the room, of the delay and of the clock, and
// measure the echo's return and the harm done to the near voice. The whole way, a
// visitor's call in a room, is TestKioskEcho's. The limiter is given what acoustic
// shock is reported of, and voices that must pass; the chain is switched in the
// middle of a tone. `make bench-voice` measures every stage beside what browsers
// and others have (call/interop/voice).
//
// # Models
//
// For the gain: WebRTC's AGC2 (level of speech only, a bound by the noise, a limiter
// behind) and its older AGC. Different here: the gain does not learn from what is
// left of an echo, so that a faint remainder is never taken for a faint voice, and
// what is there between the words stays under a fixed level.
//
// For the ear: the descriptions of Jabra's PeakStop and Plantronics' SoundGuard (a
// peak limit, a limit on sudden loud sound, the events reported), and look-ahead
// limiters of mastering. Different here: the bound follows the voice that is
// heard, so that a whisper at a high volume is protected as well; a tone is ducked
// by what it is; and a voice of even level passes bit by bit.
//
// For the echo: WebRTC's AEC3 (the reference taken where it is written to the speaker; a gain
// behind a linear filter; comfort noise), speexdsp's MDF (a filter in
// partitions). Different here: a delay that jumps costs no learning, because what
// was learnt is moved to where the echo is, and both voices at once are no special
// case.
package process
