package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// stepTime bounds each step of the way to the server, dialTime all of them up to
// the WebSocket: a phone gives up after 8 s.
const (
	stepTime = 4 * time.Second
	dialTime = 9 * time.Second
)

// line follows the way of a call up to the first answer in SIP: name,
// connection, encryption, WebSocket, SIP. One attempt is made, as a call makes
// it, and watched; what it did not come to is skipped.
func (o Options) line(ctx context.Context, tell func(...Finding)) {
	a := &attempt{o: o}
	conn := a.dial(ctx)
	found := a.judge()
	tell(found...)
	var told time.Time
	if conn != nil {
		f, date := o.options(ctx, conn)
		_ = conn.CloseNow()
		tell(f)
		told = date
	}
	if !a.date.IsZero() {
		told = a.date
	}
	tell(o.clock(told, a.dated))
	tell(a.skipped(len(found), conn != nil)...)
}

// attempt is one way to the server, as far as it came.
type attempt struct {
	o     Options
	u     *url.URL
	proxy *url.URL
	pool  *x509.CertPool

	mu      sync.Mutex // the hooks run on goroutines of the dialler's
	lookup  error
	looked  bool
	addrs   int
	connect error // the last that failed
	peer    string
	up      bool // a connection is there
	shaken  bool // TLS is
	state   tls.ConnectionState
	verify  error // of the certificate
	dialErr error
	resp    *http.Response
	sub     string // the sub-protocol
	date    time.Time
	dated   time.Time // when date was received
	ca      error
}

// dial opens a WebSocket to the settings' server and keeps what happens.
func (a *attempt) dial(ctx context.Context) *websocket.Conn {
	raw := a.o.Settings.URL
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil // told by the settings' check
	}
	a.u = u
	ctx, cancel := context.WithTimeout(ctx, a.o.times.dial)
	defer cancel()
	t := a.transport(u)
	defer t.CloseIdleConnections()
	header := a.o.Handshake.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", a.o.UserAgent)
	}
	conn, resp, err := websocket.Dial(httptrace.WithClientTrace(ctx, a.hooks()), raw, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		HTTPHeader: header, Subprotocols: []string{"sip"},
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dialErr, a.resp = err, resp
	if resp != nil {
		if d, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			a.date, a.dated = d, a.o.Now()
		}
	}
	if err != nil {
		return nil
	}
	a.sub = conn.Subprotocol()
	return conn
}

// transport is the HTTP client of the attempt: as a call's, but it judges the
// certificate by itself, so that the chain is known when it is refused.
func (a *attempt) transport(u *url.URL) *http.Transport {
	proxy := func(req *http.Request) (*url.URL, error) {
		p, err := a.o.Proxy(req)
		if err != nil {
			return nil, &net.OpError{Op: proxyOp, Net: "tcp", Err: errors.New("its address cannot be read")}
		}
		a.mu.Lock()
		a.proxy = p
		a.mu.Unlock()
		return p, nil
	}
	a.pool, a.ca = a.o.roots()
	t := &http.Transport{
		// The proxy's refusal would be two words without a subject.
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return &net.OpError{Op: proxyOp, Net: "tcp", Err: errors.New("HTTP " + strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode))}
		},
		DialContext: a.o.DialContext, Proxy: proxy, DisableKeepAlives: true, TLSHandshakeTimeout: min(stepTime, a.o.times.dial/2),
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			// The chain is checked below, by the same rules.
			InsecureSkipVerify: true, //nolint:gosec // see VerifyConnection
			VerifyConnection:   func(s tls.ConnectionState) error { return a.certificate(u, s) },
		},
	}
	if u.Scheme == "ws" {
		tunnelled(t)
	}
	return t
}

// hooks note how far the attempt comes.
func (a *attempt) hooks() *httptrace.ClientTrace {
	note := func(f func()) {
		a.mu.Lock()
		defer a.mu.Unlock()
		f()
	}
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			note(func() { a.looked, a.lookup, a.addrs = true, i.Err, len(i.Addrs) })
		},
		ConnectDone: func(_, addr string, err error) {
			note(func() {
				if err == nil {
					a.up, a.peer = true, addr
				} else if !errors.Is(err, context.Canceled) {
					a.connect = err
				}
			})
		},
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			note(func() { a.shaken = err == nil })
		},
	}
}

