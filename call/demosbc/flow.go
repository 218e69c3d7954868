package demosbc

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/coder/websocket"
	"github.com/emiago/sipgo/sip"
)

const (
	// maxMessage bounds one SIP message. Offers of browsers with video and
	// many candidates reach some 20 KiB.
	maxMessage = 256 << 10
	// writeTimeout is how long a phone may refuse to read before its flow is
	// given up.
	writeTimeout = 5 * time.Second
	// closeGrace is how long a closing flow waits for the phone's Close frame.
	closeGrace = 200 * time.Millisecond
)

// flow is one phone's WebSocket (RFC 7118): every message of the phone comes
// in here, and everything for the phone goes out here, whatever its Contact
// or Via say. Each SIP message is one WebSocket message.
type flow struct {
	conn   *websocket.Conn
	parser *sip.Parser
	log    *slog.Logger
	// transport is the Via's: "WS" or "WSS".
	transport string
	// local and remote are the two ends, HOST:PORT.
	local, remote string
}

// newParser makes a parser with our own bound on the size of a message.
func newParser() *sip.Parser {
	p := sip.NewParser()
	p.MaxMessageLength = maxMessage
	return p
}

// read takes messages until the flow ends and hands each that can be parsed
// to handle, one after the other. What cannot be parsed is dropped: on a
// WebSocket the next message begins at a frame, so nothing else is lost.
func (f *flow) read(ctx context.Context, handle func(sip.Message)) {
	for {
		// Text or binary makes no difference (RFC 7118 section 4.2).
		_, data, err := f.conn.Read(ctx)
		if err != nil {
			return
		}
		if keepAlive(data) {
			f.answerKeepAlive(ctx, data)
			continue
		}
		msg, err := f.parse(data)
		if err != nil {
			f.log.Debug("a message was dropped", "bytes", len(data), "error", err)
			continue
		}
		handle(msg)
	}
}

// keepAlive reports whether the message is one of RFC 5626 section 4.4.1:
// nothing but line ends.
func keepAlive(data []byte) bool {
	return len(bytes.Trim(data, "\r\n")) == 0
}

// answerKeepAlive sends the single CRLF for a double one. A single one is an
// answer itself.
func (f *flow) answerKeepAlive(ctx context.Context, data []byte) {
	if !bytes.Contains(data, []byte("\r\n\r\n")) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	_ = f.conn.Write(ctx, websocket.MessageText, []byte("\r\n"))
}

var errIncomplete = errors.New("a mandatory header is missing or unreadable")

// parse reads one message and makes sure of the headers that everything later
// relies on, which the parser itself does not demand.
func (f *flow) parse(data []byte) (sip.Message, error) {
	msg, err := f.parser.ParseSIP(data)
	if err != nil {
		return nil, err
	}
	if msg.Via() == nil || msg.From() == nil || msg.To() == nil || msg.CallID() == nil || msg.CSeq() == nil ||
		msg.CallID().Value() == "" {
		return nil, errIncomplete
	}
	if req, ok := msg.(*sip.Request); ok && req.Method != req.CSeq().MethodName {
		return nil, errors.New("CSeq names another method")
	}
	msg.SetTransport(f.transport)
	msg.SetSource(f.remote)
	return msg, nil
}

// send writes one message. It may be called from any goroutine; messages of
// one goroutine arrive in their order. An error means that the flow is gone,
// which its reader tells too.
func (f *flow) send(msg sip.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return f.conn.Write(ctx, websocket.MessageText, []byte(msg.String()))
}

// ping asks for a pong every interval and drops the connection when none
// comes within one. It returns when ctx or the flow ends.
func (f *flow) ping(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		pong, cancel := context.WithTimeout(ctx, interval)
		err := f.conn.Ping(pong)
		cancel()
		if err != nil {
			_ = f.conn.CloseNow()
			return
		}
	}
}

// close says goodbye and drops the connection, also when the phone does not
// answer.
func (f *flow) close() {
	stop := time.AfterFunc(closeGrace, func() { _ = f.conn.CloseNow() })
	defer stop.Stop()
	_ = f.conn.Close(websocket.StatusGoingAway, "the demo SBC is closing")
}
