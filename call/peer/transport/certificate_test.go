package transport

import (
	"crypto"
	"fmt"
	"strings"
	"testing"

	"nxphone/call/peer/sdp"
)

// TestVerify: any fingerprint of a hash that may be used will do; MD5 may not,
// though it fits.
func TestVerify(t *testing.T) {
	cert, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	raw := cert.tls.Certificate
	of := func(name string, h crypto.Hash) sdp.Fingerprint {
		sum := h.New()
		sum.Write(raw[0])
		return sdp.Fingerprint{Hash: name, Value: strings.ReplaceAll(fmt.Sprintf("% X", sum.Sum(nil)), " ", ":")}
	}
	good := cert.Fingerprint()
	bad := sdp.Fingerprint{Hash: "sha-256", Value: strings.Repeat("00:", 31) + "00"}
	for _, c := range []struct {
		name string
		fps  []sdp.Fingerprint
		ok   bool
	}{
		{"its own", []sdp.Fingerprint{good}, true},
		{"sha-1", []sdp.Fingerprint{of("sha-1", crypto.SHA1)}, true},
		{"one of two", []sdp.Fingerprint{bad, good}, true},
		{"unknown hash beside it", []sdp.Fingerprint{{Hash: "sha3-256", Value: "00"}, good}, true},
		{"another's", []sdp.Fingerprint{bad}, false},
		{"md5", []sdp.Fingerprint{of("md5", crypto.MD5)}, false},
		{"none", nil, false},
	} {
		if err := verify(c.fps)(raw, nil); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
