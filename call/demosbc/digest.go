package demosbc

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// nonceLife is how long a nonce is good; an older one is answered with
// stale=true and a new one (RFC 7616 section 3.3).
const nonceLife = 5 * time.Minute

// guard asks for a password (RFC 3261 section 22, RFC 8760). It keeps no list
// of nonces: each carries its time and a proof that we made it. Safe for use
// from several goroutines.
type guard struct {
	auth Auth
	key  [32]byte
}

// newGuard makes a guard with a key of its own, nil when there is no account.
func newGuard(auth *Auth) (*guard, error) {
	if auth == nil {
		return nil, nil
	}
	if !strings.EqualFold(auth.Algorithm, "MD5") && !strings.EqualFold(auth.Algorithm, "SHA-256") {
		return nil, fmt.Errorf("digest algorithm %q is not MD5 or SHA-256", auth.Algorithm)
	}
	g := &guard{auth: *auth}
	if _, err := rand.Read(g.key[:]); err != nil {
		return nil, fmt.Errorf("nonce key: %w", err)
	}
	return g, nil
}

// challenge is the response to a request without good credentials: 407 for
// calls, 401 for a REGISTER (RFC 3261 section 22.1). nil lets the request pass.
func (g *guard) challenge(req *sip.Request, now time.Time) *sip.Response {
	if g == nil {
		return nil
	}
	code, reason, asks, answers := 407, "Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization"
	if req.Method == sip.REGISTER {
		code, reason, asks, answers = 401, "Unauthorized", "WWW-Authenticate", "Authorization"
	}
	stale := false
	for _, h := range req.GetHeaders(answers) {
		params, ok := parseDigest(h.Value())
		if !ok || !g.right(string(req.Method), params) {
			continue
		}
		if g.fresh(params["nonce"], now) {
			return nil
		}
		stale = true
	}
	value := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`,
		g.auth.Realm, g.nonce(now), g.auth.Algorithm)
	if stale {
		value += ", stale=true"
	}
	res := respond(req, code, reason, "")
	res.AppendHeader(sip.NewHeader(asks, value))
	return res
}

// right reports whether the credentials prove the password, whatever the age
// of their nonce.
func (g *guard) right(method string, p map[string]string) bool {
	algorithm := p["algorithm"]
	if algorithm == "" {
		algorithm = "MD5"
	}
	if p["username"] != g.auth.User || p["realm"] != g.auth.Realm || !strings.EqualFold(algorithm, g.auth.Algorithm) {
		return false
	}
	h := md5.New
	if strings.EqualFold(algorithm, "SHA-256") {
		h = sha256.New
	}
	ha1 := hexHash(h, g.auth.User+":"+g.auth.Realm+":"+g.auth.Password)
	ha2 := hexHash(h, method+":"+p["uri"])
	want := ""
	switch p["qop"] {
	case "auth":
		want = hexHash(h, strings.Join([]string{ha1, p["nonce"], p["nc"], p["cnonce"], p["qop"], ha2}, ":"))
	case "": // RFC 2069; RFC 3261 section 22.4 keeps it
		want = hexHash(h, ha1+":"+p["nonce"]+":"+ha2)
	default:
		return false
	}
	return subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(p["response"]))) == 1
}

// nonce is the time, and a code that only we can make for it.
func (g *guard) nonce(now time.Time) string {
	stamp := binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()))
	mac := hmac.New(sha256.New, g.key[:])
	mac.Write(stamp)
	return hex.EncodeToString(mac.Sum(stamp)[:24])
}

// fresh reports whether a nonce is ours and not too old.
func (g *guard) fresh(nonce string, now time.Time) bool {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 24 {
		return false
	}
	made := time.Unix(0, int64(binary.BigEndian.Uint64(b[:8])))
	if age := now.Sub(made); age < 0 || age > nonceLife {
		return false
	}
	return hmac.Equal([]byte(g.nonce(made)), []byte(nonce))
}

func hexHash(h func() hash.Hash, s string) string {
	sum := h()
	sum.Write([]byte(s))
	return hex.EncodeToString(sum.Sum(nil))
}

// parseDigest reads "Digest name=value, name="value", ...". Names come back in
// lower case, values without quotes.
func parseDigest(value string) (map[string]string, bool) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(value), " ")
	if !ok || !strings.EqualFold(scheme, "Digest") {
		return nil, false
	}
	params := make(map[string]string)
	for rest = strings.TrimLeft(rest, ", \t"); rest != ""; rest = strings.TrimLeft(rest, ", \t") {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, false
		}
		after = strings.TrimLeft(after, " \t")
		var v string
		if strings.HasPrefix(after, `"`) {
			if v, rest, ok = quoted(after); !ok {
				return nil, false
			}
		} else {
			v, rest, _ = strings.Cut(after, ",")
			v = strings.TrimSpace(v)
		}
		params[strings.ToLower(strings.TrimSpace(name))] = v
	}
	return params, true
}

// quoted reads a quoted string at the beginning of s (RFC 3261 section 25.1).
func quoted(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}
