package demosbc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/emiago/sipgo/sip"
	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// startServer runs a server for one test.
func startServer(t testing.TB, cfg Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// phone is a raw SIP phone on one WebSocket: it writes what a test says and
// keeps what comes. It answers nothing by itself.
type phone struct {
	t    testing.TB
	conn *websocket.Conn
	in   chan sip.Message
	raw  chan string // messages that are no SIP
	done chan struct{}
}

// dial opens a flow to url, trusting the server's own authority.
func dial(t testing.TB, s *Server, url string) *phone {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CA()) {
		t.Fatal("the CA is no PEM")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		Subprotocols: []string{"sip"}, HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	p := &phone{
		t: t, conn: conn, in: make(chan sip.Message, 1000),
		raw: make(chan string, 100), done: make(chan struct{}),
	}
	go p.read()
	t.Cleanup(p.hangUpSocket)
	return p
}

func (p *phone) read() {
	defer close(p.done)
	parser := newParser()
	for {
		_, data, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		msg, err := parser.ParseSIP(data)
		if err != nil {
			p.raw <- string(data)
			continue
		}
		p.in <- msg
	}
}

func (p *phone) hangUpSocket() {
	_ = p.conn.CloseNow()
	<-p.done
}

func (p *phone) write(text string) { p.writeAs(websocket.MessageText, text) }

func (p *phone) writeAs(kind websocket.MessageType, text string) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), kind, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// next is the next SIP message.
func (p *phone) next() sip.Message {
	p.t.Helper()
	select {
	case msg := <-p.in:
		return msg
	case <-time.After(patience):
		p.t.Fatal("no message came")
	}
	return nil
}

// response is the next message, which must be a response with this code.
func (p *phone) response(code int) *sip.Response {
	p.t.Helper()
	msg := p.next()
	res, ok := msg.(*sip.Response)
	if !ok || res.StatusCode != code {
		p.t.Fatalf("got %q, want a %d", firstLine(msg), code)
	}
	return res
}

// request is the next message, which must be a request of this method.
func (p *phone) request(method sip.RequestMethod) *sip.Request {
	p.t.Helper()
	msg := p.next()
	req, ok := msg.(*sip.Request)
	if !ok || req.Method != method {
		p.t.Fatalf("got %q, want a %s", firstLine(msg), method)
	}
	return req
}

// silence fails when a message comes within d.
func (p *phone) silence(d time.Duration) {
	p.t.Helper()
	select {
	case msg := <-p.in:
		p.t.Fatalf("got %q, want nothing", firstLine(msg))
	case <-time.After(d):
	}
}

func firstLine(msg sip.Message) string {
	line, _, _ := strings.Cut(msg.String(), "\r\n")
	return line
}

// leg is one call as its phone sees it, in text, so that tests can bend it.
type leg struct {
	p              *phone
	number, callID string
	from, to       string // tags; to is "" before the first response with one
	branch         string // of the INVITE
	seq            int
	headers        string // extra lines for every request, each with CRLF
}

func (p *phone) leg(number string) *leg {
	return &leg{p: p, number: number, callID: sip.GenerateTagN(12), from: sip.GenerateTagN(8), seq: 7}
}

// text is a request of the leg.
func (l *leg) text(method string, seq int, branch, extra, body string) string {
	to := "<sip:" + l.number + "@demo.invalid>"
	if l.to != "" {
		to += ";tag=" + l.to
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s sip:%s@demo.invalid SIP/2.0\r\n", method, l.number)
	fmt.Fprintf(&b, "Via: SIP/2.0/WS abc.invalid;branch=%s;rport\r\n", branch)
	fmt.Fprintf(&b, "Max-Forwards: 70\r\nFrom: <sip:1001@demo.invalid>;tag=%s\r\nTo: %s\r\n", l.from, to)
	fmt.Fprintf(&b, "Call-ID: %s\r\nCSeq: %d %s\r\n", l.callID, seq, method)
	b.WriteString("Contact: <sip:1001@abc.invalid;transport=ws;ob>\r\n" + l.headers + extra)
	if body != "" && !strings.Contains(extra, "Content-Type") {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.String()
}

// invite sends the INVITE.
func (l *leg) invite(sdp string) {
	l.p.t.Helper()
	l.branch = sip.GenerateBranch()
	l.p.write(l.text("INVITE", l.seq, l.branch, "", sdp))
}

// send sends the next request inside the dialog.
func (l *leg) send(method, extra, body string) {
	l.p.t.Helper()
	l.seq++
	l.p.write(l.text(method, l.seq, sip.GenerateBranch(), extra, body))
}

// ack acknowledges a 2xx.
func (l *leg) ack(res *sip.Response) {
	l.p.t.Helper()
	l.p.write(l.text("ACK", int(res.CSeq().SeqNo), sip.GenerateBranch(), "", ""))
}

// expect is the next message, a response with this code to the leg's INVITE;
// the To tag is learned from it.
func (l *leg) expect(code int) *sip.Response {
	l.p.t.Helper()
	res := l.p.response(code)
	if tag := tagOf(res.To().Params); tag != "" {
		if l.to != "" && l.to != tag {
			l.p.t.Fatalf("To tag changed from %s to %s", l.to, tag)
		}
		l.to = tag
	}
	return res
}

// cancel sends the CANCEL for the INVITE.
func (l *leg) cancel() {
	l.p.t.Helper()
	to := l.to
	l.to = ""
	l.p.write(l.text("CANCEL", l.seq, l.branch, "", ""))
	l.to = to
}

// bye ends the call from the phone's side.
func (l *leg) bye() {
	l.p.t.Helper()
	l.send("BYE", "", "")
	l.p.response(200)
}

// respond answers a request of the server.
func (p *phone) respond(req *sip.Request, code int, reason, sdp string) {
	p.t.Helper()
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	res.AppendHeader(sip.NewHeader("Contact", "<sip:1001@abc.invalid;transport=ws;ob>"))
	setSDP(res, sdp)
	p.write(res.String())
}

// mouth is the phone's sound: a pion offerer that sends and takes packets.
type mouth struct {
	t     testing.TB
	pc    *webrtc.PeerConnection
	out   *sender
	offer string
	// heard gets every packet that comes.
	heard  chan rtp.Packet
	up     chan struct{}
	seq    uint16
	probes int
}

// mouthConfig bends a mouth.
type mouthConfig struct {
	codecs []webrtc.RTPCodecParameters // nil: Opus, PCMU, PCMA and telephone-event
	// edit rewrites the offer for the server.
	edit func(string) string
}

// testCodecs are the usual ones, in the order of a browser.
func testCodecs(names ...string) []webrtc.RTPCodecParameters {
	all := map[string]webrtc.RTPCodecParameters{
		"opus": {PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}},
		"pcmu":    {PayloadType: 0, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}},
		"pcma":    {PayloadType: 8, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: 8000}},
		"event48": {PayloadType: 105, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 48000}},
		"event8":  {PayloadType: 101, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000}},
	}
	var list []webrtc.RTPCodecParameters
	for _, n := range names {
		list = append(list, all[n])
	}
	return list
}

