package demosbc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// certificateLife is how long the certificates are valid. They live in memory
// only and are made anew at every start.
const certificateLife = 90 * 24 * time.Hour

// newCertificate makes a certificate authority and, signed by it, a server
// certificate for localhost, the loopback addresses and the given hosts. It
// returns the server's side and the authority as PEM. The authority's key is
// forgotten at once: nothing else can ever be signed with it.
func newCertificate(hosts []string, now time.Time) (tls.Certificate, []byte, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("authority key: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("server key: %w", err)
	}

	ca := certificateTemplate("nxphone demo SBC authority", now)
	ca.IsCA = true
	ca.MaxPathLenZero = true
	ca.KeyUsage = x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("authority certificate: %w", err)
	}

	leaf := certificateTemplate("nxphone demo SBC", now)
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf.DNSNames, leaf.IPAddresses = certificateNames(hosts)
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("server certificate: %w", err)
	}

	server := tls.Certificate{Certificate: [][]byte{leafDER, caDER}, PrivateKey: key}
	return server, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), nil
}

// certificateTemplate has what both certificates share. The validity begins an
// hour early, for clocks that are behind.
func certificateTemplate(name string, now time.Time) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		serial = big.NewInt(now.UnixNano()) // crypto/rand does not fail on supported systems
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certificateLife),
		BasicConstraintsValid: true,
	}
}

// certificateNames sorts hosts into names and addresses, beside the loopback
// ones that every server has. Unspecified addresses name nothing.
func certificateNames(hosts []string) ([]string, []net.IP) {
	names := []string{"localhost"}
	addresses := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		switch {
		case ip == nil && host != "" && host != "localhost":
			names = append(names, host)
		case ip != nil && !ip.IsUnspecified() && !ip.Equal(addresses[0]) && !ip.Equal(addresses[1]):
			addresses = append(addresses, ip)
		}
	}
	return names, addresses
}
