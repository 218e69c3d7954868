// Package doctor looks at everything that a call needs and says in words what is
// wrong and what to do: settings and policies, disk, clock, display, keyring,
// sound devices, headset, the way to the server step by step (name, connection,
// certificate, WebSocket, SIP), STUN and TURN, the port for web pages, browsers'
// policies, and at last a call to the echo number.
//
// # Usage
//
//	found := doctor.Run(ctx, doctor.Options{Settings: s, Faults: faults, Secret: keyring, Sound: devices,
//		Echo: echo}, func(f doctor.Finding) { fmt.Println(f.Grade, words(f)) })
//	if doctor.Worst(found) == doctor.Error { ... }
//
// A [Finding] is a stable [Code] with a [Grade] and the blanks of its texts; the
// words are the catalogue's, under "doctor.CODE" and "doctor.CODE.help". It holds
// hosts, counts and names of devices and files, never a person's number and
// never a secret.
//
// # How it looks
//
// One attempt is made to reach the server, with the same rules for proxies,
// certificates and header fields as a call, and watched by net/http/httptrace;
// so what is told of each step is what a call meets, and not what another tool
// would. The certificate is checked by hand inside the handshake, because its
// dates and names are what an administrator needs when it is refused. OPTIONS
// without a number asks whether somebody speaks SIP there; a refusal is an
// answer. TURN servers are asked for a real allocation, which is given back.
// Nothing is sent anywhere that a call would not talk to.
//
// # Time and concurrency
//
// Run takes less than half a minute. Checks run at once, each within its own
// limit; the echo call comes last because it needs devices and line for itself.
// What does not end in time becomes the finding [Unfinished]: a goroutine that a
// system call holds (a dead network disk, a keyring's prompt) ends when the
// system lets it go, and what it says then is dropped. Findings are told in the
// order of [Areas] by one goroutine at a time.
//
// # Testing
//
// Servers on loopback that fail in each way, name servers and proxies included;
// pion's TURN server; folders that look like /etc for the browsers' policies; all
// that hangs, in a synctest bubble. cmd/nxphone runs it against the demo SBC,
// call/interop against Kamailio.
//
// # Models
//
// brew doctor and flutter doctor: one line a finding, what to do behind it, an
// exit status for scripts. tailscale netcheck and its ipn/health warnings: codes
// and words apart, so a finding can be shown anywhere and tested without its
// sentence. trickle-ice's page for asking each TURN server for a candidate. Done
// differently: the steps of one connection are told apart instead of the whole
// being called unreachable, everything has a limit of its own, and both languages
// are one catalogue.
package doctor
