package sipua_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"nxphone/call"
	"nxphone/call/sipua"
	"nxphone/call/sipua/sipuatest"
)

// certificate makes a self-signed one for localhost.
func certificate(tb testing.TB) (*tls.Config, []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// secure is a wss server on loopback and the request for it.
func secure(tb testing.TB) (*sipuatest.Server, call.Request, []byte) {
	conf, ca := certificate(tb)
	srv := sipuatest.Listen(tb, conf)
	_, port, _ := net.SplitHostPort(srv.Addr())
	req := request
	req.URL = "wss://localhost:" + port + "/ws"
	return srv, req, ca
}

func TestSecureWebSocket(t *testing.T) {
	srv, req, ca := secure(t)
	set := sipua.Settings{RootCAs: ca}
	agent := sipua.New(sipua.Options{Settings: func(call.Request) sipua.Settings { return set }})
	defer agent.Close(context.Background())
	events := make(chan call.SignalEvent, 10)
	tell := func(ev call.SignalEvent) { events <- ev }
	for _, scheme := range []string{"wss", "WSS"} {
		req := req
		req.URL = scheme + strings.TrimPrefix(req.URL, "wss")
		agent.Open(req, tell).Invite(offer)
		c := srv.Accept()
		inv := c.Expect("INVITE")
		if !strings.HasPrefix(inv.Value("Via"), "SIP/2.0/WSS ") || !strings.Contains(inv.Value("Contact"), ".invalid;transport=ws;ob>") {
			t.Errorf("the INVITE:\n%s", inv.Text)
		}
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		if ev := <-events; ev.(call.LegEnded).Reason.Code != call.CodeLineBusy {
			t.Errorf("told %#v", ev)
		}
	}
	// The settings are read for each call: without the CA it is not trusted.
	set = sipua.Settings{}
	agent.Open(req, tell).Invite(offer)
	r := (<-events).(call.LegEnded).Reason
	if r.Code != call.CodeCertificate || !strings.HasPrefix(r.Phrase, "localhost: x509: ") {
		t.Errorf("reason %+v", r)
	}
}

// BenchmarkOpenToInvite measures the time from Open to the INVITE written, over
// wss on loopback: cold with TCP, TLS and WebSocket handshake, warm on an open
// flow. The median is what is reported.
func BenchmarkOpenToInvite(b *testing.B) {
	for _, cold := range []bool{false, true} {
		name := "warm"
		if cold {
			name = "cold"
		}
		b.Run(name, func(b *testing.B) { benchmarkInvite(b, cold) })
	}
}

func benchmarkInvite(b *testing.B, cold bool) {
	srv, req, ca := secure(b)
	written := make(chan time.Time, 10)
	agent := sipua.New(sipua.Options{
		Settings: func(call.Request) sipua.Settings { return sipua.Settings{RootCAs: ca, CloseIdle: cold} },
		OnSend: func(method string, at time.Time) {
			if method == "INVITE" {
				written <- at
			}
		},
	})
	defer agent.Close(context.Background())
	events := make(chan call.SignalEvent, 10)
	var c *sipuatest.Conn
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		agent.Open(req, func(ev call.SignalEvent) { events <- ev }).Invite(offer)
		took = append(took, (<-written).Sub(start))
		if c == nil || cold {
			c = srv.Accept()
		}
		c.Reply(c.Expect("INVITE"), "486 Busy Here")
		c.Expect("ACK")
		<-events
		if cold {
			c.WaitGone()
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
}
