// Package call is the phone without its wires: it decides what a call does.
// It takes commands and the events of signalling and media, holds the state of
// one outgoing call, and tells watchers. It imports no SIP, no WebRTC and no
// toolkit; those stand behind [Signaling] and [Media].
//
// # Usage
//
//	e := call.New(call.Options{Signaling: sip, Media: webrtc, RingTimeout: time.Minute})
//	go e.Run(ctx) // until ctx ends; then it hangs up and returns
//
//	go func() {
//		for snapshot, cause := range e.Watch(ctx) { // snapshot first, cause nil
//			render(snapshot)
//			_ = cause // what happened; nil when only measurements changed
//		}
//	}()
//	id, err := e.Dial(ctx, call.Request{Realm: "example.net", DN: "1000",
//		Tel: "01012345678", URL: "wss://sbc.example.net:6081"})
//
// An error of a command is an [*Error] with a stable [Code]; nothing was sent
// for a Dial that failed. What becomes of an accepted Dial is told by causes:
// [Began], then perhaps [Tried], [Rang], [Answered], and exactly one [Ended],
// whatever happens.
//
// # How it decides
//
// step is a pure function from what is known and what has happened to what is
// known now and a list of effects; testdata/step.txt has its answer to every
// pair of state and input. Run is the one goroutine that feeds it and performs
// the effects. An event carries the ID of its call, and one that comes late
// for an older call is dropped.
//
// Mute, Deafen and Hold are read-backs: the command completes, and [Call] shows
// the change, only when those who act on it have confirmed it: the capture path
// what it hands to the encoder, the playout what it hands to the speaker, the
// far end that it is held. A confirmed mute is watched: sound that is measured
// behind the gate all the same is told once ([MuteLeaked]), and the gate is
// asked to shut again.
//
// A hold says what we want, whatever the far end holds by itself; each side
// takes off its own, in any order. While one side holds, digits are refused
// (CodeOnHold): they would arrive after the resume, when something else may be
// asked for. Mute and hold know nothing of each other.
//
// Farewell is the lawful ending: the microphone is shut for good, the notice of
// the organisation is played to the far end, and the call ends with
// CodeFarewell, at the latest 70 s after the command. It plays muted or not; a
// call that we hold is taken off hold first, since a PBX may play music of its
// own in our place; a far end that holds us, or that no sound reaches, could not
// hear it, and the call ends at once.
//
// Nobody is heard before the answer: the microphone opens with the 2xx. What
// plays before is an announcement, a ringing tone, or whoever picked up without
// accepting; a counsellor does not expect to be heard by any of them, and the
// law on call recording begins where they might be.
//
// # Concurrency
//
// All methods of [Engine] may be called from any goroutine; none blocks the
// engine, and the engine blocks on no watcher and on no adapter: the ports'
// methods return at once and speak through a function that only queues. An
// adapter owns its goroutines and must let go of them after its last event
// (LegEnded) or Close. Snapshots and causes are values.
//
// # Heritage
//
// [HeritageJSON] writes the events that pages with nxWebApi.js have always
// been given, byte for byte; [EventJSON] writes what is new.
//
// # Testing
//
// call/calltest has doubles of both ports. Use them under testing/synctest:
// every time limit then passes at once.
//
// # What was looked at
//
// The actor with one outcome for each command, revisions and a bounded end
// follow the controller of go2tv; snapshot-with-registration and the merging
// of measurements follow tailscale's notification bus; the drawing beside the
// enum follows SIP.js. Different here: the transition is a pure function whose
// whole product of states and inputs is written down and tested, a watcher
// that is slow loses no cause (a call has few) instead of being dropped, and
// mute is a fact reported by the capture path instead of a flag that was set.
package call
