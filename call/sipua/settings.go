package sipua

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nxphone/call"
)

const (
	defaultConnectTimeout = 8 * time.Second
	defaultUserAgent      = "nxphone"
)

// Header is one SIP header field.
type Header struct{ Name, Value string }

// Settings are read anew for each call, so that a window can change them.
type Settings struct {
	// RootCAs holds PEM certificates that are trusted beside the system's.
	RootCAs []byte
	// User and Password answer digest challenges. An empty User means the
	// caller's extension. Without a password a challenge ends the call.
	User, Password string
	// PushProvider and PushParam are pn-provider and pn-param of RFC 8599,
	// which go into the Contact beside a push token; "" leaves them out.
	PushProvider, PushParam string
	// PushHeader, when set, names a header field of the INVITE that carries
	// the token instead of the Contact.
	PushHeader string
	// Header is added to the WebSocket handshake: Origin, cookies.
	Header http.Header
	// SIPHeaders are added to every request but CANCEL and the ACK of a
	// refusal, in this order. Fields that the phone itself writes are left
	// out and logged.
	SIPHeaders []Header
	// Register sends REGISTER before the first INVITE of a flow, refreshes it
	// while the flow is open and takes it back when it closes.
	Register bool
	// ConnectTimeout bounds the way to an open flow, REGISTER not counted;
	// 0 means 8 s.
	ConnectTimeout time.Duration
	// UserAgent is the User-Agent field; "" means "nxphone".
	UserAgent string
	// CloseIdle closes the flow with its last call. As a rule it is kept, so
	// that the next call starts at once.
	CloseIdle bool
	// KeepIdle bounds how long a flow is kept after its last call, and of the
	// flows so bounded only the newest few are; 0 means no bound. It is for
	// servers that somebody else chooses.
	KeepIdle time.Duration
}

func (s Settings) withDefaults() Settings {
	if s.ConnectTimeout <= 0 {
		s.ConnectTimeout = defaultConnectTimeout
	}
	if s.UserAgent == "" || strings.ContainsAny(s.UserAgent, "\r\n\x00") {
		s.UserAgent = defaultUserAgent
	}
	return s
}

// handshake is the header of the upgrade. Some gateways turn away the name that
// Go's HTTP client has by default.
func (s Settings) handshake() http.Header {
	h := s.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("User-Agent") == "" {
		h.Set("User-Agent", s.UserAgent)
	}
	return h
}

// flowKey names everything that makes two calls need different flows.
func (s Settings) flowKey(req call.Request) string {
	key := fmt.Sprintf("%q %q %q %v %v", req.URL, s.RootCAs, s.Header, s.Register, s.ConnectTimeout)
	if s.Register {
		key += fmt.Sprintf(" %q %q %q %q %q", req.Realm, req.DN, s.User, s.Password, s.UserAgent)
	}
	return key
}

// Options configure an Agent. The zero value works.
type Options struct {
	// Settings is called by Open and Warm, with what is dialled: a request need
	// not come from the settings, and then a secret of theirs is not for its
	// server. nil means the zero Settings.
	Settings func(call.Request) Settings
	// Logger takes what goes wrong on the way; nil drops it. Numbers, names
	// and messages are never logged.
	Logger *slog.Logger
	// Trace is shown every message, dir "send" or "receive", credentials and
	// push token masked, with the time at which it was written or read. It
	// must not block and may be called from several goroutines.
	Trace func(dir string, msg []byte, at time.Time)
	// OnSend is told of every request when it has been written: for
	// measurements. The same rules hold.
	OnSend func(method string, at time.Time)
	// DialContext opens network connections; nil means a net.Dialer's.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Proxy chooses a proxy; nil means http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
}
