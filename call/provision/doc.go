// Package provision fetches an organisation's settings from a server of its
// own, and believes them only when they are signed.
//
// # Usage
//
//	c, err := provision.New(provision.Options{URL: url, Keys: keys, Kept: path, Check: check})
//	status := c.Last()                    // what was kept, verified again
//	c.Run(ctx, func(s provision.Status) { // until ctx ends
//		// s.Document is in force, s.Err is what is wrong at present
//	})
//
// # The document
//
// What the server gives is an envelope (DSSE v1.0.2, github.com/secure-systems-lab/dsse):
//
//	{"payloadType": "application/vnd.nxphone.settings+json",
//	 "payload": BASE64, "signatures": [{"keyid": "", "sig": BASE64}]}
//
// Signed (Ed25519, RFC 8032) is not the payload but
//
//	"DSSEv1 " LEN(type) " " type " " LEN(payload) " " payload
//
// so that a signature for another purpose by the same key is none here. One good
// signature by one of the keys is enough: while keys are being changed a
// document carries two. The payload is a JSON object:
//
//	version      whole number from 1; each document has a greater one than the last
//	expires      time (RFC 3339) from which on the document is old
//	url          the address that it is for, optional: a server cannot hand
//	             one group's document to another
//	managed      settings that are orders
//	recommended  settings that are proposals
//
// # What is refused, and what holds meanwhile
//
// A document whose signature, version, address, form or settings are not right is
// refused as a whole and told, and the last good one stays in force. It is kept
// in a file, and verified again whenever it is read. A version lower than one
// that was seen is refused (rollback), and so is the same version with another
// content. An expired document is not taken from the server; one that expires
// while it is in force stays in force and is told: whoever can cut a phone off
// from its server could otherwise open what was locked.
//
// # Who may fetch
//
// The server knows a phone by a client certificate or by a token. A token comes
// from a one-time code that a person types once: it is exchanged by
//
//	POST url   {"code": "..."}   ->   200 {"token": "..."}
//
// and later requests carry "Authorization: Bearer TOKEN". Redirections are
// followed to https on the same host and port only, those of the exchange not at
// all.
//
// # Concurrency
//
// A [Client] may be used from any goroutine. It owns none; [Client.Run] uses its
// caller's.
//
// # Testing
//
// Against real HTTPS servers on loopback with authorities of their own; time by
// testing/synctest with a transport made of memory; parsers by fuzz tests.
//
// # Looked at
//
// The Update Framework's specification (versions, expiry, what a mirror may not
// do; a rollback is refused by number, not by date), DSSE as in-toto and sigstore
// use it, Chromium's cloud policy (a cached policy is verified again at each
// start, and a client that cannot reach its server goes on with it). Taken: these
// three. Left out: TUF's roles and delegations, which one document from one
// server has no use for; done differently: expiry never unlocks.
package provision
