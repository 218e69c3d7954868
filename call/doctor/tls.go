package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nxphone/call/profile"
)

// soon is when the end of a certificate is told: two weeks are what an
// administrator who is told on Monday needs.
const soon = 14 * 24 * time.Hour

// roots are the authorities of a call, nil for the system's own.
func (o Options) roots() (*x509.CertPool, error) {
	pem := slices.Clone(o.Roots)
	var fault error
	if o.Settings.CA != "" {
		text, err := profile.ReadPlain(o.Settings.CA)
		fault = err
		pem = append(append(pem, '\n'), text...)
	}
	if len(pem) == 0 {
		return nil, fault
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) && fault == nil {
		fault = errors.New("no certificate in it")
	}
	return pool, fault
}

// certificate checks the server's chain as crypto/tls does (RFC 5280, RFC 6125),
// and keeps it. It is called by the handshake.
func (a *attempt) certificate(u *url.URL, s tls.ConnectionState) error {
	intermediates := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{
		DNSName: u.Hostname(), Roots: a.pool, Intermediates: intermediates, CurrentTime: a.o.Now(),
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state, a.verify = s, err
	return err
}

// encryption judges TLS.
func (a *attempt) encryption() Finding {
	host := a.u.Hostname()
	if a.u.Scheme == "ws" {
		if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
			return Find(TLSLocal)
		}
		return Find(TLSNone)
	}
	if a.verify != nil {
		return a.untrusted(host)
	}
	if a.state.PeerCertificates != nil && (a.shaken || a.resp != nil || a.dialErr == nil) {
		return a.trusted()
	}
	var rec tls.RecordHeaderError
	var alert tls.AlertError
	var timeout net.Error
	switch err := a.dialErr; {
	case errors.As(err, &rec), strings.Contains(err.Error(), "server gave HTTP response"):
		return Find(TLSNot, "host", host)
	case errors.As(err, &alert) && strings.Contains(alert.Error(), "protocol version"),
		strings.Contains(err.Error(), "unsupported versions"), strings.Contains(err.Error(), "protocol version not supported"):
		return Find(TLSOld, "host", host).With(brief(err))
	case errors.As(err, &timeout) && timeout.Timeout():
		return Find(TLSTimeout, "host", host)
	default:
		return Find(TLSFailed, "host", host).With(brief(err))
	}
}

func (a *attempt) trusted() Finding {
	first := a.state.PeerCertificates[0].NotAfter
	for _, c := range a.state.PeerCertificates {
		if c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	left := first.Sub(a.o.Now())
	days := strconv.Itoa(int(left / (24 * time.Hour)))
	code := TLSOK
	if left < soon {
		code = TLSSoon
	}
	return Find(code, "days", days).With(tls.VersionName(a.state.Version) + ", " + tls.CipherSuiteName(a.state.CipherSuite))
}

// untrusted says what is wrong with a chain.
func (a *attempt) untrusted(host string) Finding {
	leaf := a.state.PeerCertificates[0]
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var authority x509.UnknownAuthorityError
	now := a.o.Now()
	args := []string{"host", host, "date", leaf.NotAfter.Format(time.DateOnly), "from", leaf.NotBefore.Format(time.DateOnly),
		"today", now.Format(time.DateOnly), "names", strings.Join(names(leaf), ", ")}
	code := TLSUntrusted
	switch err := a.verify; {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(invalid.Cert.NotBefore):
		code = TLSEarly
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		code = TLSExpired
	case errors.As(err, &name):
		code = TLSName
	case errors.As(err, &authority) && len(a.state.PeerCertificates) == 1 && leaf.CheckSignatureFrom(leaf) == nil,
		errors.As(err, &authority) && string(leaf.RawIssuer) == string(leaf.RawSubject):
		code = TLSSelf
	case errors.As(err, &authority):
		code = TLSAuthority
	}
	return Find(code, args...).With(brief(a.verify))
}

// names are whom a certificate is for, the first few.
func names(c *x509.Certificate) []string {
	all := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		all = append(all, c.Subject.CommonName)
	}
	return all[:min(len(all), 3)]
}
