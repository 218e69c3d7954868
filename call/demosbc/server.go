package demosbc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/emiago/sipgo/sip"
)

const (
	// keepFinished is how many finished calls Heard and Stats remember.
	keepFinished = 32
	// maxCalls bounds what a phone gone mad can make us do; the next call is
	// refused with 503.
	maxCalls = 256
	// headerTimeout bounds the TLS handshake and the HTTP request before it
	// has become a WebSocket.
	headerTimeout = 10 * time.Second
)

// Server is a running demo SBC. All methods are safe for use from several
// goroutines.
type Server struct {
	cfg       Config
	ca        []byte
	addresses []string // HOST:PORT to dial, one for each of cfg.Listen
	http      *http.Server
	media     *mediaEngine
	guard     *guard
	parser    *sip.Parser // read-only, shared by the flows

	serving sync.WaitGroup
	flowing sync.WaitGroup
	calling sync.WaitGroup
	closed  chan struct{} // closed when Close is through

	// talk is the context of the calls, listen that of the flows: calls end
	// first, so that their BYE still finds a way out.
	talk, listen           context.Context
	stopTalking, stopFlows context.CancelFunc

	mu      sync.Mutex
	closing bool
	// stopWatching lets go of Start's context.
	stopWatching func() bool

	flows map[*flow]struct{}
	calls map[callKey]*call
	ears  map[string]*ear // by Call-ID, also of finished calls
	last  []string        // Call-IDs of finished calls, oldest first
}

// callKey finds a call: the phone's half of the dialog identifier, which does
// not change between the INVITE and the rest.
type callKey struct{ callID, tag string }

// Start makes certificates, listens and serves until ctx ends or Close is
// called. The Server owns every goroutine that it starts, and Close waits for
// them.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	g, err := newGuard(cfg.Auth)
	if err != nil {
		return nil, fmt.Errorf("demosbc: %w", err)
	}
	media, err := newMediaEngine(cfg.PassiveDTLS, cfg.Logger)
	if err != nil {
		return nil, fmt.Errorf("demosbc: %w", err)
	}
	s := &Server{
		cfg: cfg, media: media, guard: g, parser: newParser(),
		closed: make(chan struct{}),
		flows:  make(map[*flow]struct{}),
		calls:  make(map[callKey]*call),
		ears:   make(map[string]*ear),
	}
	if err := s.listenAndServe(ctx); err != nil {
		return nil, fmt.Errorf("demosbc: %w", err)
	}
	s.mu.Lock()
	s.stopWatching = context.AfterFunc(ctx, func() { _ = s.Close() })
	s.mu.Unlock()
	return s, nil
}

// listenAndServe opens every address, or none, and serves HTTP on them.
func (s *Server) listenAndServe(ctx context.Context) error {
	var hosts []string
	for _, address := range s.cfg.Listen {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("listen address %q: %w", address, err)
		}
		hosts = append(hosts, host)
	}
	cert, ca, err := newCertificate(hosts, time.Now())
	if err != nil {
		return err
	}
	s.ca = ca

	var listeners []net.Listener
	for _, address := range s.cfg.Listen {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			for _, open := range listeners {
				_ = open.Close()
			}
			return err
		}
		listeners = append(listeners, l)
	}
	for i, l := range listeners {
		s.addresses = append(s.addresses, hostPort(s.cfg.Listen[i], l.Addr()))
	}

	base := context.WithoutCancel(ctx)
	s.talk, s.stopTalking = context.WithCancel(base)
	s.listen, s.stopFlows = context.WithCancel(base)
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.upgrade),
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	// HTTP/1.1 only: an upgrade (RFC 6455) does not exist in HTTP/2.
	config := &tls.Config{
		Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}
	for _, l := range listeners {
		s.serving.Go(func() {
			if err := s.http.Serve(eitherListener{l, config}); !errors.Is(err, http.ErrServerClosed) {
				s.cfg.Logger.Warn("the demo SBC stopped listening", "error", err)
			}
		})
	}
	return nil
}

// connKey is the request context's key for its connection.
type connKey struct{}

