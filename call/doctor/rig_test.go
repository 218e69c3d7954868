package doctor

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"nxphone/call/profile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// authority is a CA of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	cert, key := sign(t, tmpl, tmpl, nil)
	return authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})}
}

func sign(t *testing.T, tmpl, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by == nil {
		by = key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// issue makes a server's certificate for a name, valid between two days from
// now.
func (a authority) issue(t *testing.T, name string, from, to int) tls.Certificate {
	t.Helper()
	cert, key := sign(t, leaf(name, from, to), a.cert, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func leaf(name string, from, to int) *x509.Certificate {
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().AddDate(0, 0, from), NotAfter: time.Now().AddDate(0, 0, to),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		tmpl.DNSNames, tmpl.IPAddresses = nil, []net.IP{ip}
	}
	return tmpl
}

// listen serves connections on loopback until the test ends, TLS where conf is
// given, and gives the address.
func listen(t *testing.T, conf *tls.Config, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if conf != nil {
				c = tls.Server(c, conf)
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// answering answers each HTTP request with this text.
func answering(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.WriteString(c, text)
		}
	}
}

// silent takes connections and says nothing.
func silent(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// sbc is a WebSocket server that gives each message to answer.
func sbc(t *testing.T, conf *tls.Config, protocols []string, date time.Time, answer func(c *websocket.Conn, msg []byte)) string {
	t.Helper()
	return listen(t, conf, func(c net.Conn) {
		done := make(chan struct{})
		l := &one{conn: c, done: done}
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			w.Header()["Date"] = nil // the server's own
			if !date.IsZero() {
				w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
			}
			ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: protocols})
			if err != nil {
				return
			}
			defer ws.CloseNow()
			for {
				_, msg, err := ws.Read(context.Background())
				if err != nil {
					return
				}
				answer(ws, msg)
			}
		})}
		_ = srv.Serve(l)
		<-done
	})
}

// one is a listener of one connection that is there already.
type one struct {
	conn  net.Conn
	taken bool
	done  chan struct{}
}

func (l *one) Accept() (net.Conn, error) {
	if l.taken {
		return nil, io.EOF
	}
	l.taken = true
	return l.conn, nil
}
func (l *one) Close() error   { return nil }
func (l *one) Addr() net.Addr { return l.conn.LocalAddr() }

// nameServer is a name server on loopback that knows one name, and never answers
// about another.
func nameServer(t *testing.T, known, silentName string) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 512)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if msg := reply(buf[:n], known, silentName); msg != nil {
				_, _ = pc.WriteTo(msg, from)
			}
		}
	})
	// A resolver waits on after whoever asked has gone.
	ctx, over := context.WithCancel(context.Background())
	t.Cleanup(func() { over(); _ = pc.Close(); wg.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(_ context.Context, _, _ string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
		if err == nil {
			context.AfterFunc(ctx, func() { _ = c.Close() })
		}
		return c, err
	}}
}

// reply answers a question by RFC 1035 section 4: the name known is 127.0.0.1,
// silentName is not answered, and there is no other.
func reply(q []byte, known, silentName string) []byte {
	name, i := "", 12
	for q[i] != 0 {
		name += string(q[i+1:i+1+int(q[i])]) + "."
		i += int(q[i]) + 1
	}
	name = name[:len(name)-1]
	kind := binary.BigEndian.Uint16(q[i+1:])
	end := i + 5
	out := slices.Clone(q[:end])
	binary.BigEndian.PutUint16(out[6:], 0)
	binary.BigEndian.PutUint32(out[8:], 0) // authority, additional
	switch {
	case name == silentName:
		return nil
	case name != known:
		binary.BigEndian.PutUint16(out[2:], 0x8183)
	case kind == 1:
		binary.BigEndian.PutUint16(out[2:], 0x8180)
		binary.BigEndian.PutUint16(out[6:], 1)
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1)
	default:
		binary.BigEndian.PutUint16(out[2:], 0x8180)
	}
	return out
}

// settings are a whole line at an address.
func settings(url string) profile.Settings {
	s := profile.Default()
	s.Realm, s.DN, s.URL = "example.net", "1000", url
	return s
}

// gather runs one check and gives what it told.
func gather(ctx context.Context, run func(context.Context, func(...Finding))) (all []Finding) {
	var mu sync.Mutex
	run(ctx, func(f ...Finding) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, f...)
	})
	return all
}

func of(all []Finding, a Area) Finding {
	for _, f := range all {
		if f.Area == a {
			return f
		}
	}
	return Finding{}
}

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}
