package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"
)

// The numbers of the exchange.
const (
	// numberPrefix begins all of them; what follows tells calls apart that the
	// bench makes.
	numberPrefix = "0700"
	// numberPattern is the SBC's route to the exchange.
	numberPattern = "^" + numberPrefix
)

// exchange is the PBX of the bench: a SIP server on UDP behind the SBC that
// answers every call at once and does with its sound what the bench says. It
// speaks Opus only. Nothing is lost on loopback, so a 2xx is repeated only for
// an INVITE that is.
type exchange struct {
	conn    *net.UDPConn
	parser  *sip.Parser
	serving sync.WaitGroup

	mu    sync.Mutex
	legs  map[string]*leg // by Call-ID
	wake  chan struct{}   // closed and renewed with every call
	calls []*leg          // in the order of coming, until they are taken
}

func newExchange() (*exchange, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	x := &exchange{conn: conn, parser: sip.NewParser(), legs: map[string]*leg{}, wake: make(chan struct{})}
	x.serving.Go(x.serve)
	return x, nil
}

// port is where the exchange is called.
func (x *exchange) port() int { return port(x.conn) }

// close ends everything without a word to the callers.
func (x *exchange) close() {
	x.conn.Close()
	x.serving.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, l := range x.legs {
		l.close()
	}
}

// serve answers requests until the socket is closed.
func (x *exchange) serve() {
	buf := make([]byte, 65535)
	for {
		n, from, err := x.conn.ReadFromUDP(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || n < 16 { // others are ICMP errors, and the SBC's keepalives
			continue
		}
		msg, err := x.parser.ParseSIP(append([]byte(nil), buf[:n]...))
		if err != nil {
			continue
		}
		req, ok := msg.(*sip.Request)
		if !ok || req.CallID() == nil || req.To() == nil || req.Via() == nil {
			continue
		}
		if res := x.answer(req); res != nil {
			_, _ = x.conn.WriteToUDP([]byte(res.String()), from) // a SBC that is gone needs none
		}
	}
}

// answer is what a request is answered with; nil for an ACK.
func (x *exchange) answer(req *sip.Request) *sip.Response {
	switch req.Method {
	case sip.INVITE:
		return x.invite(req)
	case sip.ACK:
		return nil
	case sip.BYE, sip.CANCEL: // a CANCEL is always too late: the call was answered
		x.end(req)
	}
	return sip.NewResponseFromRequest(req, 200, "OK", nil)
}

// invite answers a call, or a later offer of the same call, whose stream stays.
func (x *exchange) invite(req *sip.Request) *sip.Response {
	id := req.CallID().Value()
	x.mu.Lock()
	defer x.mu.Unlock()
	l := x.legs[id]
	if l == nil {
		var err error
		if l, err = newLeg(req.Recipient.User, string(req.Body())); err != nil {
			return sip.NewResponseFromRequest(req, 488, "Not Acceptable Here", nil)
		}
		x.legs[id] = l
		x.calls = append(x.calls, l)
		close(x.wake)
		x.wake = make(chan struct{})
	}
	res := sip.NewResponseFromRequest(req, 200, "OK", []byte(l.answer()))
	res.To().Params.Remove("tag")
	res.To().Params.Add("tag", l.tag)
	res.AppendHeader(sip.NewHeader("Contact", fmt.Sprintf("<sip:bench@127.0.0.1:%d>", x.port())))
	res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	return res
}

func (x *exchange) end(req *sip.Request) {
	x.mu.Lock()
	l := x.legs[req.CallID().Value()]
	delete(x.legs, req.CallID().Value())
	x.mu.Unlock()
	if l != nil {
		l.close()
	}
}

// leg waits for the call to a number that nobody has taken yet.
func (x *exchange) leg(ctx context.Context, number string) (*leg, error) {
	for {
		x.mu.Lock()
		wake := x.wake
		for i, l := range x.calls {
			if l.number == number {
				x.calls = append(x.calls[:i], x.calls[i+1:]...)
				x.mu.Unlock()
				return l, nil
			}
		}
		x.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, fmt.Errorf("nobody called: %w", context.Cause(ctx))
		}
	}
}

// leg is one caller's stream.
type leg struct {
	number, tag string
	payload     uint8 // type of Opus
	rtp, rtcp   *net.UDPConn
	far, farC   *net.UDPAddr // where to send, for RTP and RTCP
	reading     sync.WaitGroup
	peer        atomic.Pointer[leg] // who hears this caller
	heard       atomic.Int64        // packets of the caller
}

var errNoOpus = errors.New("the offer has no Opus")

