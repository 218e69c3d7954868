// Package sdp reads and writes the session descriptions of one phone call:
// one audio section over ICE and DTLS-SRTP. It is pure text work, without a
// network and without a WebRTC library.
//
// # Usage
//
// [Parse] reads whatever an SBC writes and loses nothing that can still be
// used; [Session.Remote] takes from it what is needed to talk to that peer, or
// says in one of five errors why nobody can. [Local] is our own side and
// renders itself as an offer; [Local.Answer] turns it into the answer to a
// given offer.
//
// # Tolerance
//
// Reading is as lax as sense allows, because SBCs write SDP in many dialects:
// bare LF line ends, missing s= and t=, short o=, lower and upper case, no
// rtpmap for static payload types, no mid, no BUNDLE, ICE and fingerprint at
// either level, several fingerprints, candidates by name or by TCP. What cannot
// be understood is skipped as RFC 8866 section 5 asks. Writing is strict and
// looks like what browsers write, since that is what SBCs were tested with,
// less all that does not concern one audio stream.
//
// # What was read
//
// pion/sdp and pion/webrtc's own use of it, livekit's media-sdk, and the way
// JsSIP repairs SDP around a browser. They parse strictly into a complete tree
// and refuse the whole description for one bad candidate or an empty s=; here
// only what decides about the call may refuse it, with an error for each case.
package sdp
