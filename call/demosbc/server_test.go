package demosbc

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/emiago/sipgo/sip"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plainOffer is good enough for signalling; nobody is behind it.
func plainOffer() string { return offerText("nobody", sendrecv) }

// ringing makes a call to 605 that rings.
func ringing(p *phone) *leg {
	p.t.Helper()
	l := p.leg("605")
	l.invite(plainOffer())
	l.expect(100)
	l.expect(180)
	return l
}

func TestAddresses(t *testing.T) {
	s := startServer(t, Config{Realm: "sip.example"})
	ws, wss := s.URLs()
	if s.Realm() != "sip.example" || !strings.HasPrefix(ws, "ws://127.0.0.1:") || !strings.HasPrefix(wss, "wss://127.0.0.1:") {
		t.Errorf("realm %q, URLs %q and %q", s.Realm(), ws, wss)
	}
	port := wss[strings.LastIndex(wss, ":"):]
	for _, u := range []string{
		ws, wss, ws + "/", ws + "/ws", wss + "/ws?token=a%20b", "ws://localhost" + port + "/ws", "wss://localhost" + port,
	} {
		ringing(dial(t, s, u)).cancel()
	}
}

func TestSeveralAddresses(t *testing.T) {
	s := startServer(t, Config{Listen: []string{"127.0.0.1:0", "localhost:0"}})
	got := s.Addresses()
	if len(got) != 2 || !strings.HasPrefix(got[1], "localhost:") {
		t.Fatalf("addresses %q", got)
	}
	// An unspecified address is not one to dial; the test listens on none.
	for asked, want := range map[string]string{":0": "127.0.0.1:7", "0.0.0.0:0": "127.0.0.1:7", "[::1]:0": "[::1]:7"} {
		if got := hostPort(asked, &net.TCPAddr{Port: 7}); got != want {
			t.Errorf("%s is dialled at %s, want %s", asked, got, want)
		}
	}
	for _, a := range got {
		ringing(dial(t, s, "wss://"+a)).cancel()
	}
}

func TestIPv6(t *testing.T) {
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Logf("no IPv6 here, only the certificate's names are looked at: %v", err)
		if _, ips := certificateNames([]string{"::1"}); len(ips) != 2 {
			t.Errorf("addresses %v", ips)
		}
		return
	} else {
		_ = l.Close()
	}
	s := startServer(t, Config{Listen: []string{"[::1]:0", "127.0.0.1:0"}})
	ws, wss := s.URLs()
	for _, u := range []string{ws, wss} {
		if !strings.Contains(u, "//[::1]:") {
			t.Errorf("URL %q", u)
		}
		ringing(dial(t, s, u)).cancel()
	}
}

func TestHandshakeRefused(t *testing.T) {
	s := startServer(t, Config{})
	ws, wss := s.URLs()
	try := func(u string, o *websocket.DialOptions) error {
		c, _, err := websocket.Dial(t.Context(), u, o)
		if err == nil {
			_, _, err = c.Read(t.Context())
			_ = c.CloseNow()
		}
		return err
	}
	if err := try(ws+"/other", &websocket.DialOptions{Subprotocols: []string{"sip"}}); err == nil {
		t.Error("another path is served")
	}
	if err := try(ws, nil); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("without the sub-protocol: %v", err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
	defer transport.CloseIdleConnections()
	err := try(wss, &websocket.DialOptions{
		Subprotocols: []string{"sip"}, HTTPClient: &http.Client{Transport: transport},
	})
	if err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("with other authorities: %v", err)
	}
}

func TestCertificate(t *testing.T) {
	now := time.Now()
	cert, ca, err := newCertificate([]string{"sbc.example", "192.0.2.9", "0.0.0.0", "localhost"}, now)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	for name, ok := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "::1": true, "sbc.example": true, "192.0.2.9": true,
		"other.example": false, "127.0.0.2": false, "0.0.0.0": false,
	} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name, CurrentTime: now})
		if (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStartRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, cfg := range map[string]Config{
		"no port":        {Listen: []string{"127.0.0.1"}},
		"port in use":    {Listen: []string{"127.0.0.1:0", taken.Addr().String()}},
		"no such digest": {Auth: &Auth{User: "u", Password: "p", Algorithm: "SHA-1"}},
	} {
		if s, err := Start(t.Context(), cfg); err == nil {
			t.Errorf("%s: started", name)
			_ = s.Close()
		}
	}
}