// newLeg opens a stream for an offer.
func newLeg(number, offer string) (*leg, error) {
	l := &leg{number: number, tag: sip.GenerateTagN(12)}
	if err := l.readOffer(offer); err != nil {
		return nil, err
	}
	var err error
	here := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if l.rtp, err = net.ListenUDP("udp4", here); err != nil {
		return nil, err
	}
	if l.rtcp, err = net.ListenUDP("udp4", here); err != nil {
		l.rtp.Close()
		return nil, err
	}
	l.reading.Go(func() {
		l.forward(l.rtp, func(to *leg, p []byte) {
			l.heard.Add(1)
			if to == nil || len(p) < 2 {
				return
			}
			if p[1]&0x7f == l.payload {
				p[1] = p[1]&0x80 | to.payload // each caller has named Opus as it likes
			}
			_, _ = to.rtp.WriteToUDP(p, to.far)
		})
	})
	l.reading.Go(func() {
		l.forward(l.rtcp, func(to *leg, p []byte) {
			if to != nil {
				_, _ = to.rtcp.WriteToUDP(p, to.farC)
			}
		})
	})
	return l, nil
}

// readOffer takes what is needed out of an SDP (RFC 8866) of the SBC, whose
// address is that of this machine.
func (l *leg) readOffer(offer string) error {
	port, control := 0, 0
	found := false
	for _, line := range strings.Split(strings.ReplaceAll(offer, "\r", ""), "\n") {
		if rest, ok := strings.CutPrefix(line, "m=audio "); ok {
			port, _ = strconv.Atoi(strings.Fields(rest)[0])
		}
		if rest, ok := strings.CutPrefix(line, "a=rtcp:"); ok {
			control, _ = strconv.Atoi(strings.Fields(rest)[0])
		}
		if rest, ok := strings.CutPrefix(line, "a=rtpmap:"); ok && !found {
			pt, name, _ := strings.Cut(rest, " ")
			if n, err := strconv.Atoi(pt); err == nil && strings.EqualFold(name, "opus/48000/2") {
				l.payload, found = uint8(n), true
			}
		}
	}
	if !found || port == 0 {
		return errNoOpus
	}
	if control == 0 {
		control = port + 1 // RFC 3550 section 11
	}
	l.far = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	l.farC = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: control}
	return nil
}

// answer is our SDP.
func (l *leg) answer() string {
	return strings.Join([]string{
		"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
		fmt.Sprintf("m=audio %d RTP/AVP %d", port(l.rtp), l.payload),
		fmt.Sprintf("a=rtcp:%d", port(l.rtcp)),
		fmt.Sprintf("a=rtpmap:%d opus/48000/2", l.payload),
		fmt.Sprintf("a=fmtp:%d minptime=10;useinbandfec=1", l.payload),
		"a=ptime:20", "a=sendrecv", "",
	}, "\r\n")
}

func port(c *net.UDPConn) int { return c.LocalAddr().(*net.UDPAddr).Port }

// forward hands every packet of a socket on until the socket is closed.
func (l *leg) forward(c *net.UDPConn, on func(to *leg, p []byte)) {
	buf := make([]byte, 2048)
	for {
		n, _, err := c.ReadFromUDP(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil { // others are ICMP errors of a port that is not there yet
			on(l.peer.Load(), buf[:n])
		}
	}
}

// close ends the stream: whoever takes a leg out of the exchange closes it.
func (l *leg) close() {
	l.rtp.Close()
	l.rtcp.Close()
	l.reading.Wait()
}

// join lets two callers hear each other.
func join(a, b *leg) {
	a.peer.Store(b)
	b.peer.Store(a)
}

// play sends a schedule to every leg at once: the same packets at the same
// moments. It returns when everything was sent, with the moment in which the
// first packet was due and how late the sender itself was.
func play(ctx context.Context, s schedule, legs ...*leg) (began time.Time, late []float64, err error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	began = time.Now().Add(20 * time.Millisecond)
	head := rtp.Header{Version: 2, SSRC: 0x6e78766f}
	for _, e := range s {
		at := began.Add(e.at)
		if d := time.Until(at); d > 0 {
			timer.Reset(d)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return began, late, context.Cause(ctx)
			}
		}
		late = append(late, time.Since(at).Seconds()*1000)
		head.Marker = e.number == 0
		head.SequenceNumber = uint16(1000 + e.number)
		head.Timestamp = uint32(96000 + 960*e.number)
		for _, l := range legs {
			head.PayloadType = l.payload
			text, err := (&rtp.Packet{Header: head, Payload: e.payload}).Marshal()
			if err != nil {
				return began, late, err
			}
			if _, err := l.rtp.WriteToUDP(text, l.far); err != nil && !errors.Is(err, net.ErrClosed) {
				return began, late, err
			}
		}
	}
	return began, late, nil
}
