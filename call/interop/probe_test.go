package interop

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// probe is a raw SIP over WebSocket client (RFC 7118) of a few lines. It
// tests the lab without the phone, so that a fault of the one is not taken
// for a fault of the other. Its media is an address in an SDP, no more.
type probe struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
	lab  *Lab
	tag  string
}

func dialProbe(t *testing.T, l *Lab, scheme string) *probe {
	t.Helper()
	pem, err := os.ReadFile(l.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the lab's CA file holds no certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	conn, _, err := websocket.Dial(t.Context(), l.URL(scheme), &websocket.DialOptions{
		Subprotocols: []string{"sip"}, HTTPClient: &http.Client{Transport: tr}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow(); tr.CloseIdleConnections() })
	return &probe{t: t, ctx: within(t, 2*time.Minute), conn: conn, lab: l, tag: rand.Text()}
}

// send writes a request of the dialog of callID. to is the To header, target
// the Request-URI.
func (p *probe) send(method, target, to, callID string, cseq int, headers, body string) {
	p.t.Helper()
	msg := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/WS probe.invalid;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:1001@%s>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n"+
		"Contact: <sip:1001@probe.invalid;transport=ws>\r\n%sContent-Length: %d\r\n\r\n%s",
		method, target, rand.Text(), p.lab.Realm, p.tag, to, callID, cseq, method, headers, len(body), body)
	if err := p.conn.Write(p.ctx, websocket.MessageText, []byte(msg)); err != nil {
		p.t.Fatal(err)
	}
}

// raw sends a request outside a dialog with a branch of its own, as CANCEL
// needs: it must be the INVITE's.
func (p *probe) raw(method, uri, branch, callID, sdp string) {
	p.t.Helper()
	msg := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/WS probe.invalid;branch=%s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:1001@%s>;tag=%s\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n"+
		"Contact: <sip:1001@probe.invalid;transport=ws>\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		method, uri, branch, p.lab.Realm, p.tag, uri, callID, method, len(sdp), sdp)
	if err := p.conn.Write(p.ctx, websocket.MessageText, []byte(msg)); err != nil {
		p.t.Fatal(err)
	}
}

// receive reads the next message.
func (p *probe) receive() Message {
	p.t.Helper()
	_, raw, err := p.conn.Read(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	return Message{Raw: string(raw)}
}

// final reads until a final response to the method.
func (p *probe) final(method string) Message {
	p.t.Helper()
	for {
		m := p.receive()
		if _, of := m.CSeq(); m.Status() >= 200 && of == method {
			return m
		}
	}
}

// call invites a number, without encryption or ICE, as no phone would: it is
// enough for the signalling.
func (p *probe) call(number string) (answer Message, callID string) {
	p.t.Helper()
	return p.callWith(number, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=inactive\r\n")
}

// callWith invites a number with an offer.
func (p *probe) callWith(number, sdp string) (answer Message, callID string) {
	p.t.Helper()
	callID = rand.Text()
	uri := fmt.Sprintf("sip:%s@%s", number, p.lab.Realm)
	p.send("INVITE", uri, "<"+uri+">", callID, 1, "Content-Type: application/sdp\r\n", sdp)
	return p.final("INVITE"), callID
}

// routes makes Route headers of an answer's Record-Routes (RFC 3261 section
// 12.1.2: in reverse).
func routes(answer Message) string {
	var out string
	head, _, _ := strings.Cut(answer.Raw, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if v, ok := strings.CutPrefix(line, "Record-Route: "); ok {
			out = "Route: " + v + "\r\n" + out
		}
	}
	return out
}

func contact(m Message) string {
	uri := m.Header("Contact")
	if _, after, ok := strings.Cut(uri, "<"); ok {
		uri, _, _ = strings.Cut(after, ">")
	}
	return uri
}
