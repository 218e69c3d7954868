package flow_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call/sipua/internal/flow"
	"nxphone/call/sipua/sipuatest"
)

func TestHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sipuatest.New(t)
		defer srv.Close()
		srv.Subprotocol = "" // a server that forgets it
		cfg := config(srv)
		cfg.URL = "ws://sbc.test:8080/sip/ws?x=1&token=a%20b"
		cfg.Header = http.Header{"Origin": {"https://app.test"}, "Cookie": {"a=b"}}
		f, err := flow.Dial(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		f.Start(func([]byte) {})
		f.Close(t.Context())
		req := srv.Handshakes()[0]
		for name, got := range map[string][2]string{
			"URI":      {req.RequestURI, "/sip/ws?x=1&token=a%20b"},
			"Host":     {req.Host, "sbc.test:8080"},
			"Protocol": {req.Header.Get("Sec-WebSocket-Protocol"), "sip"},
			"Origin":   {req.Header.Get("Origin"), "https://app.test"},
			"Cookie":   {req.Header.Get("Cookie"), "a=b"},
		} {
			if got[0] != got[1] {
				t.Errorf("%s is %q, want %q", name, got[0], got[1])
			}
		}
	})
}

func TestDialFaultsWithoutTLS(t *testing.T) {
	lost := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connection refused")}
	}
	noName := func(_ context.Context, _, addr string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "sbc.test", IsNotFound: true}}
	}
	tests := []struct {
		name    string
		prepare func(*sipuatest.Server)
		dial    func(context.Context, string, string) (net.Conn, error)
		kind    flow.Kind
		phrase  string
		after   time.Duration
	}{
		{"refused", nil, lost, flow.Unreachable, "sbc.test: connection refused", 0},
		{"no such host", nil, noName, flow.Unreachable, "sbc.test: no such host", 0},
		{"403", func(s *sipuatest.Server) { s.Refuse = 403 }, nil, flow.Handshake, "HTTP 403 Forbidden", 0},
		{"404", func(s *sipuatest.Server) { s.Refuse = 404 }, nil, flow.Handshake, "HTTP 404 Not Found", 0},
		{"a redirect is not followed", func(s *sipuatest.Server) { s.Refuse = 302 }, nil, flow.Handshake, "HTTP 302 Found", 0},
		// The library looks for a body for 3 s.
		{"another sub-protocol", func(s *sipuatest.Server) { s.Subprotocol = "mqtt" }, nil, flow.Handshake,
			"sbc.test: the server's upgrade breaks RFC 6455", 3 * time.Second},
		{"no answer", func(s *sipuatest.Server) { s.Stall = true }, nil, flow.Unreachable,
			"sbc.test: no answer within 8s", 8 * time.Second},
		{"closes at once", nil, func(context.Context, string, string) (net.Conn, error) {
			a, b := net.Pipe()
			_ = b.Close()
			return a, nil
		}, flow.Handshake, "sbc.test: the server closed the connection", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := sipuatest.New(t)
				defer srv.Close()
				if tt.prepare != nil {
					tt.prepare(srv)
				}
				cfg := config(srv)
				cfg.URL = "ws://sbc.test/ws?token=SECRET"
				if tt.dial != nil {
					cfg.DialContext = tt.dial
				}
				start := time.Now()
				_, err := flow.Dial(t.Context(), cfg)
				check(t, err, tt.kind, tt.phrase)
				if got := time.Since(start); got != tt.after {
					t.Errorf("after %v, want %v", got, tt.after)
				}
			})
		})
	}
}

func check(t *testing.T, err error, kind flow.Kind, phrase string) {
	t.Helper()
	f, ok := flow.IsFault(err)
	if !ok {
		t.Fatalf("error %v is no fault", err)
	}
	if f.Kind != kind || !strings.Contains(f.Phrase, phrase) || strings.Contains(f.Phrase, "SECRET") {
		t.Errorf("fault %d %q, want %d %q", f.Kind, f.Phrase, kind, phrase)
	}
}

func TestCancelEndsADialAtOnce(t *testing.T) {
	hang := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	mute := func(context.Context, string, string) (net.Conn, error) {
		a, b := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, b) }()
		return a, nil
	}
	plain, secure := &url.URL{Scheme: "http", Host: "proxy.test:3128"}, &url.URL{Scheme: "https", Host: "proxy.test"}
	for _, tt := range []struct {
		name, url string
		dial      func(context.Context, string, string) (net.Conn, error)
		proxy     *url.URL
	}{
		{"while connecting", "ws://sbc.test", hang, nil},
		{"while waiting for the 101", "ws://sbc.test", nil, nil},
		{"in the TLS handshake", "wss://sbc.test", mute, nil},
		{"while connecting to the proxy", "ws://sbc.test", hang, plain},
		{"while the proxy connects, ws", "ws://sbc.test", mute, plain},
		{"while the proxy connects, wss", "wss://sbc.test", mute, plain},
		{"in the proxy's TLS handshake", "ws://sbc.test", mute, secure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := sipuatest.New(t)
				defer srv.Close()
				srv.Stall = true
				cfg := config(srv)
				cfg.URL = tt.url
				if tt.dial != nil {
					cfg.DialContext = tt.dial
				}
				cfg.Proxy = http.ProxyURL(tt.proxy)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				start := time.Now()
				_, err := flow.Dial(ctx, cfg)
				check(t, err, flow.Cancelled, "")
				if got := time.Since(start); got != time.Second {
					t.Errorf("returned after %v", got)
				}
			})
		})
	}
}

