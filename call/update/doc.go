// Package update learns whether there is a newer version of the program, and
// verifies what was downloaded. It installs nothing.
//
// # Usage
//
//	c, err := update.New(update.Options{URL: url, Keys: keys, Version: version, Kept: path, Calls: calls})
//	st := c.Check(ctx)                       // now
//	c.Run(ctx, func(st update.Status) {...}) // once a day until ctx ends; st.Newer
//	path, err := c.Download(ctx, dir)        // the file for this computer, verified
//	signed, err := update.VerifyFile(path, keys)
//
// # The feed
//
// A JSON object at the address, and its signature at the same address with
// ".minisig" behind it:
//
//	format   1
//	version  X.Y.Z, or X.Y.Z~... for a pre-version, ordered as Debian does
//	date     time (RFC 3339) at which the feed was made
//	expires  time from which on it says nothing any more
//	files    up to 64 of {name, kind, os, arch, size, sha256}; each lies beside
//	         the feed, and its signature beside it
//	notes    what is new, in plain text: {"ko": ..., "en": ...}
//
// Signatures are minisign's (Ed25519 over BLAKE2b-512 of the file, the "ED" form;
// the older "Ed" form, whose signature of 64 bytes could be taken for another
// file's hash, is refused). Their trusted comment says what was signed:
//
//	nxphone VERSION feed
//	nxphone VERSION OS/ARCH
//
// so that no signature can stand for another file: not an older version's, not
// another system's, not a program's for a feed.
//
// # What is refused
//
// What is not signed by one of the keys, what says another thing than its
// signature, a feed that is older than one that was seen (by version, and by
// date where the version is the same), one that has expired, one that is too
// large or not of the form above, every address that is not https. A version that
// has to be withdrawn is followed by a greater one. The last feed is kept in a
// file, so that a restart forgets nothing, and verified again whenever it is
// read. The clock counts as at least the date of the feed that was taken last.
//
// # The disk
//
// A download is bounded by the size that the signed feed announces ([MaxFile] at
// most), and is not begun where little would be left free. What a killed program has
// left is removed by the next download into the folder, and by [Tidy] from the
// program's own, together with what nobody has installed for a day.
//
// # Calls
//
// Nothing is asked, downloaded or offered in a call: what is under way when one
// begins is broken off, and goes on afterwards, a download from where it was.
//
// # Concurrency
//
// A [Client] may be used from any goroutine. [Client.Run] uses its caller's and
// one of its own that follows the calls; both have ended when it returns.
//
// # Testing
//
// Against real HTTPS servers on loopback with signatures by Debian's minisign;
// times by testing/synctest with a transport made of memory; versions against
// dpkg; parsers by fuzz tests.
//
// # Looked at
//
// Sparkle and WinSparkle (a signed list of versions, a program that may veto in
// the middle of its work), The Update Framework (rollback by number, freeze by
// expiry), Debian's apt (Valid-Until of a release, package and list are bound by
// hashes). Taken: these. Different: the signature names what it is for, and this
// package replaces nothing of the program; packages and their managers do that.
package update
