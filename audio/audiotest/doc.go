// Package audiotest holds test doubles for package audio: [Device], a sound
// card made of memory, and [RunDeviceSuite], which holds any device to the
// words of audio's interfaces, and [Voice], somebody who talks.
//
// # Usage
//
//	card := audiotest.NewDevice(nil)   // time passes when the test says so
//	card.Speak(pcm)                    // what the microphone is going to hear
//	go audio.Run(ctx, card, card, call)
//	card.Advance(20 * time.Millisecond)
//	heard := card.Played()
//
// With a clock instead of nil the card runs by itself; time.Now inside a
// testing/synctest bubble is such a clock.
//
// # Concurrency
//
// A Device may be used from any goroutine: the audio loop on one side, the test
// on the other. It starts none.
//
// # Models
//
// baresip's mock player (what was played goes back to the test), and beep's
// and restic's suites, which run one set of tests, the sentences of the
// interface, over every implementation.
package audiotest
