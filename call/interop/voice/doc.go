// Command voice measures how the phone sounds, beside Debian's Chromium that does
// the same. "make bench-voice" runs it and leaves voice.md, its pictures and
// voice.json in dist/bench.
//
//	go run ./call/interop/voice -phone dist/nxphone -out dist/bench
//	go run ./call/interop/voice -only receive      // one part
//	go run ./call/interop/voice -only gaps -minutes 30
//
// # What is measured
//
// receive: the same packets of Opus, delayed and dropped by the same trace
// (audio/audiotest/trace), to the phone and to Chromium: how late they are
// played, how much is made up, and how near the played speech is to what was
// said (audio/quality).
//
// ear: from a mouth at one end to an ear at the other, phone to phone, phone to
// Chromium, Chromium to Chromium, without and with the processing.
//
// gaps: holes that are heard in a long call while the computer is busy and while
// the phone's own process works.
//
// echo: our canceller and Google's AEC3 on the same files: how much of the echo is
// left over time, and what becomes of the near voice while both talk, in the rooms
// of audio/audiotest/scene.
//
// noise: our suppressor and RNNoise on the same files: how like the clean voice
// the result is, what is left of the noise, and whether the line sounds dead.
//
// protect: what the limiter leaves of sounds that hurt and that it leaves voices
// alone, and what the automatic gain does to faint and loud ones.
//
// together: one take through the microphone's stages, with one more each time.
//
// cost: the processor time and the allocations of each stage of the audio path,
// and the processor time of whole calls of both programs.
//
// # Other people's processors
//
// AEC3 and RNNoise come out of npm packages, which are fetched when they are wanted
// first and kept in the user's cache folder (foreign.go); Node.js runs them over
// files. Without them the parts go on, and say that there was nothing to compare
// with.
//
// # How it is measured
//
// All calls go through Kamailio and rtpengine (package interop) to an exchange of
// this program (exchange.go), which sends what it is told to, or joins two
// callers. Each end is a desktop with a PulseAudio of its own, whose sinks play to
// nobody; what they play is recorded through their monitors. All times are those
// of the recorders (recorder.go), which are alike everywhere, so both receivers
// are measured by the same clock and from the same moment: the one in which a
// packet was sent if there were no network. The receivers' own statistics stand
// beside that.
//
// # Testing
//
// What is arithmetic has tests with made-up recordings: the delay that a
// recording shows, gaps, the exchange with its SIP and its traces. The
// measurements check themselves: a call that is refused or silent ends the part,
// and the report says so.
//
// # Models
//
// WebRTC's audio quality analysers and NetEQ's simulation (neteq_rtpplay), for
// what is worth plotting of a jitter buffer; Jitsi's and livekit's load tests, for
// a sender whose packets are prepared before the call. Different here: the other
// end is the unchanged browser, and delay is taken from the sound itself.
package main
