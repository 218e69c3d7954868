// Package check looks, in fifteen seconds before a shift, whether the phone can
// be relied on: the counsellor speaks and the microphone is measured, hears that
// played back, and a call to an echo number measures the line. What was found is
// a [Result] of codes; words for them are the window's.
//
// # Usage
//
//	r := check.Run(ctx, check.Options{Parts: check.All, Microphone: openMic, Speaker: openSpeaker,
//		Phone: engine, Line: line}, func(p check.Progress) { show(p) })
//
// [Judge] and [Measure] are the rules by themselves: pure functions from what
// was measured to what is said about it.
//
// # What it promises
//
// What is recorded stays in memory, is played once and overwritten. A call of
// somebody else's (a page's, the user's) ends the check at once and is never
// touched; only the call that the check itself has placed is hung up. Without a
// device, without an echo number, without a network there is a Result all the
// same, which says so.
//
// # Concurrency
//
// Run blocks for as long as the check takes and owns whatever it starts; tell is
// called on a goroutine of Run's, one call at a time, and must not wait.
//
// # Testing
//
// Under testing/synctest with devices made of memory and package calltest's
// ports, so every wait passes at once; in package interop's window test with a
// sound server and a real SBC.
//
// # Models
//
// twilio-voice.js' preflight (an echo call, a verdict in grades) and its watch
// for a dead microphone (a level that never moves); Teams' test call (one hears
// oneself). Better here: the microphone is judged by speech against the room's
// noise, not by one level, digital silence is told apart from a quiet voice
// because the cure is another, and all of it takes 15 seconds.
package check
