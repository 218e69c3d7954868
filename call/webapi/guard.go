package webapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
	"nxphone/call"
)

// rule looks at a request. It answers it and says true, or lets it pass to the
// next rule.
type rule func(w http.ResponseWriter, r *http.Request) bool

// rules are what every request goes through, in this order. What stands behind
// a rule may rely on all those before it.
func (l *loopback) rules() []rule {
	return []rule{
		l.sameUser,    // 403: another user of this machine
		l.ourHost,     // 421: DNS rebinding
		l.script,      // the one file that everybody may have
		l.fetchMode,   // 403: navigations, forms, images, no-cors
		l.webSocket,   // has the same check of the origin, and may ask
		l.knownOrigin, // 403: an origin that is not allowed, null, none
		l.preflight,   // 204
		l.method,      // 404, 405, 415, 426: nothing else acts
	}
}

// ServeHTTP takes a request through the rules.
func (l *loopback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.server.enter() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer l.server.wg.Done()
	h := w.Header()
	// One request a connection: there is no idle connection to keep track of.
	h.Set("Connection", "close")
	h.Set("Vary", "Origin")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	for _, rule := range l.rules() {
		if rule(w, r) {
			return
		}
	}
}

// refuse answers with a status and nothing more: whoever is refused learns
// nothing from it.
func (l *loopback) refuse(w http.ResponseWriter, r *http.Request, status int, why string) bool {
	l.server.refusals.note(r, status, why)
	w.WriteHeader(status)
	return true
}

// sameUser: 127.0.0.1 belongs to everybody on this machine. The owner was asked
// for when the connection was accepted.
func (l *loopback) sameUser(w http.ResponseWriter, r *http.Request) bool {
	c := connOf(r)
	if c == nil {
		return l.refuse(w, r, http.StatusForbidden, "the owner of a connection is not known")
	}
	if c.owner != nil {
		return l.refuse(w, r, http.StatusForbidden, c.owner.Error())
	}
	return false
}

// ourHost: a name that somebody else's DNS resolves to 127.0.0.1 makes our
// port part of his site, without an Origin; only the Host field tells.
func (l *loopback) ourHost(w http.ResponseWriter, r *http.Request) bool {
	if !slices.Contains(l.hosts, r.Host) {
		return l.refuse(w, r, http.StatusMisdirectedRequest, "the host is not ours")
	}
	return false
}

// script serves nxWebApi.js: the same bytes for everybody, as any web server
// would, so a plain script element must be able to load it.
func (l *loopback) script(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/nxWebApi.js" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", l.etag)
	http.ServeContent(w, r, "nxWebApi.js", time.Time{}, bytes.NewReader(l.server.opts.Script))
	return true
}

// fetchMode: browsers let any page navigate, post a form or load an image from
// anywhere, and say so.
func (l *loopback) fetchMode(w http.ResponseWriter, r *http.Request) bool {
	for _, mode := range r.Header.Values("Sec-Fetch-Mode") {
		switch mode {
		case "navigate", "nested-navigate", "no-cors":
			return l.refuse(w, r, http.StatusForbidden, "a navigation, form or no-cors request")
		}
	}
	return false
}

// originOf gives the origin of a request; "" where there is none, or more than
// one, or one that no page can have.
func originOf(r *http.Request) string {
	values := r.Header.Values("Origin")
	if len(values) != 1 {
		return ""
	}
	o, err := ParseOrigin(values[0])
	if err != nil {
		return ""
	}
	return o
}

// knownOrigin refuses what is not allowed, and lets the page of an allowed
// origin read the answer.
func (l *loopback) knownOrigin(w http.ResponseWriter, r *http.Request) bool {
	o := originOf(r)
	if o == "" || !l.server.allowed(o) {
		return l.refuse(w, r, http.StatusForbidden, "the origin is not allowed")
	}
	w.Header().Set("Access-Control-Allow-Origin", o)
	return false
}

// preflight answers the browser's question before a request that acts.
func (l *loopback) preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", "POST")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// method ends every request: nothing acts over plain HTTP. The rules for POST
// stand here so that whatever may come to act one day has them already.
func (l *loopback) method(w http.ResponseWriter, r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if r.URL.Path == socketPath {
			w.Header().Set("Upgrade", "websocket")
			return l.refuse(w, r, http.StatusUpgradeRequired, "no upgrade")
		}
		return l.refuse(w, r, http.StatusNotFound, "no such path")
	case http.MethodPost:
		if typ, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || typ != "application/json" {
			return l.refuse(w, r, http.StatusUnsupportedMediaType, "not JSON")
		}
		return l.refuse(w, r, http.StatusNotFound, "no such path")
	}
	return l.refuse(w, r, http.StatusMethodNotAllowed, "no such method")
}

// mayConnect says whether a WebSocket of this origin may go on. It asks the
// user where that is possible, and waits for the answer.
func (l *loopback) mayConnect(c *conn, r *http.Request, o string) bool {
	s := l.server
	switch {
	case s.allowed(o):
		return true
	case s.isBlocked(o), !s.opts.Policy().Ask, s.opts.Ask == nil, !offers(r, subprotocol):
		return false
	}
	// A page that is not allowed must not take the places of those that are.
	l.admission.ask(c)
	return s.questions.allow(r.Context(), l.life, s.life, o)
}

// phoneBusy reports whether a call is up.
func (s *Server) phoneBusy() bool { return s.opts.Phone.Snapshot().State != call.Idle }

// isWeb tells an origin from the name of a native program.
func isWeb(origin string) bool { return !strings.HasPrefix(origin, localPrefix) }

func etagOf(script []byte) string {
	sum := sha256.Sum256(script)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// refusals logs requests that were refused: one a second, so that a flood
// cannot fill the disk.
type refusals struct {
	log   *slog.Logger
	limit *rate.Limiter
}

func newRefusals(log *slog.Logger) *refusals {
	return &refusals{log: log, limit: rate.NewLimiter(1, 5)}
}

func (f *refusals) note(r *http.Request, status int, why string) {
	if !f.limit.Allow() {
		return
	}
	from := r.Header.Get("Origin")
	f.log.Info("web API: refused", "status", status, "why", why, "method", r.Method, "origin", from[:min(len(from), maxOrigin)])
}
