package flow

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Kind says what kept a flow from opening.
type Kind int

const (
	Unreachable Kind = 1 // no connection: name, route, refusal, time, proxy
	Certificate Kind = 2 // the server's certificate is not trusted
	Handshake   Kind = 3 // connected, but it did not become a WebSocket
	Cancelled   Kind = 4 // the context given to Dial was cancelled
)

// Fault is Dial's error.
type Fault struct {
	Kind Kind
	// Phrase tells a technician what happened, in the system's words. It
	// names hosts, but never a path or a query, which may hold a token.
	Phrase string
}

func (f *Fault) Error() string { return f.Phrase }

// attempt is what is known about a dial when it fails.
type attempt struct {
	host      string
	limit     time.Duration
	connected bool // the HTTP request was under way
	resp      *http.Response
}

func (a attempt) fault(ctx context.Context, err error) *Fault {
	if a.resp != nil {
		return a.refused()
	}
	// The text of url.Error repeats the URL, token and all.
	if ue := new(url.Error); errors.As(err, &ue) {
		err = ue.Err
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &Fault{Cancelled, "cancelled"}
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &Fault{Unreachable, fmt.Sprintf("%s: no answer within %v", a.host, a.limit)}
	}
	if phrase, ok := certificateFault(err); ok {
		return &Fault{Certificate, a.host + ": " + phrase}
	}
	if rec := new(tls.RecordHeaderError); errors.As(err, rec) ||
		errors.Is(err, http.ErrSchemeMismatch) {
		return &Fault{Handshake, a.host + ": the server does not speak TLS"}
	}
	if op := new(net.OpError); errors.As(err, &op) && op.Op == proxyOp {
		return &Fault{Unreachable, "proxy: " + brief(op.Err)}
	}
	if dns := new(net.DNSError); errors.As(err, &dns) {
		return &Fault{Unreachable, dns.Name + ": " + dns.Err}
	}
	if a.connected {
		return &Fault{Handshake, a.host + ": " + brief(err)}
	}
	return &Fault{Unreachable, a.host + ": " + brief(err)}
}

func (a attempt) refused() *Fault {
	code := a.resp.StatusCode
	if code == http.StatusSwitchingProtocols {
		return &Fault{Handshake, a.host + ": the server's upgrade breaks RFC 6455"}
	}
	return &Fault{Handshake, strings.TrimSpace(fmt.Sprintf("HTTP %d %s", code, http.StatusText(code)))}
}

// certificateFault names what is wrong with a certificate.
func certificateFault(err error) (string, bool) {
	var (
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		roots     x509.SystemRootsError
	)
	switch {
	case errors.As(err, &name), errors.As(err, &authority), errors.As(err, &invalid),
		errors.As(err, &roots), errors.As(err, &verify):
	default:
		return "", false
	}
	if verify != nil {
		return verify.Err.Error(), true
	}
	return brief(err), true
}

const closedByServer = "the server closed the connection"

// brief is the last link of an error's chain, the one that says something.
func brief(err error) string {
	// Which of these it is depends on whether the end was noticed by reading or
	// by writing. net/http has no error value for its own, whose words
	// mislead: the connection was not idle, it waited for the answer.
	for _, closed := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, closed) {
			return closedByServer
		}
	}
	if strings.HasSuffix(err.Error(), "server closed idle connection") {
		return closedByServer
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
