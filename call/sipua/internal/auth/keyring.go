package auth

import (
	"errors"

	"nxphone/call/sipua/internal/wire"
)

// Why a challenge is not answered.
var (
	ErrNoPassword  = errors.New("the server asks for a password and none is set")
	ErrRefused     = errors.New("the server does not accept the user or the password")
	ErrUnsupported = errors.New("the server asks for an authentication that is not supported")
)

// maxDomains bounds the realms of one call, so that a server that invents a new
// one each time meets an end.
const maxDomains = 4

// Keyring answers the challenges that one call, or one registration, meets. It
// belongs to one goroutine. The zero value has no password and refuses.
type Keyring struct {
	User, Password string
	answers        []*answer
}

// answer is the challenge of one protection domain and how far we are with it.
type answer struct {
	Challenge
	count  int  // uses of this nonce, for nc
	proven bool // a request with it was not challenged again
	stale  bool // its nonce took the place of a stale one
}

// Take reads the challenges of a 401 or 407. Without an error the request is
// to be sent once more, with Authorize's fields. A domain that was answered
// already is refused, except that a stale nonce, or one that was good for an
// earlier request, is replaced once.
func (k *Keyring) Take(challenges []Challenge) error {
	if k.Password == "" {
		return ErrNoPassword
	}
	known, retry := false, false
	taken := map[domain]bool{}
	for _, c := range challenges {
		// Several challenges for one domain are choices; the server's
		// order is its preference (RFC 8760 section 2.4).
		if !c.Answerable() || taken[domainOf(c)] {
			continue
		}
		taken[domainOf(c)] = true
		known = true
		old := k.find(domainOf(c))
		switch {
		case old == nil && len(k.answers) < maxDomains:
			k.answers = append(k.answers, &answer{Challenge: c})
			retry = true
		case old == nil:
		case old.proven, c.Stale && !old.stale:
			*old = answer{Challenge: c, stale: true}
			retry = true
		}
	}
	switch {
	case retry:
		return nil
	case known:
		return ErrRefused
	}
	return ErrUnsupported
}

// Accepted tells that a request with Authorize's fields was not challenged.
func (k *Keyring) Accepted() {
	for _, a := range k.answers {
		if a.count > 0 {
			a.proven, a.stale = true, false
		}
	}
}

// Authorize gives the fields that answer every challenge taken so far, computed
// for one request. uri is the request-URI, whole (RFC 7616 section 3.4).
func (k *Keyring) Authorize(method, uri, body string) []wire.Header {
	var out []wire.Header
	for _, a := range k.answers {
		a.count++
		name := "Authorization"
		if a.Proxy {
			name = "Proxy-Authorization"
		}
		out = append(out, wire.Header{Name: name, Value: a.answer(request{
			user: k.User, password: k.Password, method: method, uri: uri, body: body,
			cnonce: wire.Token(16), count: a.count,
		})})
	}
	return out
}

// domain is what credentials are good for: a realm, behind a proxy or at the
// far end (RFC 3261 section 22.3).
type domain struct {
	proxy bool
	realm string
}

func domainOf(c Challenge) domain { return domain{c.Proxy, c.Realm} }

func (k *Keyring) find(d domain) *answer {
	for _, a := range k.answers {
		if domainOf(a.Challenge) == d {
			return a
		}
	}
	return nil
}