func TestRefusals(t *testing.T) {
	s := startServer(t, Config{})
	_, wss := s.URLs()
	p := dial(t, s, wss)
	for _, c := range []struct {
		number string
		codes  []int
	}{
		{"603", []int{100, 486}},
		{"604", []int{404}},
		{"01012345678", []int{100, 404}},
		{"600", []int{100, 488}},
	} {
		l := p.leg(c.number)
		l.invite("v=0\r\n")
		for _, code := range c.codes {
			l.expect(code)
		}
		l.p.write(l.text("ACK", l.seq, l.branch, "", ""))
	}
	p.silence(20 * time.Millisecond)
	if n := s.Calls(); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

func TestOutsideOfCalls(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]string{}
	s := startServer(t, Config{OnRequest: func(method, callID string) {
		mu.Lock()
		defer mu.Unlock()
		seen[method] = callID
	}})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	replace := func(old, with string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, with, 1) }
	}
	for _, c := range []struct {
		name, method, extra string
		edit                func(string) string
		code                int
	}{
		{"a ping", "OPTIONS", "", nil, 200},
		{"a message", "MESSAGE", "", nil, 405},
		{"a method that nobody knows", "DANCE", "", nil, 405},
		{"a BYE", "BYE", "", nil, 481},
		{"a CANCEL", "CANCEL", "", nil, 481},
		{"a BYE with a tag", "BYE", "", replace("To: <sip:600@demo.invalid>", "To: <sip:600@demo.invalid>;tag=x"), 481},
		{"an INVITE with a tag", "INVITE", "", replace("To: <sip:600@demo.invalid>", "To: <sip:600@demo.invalid>;tag=x"), 481},
		{"an extension", "INVITE", "Require: 100rel\r\n", nil, 420},
		{"no Contact", "INVITE", "", replace("Contact:", "X-Contact:"), 400},
		{"no From tag", "INVITE", "", replace(";tag=", ";gat="), 400},
		{"another version", "OPTIONS", "", replace("SIP/2.0\r\n", "SIP/3.0\r\n"), 505},
		{"a registration", "REGISTER", "Expires: 60\r\n", nil, 200},
		{"compact headers", "OPTIONS", "", func(s string) string {
			return strings.NewReplacer("Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:").Replace(s)
		}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			l := p.leg("600")
			text := l.text(c.method, 1, sip.GenerateBranch(), c.extra, "")
			if c.edit != nil {
				text = c.edit(text)
			}
			p.write(text)
			res := p.response(c.code)
			if got := res.CallID().Value(); got != l.callID {
				t.Errorf("Call-ID %q, want %q", got, l.callID)
			}
			if c.code == 420 && res.GetHeader("Unsupported").Value() != "100rel" {
				t.Error("the extension is not named")
			}
			if c.method == "REGISTER" && !strings.Contains(res.Contact().String(), "expires=60") {
				t.Errorf("Contact %s", res.Contact())
			}
			mu.Lock()
			defer mu.Unlock()
			if seen[c.method] != l.callID {
				t.Errorf("OnRequest was told %q", seen[c.method])
			}
		})
	}
}

func TestMergedInvite(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	l := ringing(p)
	l.to = ""
	p.write(l.text("INVITE", l.seq, sip.GenerateBranch(), "", plainOffer()))
	p.response(482)
	p.write(l.text("INVITE", l.seq, l.branch, "", plainOffer()))
	p.response(180)
	l.cancel()
	p.response(200)
	p.response(487)
}

func TestCancel(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	l := ringing(p)
	l.cancel()
	if res := p.response(200); res.CSeq().MethodName != "CANCEL" {
		t.Errorf("the 200 is for %s", res.CSeq().MethodName)
	}
	l.expect(487)
	p.write(l.text("ACK", l.seq, l.branch, "", ""))
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
}

