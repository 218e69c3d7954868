// Package sipua speaks SIP over WebSocket (RFC 3261, RFC 7118) for the engine:
// it implements call.Signaling and call.Leg. It passes session descriptions
// through and knows nothing of media.
//
// # Usage
//
//	agent := sipua.New(sipua.Options{
//		Settings: func(call.Request) sipua.Settings { return sipua.Settings{RootCAs: pem, Password: secret} },
//		Logger:   logger,
//	})
//	defer agent.Close(ctx)     // hangs up what is up, waits for everything
//	agent.Warm(call.Request{URL: "wss://sbc.example.net:6081/ws"}) // optional: the first call then starts at once
//	engine := call.New(call.Options{Signaling: agent, Media: media})
//
// # What it does
//
// A call is an INVITE without REGISTER, unless the settings ask for one. Every
// 2xx gets its ACK, also a repeated one; an answer of another fork is
// acknowledged and ended; an answer that crosses a hang-up is too, even when it
// comes after LegEnded. 401 and 407 are answered once for each password. The
// far end may hold, resume, change its address, refresh the session, and ask for
// an offer; the two sides may collide. See call.Reason for how a call ends; a
// phrase never holds a number of five digits or more.
//
// What is not done: 100rel (not offered, so no server may ask for it), REFER,
// incoming calls (486), redirection (3xx ends the call), and a call does not
// outlive its flow.
//
// # Layers
//
//	agent.go     the port, and the table of flows
//	link.go      one flow with the parties on it: who gets which message
//	leg.go       one call: an actor (mailbox.go, clock.go) and its phases
//	             invite.go hangup.go offers.go requests.go session.go: what it does
//	dialog.go identity.go fields.go: what its requests say
//	register.go  the registration of a link; lobby.go: requests for nobody
//	internal/flow  the WebSocket: frames, pings, TLS, proxies
//	internal/txn   transactions, without time and network of their own
//	internal/auth  digest
//	internal/wire  the text of SIP, on top of sipgo's parser
//
// A request of a call always goes down the flow that the call lives on. Contact
// and Record-Route are text that is given back, never addresses to dial.
//
// # Concurrency
//
// Each leg is an actor: one goroutine that runs closures from a mailbox, and
// owns the call's state alone. The flow's reader puts messages into mailboxes in
// the order in which they came, so nothing overtakes anything. Timers are
// closures too. No lock is held while telling the engine, and nothing waits for
// it. A link's goroutine dials, registers and reports the loss of the flow. All
// goroutines belong to the agent, whose Close waits for them.
//
// # Testing
//
// sipuatest is a server that does what a test tells it, in memory and inside a
// testing/synctest bubble, or on loopback with TLS.
//
// # What was looked at
//
// sipgo, whose messages and parser are used: its WebSocket transport, its
// transaction layer and its client dialogs lose provisional responses, dial
// Record-Route, leave a call up when CANCEL meets 200, and never notice a lost
// connection, each measured; internal/flow and internal/txn say more. JsSIP:
// session timers, and 408 and 481 ending a call, are taken from it; its digest
// knows MD5 only. SIP.js: its tables of races inside a dialog are the model for
// offers.go; it leaves the retry after 491 open. livekit/sip ends the answer
// that crosses a CANCEL within 5 s; here it is ended for as long as it can come.
package sipua
