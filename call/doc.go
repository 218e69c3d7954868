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
// Mute is a read-back: the command completes, and [Call].Mute.On changes, only
// when the capture path has confirmed what it hands to the encoder.
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
