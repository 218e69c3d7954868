// Package device opens the microphone and the speaker of a call, through
// miniaudio (malgo), and keeps the call's sound going whatever becomes of them.
//
// # Usage
//
// One [Host] for the process, one [Duplex] for each call:
//
//	host, err := device.Open(ctx, device.Options{Log: log})
//	defer host.Close()
//	mics, speakers, err := host.List(ctx)
//	d, err := host.OpenDuplex(ctx, device.Choice{Microphone: "Jabra"})
//	defer d.Close()
//	err = audio.Run(ctx, d, d, handler)
//
// A choice is empty for the system's default, [Null] for no device, or a
// device's ID, its name, or a part of its name. OpenDuplex opens both halves or
// none; [Failed] says which half is missing and why, so that a caller who
// prefers half a call asks again with Null in its place.
//
// # How it works
//
// Each half is a device of its own, in the device's own format (fitted.go makes
// 48 kHz mono of it, and one channel of a microphone's several), with periods of
// 10 ms: miniaudio's duplex mode adds two periods of delay and a ring without
// drift compensation. The callback, which runs on a thread of the sound library,
// copies between the library's memory and a lock-free ring and counts; it takes
// no lock and allocates nothing. It is written in C (native.go says why and how
// malgo is brought to call it), so neither the garbage collector nor a busy
// scheduler makes it late. The speaker's ring is kept at 20 ms, and at up to 40
// while the machine is too busy for that; where callbacks themselves come late,
// the speaker is opened again with more periods. The callback's thread is given
// priority where the system allows it (priority_linux.go). The microphone's ring
// is cut when more than 100 ms wait in it, so that no delay stays behind after a
// late moment.
//
// Everything that opens, starts, stops or closes runs on one owned OS thread,
// one call at a time and each with a limit, never from a callback. A call that
// exceeds its limit is left behind together with its thread; the next one gets
// a new thread, and what was left behind is given back when it wakes up.
//
// A device that is unplugged, or whose daemon dies, says nothing: its callback
// just stops. After 200 ms silence stands in, in real time, so that the call
// and its RTP go on; then the system is asked whether the device is still
// there, and if not, or after 350 ms in any case, it is given up, Lost and Stats
// tell it, and at once and then every second the same choice is opened again, or
// the default where that is gone: 320 ms without sound on PulseAudio. A device
// that has just been opened has 3 s to begin. While a device is in use that is
// not the most wanted one, it is looked every two seconds whether a better one
// has come: a headset that is plugged in during a call takes over, the new
// device running before the old one goes.
//
// # Concurrency
//
// Host's methods, Stats, Lost and Close may be called from any goroutine; Read,
// and Room with Write, from one goroutine each. Close is bounded by 3 s. Each
// open half owns one goroutine, which ends in Close. audio.Run needs a free P
// of the Go scheduler every 10 ms or so: a program that computes beside the
// call raises GOMAXPROCS to 8 or more. Beside four busy goroutines on two
// cores, ten seconds of sound lost 1.9 s with GOMAXPROCS=2 and 0.03 s with 8.
//
// # Testing
//
// The tests start a PulseAudio daemon of their own with null sinks, and kill
// it, freeze it and take its devices away in mid-stream. [SystemNull] gives a
// device with a clock and no sound on any machine. Who uses this package tests
// against package audiotest instead. The benchmarks measure delay, gaps, the time
// to open and the share of a core.
//
// # Models
//
// baresip's pulse module: a stream for each direction, and a timer that
// connects again. cubeb: callbacks that only move samples, and the readiness to
// leak what the system will not give back. oto: how little a Go caller should
// see. Here, beyond those, every call into the sound system has a limit, and
// the call's clock goes on while a device is away.
package device
