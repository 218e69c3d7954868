// Package audio is the PCM vocabulary of the phone: what a frame is, how
// sound goes between a device and a call, and the pure pieces (ring, meter,
// mixer, resampler, WAV) that the rest is built from. It needs nothing but
// the standard library, so it builds without a C compiler.
//
// # Usage
//
// A call is a [Handler]; a device, a file or nothing at all is a [Duplex]; [Run]
// moves frames between the two until its context ends:
//
//	in := audio.NewFileInput(recording, nil) // a microphone that hears a file
//	out := audio.NewNullOutput(nil)          // a speaker that nobody hears
//	port := audio.Join(in, out)
//	defer port.Close()
//	err := audio.Run(ctx, port, port, call)
//
// Real microphones and speakers are in audio/device, what turns packets into
// frames is in audio/jitter and audio/codec, what a user hears of the network
// in audio/tone, and a sound card for tests in audio/audiotest.
//
// # Format
//
// Everything inside the phone is 48 kHz, mono, 16-bit signed samples in native
// byte order, handed around in frames of 10 ms (FrameLen samples). Packets on
// the wire are 20 ms; narrow-band codecs resample at their own edge.
//
// # Clocks
//
// A call has two clocks, the microphone's and the speaker's, and they differ.
// An [Input] has a frame when the microphone has recorded one; an [Output]
// takes a frame when the speaker has room for one. [Run] is the only loop
// between them: it never waits for a lock and does not allocate, so a late
// wake-up delays sound but never loses it. Where two goroutines, or a goroutine
// and a device's callback, share sound, there is a [Ring] between them; where a
// screen shows a level, a [Meter]; where a disk is involved, a [Recorder]. None
// of them makes the audio goroutine wait.
//
// # Testing
//
// Ports take a clock, so that tests run inside a testing/synctest bubble. What
// the [Resampler] promises is measured, not assumed.
//
// # Models
//
// gopxl/beep, whose interface says in words every legal outcome of a read and
// whose tests hold implementations to them; baresip's ausrc and auplay, for the
// split of a device into two halves; speexdsp's resampler, for the figures to
// reach. Different here: one loop owns both directions and the device is asked
// for room instead of calling back, so that a call's code never runs on a
// thread that is not its own.
package audio

import "time"

const (
	// Rate is the sample rate inside the phone, in Hz.
	Rate = 48000
	// FrameDur is the length of one frame.
	FrameDur = 10 * time.Millisecond
	// FrameLen is the number of samples in one frame.
	FrameLen = 480
)

// Input is the microphone's side of a device.
type Input interface {
	// Read fills frame (FrameLen samples) and reports true when a whole frame
	// has been recorded; else it leaves frame alone and reports false. It
	// never blocks. It is called from one goroutine at a time.
	Read(frame []int16) bool
}

// Output is the speaker's side of a device.
type Output interface {
	// Room reports whether the speaker wants another frame now. It never
	// blocks.
	Room() bool
	// Write queues one frame (FrameLen samples) and does not keep it. It is
	// called from one goroutine at a time, and only after Room said true.
	Write(frame []int16)
}

// InputDevice is a microphone that somebody has opened alone, OutputDevice such a
// speaker. The rules of Duplex.Close hold for both.
type (
	InputDevice interface {
		Input
		Close() error
	}
	OutputDevice interface {
		Output
		Close() error
	}
)

// Duplex is a microphone and a speaker, opened together for one call. Either
// half may be a file or nothing at all.
type Duplex interface {
	Input
	Output
	// Close stops both halves and releases the device. It is bounded in time,
	// may be called more than once, and never from inside Read, Room or Write.
	Close() error
}

// InputCloser is a Duplex that can give its microphone back before the speaker:
// a call that is over still plays a tone, and the system's sign that somebody
// listens must be off by then.
type InputCloser interface {
	// CloseInput stops and releases the microphone; Read then gives nothing.
	// The rules of Close hold.
	CloseInput() error
}

// Handler is the call's side: it takes what was recorded and gives what is to
// be played. [Run] calls both methods from one goroutine, never at once.
type Handler interface {
	// Capture takes one recorded frame; it must not keep the slice.
	Capture(frame []int16)
	// Playout fills one frame that will be played.
	Playout(frame []int16)
}