// newMouth makes an offer with all candidates.
func newMouth(t testing.TB, cfg mouthConfig) *mouth {
	t.Helper()
	if cfg.codecs == nil {
		cfg.codecs = testCodecs("opus", "pcmu", "pcma", "event48", "event8")
	}
	engine := &webrtc.MediaEngine{}
	for _, c := range cfg.codecs {
		if err := engine.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			t.Fatal(err)
		}
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.Equal(net.IPv4(127, 0, 0, 1)) })
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetHandleUndeclaredSSRCWithoutAnswer(true)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	m := &mouth{
		t: t, pc: pc, out: newSender(48000), heard: make(chan rtp.Packet, 4096), up: make(chan struct{}),
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			close(m.up)
		}
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			select {
			case m.heard <- *p:
			default:
			}
		}
	})
	if _, err := pc.AddTrack(m.out); err != nil {
		t.Fatal(err)
	}
	m.makeOffer(cfg)
	return m
}

func (m *mouth) makeOffer(cfg mouthConfig) {
	m.t.Helper()
	offer, err := m.pc.CreateOffer(nil)
	if err != nil {
		m.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(m.pc)
	if err := m.pc.SetLocalDescription(offer); err != nil {
		m.t.Fatal(err)
	}
	<-gathered
	m.offer = m.pc.LocalDescription().SDP
	if cfg.edit != nil {
		m.offer = cfg.edit(m.offer)
	}
}

// answer takes the server's SDP and waits for the connection.
func (m *mouth) answer(sdp string) {
	m.t.Helper()
	if err := m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		m.t.Fatalf("%v in\n%s", err, sdp)
	}
	select {
	case <-m.up:
	case <-time.After(patience):
		m.t.Fatal("the media did not connect")
	}
}

// say sends one packet; sequence numbers count on by themselves.
func (m *mouth) say(pt uint8, ts uint32, payload []byte) {
	m.t.Helper()
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	m.seq++
	h := rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: m.seq, Timestamp: ts, SSRC: m.out.header.SSRC}
	if m.out.writer == nil {
		m.t.Fatal("not connected")
	}
	if _, err := m.out.writer.WriteRTP(&h, payload); err != nil {
		m.t.Fatal(err)
	}
}

// settle sends packets until the echo is there (the first ones may be lost
// while the keys of one side are not in place yet) and returns the last echo.
// Each time it waits longer: on a busy machine an echo takes its time.
func (m *mouth) settle(pt uint8) rtp.Packet {
	m.t.Helper()
	const probe = 0xee
	for pause := 20 * time.Millisecond; pause < patience; pause += pause / 2 {
		m.probes++
		m.say(pt, 0, []byte{probe, byte(m.probes)})
		wait := time.After(pause)
		for waiting := true; waiting; {
			select {
			case p := <-m.heard:
				if len(p.Payload) == 2 && p.Payload[0] == probe && p.Payload[1] == byte(m.probes) {
					return p
				}
			case <-wait:
				waiting = false
			}
		}
	}
	m.t.Fatal("there is no echo")
	return rtp.Packet{}
}

// hear is the next packet.
func (m *mouth) hear() rtp.Packet {
	m.t.Helper()
	select {
	case p := <-m.heard:
		return p
	case <-time.After(patience):
		m.t.Fatal("no packet came")
	}
	return rtp.Packet{}
}

// eventually waits for a condition of the server.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}
