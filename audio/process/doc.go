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
// The figures are those of call/interop/voice's scenes (a synthetic voice in
// synthetic rooms, the room's noise at -60 dBFS), beside WebRTC's AEC3 on the same
// sound. Return loss (ERLE) in dB from 0.3 to 2 s and in the end, with the noise
// that both leave in the echo's place, and the near voice's intelligibility (STOI)
// while both talk:
//
//	                            here             AEC3
//	base: 80 ms, RT60 0.2 s     38  41  .95      28  38  .63
//	echo 12 dB quieter          26  28  .98      21  26  .89
//	headset, echo at -35 dB      3  -1  1.00      2   3  .97
//	clipping loudspeaker        37  38  .94      29  35  .64
//	room changes at 12 s        38  41  .94      28  39  .62   (the second after: 37, 23)
//	noise 12 dB under the voice 18  16  .88      17  16  .74
//	clocks 100 ppm apart        38  40  .93      28  37  .60
//	+6 dB, 150 ms, RT60 0.35 s  43  45  .87      26  43  .52
//	60 ms later at 12 s         38  41  .93      28  38  .63   (the second after: 29, 12)
//	20 ms, RT60 0.1 s           38  41  .94      31  38  .73
//	250 ms, RT60 0.5 s          29  38  .92      29  37  .61
//
// A voice alone is not touched (STOI .999). The result is 10 ms late, always. A
// frame takes 0.11 ms of a processor of 2020, 1.1 % of it, and 0.04 ms where there
// is no echo. In a call through a PulseAudio server, with a room of 150 ms in which
// the echo is as loud as the far end itself (call/interop, TestKioskEcho), the far
// end hears itself 44 dB quieter and a visitor who speaks at the same time at -0.4
// dB; where so much else computes that the server stumbles every second, it is 20 to
// 40 dB and -2 to -4 dB.
//
// A linear filter models the way from the speaker to the microphone: 200 ms long,
// beginning anywhere in half a second, partitioned into blocks of 10 ms, in the
// frequency domain, adapted by a Kalman filter with a diagonal covariance (Enzner
// and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in
// hands-free telephones", Signal Processing 86, 2006; partitioned as in Kuech,
// Mabande and Enzner, "State-space architecture of the partitioned-block-based
// acoustic echo controller", ICASSP 2014). It knows how far to trust itself in each
// frequency, so it needs no detector for both sides talking at once.
//
// The way to the filter is not steady: a sound server that runs dry plays on
// later, frames are handed over in bursts, and clocks differ. Three things keep
// what was learnt in its place. The reference is counted from its newest frame,
// so bursts move a number and lose nothing. The aligner correlates the expected
// echo with the microphone, and moves the filter: by parts of a sample as the
// clocks drift apart, by up to 31 ms after a jump. The locator does the same by
// blocks for anything further.
//
// What the filter leaves is taken out by a spectral gain. What is echo in it is
// the most of four estimates: the filter's own uncertainty; what goes up and down
// with the expected echo of the same band or, for a distorted loudspeaker, of all
// bands, less what chance explains (a regression as Valin's of 2007, see leak); the
// whole expected echo as far as it is not found in the microphone, which tells a
// wrong filter within 50 ms; and all that the far end says as long as it is not
// known where its echo is. That is overrated sixfold where nothing but echo and
// noise is in the microphone, and taken as it is where a voice is. Noise as it was
// before takes the place of what is taken away, some 5 dB quieter: who hears it
// speaks himself at that moment.
//
// A headset has no echo. Where none has been found in the first 0.9 to 1.5 s of
// the far end's voice, or one of less than -33 dB, the canceller is gentle: without
// an echo the microphone passes as it is, with a weak one what the filter predicts
// is taken away and hardly anything else. Until then a near voice under the far
// end's is held down. An echo that comes back, from a speaker at another distance,
// is found within half a second of voice, which is heard.
//
// What it cannot do: an echo of more than half a second, a loudspeaker whose
// sound has nothing in common with what was sent to it, and high frequencies of a
// near voice under a louder echo (over 4 kHz a voice is faint).
//
// # Noise
//
// [Noise] leaves a background 16 to 18 dB quieter and does not silence it: a line
// without any sound between the words is taken for dead, and what a voice is heard
// against stays the same. A block of 43 ms with an overlap of 5 ms tells the
// harmonics of a voice from what lies between them. The noise is followed by the
// likelihood of a voice in each frequency, by minima and by the voice's pauses, the
// voice by smoothing its cepstrum, the gain is the log-spectral amplitude
// estimator's; papers are cited at each. Before that the clicks of a keyboard are
// taken out, by a look ahead of 5 ms, and with less doubt once somebody has been
// heard to type while nobody spoke. All of it is 10 ms late.
//
// Beside RNNoise 0.1 on the same files (`make bench-voice`, two synthetic voices;
// STOI and NSIM of audio/quality):
//
//	                as it came    RNNoise       Noise
//	pink 10 dB      .932 .614     .932 .738     .937 .772
//	pink  3 dB      .829 .489     .854 .609     .847 .608
//	babble 8 dB     .894 .626     .896 .704     .897 .684
//	keyboard 5 dB   .960 .868     .973 .901     .969 .897
//	fan 10 dB       .907 .740     .920 .818     .923 .825
//
// So it is better in an even background and beside a fan, about as good in a noise as
// loud as the voice or beside a keyboard, and worse at telling one voice from many:
// of babble it takes 9 dB between the words where RNNoise takes 20. It would be as
// good there (NSIM within .006) if it knew the mean of the babble; but that can only
// be learnt in the pauses of the voice, and they are told by their energy, which
// goes up and down with a babble. With other voices, languages (ko, de, fr, en) and
// seeds NSIM is .04, .02, .00 and .01 over RNNoise's in pink noise of 10 and 3 dB,
// beside a keyboard and a fan, and .03 under it in babble.
//
// Speech without noise keeps a STOI of .996 to .999 and an NSIM of .991 to .999. A
// voice that speaks from the very first sample on keeps .994 and .952 in its first
// two seconds; in turn it takes 1.5 s until a noise is as quiet as it becomes. A
// frame takes 0.12 ms.
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
// For the noise: RNNoise (the figures to reach; blocks of 20 ms, a comb for the
// pitch), speexdsp's preprocessor and WebRTC's suppressor (a floor that stays, a
// suppressor of transients of its own). Different here: the cepstrum does what the
// comb does without a search for the pitch, nothing is trained, so that it knows no
// language better than another (a whisper is tested, voices other than synthetic
// ones are not), and the noise keeps its sound.
//
// For the echo: WebRTC's AEC3 (the reference taken where it is written to the
// speaker; a gain behind a linear filter; comfort noise), speexdsp's MDF (a filter
// in partitions; the leak by regression). Different here: a delay that jumps and a
// clock that drifts cost no learning, because what was learnt is moved to where the
// echo is; both voices at once are no special case, because the gain trusts a filter
// that is right as far as it is right; and there is a mode for no echo at all.
package process
