// Package quality measures sound: how well speech survives a codec, a network or
// a processor, how much of an echo comes back, and what a listener would say of a
// call whose loss and delay are known.
//
// # Usage
//
//	score := quality.Compare(spoken, heard)           // 48 kHz, any delay below 1 s
//	fmt.Println(score.STOI, score.NSIM)
//	loss := quality.ERLE(echo, out, time.Second)      // dB, one value a second
//	mos := quality.EModel{Codec: quality.Opus, Delay: 120 * time.Millisecond, Loss: .01}.MOS()
//
// Sounds are slices of samples at 48 kHz, mono, in the 16-bit scale
// ([Floats] makes them of PCM); only levels in dBFS care for the scale. A measure
// that needs a reference wants both sounds in step; [Align] brings them there,
// piece by piece, where a jitter buffer has stretched time.
//
// # What the figures mean
//
//   - [STOI] and [ESTOI], 0 to 1: the share of the speech that is understood, by
//     the correlation of envelopes in third-octave bands (Taal, Hendriks, Heusdens
//     and Jensen, "An algorithm for intelligibility prediction of time-frequency
//     weighted noisy speech", IEEE TASLP 19(7), 2011; Jensen and Taal, "An algorithm
//     for predicting the intelligibility of speech masked by modulated noise
//     maskers", IEEE/ACM TASLP 24(11), 2016).
//   - [NSIM], 0 to 1: the similarity of two auditory spectrograms (Hines and Harte,
//     "Speech intelligibility prediction using a neurogram similarity index
//     measure", Speech Communication 54, 2012), which ViSQOL turns into a MOS. It
//     hears noise and timbre, where STOI hears only words.
//   - [LSD], in dB: the distance of two spectra, 0 for the same sound (Gray and
//     Markel, "Distance measures for speech processing", IEEE TASSP 24, 1976).
//   - [SISDR], in dB: what is like the reference against what is not (Le Roux,
//     Wisdom, Erdogan and Hershey, "SDR - half-baked or well done?", ICASSP 2019).
//   - [ERLE], in dB: how much quieter an echo leaves than it came (ITU-T G.168).
//   - [EModel]: the opinion of a listener from delay and loss, without a reference
//     (ITU-T G.107 and G.107.1).
//
// They are for comparing two programs on the same sounds. None of them is a MOS
// of listeners, the last one excepted, which is an average over many calls.
//
// # Concurrency
//
// Everything is a function of its arguments. A measure allocates and takes
// milliseconds a second of sound; it belongs beside the audio path, not in it.
// The E-model is cheap enough for every report of statistics.
//
// # Testing
//
// The measures against a reference are held to values that an independent
// computation of their formulas gave (numpy, written for it), and to what must be
// true of them: the same sound scores best, more harm scores less, a delay or a
// gain changes nothing where the measure says so. The E-model is held to the
// Recommendations' table and to ratings worked out by hand.
//
// # Models
//
// The authors' Matlab code of STOI and pystoi, for the constants that the paper
// leaves out (the window, how silence is removed); ViSQOL, for patches that are
// aligned each by itself. Different here: one alignment serves all measures, and
// follows a delay that changes by the cheapest path through each piece's best
// places, so that a repeated word or a burst of loss does not lead it astray.
package quality
