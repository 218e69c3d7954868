package transport

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	_ "crypto/sha1" // for peers that sign their fingerprint with it
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"

	"nxphone/call/peer/sdp"
)

// Certificate is our side's identity in DTLS: self-signed, known to the peer
// by its fingerprint (RFC 8827 section 6.5). One may serve many calls.
type Certificate struct {
	tls tls.Certificate
	fp  sdp.Fingerprint
}

// NewCertificate makes a P-256 certificate, which takes about a millisecond.
func NewCertificate() (*Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("transport: certificate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 96))
	if err != nil {
		return nil, fmt.Errorf("transport: certificate: %w", err)
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: serial,
		// The name says nothing about the machine or its user.
		Subject:   pkix.Name{CommonName: "WebRTC"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(365 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("transport: certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("transport: certificate: %w", err)
	}
	hex, err := hashOf(leaf, "sha-256")
	if err != nil {
		return nil, err
	}
	return &Certificate{
		tls: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf},
		fp:  sdp.Fingerprint{Hash: "sha-256", Value: hex},
	}, nil
}

// Fingerprint is what the SDP says about the certificate.
func (c *Certificate) Fingerprint() sdp.Fingerprint { return c.fp }

var errFingerprint = errors.New("transport: the peer's certificate does not have the fingerprint that was signalled")

// verify accepts a certificate that any of the peer's fingerprints describes;
// those of unknown hash functions are passed over (RFC 8122 section 5).
func verify(fps []sdp.Fingerprint) func([][]byte, [][]*x509.Certificate) error {
	return func(raw [][]byte, _ [][]*x509.Certificate) error {
		if len(raw) == 0 {
			return errFingerprint
		}
		leaf, err := x509.ParseCertificate(raw[0])
		if err != nil {
			return fmt.Errorf("transport: the peer's certificate: %w", err)
		}
		for _, fp := range fps {
			if hex, err := hashOf(leaf, fp.Hash); err == nil && hex == fp.Value {
				return nil
			}
		}
		return errFingerprint
	}
}

// hashOf gives the upper-case fingerprint.
func hashOf(cert *x509.Certificate, name string) (string, error) {
	hash, err := fingerprint.HashFromString(name)
	if err != nil {
		return "", fmt.Errorf("transport: fingerprint: %w", err)
	}
	// RFC 8122 section 5: MD5 must not be used, not even to verify.
	if hash == crypto.MD5 || !hash.Available() {
		return "", fmt.Errorf("transport: fingerprint: %s is not available", name)
	}
	h := hash.New()
	h.Write(cert.Raw)
	var hex []byte
	for i, b := range h.Sum(nil) {
		if i > 0 {
			hex = append(hex, ':')
		}
		hex = fmt.Appendf(hex, "%02X", b)
	}
	return string(hex), nil
}
