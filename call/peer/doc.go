// Package peer is the sound of a call: it implements call.Media and
// call.Session over WebRTC (ICE, DTLS-SRTP, Opus and G.711).
//
// # Usage
//
//	media := peer.New(peer.Options{
//		Sound:    func(ctx context.Context) (audio.Duplex, error) { ... },
//		Settings: func(call.Request) peer.Settings { ... },
//		Logger:   log,
//	})
//	engine := call.New(call.Options{Signaling: sip, Media: media})
//	...
//	media.Close(ctx)
//
// # What stands where
//
// Package sdp reads and writes descriptions, package transport carries packets,
// package stream keeps the counts; none of them knows the others' business.
// Here they meet:
//
//	Session (session.go, answer.go, reoffer.go)  one goroutine: offers, answers, time limits
//	voice (voice.go)   one goroutine: microphone ring, mute gate
//	packet (packet.go) and behind it: encoder, redundant copies, DTMF, RTP out
//	ear (ear.go)       network goroutine in, audio goroutine out, playout buffer between
//	tones (tones.go)   local tones and signs, mixed in on the audio goroutine
//	holding (hold.go)  our own hold: gates, offers and their turn
//	notice (notice.go) the lawful ending, played in place of the microphone
//	gauge (gauge.go)   loudness before and behind the gates, for meters and doubts
//
// The audio goroutine (audio.Run) only copies into the ring and pulls from the
// playout buffer: it takes no lock and does not allocate, which a test holds.
//
// # Negotiation
//
// A transport lives through one offer and one answer. What an answer or a new
// offer changes decides what happens:
//
//   - direction or codec: the route of the voice goroutine is replaced; when
//     the far end does not want to hear us, nothing is sent (RFC 3264 sections
//     6.1 and 8.4);
//   - ICE credentials but not the certificate: an ICE restart, the encryption
//     goes on;
//   - the certificate: a new transport, which takes over when it is secure,
//     while the old one goes on until then;
//   - an answer from a second fork: a second transport under the credentials
//     of the offer finds that peer without any signalling, and only if it does
//     not is a re-INVITE asked for (call.OfferNeeded).
//
// SSRC, sequence numbers and timestamps of ours go on through all of these.
//
// # Sending
//
// The microphone's clock paces what is sent: a packet goes out when its sound is
// there, on timestamps that count samples, so a sound card that runs fast or slow
// looks to the far end like any sender's clock and its jitter buffer absorbs it.
//
// Each report of the far end (RTCP) gives a new plan for the encoder (package
// stream, Adapter): FEC by the loss, bit rate by loss and by a queue that stands
// in the network, longer packets where it is narrow, and copies of earlier
// packets (RED, RFC 2198) where much is lost and both ends can. What the far
// end's fmtp (RFC 7587) and ptime ask for bounds the plan. RED is offered behind
// Opus, as browsers do, so Chromium takes copies and sends none unless a page
// prefers them. Transport-wide congestion control is not offered: it adds eight
// bytes to each packet and is made for video.
//
// The voice goroutine takes two locks for a packet, neither of which is taken by
// anything that a user interface calls.
//
// # Mute
//
// The gate is one line directly before the encoder, so that no device change,
// negotiation or buffer can lead around it. MuteConfirmed is told by the
// goroutine that has just handed the encoder a packet under the new state.
// Without a microphone that goroutine sends silence on a clock of its own, and
// confirms likewise. Until the call is answered the same gate is shut: packets
// of silence go out, since gateways learn from them where we are.
//
// What is handed to the encoder is measured behind the gate, all of it, and the
// statistics say since when. To ask for a mute that is asked for already means
// that it was found to leak: the microphone is then shut at its source as well.
//
// # Hold
//
// A hold is a re-INVITE with a=sendonly and a resume one with a=sendrecv, on the
// transport as it is (RFC 3264 section 8.4, RFC 6337 section 5.3). Both gates
// shut with the press; the ear opens with the press that resumes, the
// microphone with the far end's consent. A refusal leaves everything as it was.
//
// While we hold, silence goes on as packets, 50 a second, where the far end
// still listens: media relays end calls without any, some of them held calls
// after 30 s (rtpengine's silent-timeout), and a NAT forgets its way. Where both
// hold, nothing may be sent; RTCP and the checks of ICE keep the way open.
//
// One exchange of ours is under way at a time, and none is begun while a new
// transport is in the making. Turn and glare are the leg's; should the far end's
// offer be answered while ours waits, ours is written anew, and replaces the
// old one before the answer goes out.
//
// # The user's ear
//
// Deafen and hold shut a gate behind the playout buffer and before the phone's
// own tones. DeafConfirmed is told when a frame has passed it under the new
// state; where nothing plays, after 250 ms. FarTap sits before the gate: a
// recording is not deaf.
//
// # Concurrency
//
// Methods of Engine and Session return at once and may be called from any
// goroutine. Events are told from several goroutines, and none after Close.
// Levels may be read at any rate from anywhere: three atomic loads.
// Engine.Close waits for every goroutine; tests run under goleak.
//
// # Testing
//
// The far end in the tests is a real pion PeerConnection, whose answers are
// rewritten in every way that SBCs were seen or are feared to write; each case
// must prove a tone in both directions.
//
// # What was read
//
// pion's examples and PeerConnection, livekit's media-sdk and sip, JsSIP and
// what browsers do under it. Different here: a stream is whatever the one
// transport decrypts, so a missing mid or ssrc, or a changing SSRC, cannot
// silence it; hold is answered by direction and not by renegotiation; a forked
// answer is followed without a re-INVITE; ringback stops when sound arrives
// and not when an SDP does; the offer does not wait for a TURN server that is
// down; mute is confirmed by the encoder's side of the gate.
//
// For the encoder's control: libwebrtc's audio network adaptor, whose thresholds
// (frames shorter from 5 % loss on, longer again below 4 %) are taken, and its
// copying of Opus packets; baresip adapts nothing. Different here: the queue is
// the shortest round trip of late over the shortest of the last half to whole
// minute, so that neither jitter nor a longer route is taken for congestion; loss
// counts at once and is forgotten slowly, since reports come as rarely as every
// five seconds; in-band FEC goes on beside the copies, where the copy of the
// packet before carries the one before that.
//
// For hold and glare: SIP.js (its in-dialog race table), JsSIP's hold and
// baresip's call_hold. They set a flag and take the 200 for granted, keep the
// text of an offer over a 491, or wait one fixed second; here a hold is what the
// far end has accepted, an offer that waited is written anew, and silence goes
// on while it lasts.
package peer
