package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"text/template"
	"time"
)

// TB is the part of [testing.TB] that [Start] uses, so that a program which is
// not a test can bring its own.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Failed() bool
	Cleanup(func())
	TempDir() string
}

// Config says what kind of SBC a lab has. The zero value is an SBC without
// authentication, with every PBX agent.
type Config struct {
	// Realm is the SIP domain; "interop.test" when empty.
	Realm string
	// Auth, when set, makes the SBC challenge REGISTER (401) and INVITE (407).
	Auth *Auth
	// Origin, when set, is what the WebSocket handshake must carry (403).
	Origin string
	// Path, when set, is the request target that it must ask for (404).
	Path string
	// Ping is the SBC's WebSocket keepalive period in seconds, 30 when 0. With
	// a short one Kamailio now and then drops a connection that has answered:
	// it notes that it waits for the pong after it has sent the ping, and on
	// loopback the pong may be there before.
	Ping int
	// RingFor is how long [NumberBaresip] rings, 1 s when 0.
	RingFor time.Duration
	// NoReply is how long the SBC waits for a silent PBX, 3 s when 0.
	NoReply time.Duration
	// Agents names the sipp agents to start ("answer", "hold" ...); all when
	// nil. Fewer start faster.
	Agents []string
	// Routes lead numbers to a PBX of the caller's own.
	Routes []Route
	// NoBaresip leaves out [NumberBaresip].
	NoBaresip bool
	// Speech, when set, is what baresip says in the place of its signal: 8 kHz,
	// as long as the longest call.
	Speech []int16
	// Timeout bounds one try to start, 40 s when 0: a busy machine.
	Timeout time.Duration
}

// Auth is the one account that a lab's SBC knows.
type Auth struct {
	User, Password string
	// Algorithm is "MD5" or "SHA-256".
	Algorithm string
	// NoQOP leaves out qop, as RFC 2069 did.
	NoQOP bool
}

func (c Config) withDefaults() Config {
	if c.Realm == "" {
		c.Realm = "interop.test"
	}
	if c.Ping == 0 {
		c.Ping = 30
	}
	if c.RingFor == 0 {
		c.RingFor = time.Second
	}
	if c.NoReply == 0 {
		c.NoReply = 3 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 40 * time.Second
	}
	return c
}

func (c Config) wants(a agent) bool {
	return c.Agents == nil || slices.Contains(c.Agents, a.name)
}

// Lab is a running SBC with its PBX. Its methods may be called from any
// goroutine.
type Lab struct {
	// Realm is what to dial in.
	Realm string
	// Dir holds everything that the lab has written; logs are in Dir/logs.
	Dir string
	// CA is the file of the authority that signed the SBC's certificates.
	CA string
	// OtherCA is an authority that signed nothing here.
	OtherCA string

	// Kamailio is the SBC, Relay its media relay, Baresip one of the PBX
	// phones (nil with Config.NoBaresip), Trace what the SBC saw of SIP.
	Kamailio *Kamailio
	Relay    *Relay
	Baresip  *Baresip
	Trace    *Trace

	// Failures are of the tries before the one that succeeded.
	Failures []error

	cfg      Config
	programs programs
	block    *portBlock
	ports    labPorts
	tls      []tlsPort
	routes   []Route
	run      string // for sockets, whose paths must be short
	plain    string // a way to Dir without blanks, '#' and the like, for configurations
	group    *Group

	mu      sync.Mutex
	closers []io.Closer // what Close closes, beside the group
}

// labPorts are the single ports of a lab. Baresip listens for SIP over TLS on
// the port after its own, whether it is asked to or not; Closed stays free.
type labPorts struct{ SIP, WS, NG, Baresip, BaresipTLS, Control, Closed int }

// tlsPort is one wss port with a certificate of its own.
type tlsPort struct {
	Name string
	Port int
}

// Route sends the numbers that match a POSIX expression to a PBX agent, which
// speaks SIP over UDP on a port of 127.0.0.1.
type Route struct {
	Pattern string
	Port    int
}

// attempts is how often a start is tried, each time with other ports.
const attempts = 4

