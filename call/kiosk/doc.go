// Package kiosk is the telephone booth: one or two buttons that call fixed
// numbers, and everything around them that has to work for months without
// anybody looking.
//
// # Usage
//
//	booth := kiosk.New(kiosk.Options{Phone: engine, Numbers: kiosk.Numbers{Counsellor: number}, ...})
//	go func() { for status := range booth.Watch(ctx) { show(status) } }()
//	outcome := booth.Run(ctx) // until ctx ends, or the booth wants out
//
//	booth.Press(ctx, kiosk.Counsellor) // the button
//	booth.Touch()                      // any sign of somebody
//
// # What it decides
//
// machine.go is the whole behaviour, a value without goroutines and clocks:
// one call at a time, a second press of the same button is nothing, a press is
// never lost while an older call or the self-test is taken down. silence.go says
// when somebody last spoke: a call in which nobody does is warned and ended, by
// policy, never while it rings, and in doubt never at all. On hold the same time
// runs from the beginning of the hold; there only the visitor counts (a touch, or
// a voice while the far end is quiet), because the music of a hold would keep a
// forgotten call, and the booth, for ever. Where the policy has no such time
// (kiosk-silence 0) no call is ended by the booth, held or not: it is for the
// visitor, the far end and the server's session timer (RFC 4028) to end it. The
// screen is reset when the visitor has gone, never in a call.
//
// network.go asks the server every twenty seconds whether it is there, so that
// the screen says so before somebody needs it, and goes on for ever when it is
// not. A press is dialled all the same.
//
// pin.go is the administrator's way out: an argon2id hash, waits that grow and
// survive a restart, and no influence on calls. nightly.go begins the self-test
// at its time and gives way to whoever presses; selftest.go and scope.go are the
// test: three notes out of the speaker, looked for in the microphone, then sent
// through a call to an echo number. voice.go speaks, also into a call. health.go
// tells the keeper, in a file and on loopback.
//
// # Nothing is kept
//
// A number leaves this package in a Dial and in nothing else: no status, log,
// file or health report has a field for it. The health file says nothing of when
// somebody called. call/interop looks through everything that a real booth wrote
// for the number that it dialled.
//
// # Concurrency
//
// Run's goroutine owns the machine; everything that may wait (a Dial, a probe,
// the self-test) has a goroutine of its own, which Run waits for. Methods of
// Booth may be called from any goroutine; Touch, Home and Spoken return at once.
// The self-test has the audio goroutine to itself while nobody calls.
//
// # Testing
//
// Everything but the hash runs in testing/synctest bubbles: nights pass at once.
// The self-test's rooms are made of memory here, and of a sound server in
// call/interop.
//
// # What was looked at
//
// The audio test of 2N's intercoms (a beep, heard by the own microphone, put off
// by a call and repeated after a failure), whose manual is public;
// alexedwards/argon2id, for the PHC string; Android's lock screen, for waits
// that are counted before the PIN is looked at. Better here: the notes are told
// from noise by their order and not by loudness, so that a lorry does not pass
// for a speaker; the line is tested apart from the sound, so that the report
// says which of the two is broken; a hash cannot cost more than the machine has.
package kiosk
