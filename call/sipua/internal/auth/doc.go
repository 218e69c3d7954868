// Package auth answers digest challenges of SIP servers (RFC 3261 section 22,
// RFC 7616, RFC 8760): MD5, SHA-256, SHA-512-256 and their -sess forms, qop
// auth, auth-int and none.
//
// [Parse] is tolerant about what servers write: several challenges in one
// field or in several, other schemes between them, parameter names in any
// case, lists of qop with blanks, values with or without quotes. [Keyring] is
// strict about what is sent: a password that was refused is not sent again,
// because a server may lock the account after a few attempts.
//
// sipgo's own digest module was looked at first. It reads one challenge only,
// takes qop lists literally and retries a refused password; this is the same
// arithmetic with the rules around it.
package auth
