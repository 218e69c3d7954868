package webapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	// socketPath and subprotocol name the protocol's version.
	socketPath  = "/v1"
	subprotocol = "nxphone.v1"
)

// loopback is one opening of the port: the HTTP server, the rules in front of
// it (guard.go) and its connections.
type loopback struct {
	server    *Server
	net       net.Listener
	http      *http.Server
	admission *admission
	addr      netip.AddrPort
	hosts     []string // what the Host field may say
	etag      string

	life context.Context
	end  context.CancelFunc
}

// connKey is where a request's context has its *conn.
type connKey struct{}

// connOf gives the connection of a request, which is always there: ConnContext
// has put it in.
func connOf(r *http.Request) *conn {
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}

func newLoopback(s *Server, l net.Listener) *loopback {
	addr, _ := addrOf(l.Addr())
	port := portText(addr.Port())
	b := &loopback{
		server: s, admission: newAdmission(), addr: addr,
		hosts: []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port},
		etag:  etagOf(s.opts.Script),
	}
	b.life, b.end = context.WithCancel(s.life)
	b.net = listener{l, b.admission, b.life.Done(), s.owner}
	b.http = &http.Server{
		Handler:           b,
		ReadHeaderTimeout: headerTime,
		WriteTimeout:      headerTime + writeTime,
		MaxHeaderBytes:    maxHeader,
		// "OPTIONS *" would be answered in front of all rules.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	return b
}

// serve accepts until shut.
func (l *loopback) serve() {
	if err := l.http.Serve(l.net); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		l.server.log.Warn("the web API accepts no more connections", "error", err)
	}
}

// drain closes the port and leaves the connections that are in.
func (l *loopback) drain() { _ = l.net.Close() }

// shut closes the port and waits for all its connections.
func (l *loopback) shut() {
	l.end()
	l.server.hub.endAll(closeGoing, func(c *client) bool { return c.loop == l })
	_ = l.http.Close()
	l.admission.wait()
}

// webSocket is the upgrade: it checks the origin, asks the user where it may,
// and then is the connection until that ends.
func (l *loopback) webSocket(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet || r.URL.Path != socketPath || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return false
	}
	c := connOf(r)
	o := originOf(r)
	if o == "" {
		return l.refuse(w, r, http.StatusForbidden, "the origin is not allowed")
	}
	select {
	case <-l.server.running:
	case <-l.life.Done():
		return l.refuse(w, r, http.StatusServiceUnavailable, "the phone ends")
	}
	// The answer may take longer than an ordinary request.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(askTime + writeTime))
	switch {
	case l.server.isDraining():
		return l.refuse(w, r, http.StatusServiceUnavailable, "the phone ends")
	case !l.mayConnect(c, r, o):
		return l.refuse(w, r, http.StatusForbidden, "the origin is not allowed")
	case !l.server.hub.hasRoom(o):
		return l.refuse(w, r, http.StatusServiceUnavailable, "too many connections")
	case !offers(r, subprotocol):
		return l.refuse(w, r, http.StatusBadRequest, "another protocol")
	}
	l.admission.upgrade(c)
	// The origin has been checked: exactly, which the library's patterns are
	// not.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{subprotocol}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		l.server.refusals.note(r, http.StatusBadRequest, "a handshake that is no WebSocket's")
		return true
	}
	ws.SetReadLimit(maxMessage)
	l.welcome(c, o, webSocket{ws, c})
	return true
}

// offers reports whether the page speaks this protocol.
func offers(r *http.Request, protocol string) bool {
	for _, field := range r.Header.Values("Sec-WebSocket-Protocol") {
		for _, p := range strings.Split(field, ",") {
			if strings.TrimSpace(p) == protocol {
				return true
			}
		}
	}
	return false
}

// welcome lets the page prove itself and then converses with it.
func (l *loopback) welcome(c *conn, o string, ws webSocket) {
	defer ws.abort()
	s := l.server
	h := &handshake{server: s, carrier: ws, ex: exchange{origin: o, port: portText(l.addr.Port())}}
	shown, err := h.run(l.life)
	if why := (refusal{}); errors.As(err, &why) {
		if s.failures.Allow() {
			s.audit(Entry{Origin: o, Command: h.command, Outcome: why.outcome})
		}
		ws.close(why.code)
		return
	}
	if err != nil {
		return
	}
	l.admission.proven(c)
	page := &client{party: party{o, shown.tab}, out: newOutbox(), abort: ws.abort, loop: l}
	if !s.hub.join(l.life, page, shown.epoch, shown.n) {
		ws.close(closeTooMany)
		return
	}
	s.audit(Entry{Origin: o, Command: h.command, Outcome: "ok"})
	if !s.allowed(o) {
		page.end(closeRevoked) // Revoke came before it had joined
	}
	s.converse(page, ws, false)
}
