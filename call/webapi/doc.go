// Package webapi lets web pages of allowed origins, and native programs of the
// same user, drive the phone. It is the other end of nxWebApi.js.
//
// # Usage
//
//	server, err := webapi.New(webapi.Options{
//		Phone: engine, Secret: secret, Version: version, Script: script,
//		Policy: func() webapi.Policy { return webapi.Policy{Origins: origins, Ask: true} },
//		Ask:    window.Ask, Allowed: settings.Allow, Revoked: settings.Forget,
//	})
//	go server.Run(ctx)                  // ends with ctx or with the phone
//	addr, err := server.Open(ctx)       // the switch in the settings; Shut is off
//	err = server.ListenControl(path)    // native programs
//	for state := range server.Watch(ctx) { ... } // who controls, who is connected
//
// Before the program ends: Drain, end the call, end the engine; Run then writes
// what is left and returns.
//
// # The protocol
//
// A WebSocket at ws://127.0.0.1:PORT/v1 with subprotocol nxphone.v1. PORT is
// the first free one of 17070 to 17079: another user's phone may have the one
// before, so a page tries all and keeps the one that proves itself. Messages
// are text, one JSON object each, at most 16384 bytes towards the phone. Names
// are compared exactly. Members that are not known are ignored. Byte strings are
// lower-case hex: "hex32" has 32 digits. P is the phone, C the page.
//
// The handshake, in this order:
//
//	P {"type":"phone","v":1,"id":hex16,"nonce":hex32,"commit":hex64,"code":bool}
//	C {"type":"hello","nonce":hex32,"client":hex32 or ""}
//
// id names this user's phone for good, nonce is fresh, commit is the SHA-256 of
// the phone's X25519 public key for this connection, code says that the phone
// wants a short code for a pairing. client is the name under which the page has
// a key of this phone. With a client:
//
//	P {"type":"proof","proof":hex64}
//
// A page that finds the proof wrong talks to somebody else who has the port,
// closes, and says nothing more. Without a client, the page is paired:
//
//	P {"type":"unpaired"}
//	C {"type":"pair","public":hex64,"code":bool}
//	P {"type":"paired","public":hex64,"client":hex32,"wrapped":hex64,"proof":hex64}
//
// The page checks commit, computes the shared secret Z (all zero is refused),
// unwraps its key, checks the proof, and keeps id, client and key. Where either
// side has said code, the phone shows six digits for up to 120 s, and the page
// goes on only when its user has typed the same. Then in both cases:
//
//	C {"type":"prove","proof":hex64,"tab":hex32,"epoch":hex16 or "","n":N}
//	P {"type":"welcome","epoch":hex16,"n":N,"version":"1.2.3","state":STATE,"shift":SHIFT}
//
// tab names the tab over reloads; epoch and n are the last event that it has
// seen. Each message has 5 s to come, the proof after a code 120 s.
//
// With \n for a line feed, hex as text, origin as in the Origin header, and
// PORT in decimal:
//
//	T       = origin \n PORT \n id \n page nonce \n phone nonce \n page public \n phone public
//	key     = HMAC-SHA-256(secret, "nxphone-v1 key\n" origin \n client)
//	id      = first 8 bytes of SHA-256("nxphone-v1 id\n" secret)
//	proof   = HMAC-SHA-256(key, "nxphone-v1 " side \n origin \n PORT \n page nonce \n phone nonce)
//	          with side "phone" or "page"
//	wrapped = key XOR HMAC-SHA-256(Z, "nxphone-v1 wrap\n" T)
//	code    = first 4 bytes, big endian, of HMAC-SHA-256(Z, "nxphone-v1 code\n" T), mod 1000000
//
// secret is the phone's and never leaves it.
//
// Commands of the page; id is its own number. One without an id is not carried
// out.
//
//	{"type":"dial","id":1,"key":hex32 or "","realm":"","dn":"","tel":"","url":"","push":""}
//	{"type":"clear","id":2}
//	{"type":"mute","id":3,"kind":"Audio" or "Video","on":true}
//	{"type":"dtmf","id":4,"digits":"12#"}
//	{"type":"take","id":5}
//	{"type":"shift","id":6,"state":"ready" or "after-call" or "rest" or "away"}
//	{"type":"help","id":7,"on":true or false or "seen"}
//	{"type":"result","id":1,"ok":true,"call":3}                 (P: the one answer to each)
//	{"type":"result","id":2,"ok":false,"code":"not-controller"}
//
// code is one of the engine's ([call.Code]), or rate-limited, not-controller,
// bad-request, no-window, no-shift, no-rest, failed. A dial with a key that was used in the last
// ten minutes has the same result again and dials nothing: a page may repeat it
// after a broken connection. Its result comes before the first event of its
// call. mute Audio is answered when the capture path has confirmed it.
//
// What the phone tells:
//
//	{"type":"events","list":[{"n":17,"state":"ringing","old":"{...}","new":{...}}, {"n":18,"busy":true}]}
//	{"type":"control","state":STATE}
//	{"type":"quality","data":{"packetsSent":0,"packetsReceived":0,"packetsLost":0,
//	  "samplesConcealed":0,"samplesPlayed":0,"jitterMs":0,"rttMs":0,"bufferedMs":0,"levelIn":-127,"levelOut":-127}}
//
// n counts the events of this process (epoch) from 1, for everybody and without
// a gap. old is the heritage event, byte for byte, and only for the page that
// controls the call; new is what [call.EventJSON] says; state is the call's
// after the event. Pages of other origins, and those that look on while the
// window or a native program is in a call, get only busy. After a welcome with
// the page's own epoch comes an events message with what it has missed; it is
// empty where that is nothing, or more than is kept (4096): half a story is
// not told. control comes when control changes, quality about once a second in
// a call of the page's origin, the newest only.
//
//	STATE = {"busy":bool,"control":bool,"free":bool,"call":null or CALL}
//	CALL  = {"id":3,"state":"in-call","dn":"1000","mute":false,"mutePending":false,"video":false,
//	         "hold":false,"earlyMedia":false,"mediaUp":true,"codec":"opus","since":unix ms or 0,"old":"{...}"}
//
// video is true when the picture is muted. The number is not in it.
//
// What the counsellor does between calls (package shift) is no call's and no
// page's: every page that is allowed and has proved itself reads and sets it,
// and each setting is in the audit. Its events have new, but neither state nor
// old nor busy, and are the same for all; Shift comes with every change, Help
// behind it where the request for help has changed (both behind the events of the
// call that led to them), with the number of the call
// that needs a hand, or 0. A help that is "seen" says that a supervisor knows
// of the request, which then ends with its call. A phone that is nobody's desk (a kiosk)
// has no shift: the welcome is without it, and the commands fail with no-shift.
//
//	{"n":21,"new":{"Kind":"nxphone","Type":"Shift","Data":SHIFT}}
//	{"n":22,"new":{"Kind":"nxphone","Type":"Help","Data":{"on":true,"id":3,"seen":false}}}
//	SHIFT = {"state":"rest","since":unix ms,"until":unix ms or 0,"help":bool,"helpCall":3 or 0,"seen":bool}
//
// Close codes: 1001 the phone ends or its switch was turned off, 1003 not a text
// message, 1009 too long, 4400 not the protocol, 4401 a wrong proof (or a code
// is wanted that nobody can show), 4403 the origin is not allowed any more, 4408
// nothing in time or nothing read, 4409 another page is just being paired with a
// code (come again), 4429 over the limits. Reasons are empty.
//
// The control socket has the same messages, one a line, without handshake and
// ping: the welcome comes at once. A program that wants to resume sends prove
// with tab, epoch and n as its first message, and forgets what came before the
// second welcome. It has one command more, {"type":"show","id":1,"tel":""},
// which hands a number to the window; that one asks before it dials.
//
// # Control
//
// A dial that is accepted makes its tab the controller of that call until it
// ends; every other page and program is refused with not-controller. A
// controller that goes leaves the call up. Its tab has control again when it
// comes back; so has a page of the same origin that comes fresh, without an
// epoch (a reload that has lost its memory); others may take it. The window
// always can hang up and mute.
//
// # Requests, rule by rule
//
// guard.go has them in this order, which is the order of what they cost an
// attacker. What each is against:
//
//   - Same user, 403. 127.0.0.1 belongs to everybody on a terminal server, and
//     outside a browser every header can be forged. The only rule that keeps
//     other users out.
//   - Host is ours, 421. DNS rebinding: a foreign name that resolves to
//     127.0.0.1 makes a page the same origin as the phone, and a GET then
//     carries no Origin at all.
//   - nxWebApi.js is served to whoever has come this far: the same bytes for
//     all, no state.
//   - No navigation, form or no-cors, 403. Browsers let every page send these
//     to loopback, most without asking. Defence in depth: nothing acts by GET
//     or by form anyway.
//   - Origin is allowed, 403, exactly; none and null never. Drive-by pages: a
//     WebSocket is not bound by the same-origin policy, and the browser's own
//     permission prompts do not exist on an intranet or in every browser.
//     An unknown origin may raise one question in the window: default No, 30 s,
//     one at a time, three in ten minutes, not again for ten minutes after a
//     No, never in a call, taken away when a call begins.
//   - POST must be JSON, 415, and nothing is there to be posted to, 404.
//     Defence in depth for what may come one day.
//   - The proofs. The phone's keeps a squatter on the port from learning or
//     imitating anything; the page's keeps out who has forged an Origin but
//     has never been paired, and what was recorded on another port or at
//     another time. No key is ever sent in clear, and none is in a URL or log.
//     On the first contact of a page the phone cannot be told from a squatter
//     unless the code is compared; the commitment gives a squatter in the
//     middle one guess in a million.
//   - Policy is asked again for every command. Defence in depth: Revoke closes
//     the connections of an origin at once.
//
// A page on plain http is treated alike once it is allowed, but whoever sits in
// the network can change that page: its proof says that the browser is the
// same, not that the page is. State and audit mark it.
//
// Programs of the same user are not an adversary: they could as well type into
// the window. Nor is script injected into an allowed page, beyond the limits.
//
// # Limits
//
// All in limits.go. Connections that have not proved themselves are bounded by
// rooms: a full one closes its oldest, never the newest, and other users' have
// a room of their own, so that no flood keeps a page out. A page that does not
// read is dropped and never waited for. Floods of commands are answered
// rate-limited and then closed. Refused requests are logged once a second.
//
// # Concurrency
//
// The hub (hub.go, control.go, members.go) owns what is known: one goroutine
// follows [Phone.Watch], and everything else enters under one lock in which
// nothing waits. A connection has a reader, a writer with a bounded outbox, and
// a pinger. Commands run in the reader, in order; a Mute of the microphone
// waits in a queue of its own, so that a Clear passes it. An event is encoded
// once for each of the three who may see it. The writer puts neighbouring events
// into one message and leaves 2 ms between two of them: fifty pages in one
// browser spend more on messages than on events. Run waits for every goroutine.
//
// A Dial is with the engine while its first events may come already: they are
// deferred until the engine has said whose call it is.
//
// # Testing
//
// Package webapitest has a client that speaks the whole protocol with
// arithmetic of its own and can misbehave, and a phone without network and
// sound. The attack run, floods and scale are on real sockets; every time limit
// is tested in synthetic time on a network of memory. The decoder is fuzzed, and
// resume is held by pages that come and go at random.
//
// # What was looked at
//
// Caddy's admin endpoint (checks of Host and Origin before the mux) and
// tailscale's localapi (any Origin refused, constant-time secret, a table of
// handlers). Taken: the checks stand in front of everything, in one list.
// Different here: browsers are the intended clients, so the Origin is exact and
// asked about instead of refused; the caller's user is checked before a byte is
// read, and no secret travels that a wrong listener could keep.
package webapi
