// Package shift knows what a counsellor is doing between and beside calls: ready
// for the next one, at work on the last one, resting, or away; and whether the
// counsellor asks for help without a word.
//
// # Usage
//
//	s := shift.New(shift.Options{Phone: engine, Rules: rules, Record: path})
//	go s.Run(ctx) // ends with ctx or with the phone
//	for status := range s.Watch(ctx) { ... }        // the present one first
//	err := s.Set(ctx, shift.Ready)
//	err = s.Help(ctx, true)
//
// # The rules
//
// step is a pure function; testdata/step.txt has its answer to every pair of
// state and input. In words:
//
//   - When an answered call ends, after-call begins (where the organisation
//     wants it) and lasts until the counsellor says ready or calls again. It has
//     no limit and no alarm: the time is counted up.
//   - After a lawful ending, and by the counsellor's wish, a rest begins, which
//     ends by itself, by the counsellor's word, or is begun anew. It goes back
//     to where it came from: after-call is still to be done after it.
//   - Away stays until it is taken back, over calls too.
//   - No state keeps a call from being made, and a call takes no rest away.
//   - Help stays until it is taken back, or until both have happened: its call
//     has ended and a supervisor has seen it.
//
// # Where it is told
//
// To watchers, and through them to pages of the web API. By setting, also to a
// supervisor's server: one POST for each change of Help, three tries, newest
// first; what cannot be told is shown to the counsellor, who must not wait for
// help that nobody knows of. A lawful ending is noted in a file (record.go).
// Neither can delay or stop a call.
//
// # Concurrency
//
// All methods may be called from any goroutine. Run owns the state and three
// goroutines: one follows the phone, one tells the supervisor's server, one
// writes the record. It waits for all of them, for the disk two seconds.
//
// # Testing
//
// The product of states and inputs is written down and compared. Times run
// under testing/synctest; the supervisor's server in the tests is a real HTTPS
// server on loopback.
//
// # What was looked at
//
// Amazon Connect Streams (after-contact work, and the return to the state
// before it), FreeSWITCH's mod_callcenter and Asterisk's app_queue (a wrap-up
// time per agent), and the agent desks built on them. Taken: the names, and
// that a call leads back to the state before it. Different here: those give
// wrap-up a limit after which the next call comes by itself, which is the
// pressure that counsellors name; here time is only counted, a hard call earns
// a rest that a call does not use up, and help is a state with an
// acknowledgement instead of a message that may have been lost.
package shift