// Start runs a lab for a test and ends it with the test. It fails the test
// when a Debian package is missing. When the test has failed, the logs are
// kept and their folder is printed.
func Start(t TB, cfg Config) *Lab {
	t.Helper()
	dir := t.TempDir()
	l, err := Run(context.Background(), cfg, dir)
	if err != nil {
		keepLogs(t, dir)
		t.Fatalf("%v", err)
	}
	for _, err := range l.Failures {
		t.Logf("another try was needed: %v", err)
	}
	t.Cleanup(func() {
		deaths := l.group.Deaths()
		l.Close()
		for _, d := range deaths {
			t.Errorf("interop: a program of the lab ended by itself: %s", d)
		}
		if t.Failed() {
			keepLogs(t, dir)
		}
	})
	return l
}

// keepLogs saves the lab's folder from the removal of the test's.
func keepLogs(t TB, dir string) {
	kept, err := os.MkdirTemp("", "nxphone-interop-")
	if err == nil {
		err = os.CopyFS(kept, os.DirFS(dir))
	}
	if err != nil {
		t.Logf("interop: the logs could not be kept: %v", err)
		return
	}
	t.Logf("interop: logs, traces and recordings are kept in %s", kept)
}

// Run starts a lab in dir, which must be empty. The caller must Close it. A
// port that another program has taken in the meantime leads to another try.
func Run(ctx context.Context, cfg Config, dir string) (*Lab, error) {
	cfg = cfg.withDefaults()
	progs, err := findPrograms(parts())
	if err != nil {
		return nil, err
	}
	var failures []error
	for i := range attempts {
		l := &Lab{Realm: cfg.Realm, Dir: filepath.Join(dir, fmt.Sprintf("try%d", i)), cfg: cfg, programs: progs}
		try, cancel := context.WithTimeout(ctx, cfg.Timeout)
		err := l.start(try)
		cancel()
		if err == nil {
			l.Failures = failures
			return l, nil
		}
		l.Close()
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failures...)
}

// Close ends every program of the lab and gives its ports back. A second call
// does nothing.
func (l *Lab) Close() {
	l.mu.Lock()
	closers := l.closers
	l.closers = nil
	l.mu.Unlock()
	for _, c := range closers {
		c.Close()
	}
	if l.group != nil {
		l.group.Stop()
	}
	if l.block != nil {
		l.block.release()
		l.block = nil
	}
	if l.run != "" {
		os.RemoveAll(l.run)
		l.run = ""
	}
}

// closeLater hands something to Close.
func (l *Lab) closeLater(c io.Closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closers = append(l.closers, c)
}

func (l *Lab) start(ctx context.Context) (err error) {
	for _, d := range []string{"logs", "tls", "sipp", "trace", "record", "relay", "baresip"} {
		if err := os.MkdirAll(filepath.Join(l.Dir, d), 0o755); err != nil {
			return err
		}
	}
	if l.run, err = os.MkdirTemp("", "nx"); err != nil {
		return err
	}
	l.plain = filepath.Join(l.run, "lab")
	if err := os.Symlink(l.Dir, l.plain); err != nil {
		return err
	}
	if l.group, err = NewGroup(filepath.Join(l.Dir, "logs")); err != nil {
		return err
	}
	if l.block, err = takeBlock(); err != nil {
		return err
	}
	l.givePorts()
	if err := l.writeCertificates(); err != nil {
		return err
	}
	if err := writeSignals(l.Dir, l.cfg.Speech); err != nil {
		return err
	}
	return l.startPrograms(ctx)
}

func (l *Lab) givePorts() {
	p := &l.ports
	for _, port := range []*int{&p.SIP, &p.WS, &p.NG, &p.Baresip, &p.BaresipTLS, &p.Control, &p.Closed} {
		*port = l.block.single()
	}
	for _, name := range []string{"good", "other-name", "expired"} {
		l.tls = append(l.tls, tlsPort{Name: name, Port: l.block.single()})
	}
	l.routes = append(l.routes, l.cfg.Routes...)
	if !l.cfg.NoBaresip {
		l.routes = append(l.routes, Route{Pattern: exactly(NumberBaresip), Port: l.ports.Baresip})
	}
}