// TestFrames sends what a WebSocket may carry; after each the flow must still
// take a call.
func TestFrames(t *testing.T) {
	t.Parallel()
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	options := func() string { return p.leg("600").text("OPTIONS", 1, sip.GenerateBranch(), "", "") }
	for _, c := range []struct {
		name, text string
		reply      int // 0: none
	}{
		{"garbage", "\x00\x01\x02 nothing of SIP", 0},
		{"a lone line", "INVITE sip:600@demo.invalid SIP/2.0\r\n", 0},
		{"no headers", "OPTIONS sip:x SIP/2.0\r\n\r\n", 0},
		{"a header without a colon", strings.Replace(options(), "Max-Forwards: 70", "Max-Forwards 70", 1), 0},
		{"a bad CSeq", strings.Replace(options(), "CSeq: 1", "CSeq: one", 1), 0},
		{"CSeq of another method", strings.Replace(options(), "1 OPTIONS", "1 INVITE", 1), 0},
		{"line ends without CR", strings.ReplaceAll(options(), "\r\n", "\n"), 0},
		{"a body that is cut off", strings.Replace(options(), "Content-Length: 0", "Content-Length: 99", 1), 0},
		{"a negative length", strings.Replace(options(), "Content-Length: 0", "Content-Length: -1", 1), 0},
		{"no Via", strings.Replace(options(), "Via:", "X-Via:", 1), 0},
		{"an empty Call-ID", strings.Replace(options(), "Call-ID: ", "Call-ID:\r\nX: ", 1), 0},
		{"a stray response", "SIP/2.0 200 OK\r\n" + options()[strings.Index(options(), "Via:"):], 0},
		{"a large message", strings.Replace(options(), "Content-Length", "X-Big: "+strings.Repeat("x", 100_000)+"\r\nContent-Length", 1), 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			p.write(c.text)
			if c.reply != 0 {
				p.response(c.reply)
			}
			p.write(options())
			p.response(200)
		})
	}
	p.t = t

	t.Run("binary", func(t *testing.T) {
		p.writeAs(websocket.MessageBinary, options())
		p.response(200)
	})
	t.Run("fragments with a ping between", func(t *testing.T) {
		w, err := p.conn.Writer(t.Context(), websocket.MessageText)
		if err != nil {
			t.Fatal(err)
		}
		text := options()
		for _, part := range []string{text[:10], text[10:100], text[100:]} {
			if _, err := w.Write([]byte(part)); err != nil {
				t.Fatal(err)
			}
			if err := p.conn.Ping(t.Context()); err != nil {
				t.Fatalf("no pong: %v", err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		p.response(200)
	})
	t.Run("keep-alive", func(t *testing.T) {
		p.write("\r\n\r\n")
		select {
		case got := <-p.raw:
			if got != "\r\n" {
				t.Errorf("answer %q", got)
			}
		case <-time.After(patience):
			t.Error("no answer")
		}
		p.write("\r\n")
		p.write(options())
		p.response(200)
		if len(p.raw) != 0 {
			t.Errorf("the single CRLF was answered with %q", <-p.raw)
		}
	})
}

func TestTooLarge(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	_ = p.conn.Write(t.Context(), websocket.MessageText, bytes.Repeat([]byte("x"), maxMessage+1))
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Error("a message beyond all bounds is taken")
	}
}

// TestPing has a phone that does not read, so that it answers no ping.
func TestPing(t *testing.T) {
	t.Parallel()
	// Long enough for the one that lives to answer on a busy machine.
	s := startServer(t, Config{PingInterval: 2 * time.Second})
	ws, _ := s.URLs()
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.flows)
	}
	alive := dial(t, s, ws)
	c, _, err := websocket.Dial(t.Context(), ws, &websocket.DialOptions{Subprotocols: []string{"sip"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	eventually(t, "both are there", func() bool { return count() == 2 })
	eventually(t, "the dead one is gone", func() bool { return count() == 1 })
	ringing(alive).cancel()
}

func TestPassword(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		t.Run(algorithm, func(t *testing.T) {
			s := startServer(t, Config{Auth: &Auth{User: "1001", Password: "secret", Algorithm: algorithm}})
			ws, _ := s.URLs()
			p := dial(t, s, ws)

			l := p.leg("605")
			l.invite(plainOffer())
			res := p.response(407)
			p.write(l.text("ACK", l.seq, l.branch, "", ""))
			challenge := res.GetHeader("Proxy-Authenticate").Value()
			if !strings.Contains(challenge, `realm="`+DefaultRealm+`"`) {
				t.Errorf("challenge %s", challenge)
			}
			l.seq++
			l.headers = "Proxy-Authorization: " + credentials(challenge, "INVITE", "1001", "guess", "auth") + "\r\n"
			l.invite(plainOffer())
			p.response(407)
			l.seq++
			l.headers = "Proxy-Authorization: " + credentials(challenge, "INVITE", "1001", "secret", "auth") + "\r\n"
			l.invite(plainOffer())
			l.expect(100)
			l.expect(180)
			l.cancel()
			p.response(200)
			p.response(487)

			r := p.leg("1001")
			p.write(r.text("REGISTER", 1, sip.GenerateBranch(), "", ""))
			challenge = p.response(401).GetHeader("WWW-Authenticate").Value()
			r.headers = "Authorization: " + credentials(challenge, "REGISTER", "1001", "secret", "auth") + "\r\n"
			p.write(r.text("REGISTER", 2, sip.GenerateBranch(), "", ""))
			p.response(200)
		})
	}
}

func TestCloseHangsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, Config{RingTime: NoRing})
	if err != nil {
		t.Fatal(err)
	}
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	ringing(p)
	l := p.leg("600")
	l.invite(plainOffer())
	l.expect(100)
	l.expect(180)
	l.ack(l.expect(200))
	p.write(l.text("OPTIONS", 8, sip.GenerateBranch(), "", "")) // the ACK has been seen when this is answered
	p.response(200)

	cancel()
	got := map[string]bool{}
	for range 2 {
		switch msg := p.next().(type) {
		case *sip.Request:
			got[string(msg.Method)] = true
			p.respond(msg, 200, "OK", "")
		case *sip.Response:
			got[fmt.Sprint(msg.StatusCode)] = true
		}
	}
	if !got["BYE"] || !got["503"] {
		t.Errorf("the calls ended with %v", got)
	}
	var closers sync.WaitGroup
	for range 3 {
		closers.Go(func() {
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	closers.Wait()
	<-p.done
	u, _ := url.Parse(ws)
	if c, err := net.Dial("tcp", u.Host); err == nil {
		t.Error("it still listens")
		_ = c.Close()
	}
	if n := s.Calls(); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

// TestManyCalls makes 200 calls in a row on one flow, and looks at what is
// left.
func TestManyCalls(t *testing.T) {
	s := startServer(t, Config{RingTime: NoRing})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	call := func() {
		l := p.leg("600")
		l.invite(plainOffer())
		l.expect(100)
		l.expect(180)
		l.ack(l.expect(200))
		l.bye()
	}
	measure := func(most int) (goroutines int, heap uint64) {
		eventually(t, "no calls", func() bool { return s.Calls() == 0 })
		eventually(t, fmt.Sprint("at most ", most, " goroutines"), func() bool { return runtime.NumGoroutine() <= most })
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	for range 40 {
		call()
	}
	g0, h0 := measure(math.MaxInt)
	for range 200 {
		call()
	}
	_, h1 := measure(g0 + 5)
	if h1 > h0+2<<20 {
		t.Errorf("%d bytes before, %d after", h0, h1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ears) != keepFinished {
		t.Errorf("%d finished calls are remembered, want %d", len(s.ears), keepFinished)
	}
}

func TestTooManyCalls(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	s.mu.Lock()
	for i := range maxCalls {
		s.calls[callKey{callID: fmt.Sprint(i)}] = &call{inbox: newInbox()}
	}
	s.mu.Unlock()
	l := p.leg("600")
	l.invite(plainOffer())
	l.expect(100)
	p.response(503)
}

// TestLostFlow breaks the connection of a ringing call, and of one in
// conversation, whose phone comes back on another.
func TestLostFlow(t *testing.T) {
	s := startServer(t, Config{RingTime: NoRing})
	ws, wss := s.URLs()
	p := dial(t, s, ws)
	ringing(p)
	l := p.leg("600")
	l.invite(plainOffer())
	l.expect(100)
	l.expect(180)
	l.ack(l.expect(200))
	p.write(l.text("OPTIONS", 8, sip.GenerateBranch(), "", ""))
	p.response(200)
	p.hangUpSocket()
	eventually(t, "only the answered call is left", func() bool { return s.Calls() == 1 })

	l.p, l.seq = dial(t, s, wss), 8
	l.bye()
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
}
