// Package demosbc is a small session border controller inside the process, on
// loopback: SIP over WebSocket (RFC 7118) on one side, numbers that echo,
// talk, refuse, ring, hang up and hold on the other. A newcomer calls it with
// --demo, and most tests call it too. It is a server of its own and knows
// nothing of the phone's engine.
//
// # Usage
//
//	s, err := demosbc.Start(ctx, demosbc.Config{})
//	defer s.Close()
//	ws, wss := s.URLs() // one port serves both; paths / and /ws
//	ca := s.CA()        // PEM, to be trusted for wss
//	realm := s.Realm()
//
// A test that wants no ringing sets RingTime to NoRing; one that wants to know
// what the phone said sets Record and asks Heard; OnRequest, Calls and Stats
// tell the rest. Several servers live side by side: there are no globals.
//
// # Numbers
//
//	600  echo: 180, then 200
//	601  183 with SDP and a tone of 440 Hz; after 3 s the 200 with the same SDP,
//	     and echo
//	602  180; after 3 s the 200 and a message (a chime, 700 Hz and 1900 Hz
//	     together for a second, a chime), then silence
//	603  486
//	604  404, and no 100
//	605  180, repeated every minute, until CANCEL (200 and 487)
//	606  echo; BYE 3 s after the answer
//	607  echo; at 3 s a re-INVITE sendonly with music, at 6 s one sendrecv
//
// Every other number is 404. All but 604 send a 100 first. The seconds after
// the answer count from the ACK. REGISTER and OPTIONS are answered, for pages
// that insist on them. An INVITE without an offer is refused with 488, one
// with Require with 420: there is no 100rel here.
//
// # How it is made
//
// flow.go is one WebSocket, route.go says whose a message is, call.go and
// call_messages.go are the life of one call, numbers.go is the number plan as
// data, dialog.go makes messages, sdp.go reads offers and writes answers,
// media.go is one PeerConnection, sender.go and ear.go are the two directions
// of its packets, sounds.go makes what is played.
//
// A call never negotiates with pion twice: one PeerConnection answers one
// offer, and later offers of the same transport change only our text and what
// is sent. An offer of another transport (the phone changed its network) gets
// a PeerConnection of its own. pion sees a rewritten offer, and the phone an
// answer written here, in the form that rtpengine gives it: mid kept, one host
// candidate, no ssrc. A phone that copes with this one copes with that.
//
// An echo forwards payloads and decodes nothing. Sounds are encoded once for
// each codec and kept.
//
// # Concurrency
//
// All methods of Server may be called from any goroutine. Each flow has a
// goroutine that reads it, each call one that owns its state, and some more
// belong to its stream (pion's, the readers, the player); Close waits for all
// of them. An answered call outlives its flow for Config.FlowGrace and moves
// to the flow that its phone comes back on.
//
// # Testing
//
// call_test.go runs calls in synthetic time against a wire and a voice made of
// memory: every timer of the number plan and of RFC 3261, glare, losses. The
// tests in server_test.go and talk_test.go have a phone of their own (a raw
// WebSocket and pion) on real sockets. FuzzParseOffer and FuzzMessage feed it
// nonsense.
//
// # What was looked at
//
// baresip's test/sip server shows how small a server for tests can be, and
// that its scenarios are best kept as data; this one adds media. sipgo's server
// handles each message on a goroutine of its own, so that responses overtake
// each other, and closes the connection for one malformed message; only its
// message types and parser are used, the flow and the order are kept here.
// livekit's siptest client keeps what was heard for the test to ask for; here
// that is Heard and Stats, beside the demo's own use of the same server.
package demosbc