// authority makes a CA and certificates of it.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a authority) server(t *testing.T, name string, until time.Time) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func TestCertificates(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	hour := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		conf   *tls.Config
		roots  []byte
		phrase string // "" means it is trusted
	}{
		{"own CA", ca.server(t, "localhost", hour), ca.pem, ""},
		{"system roots only", ca.server(t, "localhost", hour), nil, "localhost: x509: certificate signed by unknown authority"},
		{"another CA", ca.server(t, "localhost", hour), other.pem, "localhost: x509: certificate signed by unknown authority"},
		{"another name", ca.server(t, "sbc.test", hour), ca.pem, "localhost: x509: certificate is valid for sbc.test, not localhost"},
		{"expired", ca.server(t, "localhost", time.Now().Add(-time.Minute)), ca.pem, "localhost: x509: certificate has expired"},
		{"an empty CA file", ca.server(t, "localhost", hour), []byte("nothing"), "the CA file holds no certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := sipuatest.Listen(t, tt.conf)
			_, port, _ := net.SplitHostPort(srv.Addr())
			f, err := flow.Dial(t.Context(), flow.Config{
				URL: "wss://localhost:" + port, RootCAs: tt.roots, Timeout: 8 * time.Second, Logger: slog.New(slog.DiscardHandler),
			})
			if tt.phrase != "" {
				check(t, err, flow.Certificate, tt.phrase)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Start(func([]byte) {})
			f.Close(t.Context())
		})
	}
}

func TestTLSToAServerWithout(t *testing.T) {
	srv := sipuatest.Listen(t, nil)
	_, err := flow.Dial(t.Context(), flow.Config{
		URL: "wss://" + srv.Addr(), Timeout: 8 * time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	check(t, err, flow.Handshake, "127.0.0.1: the server does not speak TLS")
}

// proxy is an HTTP proxy that knows CONNECT only.
type proxy struct {
	url   *url.URL
	asked chan *http.Request
}

func newProxy(t *testing.T, status int) *proxy {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{url: &url.URL{Scheme: "http", Host: lis.Addr().String(), User: url.UserPassword("u", "p")}, asked: make(chan *http.Request, 10)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := lis.Accept()
			if err != nil {
				return
			}
			p.serve(c, status)
		}
	}()
	t.Cleanup(func() { _ = lis.Close(); <-done })
	return p
}

func (p *proxy) serve(c net.Conn, status int) {
	defer c.Close()
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	p.asked <- req
	if status != 200 || req.Method != http.MethodConnect {
		fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n", status, http.StatusText(status))
		return
	}
	out, err := net.Dial("tcp", req.Host)
	if err != nil {
		return
	}
	defer out.Close()
	fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(out, c); _ = out.Close() }()
	_, _ = io.Copy(c, out)
}

func TestProxy(t *testing.T) {
	ca := newAuthority(t)
	for _, scheme := range []string{"ws", "wss"} {
		for _, status := range []int{200, 407} {
			t.Run(fmt.Sprint(scheme, " ", status), func(t *testing.T) {
				var conf *tls.Config
				if scheme == "wss" {
					conf = ca.server(t, "localhost", time.Now().Add(time.Hour))
				}
				srv := sipuatest.Listen(t, conf)
				_, port, _ := net.SplitHostPort(srv.Addr())
				p := newProxy(t, status)
				f, err := flow.Dial(t.Context(), flow.Config{
					URL: scheme + "://localhost:" + port, RootCAs: ca.pem, Timeout: 8 * time.Second,
					Proxy: http.ProxyURL(p.url), Logger: slog.New(slog.DiscardHandler),
				})
				req := <-p.asked
				if req.Method != http.MethodConnect || req.Host != "localhost:"+port ||
					req.Header.Get("Proxy-Authorization") != "Basic dTpw" {
					t.Errorf("the proxy was asked %s %s %v", req.Method, req.Host, req.Header)
				}
				if status != 200 {
					check(t, err, flow.Unreachable, "proxy: ")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				f.Start(func([]byte) {})
				f.Close(t.Context())
			})
		}
	}
}

// A proxy's address holds a password, and what reads it says so in its errors.
func TestAProxyAddressThatCannotBeRead(t *testing.T) {
	for _, scheme := range []string{"ws", "wss"} {
		_, err := flow.Dial(t.Context(), flow.Config{
			URL: scheme + "://sbc.test", Timeout: 8 * time.Second, Logger: slog.New(slog.DiscardHandler),
			Proxy: func(*http.Request) (*url.URL, error) {
				return nil, errors.New(`invalid proxy address "http://u:secret%zz@proxy.test"`)
			},
		})
		check(t, err, flow.Unreachable, "proxy: its address cannot be read")
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%v", err)
		}
	}
}
