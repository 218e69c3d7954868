package flow

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

// Config says where and how to dial.
type Config struct {
	// URL is ws:// or wss://; path and query are sent as they are.
	URL string
	// RootCAs holds PEM certificates that are trusted beside the system's.
	RootCAs []byte
	// Header is added to the handshake (Origin, cookies).
	Header http.Header
	// Timeout bounds everything up to the 101.
	Timeout time.Duration
	// DialContext opens the connection; nil means a net.Dialer's.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Proxy chooses a proxy; nil means http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
	// Sent is told of every message after it was written, with the time. It
	// is called by the writer and must not block. It may be nil.
	Sent   func(msg []byte, at time.Time)
	Logger *slog.Logger
}

// Dial opens a flow, or fails with a *Fault. Cancelling ctx ends the attempt
// at once, in whatever phase it is. The flow lives on when ctx ends later.
func Dial(ctx context.Context, cfg Config) (*Flow, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, &Fault{Unreachable, "the URL cannot be read"}
	}
	t, err := cfg.transport(u)
	if err != nil {
		return nil, err
	}
	// A refused handshake leaves an idle connection behind.
	defer t.CloseIdleConnections()

	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	at := attempt{host: u.Hostname(), limit: cfg.Timeout}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { at.connected = true },
	})
	conn, resp, err := websocket.Dial(traced, cfg.URL, &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport: t,
			// A WebSocket is not redirected (browsers do not either):
			// the settings' headers are meant for this host alone.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		HTTPHeader:   cfg.Header,
		Subprotocols: []string{"sip"},
	})
	if err != nil {
		at.resp = resp
		return nil, at.fault(ctx, err)
	}
	if conn.Subprotocol() == "" {
		// RFC 7118 section 4.1 wants it echoed; servers that forget it work.
		cfg.Logger.Warn("the server did not confirm the sub-protocol sip")
	}
	return newFlow(conn, cfg), nil
}

// transport makes the HTTP client of one handshake.
func (cfg Config) transport(u *url.URL) (*http.Transport, error) {
	var pool *x509.CertPool
	if u.Scheme == "wss" { // reading the system's roots takes a while
		var err error
		if pool, err = roots(cfg.RootCAs); err != nil {
			return nil, err
		}
	}
	dial := cfg.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	proxy := cfg.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	t := &http.Transport{
		DialContext:       dial,
		Proxy:             chosen(proxy),
		TLSClientConfig:   &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}},
		DisableKeepAlives: true,
		// Without this the proxy's refusal would be two words without a
		// subject.
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			return tunnelRefused(resp)
		},
	}
	if u.Scheme == "ws" {
		// For http:// net/http would send the request itself to the proxy,
		// which strips Upgrade; RFC 6455 section 4.1 asks for CONNECT.
		tunnelled(t)
	}
	return t, nil
}

// roots is nil, the system's own, when pem is empty.
func roots(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &Fault{Certificate, "the CA file holds no certificate"}
	}
	return pool, nil
}

// IsFault gives the *Fault in err.
func IsFault(err error) (*Fault, bool) {
	f := new(Fault)
	ok := errors.As(err, &f)
	return f, ok
}
