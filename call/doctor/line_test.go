package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// sipAnswer answers an OPTIONS with this status line and these further fields.
func sipAnswer(status, fields string) func(*websocket.Conn, []byte) {
	return func(c *websocket.Conn, msg []byte) {
		id := regexp.MustCompile(`Call-ID: (\S+)`).FindSubmatch(msg)
		_ = c.Write(context.Background(), websocket.MessageText, []byte("SIP/2.0 "+status+"\r\ni: "+string(id[1])+"\r\n"+fields+"Content-Length: 0\r\n\r\n"))
	}
}

func never(*websocket.Conn, []byte) {}

// short are limits that keep a test from waiting for what never comes.
func short() times {
	return times{dial: 2 * time.Second, sip: time.Second, relay: 2 * time.Second}
}

// direct uses no proxy, whatever the machine's environment says.
func direct(*http.Request) (*url.URL, error) { return nil, nil }

// TestWay: each way in which a server can fail to be reached has a code of its
// own, and what comes after is skipped, not guessed.
func TestWay(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	selfCert, selfKey := sign(t, leaf("127.0.0.1", -1, 90), leaf("127.0.0.1", -1, 90), nil)
	with := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	good := with(ca.issue(t, "127.0.0.1", -1, 90))
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	sip := []string{"sip"}
	ok := sipAnswer("200 OK", "")
	closed := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	failing := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
	}
	for name, c := range map[string]struct {
		url  string
		area Area
		want Code
		with func(*Options)
	}{
		"all well":        {"wss://" + sbc(t, good, sip, time.Time{}, ok), AreaSIP, SIPOK, nil},
		"all well, TLS":   {"wss://" + sbc(t, good, sip, time.Time{}, ok), AreaTLS, TLSOK, nil},
		"all well, plain": {"ws://" + sbc(t, nil, sip, time.Time{}, ok), AreaTLS, TLSLocal, nil},
		"a name": {"ws://sbc.test:" + port(sbc(t, nil, sip, time.Time{}, ok)), AreaName, NameOK, func(o *Options) {
			o.Resolver = nameServer(t, "sbc.test", "")
		}},
		"no such name":         {"wss://nobody.test", AreaName, NameUnknown, func(o *Options) { o.Resolver = nameServer(t, "x.test", "") }},
		"a silent name server": {"wss://quiet.test", AreaName, NameTimeout, func(o *Options) { o.Resolver = nameServer(t, "x.test", "quiet.test") }},
		"nobody listens":       {"wss://" + closed(), AreaConnection, ConnRefused, nil},
		"no route":             {"wss://192.0.2.1", AreaConnection, ConnUnreachable, func(o *Options) { o.DialContext = failing(syscall.EHOSTUNREACH) }},
		"a firewall": {"wss://192.0.2.1", AreaConnection, ConnTimeout, func(o *Options) {
			o.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		}},
		"another failure":  {"wss://192.0.2.1", AreaConnection, ConnFailed, func(o *Options) { o.DialContext = failing(errors.New("odd")) }},
		"expired":          {"wss://" + listen(t, with(ca.issue(t, "127.0.0.1", -9, -2)), answering("")), AreaTLS, TLSExpired, nil},
		"not yet valid":    {"wss://" + listen(t, with(ca.issue(t, "127.0.0.1", 2, 9)), answering("")), AreaTLS, TLSEarly, nil},
		"runs out soon":    {"wss://" + sbc(t, with(ca.issue(t, "127.0.0.1", -1, 5)), sip, time.Time{}, ok), AreaTLS, TLSSoon, nil},
		"another name":     {"wss://" + listen(t, with(ca.issue(t, "sbc.example", -1, 90)), answering("")), AreaTLS, TLSName, nil},
		"another CA":       {"wss://" + listen(t, with(other.issue(t, "127.0.0.1", -1, 90)), answering("")), AreaTLS, TLSAuthority, nil},
		"signed by itself": {"wss://" + listen(t, with(tls.Certificate{Certificate: [][]byte{selfCert.Raw}, PrivateKey: selfKey}), answering("")), AreaTLS, TLSSelf, nil},
		"no TLS": {"wss://" + listen(t, nil, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 9))
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			silent(c)
		}), AreaTLS, TLSNot, nil},
		"no TLS, a banner": {"wss://" + listen(t, nil, func(c net.Conn) { _, _ = c.Write([]byte("220 mail ready\r\n")); silent(c) }), AreaTLS, TLSNot, nil},
		"old TLS":          {"wss://" + listen(t, old, answering("")), AreaTLS, TLSOld, nil},
		"TLS that hangs":   {"wss://" + listen(t, nil, silent), AreaTLS, TLSTimeout, nil},
		"TLS cut off":      {"wss://" + listen(t, nil, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }), AreaTLS, TLSFailed, nil},
		"forbidden":        {"ws://" + listen(t, nil, answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")), AreaWebSocket, WSDenied, nil},
		"no such path":     {"ws://" + listen(t, nil, answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")), AreaWebSocket, WSPath, nil},
		"a login page":     {"ws://" + listen(t, nil, answering("HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\nContent-Length: 0\r\n\r\n")), AreaWebSocket, WSRedirect, nil},
		"a gateway":        {"ws://" + listen(t, nil, answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")), AreaWebSocket, WSServer, nil},
		"no upgrade":       {"ws://" + listen(t, nil, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")), AreaWebSocket, WSRefused, nil},
		"no HTTP":          {"ws://" + listen(t, nil, answering("SIP/2.0 400 Bad\r\n\r\n")), AreaWebSocket, WSNotHTTP, nil},
		"HTTP that hangs":  {"ws://" + listen(t, nil, silent), AreaWebSocket, WSTimeout, nil},
		"no sub-protocol":  {"ws://" + sbc(t, nil, nil, time.Time{}, ok), AreaWebSocket, WSNoSIP, nil},
		"a refusal":        {"ws://" + sbc(t, nil, sip, time.Time{}, sipAnswer("404 Not here", "")), AreaSIP, SIPAnswered, nil},
		"overload":         {"ws://" + sbc(t, nil, sip, time.Time{}, sipAnswer("503 Service Unavailable", "Retry-After: 9\r\n")), AreaSIP, SIPServer, nil},
		"no answer":        {"ws://" + sbc(t, nil, sip, time.Time{}, never), AreaSIP, SIPSilent, nil},
		"a chat": {"ws://" + sbc(t, nil, sip, time.Time{}, func(c *websocket.Conn, _ []byte) {
			_ = c.Write(context.Background(), websocket.MessageText, []byte("hello"))
		}), AreaSIP, SIPGarbage, nil},
		"hangs up":           {"ws://" + sbc(t, nil, sip, time.Time{}, func(c *websocket.Conn, _ []byte) { _ = c.Close(1008, "no") }), AreaSIP, SIPClosed, nil},
		"a clock ahead":      {"ws://" + sbc(t, nil, sip, time.Now().Add(5*time.Minute), ok), AreaClock, ClockOff, nil},
		"a clock of its own": {"ws://" + sbc(t, nil, sip, time.Time{}, sipAnswer("200 OK", "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n")), AreaClock, ClockWrong, nil},
		"the right time":     {"ws://" + sbc(t, nil, sip, time.Now(), ok), AreaClock, ClockOK, nil},
		"a free clock":       {"ws://" + closed(), AreaClock, ClockFree, func(o *Options) { o.Synchronised = func() (bool, bool) { return false, true } }},
		"no address":         {"", AreaName, SkippedNoLine, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Settings: settings(c.url), Roots: ca.pem, Proxy: direct}
			switch c.want {
			case NameTimeout, ConnTimeout, TLSTimeout, WSTimeout, SIPSilent, SIPGarbage:
				o.times = short() // the others must not be hurried on a busy machine
			}
			if c.with != nil {
				c.with(&o)
			}
			all := gather(t.Context(), o.withDefaults().line)
			if got := of(all, c.area); got.Code != c.want {
				t.Errorf("%s, want %s: %+v", got.Code, c.want, all)
			}
			for _, a := range []Area{AreaName, AreaConnection, AreaTLS, AreaWebSocket, AreaSIP, AreaClock} {
				if of(all, a).Code == "" {
					t.Errorf("nothing is said of %s: %+v", a, all)
				}
			}
			failed := false
			for _, f := range all {
				if f.Area == AreaClock {
					continue
				}
				if failed && f.Grade != Skipped {
					t.Errorf("%s is judged although what it needs has failed", f.Area)
				}
				failed = failed || f.Grade == Error
			}
		})
	}
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}

// TestProxy: a proxy is told apart from the server, and its password from both.
func TestProxy(t *testing.T) {
	ca := newAuthority(t)
	good := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", -1, 90)}}
	behind := sbc(t, good, []string{"sip"}, time.Time{}, sipAnswer("200 OK", ""))
	plain := sbc(t, nil, []string{"sip"}, time.Time{}, sipAnswer("200 OK", ""))
	gone := listen(t, nil, func(net.Conn) {})
	for name, c := range map[string]struct {
		url, proxy string
		want       Code
	}{
		"open":        {"wss://" + behind, forwarding(t), ConnectionProxy},
		"open, plain": {"ws://" + plain, forwarding(t), ConnectionProxy},
		"shut":        {"wss://" + behind, listen(t, nil, answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")), ProxyRefused},
		"shut, plain": {"ws://" + plain, listen(t, nil, answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")), ProxyRefused},
		"cut":         {"ws://" + plain, gone, ProxyRefused},
		"not there":   {"wss://" + behind, "127.0.0.1:1", ProxyUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse("http://user:letmein@" + c.proxy)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Settings: settings(c.url), Roots: ca.pem, Proxy: func(*http.Request) (*url.URL, error) { return u, nil }}
			all := gather(t.Context(), o.withDefaults().line)
			if got := of(all, AreaConnection); got.Code != c.want {
				t.Errorf("%s, want %s: %+v", got.Code, c.want, all)
			}
			for _, f := range all {
				if strings.Contains(f.Detail+strings.Join(f.Args, " "), "letmein") {
					t.Errorf("%+v tells the proxy's password", f)
				}
			}
		})
	}
}

// forwarding is a proxy that connects to whatever it is asked for.
func forwarding(t *testing.T) string {
	t.Helper()
	return listen(t, nil, connectProxy)
}