// judge says what the attempt has shown, up to the WebSocket.
func (a *attempt) judge() []Finding {
	if a.u == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []Finding
	for _, step := range []func() Finding{a.name, a.connection, a.encryption, a.socket} {
		f := step()
		out = append(out, f)
		if f.Grade == Error {
			break
		}
	}
	return out
}

// skipped are the steps that were not come to.
func (a *attempt) skipped(told int, sip bool) []Finding {
	code := SkippedNoWay
	if a.u == nil {
		code = SkippedNoLine
	}
	var out []Finding
	steps := []Area{AreaName, AreaConnection, AreaTLS, AreaWebSocket}
	for _, area := range steps[told:] {
		out = append(out, Find(code).In(area))
	}
	if !sip {
		out = append(out, Find(code).In(AreaSIP))
	}
	return out
}

func (a *attempt) name() Finding {
	host := a.u.Hostname()
	if a.proxy != nil {
		return Find(NameProxy, "host", host)
	}
	if net.ParseIP(host) != nil {
		return Find(NameLiteral, "host", host)
	}
	var dns *net.DNSError
	switch {
	case errors.As(a.dialErr, &dns) && !a.up, errors.As(a.lookup, &dns):
		switch {
		case dns.IsNotFound:
			return Find(NameUnknown, "host", host)
		case dns.IsTimeout, errors.Is(a.dialErr, context.DeadlineExceeded), errors.Is(a.dialErr, context.Canceled), errors.Is(a.lookup, context.Canceled):
			// Which of these it is depends on who gave up first.
			return Find(NameTimeout, "host", host)
		}
		return Find(NameFailed, "host", host).With(dns.Err)
	case !a.looked && !a.up && a.dialErr != nil:
		return Find(NameTimeout, "host", host)
	}
	return Find(NameOK, "host", host, "count", strconv.Itoa(a.addrs))
}

func (a *attempt) connection() Finding {
	if a.proxy != nil {
		return a.throughProxy()
	}
	port := portOf(a.u)
	args := []string{"host", a.u.Hostname(), "port", port}
	if a.up || a.dialErr == nil || a.resp != nil {
		return Find(ConnectionOK, args...)
	}
	err := a.connect
	if err == nil {
		err = a.dialErr
	}
	return Find(connCode(err), args...).With(brief(err))
}

func connCode(err error) Code {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnRefused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return ConnUnreachable
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ConnTimeout
	}
	return ConnFailed
}

// throughProxy judges the connection where a proxy stands in between. Its user
// and password are never told.
func (a *attempt) throughProxy() Finding {
	args := []string{"host", a.u.Hostname(), "port", portOf(a.u), "proxy", a.proxy.Host}
	var op *net.OpError
	switch {
	case errors.As(a.dialErr, &op) && op.Op == proxyOp && a.up:
		return Find(ProxyRefused, args...).With(brief(op.Err))
	case !a.up && a.dialErr != nil:
		return Find(ProxyUnreachable, args...).With(brief(a.dialErr))
	}
	return Find(ConnectionProxy, args...)
}

// socket judges the WebSocket's handshake (RFC 6455 section 4.1, RFC 7118
// section 4.1).
func (a *attempt) socket() Finding {
	switch {
	case a.dialErr == nil && a.sub != "sip":
		return Find(WSNoSIP)
	case a.dialErr == nil:
		return Find(WSOK)
	case a.resp == nil && errors.Is(a.dialErr, context.DeadlineExceeded):
		return Find(WSTimeout)
	case a.resp == nil:
		return Find(WSNotHTTP).With(brief(a.dialErr))
	}
	status := a.resp.StatusCode
	f := Find(WSRefused, "status", strconv.Itoa(status))
	switch {
	case status == 401, status == 403, status == 407:
		f.Code = WSDenied
	case status == 404, status == 410:
		f.Code = WSPath
	case status >= 300 && status < 400:
		f.Code = WSRedirect
	case status >= 500:
		f.Code = WSServer
	case status == http.StatusSwitchingProtocols:
		return f.With("the server's upgrade breaks RFC 6455")
	}
	return f.With("HTTP " + strconv.Itoa(status) + " " + http.StatusText(status))
}

// proxyOp is how net/http marks the faults of a proxy.
const proxyOp = "proxyconnect"

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "ws" {
		return "80"
	}
	return "443"
}

// brief is the last link of an error's chain: the one that says something, and
// repeats no URL.
func brief(err error) string {
	for err != nil {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
	return ""
}
