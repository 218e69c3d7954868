package shift

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	// tryTime bounds one try, triesHook counts them, and pauses lie between.
	tryTime   = 5 * time.Second
	triesHook = 3
	// maxReply is what is read of an answer, so that the connection can end
	// in order.
	maxReply = 64 << 10
)

// pause is the back-off before a further try.
func pause(tries int) time.Duration { return time.Second << (2 * (tries - 1)) } // 1 s, 4 s

// note is what the supervisor's server is sent. The names of its members are a
// contract with that server: add to them, change none.
type note struct {
	Event     string `json:"event"`
	On        bool   `json:"on"`
	Call      int    `json:"callId"`
	SIPCall   string `json:"sipCallId,omitempty"`
	Extension string `json:"extension"`
	At        string `json:"at"`
	Number    string `json:"number,omitempty"`
}

// errURL is the error of an address that CheckURL refuses.
var errURL = errors.New("the address must begin with https://, or with http:// on this computer")

// CheckURL says whether an address may be told: https, or http on this
// computer, where nobody listens in between.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return errURL // the parser's words repeat the address, which may hold a key
	}
	switch strings.ToLower(u.Scheme) {
	case "https":
		return nil
	case "http":
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost") {
			return nil
		}
	}
	return errURL
}

// refusal is an answer that says no. Some are for good: the same again would
// get the same.
type refusal struct{ status int }

func (r refusal) Error() string { return fmt.Sprintf("the server answered %d", r.status) }

func (r refusal) forGood() bool {
	switch r.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return r.status < 500
}

// hook tells the supervisor's server.
type hook struct {
	roots func() *x509.CertPool // nil for the system's
	agent string
	pause func(tries int) time.Duration
}

// tell sends a note, and tries again where that may help. The error holds
// neither address nor number.
func (h hook) tell(ctx context.Context, address string, n note) error {
	if err := CheckURL(address); err != nil {
		return err
	}
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	for tries := 1; ; tries++ {
		err = h.try(ctx, address, body)
		var no refusal
		if err == nil || tries == triesHook || ctx.Err() != nil || errors.As(err, &no) && no.forGood() {
			return err
		}
		wait := time.NewTimer(h.pause(tries))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
	}
}

func (h hook) try(ctx context.Context, address string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errURL
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", h.agent)
	resp, err := h.client(req.URL).Do(req)
	if err != nil {
		// The client's own error repeats the address.
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxReply))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return refusal{resp.StatusCode}
	}
	return nil
}

// client is one for this request: they are rare, and a connection that waits
// for the next one would be one more thing to guard. Redirections are not
// followed, which could lead to http or another organisation.
func (h hook) client(u *url.URL) *http.Client {
	dialer := &net.Dialer{Timeout: tryTime}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: tryTime,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if h.roots != nil {
		t.TLSClientConfig.RootCAs = h.roots()
	}
	if strings.EqualFold(u.Scheme, "http") {
		// Whatever "localhost" resolves to: never in clear over a wire.
		t.Proxy = nil
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if ap, err := netip.ParseAddrPort(address); err != nil || !ap.Addr().IsLoopback() {
				return errURL
			}
			return nil
		}
	}
	t.DialContext = dialer.DialContext
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
