package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"

	"nxphone/call/profile"
)

// relayTime bounds one server; they are asked at once.
const relayTime = 6 * time.Second

// relays asks every STUN and TURN server of the settings for what a call would
// ask of it.
func (o Options) relays(ctx context.Context, tell func(...Finding)) {
	servers := o.Settings.ICEServers
	if len(servers) == 0 {
		tell(Find(RelayNone))
		return
	}
	out := make([]Finding, len(servers))
	var wg sync.WaitGroup
	for i, s := range servers {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, o.times.relay)
			defer cancel()
			out[i] = o.relay(ctx, s)
		})
	}
	wg.Wait()
	tell(out...)
}

func (o Options) relay(ctx context.Context, s profile.ICEServer) Finding {
	uri, err := stun.ParseURI(s.URL)
	if err != nil {
		return Find(RelayWrong, "server", s.URL)
	}
	server := uri.Scheme.String() + ":" + net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
	if uri.Proto == stun.ProtoTypeTCP && uri.Scheme == stun.SchemeTypeTURN {
		server += " (TCP)"
	}
	ask := uri.Scheme == stun.SchemeTypeTURN || uri.Scheme == stun.SchemeTypeTURNS
	password := ""
	if ask {
		if o.RelaySecret != nil {
			password, err = o.RelaySecret(ctx, s)
		}
		if s.User == "" || password == "" || err != nil {
			return Find(RelayNoPassword, "server", server)
		}
	}
	conn, to, err := o.relayConn(ctx, uri)
	if err != nil {
		return relayFault(ctx, err, server)
	}
	defer conn.Close()
	// The client's waits know no context; a closed connection ends them.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: to, TURNServerAddr: to, Conn: conn, Username: s.User, Password: password,
		LoggerFactory: quiet(),
	})
	if err != nil {
		return relayFault(ctx, err, server)
	}
	defer client.Close()
	if err := client.Listen(); err != nil {
		return relayFault(ctx, err, server)
	}
	if !ask {
		if err := bounded(ctx, conn, func() error { _, err := client.SendBindingRequest(); return err }); err != nil {
			return relayFault(ctx, err, server)
		}
		return Find(RelayStunOK, "server", server)
	}
	var relayed net.PacketConn
	err = bounded(ctx, conn, func() (err error) { relayed, err = client.Allocate(); return err })
	if err != nil {
		return relayFault(ctx, err, server)
	}
	_ = relayed.Close() // gives the allocation back (RFC 8656 section 3.9)
	return Find(RelayOK, "server", server)
}

// bounded runs f, which ends soon after ctx because its connection is closed
// then; a late end is waited for.
func bounded(ctx context.Context, conn net.PacketConn, f func() error) error {
	err := f()
	if c, ok := conn.(*connected); ok && err != nil && c.refused.Load() {
		return syscall.ECONNREFUSED
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// relayConn opens the way to a server: UDP, TCP, or TLS over TCP (RFC 7065).
func (o Options) relayConn(ctx context.Context, uri *stun.URI) (net.PacketConn, string, error) {
	port := strconv.Itoa(uri.Port)
	addrs, err := o.Resolver.LookupIPAddr(ctx, uri.Host)
	if err != nil {
		return nil, "", err
	}
	to := net.JoinHostPort(addrs[0].String(), port)
	secure := uri.Scheme == stun.SchemeTypeTURNS || uri.Scheme == stun.SchemeTypeSTUNS
	if uri.Proto == stun.ProtoTypeUDP && !secure {
		// Connected, so that a port where nobody listens is told by the system.
		conn, err := (&net.Dialer{}).DialContext(ctx, "udp", to)
		if err != nil {
			return nil, "", err
		}
		return &connected{Conn: conn}, to, nil
	}
	conn, err := o.DialContext(ctx, "tcp", to)
	if err != nil {
		return nil, "", err
	}
	if secure {
		pool, _ := o.roots()
		t := tls.Client(conn, &tls.Config{ServerName: uri.Host, RootCAs: pool, MinVersion: tls.VersionTLS12})
		if err := t.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, "", err
		}
		conn = t
	}
	return turn.NewSTUNConn(conn), to, nil
}

// connected is a UDP connection as a packet connection to its one peer.
type connected struct {
	net.Conn
	// refused: the system has said that nobody listens there. The client keeps
	// no cause of its own errors.
	refused atomic.Bool
}

func (c *connected) note(err error) error {
	if errors.Is(err, syscall.ECONNREFUSED) {
		c.refused.Store(true)
	}
	return err
}

func (c *connected) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := c.Read(p)
	return n, c.RemoteAddr(), c.note(err)
}

func (c *connected) WriteTo(p []byte, _ net.Addr) (int, error) {
	n, err := c.Write(p)
	return n, c.note(err)
}

// relayFault says what an error of a server means.
func relayFault(ctx context.Context, err error, server string) Finding {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var refused *stun.TurnError
	f := Find(RelayFailed, "server", server)
	switch {
	case errors.As(err, &dns) && dns.IsTimeout, errors.As(err, &dns):
		f.Code = RelayName
	case errors.As(err, &refused):
		f.Code = RelayDenied
		if code := refused.ErrorCodeAttr.Code; code == stun.CodeAllocQuotaReached || code == stun.CodeInsufficientCapacity {
			f.Code = RelayQuota
		}
		return f.With("TURN " + refused.ErrorCodeAttr.String())
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Code = RelayRefused
	case errors.As(err, &certificate), errors.As(err, &record):
		f.Code = RelayTLS
		return f.With(brief(err))
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), isTimeout(err):
		f.Code = RelayTimeout
	default:
		return f.With(brief(err))
	}
	return f
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// quiet drops what the client logs: user names may stand in it.
func quiet() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled
	f.Writer = io.Discard
	return f
}
