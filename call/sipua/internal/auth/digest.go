package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"nxphone/call/sipua/internal/wire"
)

// newHash gives the hash of an algorithm name, and whether it is a -sess form.
// An unknown algorithm gives nil.
func newHash(algorithm string) (h func() hash.Hash, session bool) {
	name, session := strings.CutSuffix(strings.ToUpper(algorithm), "-SESS")
	switch name {
	case "", "MD5":
		return md5.New, session
	case "SHA-256":
		return sha256.New, session
	case "SHA-512-256":
		return sha512.New512_256, session
	}
	return nil, false
}

// Answerable reports whether we know the challenge's algorithm and quality.
func (c *Challenge) Answerable() bool {
	h, _ := newHash(c.Algorithm)
	return h != nil && c.Nonce != "" && (c.QOP == nil || c.quality() != "")
}

// quality chooses auth before auth-int; "" when none is asked for (RFC 2069).
func (c *Challenge) quality() string {
	for _, q := range []string{"auth", "auth-int"} {
		if slices.Contains(c.QOP, q) {
			return q
		}
	}
	return ""
}

// request is what a response is computed over.
type request struct {
	user, password    string
	method, uri, body string
	cnonce            string
	count             int
}

// answer computes the credentials, as the value of an Authorization field.
func (c *Challenge) answer(r request) string {
	newH, session := newHash(c.Algorithm)
	sum := func(parts ...string) string {
		h := newH()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	// RFC 7616 section 3.4.2.
	a1 := sum(r.user, c.Realm, r.password)
	if session {
		a1 = sum(a1, c.Nonce, r.cnonce)
	}
	qop := c.quality()
	a2 := []string{r.method, r.uri} // section 3.4.3
	if qop == "auth-int" {
		a2 = append(a2, sum(r.body))
	}
	nc := fmt.Sprintf("%08x", r.count)
	response := ""
	if qop == "" {
		response = sum(a1, c.Nonce, sum(a2...))
	} else {
		response = sum(a1, c.Nonce, nc, r.cnonce, qop, sum(a2...))
	}

	user := r.user
	if c.UserHash {
		user = sum(r.user, c.Realm)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Digest username=%s, realm=%s, nonce=%s, uri=%s, response=\"%s\"",
		wire.Quote(user), wire.Quote(c.Realm), wire.Quote(c.Nonce), wire.Quote(r.uri), response)
	if c.Algorithm != "" {
		b.WriteString(", algorithm=" + c.Algorithm)
	}
	if c.Opaque != "" {
		b.WriteString(", opaque=" + wire.Quote(c.Opaque))
	}
	if qop != "" {
		fmt.Fprintf(&b, ", qop=%s, nc=%s", qop, nc)
	}
	if qop != "" || session {
		b.WriteString(", cnonce=" + wire.Quote(r.cnonce))
	}
	if c.UserHash {
		b.WriteString(", userhash=true")
	}
	return b.String()
}