// startPrograms starts everything at once and then waits for each. Kamailio
// comes when the relay is ready: it asks the relay once, as it starts, and
// does without for a minute when there is no answer.
func (l *Lab) startPrograms(ctx context.Context) error {
	var ready []func(context.Context) error
	relay, err := l.startRelay()
	if err != nil {
		return err
	}
	l.Relay = relay
	for _, a := range agents() {
		if !l.cfg.wants(a) {
			continue
		}
		port, control := l.block.single(), l.block.single()
		l.routes = append(l.routes, Route{Pattern: a.pattern, Port: port})
		p, err := l.startAgent(a, port, control, l.block.agentRTP())
		if err != nil {
			return err
		}
		ready = append(ready, func(ctx context.Context) error {
			return waitReady(ctx, p, func() (bool, error) { return holds(p.PID(), "udp", port) })
		})
	}
	if !l.cfg.NoBaresip {
		if l.Baresip, err = l.startBaresip(); err != nil {
			return err
		}
		ready = append(ready, l.Baresip.ready)
	}
	if err := relay.ready(ctx); err != nil {
		return err
	}
	if l.Kamailio, err = l.startKamailio(); err != nil {
		return err
	}
	l.Trace = &Trace{dir: filepath.Join(l.Dir, "trace")}
	ready = append(ready, l.Kamailio.ready)
	for _, r := range ready {
		if err := r(ctx); err != nil {
			return err
		}
	}
	return nil
}

// URL is the SBC's for "ws" or "wss", by the name localhost.
func (l *Lab) URL(scheme string) string {
	port := l.ports.WS
	if scheme == "wss" {
		port = l.tls[0].Port
	}
	return fmt.Sprintf("%s://localhost:%d%s", scheme, port, l.cfg.Path)
}

// URLWithFault is a wss URL at which something is wrong with the certificate,
// though the lab's CA has signed it: "other-name" or "expired".
func (l *Lab) URLWithFault(fault string) string {
	for _, t := range l.tls {
		if t.Name == fault {
			return fmt.Sprintf("wss://localhost:%d", t.Port)
		}
	}
	panic("interop: no certificate with the fault " + fault)
}

// URLNobody is a ws URL whose port nobody listens on; the lab keeps it free.
func (l *Lab) URLNobody() string { return fmt.Sprintf("ws://localhost:%d", l.ports.Closed) }

// URLSilent is a ws or wss URL that accepts connections and says nothing.
func (l *Lab) URLSilent(scheme string) (string, error) {
	ln, err := net.Listen("tcp4", loopback(0))
	if err != nil {
		return "", err
	}
	l.closeLater(ln) // the backlog accepts; nobody reads
	return fmt.Sprintf("%s://%s", scheme, ln.Addr()), nil
}

func (l *Lab) writeCertificates() error {
	l.CA = filepath.Join(l.Dir, "tls", "ca.crt")
	l.OtherCA = filepath.Join(l.Dir, "tls", "other-ca.crt")
	ca, err := NewAuthority("interop CA")
	if err != nil {
		return err
	}
	other, err := NewAuthority("another CA")
	if err != nil {
		return err
	}
	if err := errors.Join(ca.writeCA(l.CA), other.writeCA(l.OtherCA)); err != nil {
		return err
	}
	tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-24*time.Hour)
	here := []net.IP{net.IPv4(127, 0, 0, 1)}
	for name, lf := range map[string]leaf{
		"good":       {names: []string{"localhost"}, ips: here, notAfter: tomorrow},
		"other-name": {names: []string{"sbc.example"}, notAfter: tomorrow},
		"expired":    {names: []string{"localhost"}, ips: here, notAfter: yesterday},
	} {
		base := filepath.Join(l.Dir, "tls", name)
		if err := ca.writeLeaf(lf, base+".crt", base+".key"); err != nil {
			return err
		}
	}
	return nil
}

// writeTemplate renders etc/name.tmpl into file.
func (l *Lab) writeTemplate(name, file string, data any) error {
	t, err := template.ParseFS(etc, "etc/"+name+".tmpl")
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := t.Execute(f, data); err != nil {
		f.Close()
		return fmt.Errorf("interop: %s: %w", name, err)
	}
	return f.Close()
}