// hostPort is the address to dial: what was asked for, with the port that was
// given. An unspecified host is dialled on the loopback.
func hostPort(asked string, got net.Addr) string {
	host, _, _ := net.SplitHostPort(asked)
	_, port, _ := net.SplitHostPort(got.String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// URLs are the first address as a phone takes it, without and with TLS. The
// paths / and /ws are served.
func (s *Server) URLs() (ws, wss string) { return "ws://" + s.addresses[0], "wss://" + s.addresses[0] }

// Addresses are HOST:PORT of every address of Config.Listen, in its order. Each
// serves ws and wss.
func (s *Server) Addresses() []string { return append([]string(nil), s.addresses...) }

// CA is the certificate authority of the wss URL, PEM.
func (s *Server) CA() []byte { return append([]byte(nil), s.ca...) }

// Realm is the SIP domain to dial in.
func (s *Server) Realm() string { return s.cfg.Realm }

// Calls is the number of calls that are being set up, are up or are being torn
// down.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// Heard is the end of what a phone said in a call, up to Config.Record of it:
// 48 kHz mono, with silence for what was lost. The last calls are remembered
// after their end. It is empty for unknown calls, and without Config.Record.
func (s *Server) Heard(callID string) []int16 {
	if e := s.earOf(callID); e != nil {
		return e.heard()
	}
	return nil
}

// Stats counts what was received in a call; false for an unknown one. The last
// calls are remembered after their end.
func (s *Server) Stats(callID string) (Stats, bool) {
	if e := s.earOf(callID); e != nil {
		return e.snapshot(), true
	}
	return Stats{}, false
}

func (s *Server) earOf(callID string) *ear {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ears[callID]
}

// Close hangs up what is up, says goodbye to every flow, stops listening and
// waits until nothing of the server is left. It takes a second or two at the
// most. Further calls wait for the first and do nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	first := !s.closing
	s.closing = true
	stopWatching := s.stopWatching
	s.mu.Unlock()
	if !first {
		<-s.closed
		return nil
	}
	defer close(s.closed)
	stopWatching()
	s.stopTalking()
	s.calling.Wait()
	s.media.close()

	s.mu.Lock()
	var closers sync.WaitGroup
	for f := range s.flows {
		closers.Go(f.close)
	}
	s.mu.Unlock()
	closers.Wait()
	s.stopFlows()
	s.flowing.Wait()
	err := s.http.Close()
	s.serving.Wait()
	if err != nil {
		return fmt.Errorf("demosbc: %w", err)
	}
	return nil
}

// upgrade makes a flow of an HTTP request and serves it to its end.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" && r.URL.Path != "/ws" {
		http.NotFound(w, r)
		return
	}
	// Pages of any origin may call: there is nothing here to protect, and a
	// real SBC lets them too.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"sip"}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		s.cfg.Logger.Debug("no WebSocket", "error", err)
		return
	}
	defer func() { _ = conn.CloseNow() }()
	if conn.Subprotocol() != "sip" {
		_ = conn.Close(websocket.StatusPolicyViolation, "the sub-protocol sip is needed (RFC 7118 section 4.1)")
		return
	}
	conn.SetReadLimit(maxMessage)
	f := &flow{conn: conn, parser: s.parser, log: s.cfg.Logger, transport: "WS", remote: r.RemoteAddr}
	if c, ok := r.Context().Value(connKey{}).(*eitherConn); ok {
		f.local = c.LocalAddr().String()
		if c.Secure() {
			f.transport = "WSS"
		}
	}
	s.serveFlow(f)
}

// serveFlow reads a flow until it ends and then tells the calls on it.
func (s *Server) serveFlow(f *flow) {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return
	}
	s.flows[f] = struct{}{}
	s.flowing.Add(1)
	s.mu.Unlock()
	defer s.flowing.Done()

	ctx, cancel := context.WithCancel(s.listen)
	var pinging sync.WaitGroup
	if s.cfg.PingInterval > 0 {
		pinging.Go(func() { f.ping(ctx, s.cfg.PingInterval) })
	}
	f.read(ctx, func(msg sip.Message) { s.route(f, msg) })
	cancel()
	pinging.Wait()

	s.mu.Lock()
	delete(s.flows, f)
	s.mu.Unlock()
	for _, c := range s.allCalls() {
		c.inbox.put(input{from: f})
	}
}

func (s *Server) allCalls() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*call, 0, len(s.calls))
	for _, c := range s.calls {
		all = append(all, c)
	}
	return all
}
