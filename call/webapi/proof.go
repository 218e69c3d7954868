package webapi

import (
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
)

// The arithmetic of the handshake: pure functions of what both sides know.
// Everything is bound to the origin, to the port that was connected to (a relay
// on another port proves nothing) and to a nonce of each side (a replay proves
// nothing). Each use of HMAC has a label of its own, so that no output of one
// is of any use in another.

// phoneID is the public name of this user's phone, under which a page finds
// its key again. It tells nothing about the secret.
func phoneID(secret []byte) string {
	sum := sha256.Sum256(append([]byte("nxphone-v1 id\n"), secret...))
	return hex.EncodeToString(sum[:8])
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// pageKey is the key that a page has under the name client. It is derived, so
// that the phone keeps one secret and no list.
func pageKey(secret []byte, origin, client string) []byte {
	return mac(secret, "nxphone-v1 key\n"+origin+"\n"+client)
}

// exchange is what the two sides of one connection have said.
type exchange struct {
	origin, port, phoneID string
	pageNonce, phoneNonce string
	// pagePublic and phonePublic are empty unless a key is made.
	pagePublic, phonePublic string
}

func (e exchange) proof(side string, key []byte) string {
	return hex.EncodeToString(mac(key, "nxphone-v1 "+side+"\n"+e.origin+"\n"+e.port+"\n"+e.pageNonce+"\n"+e.phoneNonce))
}

// phoneProof is what only the phone, and pageProof what only a page with this
// key can say on this connection.
func (e exchange) phoneProof(key []byte) string { return e.proof("phone", key) }
func (e exchange) pageProof(key []byte) string  { return e.proof("page", key) }

// transcript is the text T of the pairing.
func (e exchange) transcript() string {
	return e.origin + "\n" + e.port + "\n" + e.phoneID + "\n" + e.pageNonce + "\n" + e.phoneNonce +
		"\n" + e.pagePublic + "\n" + e.phonePublic
}

// wrap hides a page's key from whoever only listens. z is the shared secret.
func (e exchange) wrap(key, z []byte) string {
	pad := mac(z, "nxphone-v1 wrap\n"+e.transcript())
	subtle.XORBytes(pad, pad, key)
	return hex.EncodeToString(pad)
}

// shortCode is the six digits that the phone shows. The phone has committed to
// its public key before it saw the page's, so that somebody in the middle has
// one try in a million and no second one.
func (e exchange) shortCode(z []byte) string {
	n := binary.BigEndian.Uint32(mac(z, "nxphone-v1 code\n"+e.transcript()))
	return fmt.Sprintf("%06d", n%1_000_000)
}

// sharedSecret is X25519 (RFC 7748 section 6.1). A public key that makes the
// result zero is an error.
func sharedSecret(own *ecdh.PrivateKey, peerHex string) ([]byte, error) {
	raw, err := hex.DecodeString(peerHex)
	if err != nil {
		return nil, err
	}
	peer, err := ecdh.X25519().NewPublicKey(raw)
	if err != nil {
		return nil, err
	}
	return own.ECDH(peer)
}

// commitment binds the phone to its public key.
func commitment(public *ecdh.PublicKey) string {
	sum := sha256.Sum256(public.Bytes())
	return hex.EncodeToString(sum[:])
}

// sameProof compares in constant time.
func sameProof(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// randomHex is n fresh random bytes.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, says its documentation
	return hex.EncodeToString(b)
}

func portText(port uint16) string { return strconv.Itoa(int(port)) }
