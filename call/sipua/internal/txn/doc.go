// Package txn is the transaction layer of one call or one registration: it
// pairs responses with requests, answers repeated requests with the same
// response, acknowledges refusals, and repeats a 2xx until its ACK comes
// (RFC 3261 section 17 and 13.3.1.4, RFC 6026).
//
// A [Layer] is passive. It belongs to one goroutine, which hands it every
// message and timer; it owns no goroutine and holds no lock. Sending and timers
// are functions that it is given, so a test needs neither network nor clock.
//
// # Why not sipgo's transactions
//
// sipgo's ClientTx and ServerTx are built for a user agent without an owner:
// each has locks, an unbuffered channel of responses that must be drained by
// somebody, and a goroutine for every message, which is how provisional
// responses overtake each other there. On a reliable, ordered transport most
// timers vanish (A, E and G never run, D, I, J and K are zero), and what is left
// is smaller than the code that would tame them. Their branch structure, with
// the RFC's words at each transition, is what this follows. Two things differ on
// purpose: every 2xx of an INVITE reaches the user, because each needs its own
// ACK and may come from another fork, and CANCEL and ACK are built by the
// dialog, which knows route and credentials.
package txn
